"""Comparing the ledger with the venue's books: a difference found gets an age, and no excuse.

A difference is pending while it is young, or while orders in flight could explain it, each by no
more than what it may still fill. Anything else is a break, and so is an order under our name that
was never recorded, at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType

from trader247.core.holds import HOLD, unexplained, unexplained_cash
from trader247.core.policy import Policy
from trader247.core.risk.reservations import open_notional, open_quantity
from trader247.domain.balances import Balance
from trader247.domain.dataclass import dataclass
from trader247.domain.events.money import DifferenceFound, DifferenceHealed
from trader247.domain.ids import OWN_PREFIX, ClientOrderId
from trader247.domain.intents import IntentState, WorkingIntent
from trader247.domain.money import (
    CONTEXT,
    NO_MONEY,
    NOTHING,
    ONE,
    ZERO,
    Money,
    Price,
    Quantity,
    plain,
)
from trader247.domain.orders import Order, Side
from trader247.domain.portfolio import Portfolio
from trader247.domain.time import MINUTE, SECOND, Instant

UNRESOLVED_EXPLAINS = 10 * MINUTE
"""For this long an unknown outcome may explain a difference; then the difference is a break."""

_NO_AGES: Mapping[ClientOrderId, timedelta] = MappingProxyType({})

_EMPTY_BALANCE = Balance(ZERO, ZERO)


@dataclass(frozen=True, slots=True)
class _Gap:
    """One difference as it is now; `is_explained` where orders in flight could account for it.

    `is_certain` where no order in flight ever could, so that there is nothing to wait for.
    """

    key: str
    ledger: str
    venue: str
    is_explained: bool
    is_certain: bool = False
    spare: Decimal = ZERO
    """How much less or more of a hold is the same one."""
    is_vague: bool = False
    """Whether it may be nothing at all: then it is not told, and what was told may still be it."""


@dataclass(slots=True)
class _Reach:
    """How far orders in flight may move one balance, down and up, beyond what is booked."""

    down: Decimal = ZERO
    up: Decimal = ZERO

    def covers(self, gap: Decimal) -> bool:
        return -self.down <= gap <= self.up


def compare(
    portfolio: Portfolio,
    balances: Mapping[str, Balance],
    strangers: tuple[Order, ...] | None,
    now: Instant,
    policy: Policy,
    *,
    is_alone: bool,
    orders: tuple[Order, ...] | None = None,
    tolerance_quote: Money = NO_MONEY,
    tolerance_base: Quantity = NOTHING,
    ages: Mapping[ClientOrderId, timedelta] = _NO_AGES,
) -> tuple[DifferenceFound | DifferenceHealed, ...]:
    """What is new about the differences between ledger and venue.

    `balances` is every currency of the account: one that is not there is zero. `strangers` are
    the venue's orders that no intent of the journal explains; None where they were not read, and
    then nothing is said of orders. `orders` are all that were listed; without them nothing is said
    of what the venue holds for orders. With `is_alone` no trader runs, and what no order in flight
    explains is a break at once, whatever its age.

    Keys are stable: `cash:USD`, `base:BTC`, `fills:CLIENT_ORDER_ID`, `order:CLIENT_ORDER_ID`,
    `hold:BTC`, `hold:USD`. A hold is no break: nothing is missing. Its age is that of its amount,
    up to the fees that known orders may hold. While those may be all of it, what was told stands.

    `ages` tell how long intents of unknown outcome have been known for at least, whatever the
    clock was set to: one that is dated ahead would be young until that time comes.
    """
    flying = _in_flight(portfolio, now, ages)
    gaps = [
        *_cash_gaps(portfolio, balances, flying, policy, tolerance_quote),
        *_base_gaps(portfolio, balances, flying, tolerance_base),
        *_fill_gaps(portfolio, now, policy),
        *_order_gaps(portfolio, strangers or ()),
        *(
            _hold_gaps(portfolio, balances, orders, policy, tolerance_quote)
            if orders is not None
            else ()
        ),
    ]
    events: list[DifferenceFound | DifferenceHealed] = []
    for gap in gaps:
        known = portfolio.differences.get(gap.key)
        if gap.is_vague:
            continue
        is_old = known is not None and _is_old(known.since, now, policy)
        is_break = not gap.is_explained and (is_alone or is_old or gap.is_certain)
        if known is not None:
            is_break = is_break or known.is_break
            # What is dated ahead was found by a clock that was wrong, and is told again: else it
            # would be young until that time comes.
            is_same = (known.ledger, known.is_break) == (gap.ledger, is_break)
            if is_same and _is_near(known.venue, gap) and known.since <= now:
                continue
            if gap.key.startswith(HOLD):
                events.append(DifferenceHealed(gap.key))
        events.append(DifferenceFound(gap.key, gap.ledger, gap.venue, is_break))
    standing = {gap.key for gap in gaps if not gap.is_vague or _may_stand(gap, portfolio, now)}
    for key in sorted(portfolio.differences):
        is_silent = (strangers is None and key.startswith("order:")) or (
            orders is None and key.startswith(HOLD)
        )
        if key not in standing and not is_silent:
            events.append(DifferenceHealed(key))
    return tuple(events)


def _is_near(venue: str, gap: _Gap) -> bool:
    """Whether the venue's figure is the one that was told, as near as it can be told."""
    if not gap.spare:
        return venue == gap.venue
    return abs(CONTEXT.subtract(Decimal(gap.venue), Decimal(venue))) <= gap.spare


def _may_stand(gap: _Gap, portfolio: Portfolio, now: Instant) -> bool:
    """Whether a hold that was told may still be there, where nothing is certain of it now."""
    known = portfolio.differences.get(gap.key)
    most = CONTEXT.add(Decimal(gap.venue), gap.spare)
    return known is not None and known.since <= now and Decimal(known.venue) <= most


def _is_old(since: Instant, now: Instant, policy: Policy) -> bool:
    return now - since >= policy.execution.reconcile_seconds * SECOND


def _cash_gaps(
    portfolio: Portfolio,
    balances: Mapping[str, Balance],
    flying: Sequence[WorkingIntent],
    policy: Policy,
    tolerance: Money,
) -> list[_Gap]:
    if portfolio.cash is None:
        return []
    currency = portfolio.quote_currency
    held = balances.get(currency, _EMPTY_BALANCE).total
    gap = CONTEXT.subtract(held, portfolio.cash.value)
    if abs(gap) <= tolerance.value:
        return []
    reach = _Reach()
    gone = _missing(portfolio, balances)
    for working in flying:
        if working.intent.side is Side.BUY:
            fee = CONTEXT.add(ONE, working.intent.taker_fee_fraction)
            reach.down = CONTEXT.add(reach.down, (open_notional(working) * fee).value)
            continue
        # A stop may rest for as long as its position lives: it brings cash only for what left.
        base = working.intent.product.base
        sold = min(open_quantity(working).value, gone.get(base, ZERO))
        gone[base] = CONTEXT.subtract(gone.get(base, ZERO), sold)
        proceeds = _best_price(working, policy) * Quantity(sold)
        reach.up = CONTEXT.add(reach.up, proceeds.value)
    ledger, venue = plain(portfolio.cash.value), plain(held)
    return [_Gap(f"cash:{currency}", ledger, venue, reach.covers(gap))]


def _best_price(working: WorkingIntent, policy: Policy) -> Price:
    """The most that a sale may bring for one: it fills at its limit or better, near the market."""
    best = max(working.intent.price, working.intent.reference)
    return best.shifted(policy.execution.exit_collar_bps)


def _missing(portfolio: Portfolio, balances: Mapping[str, Balance]) -> dict[str, Decimal]:
    """How much of each currency the venue has less of than the ledger."""
    missing = {
        currency: CONTEXT.subtract(ours, balances.get(currency, _EMPTY_BALANCE).total)
        for currency, ours in _owned(portfolio).items()
    }
    return {currency: gap for currency, gap in missing.items() if gap > 0}


def _owned(portfolio: Portfolio) -> dict[str, Decimal]:
    """What the ledger says that the account holds besides cash: foreign coins, and all of ours."""
    owned = dict(portfolio.foreign)
    for product, position in portfolio.holdings.items():
        held = owned.get(product.base, ZERO)
        owned[product.base] = CONTEXT.add(held, position.quantity.value)
    return owned


def _base_gaps(
    portfolio: Portfolio,
    balances: Mapping[str, Balance],
    flying: Sequence[WorkingIntent],
    tolerance: Quantity,
) -> list[_Gap]:
    ledger = _owned(portfolio)
    gaps = []
    for currency in sorted({*ledger, *balances} - {portfolio.quote_currency}):
        ours = ledger.get(currency, ZERO)
        theirs = balances.get(currency, _EMPTY_BALANCE).total
        if theirs == ours:
            continue
        gap = CONTEXT.subtract(theirs, ours)
        if abs(gap) > tolerance.value:
            is_explained = _base_reach(flying, currency).covers(gap)
            gaps.append(_Gap(f"base:{currency}", plain(ours), plain(theirs), is_explained))
    return gaps


def _base_reach(flying: Sequence[WorkingIntent], currency: str) -> _Reach:
    reach = _Reach()
    for working in flying:
        if working.intent.product.base != currency:
            continue
        quantity = open_quantity(working).value
        if working.intent.side is Side.BUY:
            reach.up = CONTEXT.add(reach.up, quantity)
        else:
            reach.down = CONTEXT.add(reach.down, quantity)
    return reach


def _in_flight(
    portfolio: Portfolio, now: Instant, ages: Mapping[ClientOrderId, timedelta]
) -> list[WorkingIntent]:
    """The intents that may explain a difference: an old unknown explains nothing any more."""
    found = []
    for name, working in portfolio.working.items():
        if working.state.is_unresolved:
            age = now - working.intent.created
            if max(age, ages.get(name, age)) > UNRESOLVED_EXPLAINS:
                continue
        found.append(working)
    return found


def _fill_gaps(portfolio: Portfolio, now: Instant, policy: Policy) -> list[_Gap]:
    """Orders that ended with other totals than the fills booked for them.

    Fills come after the order's last word, so that the order itself explains them while young.
    """
    gaps = []
    for name, working in portfolio.working.items():
        order = working.order
        if working.state is not IntentState.FILLS_PENDING or order is None:
            continue
        key = f"fills:{name}"
        known = portfolio.differences.get(key)
        is_young = known is None or not _is_old(known.since, now, policy)
        ledger = f"{working.filled} filled, fees {working.filled_fees}"
        venue = f"{order.filled} filled, fees {order.fees}"
        gaps.append(_Gap(key, ledger, venue, is_young))
    return gaps


def _hold_gaps(
    portfolio: Portfolio,
    balances: Mapping[str, Balance],
    orders: tuple[Order, ...],
    policy: Policy,
    tolerance: Money,
) -> list[_Gap]:
    gaps = [
        _Gap(f"{HOLD}{currency}", plain(ZERO), plain(more), is_explained=True)
        for currency, more in unexplained(portfolio, balances, orders)
    ]
    cash = unexplained_cash(portfolio, balances, orders, policy, tolerance)
    if cash is not None:
        key, more = f"{HOLD}{portfolio.quote_currency}", plain(cash.more.value)
        gaps.append(
            _Gap(
                *(key, plain(ZERO), more),
                is_explained=True,
                spare=cash.fees.value,
                is_vague=not cash.is_certain,
            )
        )
    return gaps


def _order_gaps(portfolio: Portfolio, strangers: tuple[Order, ...]) -> list[_Gap]:
    """Live orders that carry our prefix and that this ledger does not know.

    An intent is recorded before it is sent: no waiting makes such an order ours.
    """
    return [
        _Gap(
            f"order:{order.client_order_id}",
            "unknown",
            order.state.value,
            is_explained=False,
            is_certain=True,
        )
        for order in strangers
        if order.client_order_id.startswith(OWN_PREFIX)
        and not order.state.is_final
        and order.client_order_id not in portfolio.working
    ]
