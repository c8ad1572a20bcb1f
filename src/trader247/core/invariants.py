"""What must hold of a ledger at any moment, and of an order at the moment of sending.

These are looked at while trading, not in tests alone: each cycle, and before each order once more
against the ledger as it is then. A violation means a bug of ours or a record that was changed:
nothing but cancels may follow, so it latches `invariant`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from itertools import compress, starmap
from operator import attrgetter, is_, is_not

from trader247.core.policy import Policy
from trader247.core.risk.check import Context
from trader247.core.risk.checks.banned import Banned
from trader247.core.risk.checks.buying_power import BuyingPower
from trader247.core.risk.checks.capital import Capital
from trader247.core.risk.checks.duplicate import Duplicate
from trader247.core.risk.checks.product_exposure import ProductExposure
from trader247.core.risk.checks.total_exposure import TotalExposure
from trader247.core.risk.checks.trading_state import TradingStateCheck
from trader247.core.risk.registry import ALL_CHECKS
from trader247.domain.ids import ProductId
from trader247.domain.market import Snapshot
from trader247.domain.money import CONTEXT, NO_MONEY, Money, total
from trader247.domain.portfolio import EMPTY, Portfolio
from trader247.domain.position import Position
from trader247.domain.verdicts import Approved, Verdict

_DUST = Decimal("1e-12")
"""What fifty digits may lose; no venue counts so finely."""

_LOTS = attrgetter("lots")

_AT_SENDING = tuple(
    map(
        ALL_CHECKS.index,
        (
            TradingStateCheck,
            Banned,
            Duplicate,
            ProductExposure,
            TotalExposure,
            Capital,
            BuyingPower,
        ),
    )
)
"""The places of the checks that need the ledger alone: their answer can change within a cycle."""

_MAY_CHANGE = frozenset({TradingStateCheck.id, Banned.id})
"""What an earlier order of the same cycle may have latched: a refusal then, and no violation."""


def ledger_faults(portfolio: Portfolio, sound: Portfolio | None = None) -> tuple[str, ...]:
    """Every rule of bookkeeping that the ledger breaks, in words; none where it is sound.

    `sound` is an earlier ledger that broke none: of what is the very same here, nothing is asked
    once more.
    """
    is_held = (
        sound is not None
        and _has_same_lots(portfolio.positions, sound.positions)
        and _has_same_lots(portfolio.dust, sound.dust)
    )
    is_money = (
        is_held
        and sound is not None
        and portfolio.cash is sound.cash
        and portfolio.flows is sound.flows
        and portfolio.realised is sound.realised
        and portfolio.differences is sound.differences
    )
    is_sent = (
        sound is not None
        and portfolio.working is sound.working
        and portfolio.settled is sound.settled
    )
    return (
        *(() if is_money else _of_money(portfolio)),
        *(() if is_held else _of_positions(portfolio)),
        *(() if is_sent else _of_intents(portfolio, sound)),
        *_of_equity(portfolio),
    )


def _has_same_lots(
    positions: Mapping[ProductId, Position], sound: Mapping[ProductId, Position]
) -> bool:
    """Whether the very same lots of the same products are held: a new high changes none."""
    if positions is sound:
        return True
    if positions.keys() != sound.keys():
        return False
    pairs = zip(
        map(_LOTS, positions.values()), map(_LOTS, map(sound.__getitem__, positions)), strict=True
    )
    return all(starmap(is_, pairs))


def refusal_at_sending(approved: Approved, portfolio: Portfolio, policy: Policy) -> Verdict | None:
    """The first check of the ledger that would refuse an approved order now; None to send it.

    They are asked of the ledger as it is now at the instant of the decision: that a window ended
    or began meanwhile is no contradiction.
    """
    nothing = Snapshot(approved.cycle, approved.decided_at, {}, None)
    context = Context(nothing, portfolio, policy, portfolio.equity.equity)
    proposal, asked = approved.proposal, policy.asked(approved.proposal.purpose)
    for place in _AT_SENDING:
        found = asked[place](proposal, context)
        if not found[0]:
            return Verdict((policy.check_ids[place], *found))
    return None


def is_violation(verdict: Verdict) -> bool:
    """Whether a refusal at sending contradicts what the gate found an instant before."""
    return verdict.check not in _MAY_CHANGE


def _of_money(portfolio: Portfolio) -> list[str]:
    """Cash is what came in, and what was made, less what is held: both sides of every booking."""
    cash = portfolio.cash
    if cash is None:
        return []
    if cash < NO_MONEY and not _has_more(portfolio):
        return [f"cash is {cash}, below nothing"]
    spent = total([position.cost for position in portfolio.holdings.values()])
    expected = portfolio.flows + portfolio.realised - spent
    if abs(CONTEXT.subtract(cash.value, expected.value)) <= _DUST:
        return []
    return [f"cash is {cash}, and flows, realised profit and what is held make {expected}"]


def _has_more(portfolio: Portfolio) -> bool:
    """Whether the venue has cash of which the ledger does not know.

    What a restored journal takes back may have been bought with a deposit that it lost. That is a
    break, under which what is held keeps its stops; a halt to everything would end them.
    """
    found = portfolio.differences.get(f"cash:{portfolio.quote_currency}")
    return found is not None and Decimal(found.venue) >= 0


def _of_positions(portfolio: Portfolio) -> list[str]:
    """Lots of something; and a product is held, or is dust, never both."""
    faults = [
        f"the position of {product} has a lot of {lot.quantity}"
        for product, position in portfolio.holdings.items()
        for lot in position.lots
        if lot.quantity.is_zero
    ]
    both = portfolio.positions.keys() & portfolio.dust.keys() if portfolio.dust else ()
    return faults + [f"{product} is a position, and dust too" for product in sorted(both)]


def _of_intents(portfolio: Portfolio, sound: Portfolio | None) -> list[str]:
    """One unresolved intent a product and side; none that is over its quantity or in two states."""
    faults = []
    works, ended = portfolio.working, portfolio.settled
    unresolved = [each.intent for each in works.values() if each.state.is_unresolved]
    if len(unresolved) > 1:
        sides = Counter((each.product, each.side) for each in unresolved)
        for (product, side), count in sides.items():
            if count > 1:
                faults.append(f"{count} orders to {side.value} {product} are unresolved")
    before = EMPTY if sound is None else sound.working
    for name, working in works.items():
        if working is not before.get(name):
            if working.state.is_settled:
                faults.append(f"{name} works and is {working.state.value}")
            if working.filled > working.intent.quantity:
                faults.append(f"{name} filled {working.filled} of {working.intent.quantity}")
    # Of dozens that have ended one is new.
    before = EMPTY if sound is None else sound.settled
    is_new = map(is_not, ended.values(), map(before.get, ended))
    wrong = {name for name, each in compress(ended.items(), is_new) if not each.state.is_settled}
    wrong |= works.keys() & ended.keys()
    return faults + [f"{name} has ended and is {ended[name].state.value}" for name in sorted(wrong)]


def _of_equity(portfolio: Portfolio) -> list[str]:
    """The greatest value of a unit is no less than the present one: a stop's base never falls."""
    record = portfolio.equity
    nav, high = record.nav, record.high_nav
    if nav is None or high is None or CONTEXT.subtract(nav, high) <= _DUST:
        return []
    return [f"equity is {Money(nav)} a unit, above its high of {Money(high)}"]
