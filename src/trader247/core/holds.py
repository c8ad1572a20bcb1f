"""What the venue holds of a coin, or of the cash, that no order which is known would make it hold.

An order of ours that nobody here knows may rest there: one that a restored journal lost and that
the venue's listing leaves out. A stop sent beside it would sell the same coins twice, where the
account has enough of them. So nothing new is laid to rest there until the hold is explained, is
gone, or is older than any order of ours can be: then it is somebody else's.

A sale that is due is not kept back. A hold says that coins cannot be sold, not that they will be:
it may as well be a person's own order, and a position under its stop would wait for that while it
loses. Where the hold is of our own coins the venue declines the sale, and the next cycle asks
again. Where other coins make up for it, the sale is of no more than the ledger owns; should the
unknown order fill as well, the next reading finds the difference, and halts.

It is kept back where nothing was read yet at all: a journal that went back to a backup sells
nothing before its process has read the account once. What it lost may rest, and who restored it is
at hand.

Cash is held for a buy. One of ours that nobody here knows counts against no limit, so that nothing
is bought beside it until the same is true of that hold. An order's fee may be held as well, at a
rate that the venue does not tell: known buys explain up to the worst, and no hold is told apart
that is less than their fees.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from trader247.core.recovery import RESTS_AFTER_END
from trader247.core.risk.reservations import open_notional, open_quantity, worst_fee
from trader247.domain.balances import Balance
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import OWN_PREFIX, ProductId
from trader247.domain.market import Snapshot
from trader247.domain.money import CONTEXT, NO_MONEY, ZERO, Money
from trader247.domain.orders import Order, Side
from trader247.domain.portfolio import Difference, Portfolio
from trader247.domain.reasons import HaltName
from trader247.domain.time import MINUTE, Instant

if TYPE_CHECKING:
    from trader247.core.policy import Policy

RESTORED = "restored from the backup"
"""How the cause begins of the halt that such a journal has from then on."""
UNREAD = "restored:"
"""How the key begins of the difference that stands from then on until the account was read once;
the backup's name follows."""
HOLD = "hold:"
"""How the key of such a difference begins; the currency follows."""
OURS_MAX = 15 * MINUTE + RESTS_AFTER_END
"""No order of ours rests for longer, whatever a policy says: its end is in what was sent."""
_CENT = Money.of("0.01")


def may_lack_orders(snapshot: Snapshot, portfolio: Portfolio) -> bool:
    """Whether the journal went back to a backup, and nothing was read yet of what it lost.

    The halt alone does not tell: one that stood in the backup keeps its own cause.
    """
    if not snapshot.owes_reading:
        return False
    halt = portfolio.halts.get(HaltName.RECONCILIATION_BREAK)
    is_restored = halt is not None and halt.cause.startswith(RESTORED)
    return is_restored or any(key.startswith(UNREAD) for key in portfolio.differences)


def unexplained(
    portfolio: Portfolio, balances: Mapping[str, Balance], orders: tuple[Order, ...]
) -> Iterator[tuple[str, Decimal]]:
    """Each coin of our positions of which more is held than known sales hold, and how much.

    Known are the ledger's own, whole while their fate is unknown, and the listed live ones of
    other names. One of our name that the ledger does not know explains nothing: it is the reason.
    """
    for base in sorted({product.base for product in portfolio.positions}):
        balance = balances.get(base)
        if balance is None or balance.hold <= ZERO:
            continue
        known = ZERO
        for working in portfolio.working.values():
            if working.intent.side is Side.SELL and working.intent.product.base == base:
                known = CONTEXT.add(known, open_quantity(working).value)
        for order in orders:
            is_sale = order.side is Side.SELL and order.product.base == base
            if not is_sale or order.state.is_final or order.quantity is None:
                continue
            if not order.client_order_id.startswith(OWN_PREFIX):
                left = order.quantity - min(order.filled, order.quantity)
                known = CONTEXT.add(known, left.value)
        more = CONTEXT.subtract(balance.hold, known)
        if more > ZERO:
            yield base, more


@dataclass(frozen=True, slots=True)
class HeldCash:
    """Cash that is held for no buy which is known, in quote currency.

    `more` is what is left if the venue holds the worst fee of each known buy; if it holds none, it
    is by `fees` more. It `is_certain` where fees do not explain it.
    """

    more: Money
    fees: Money
    is_certain: bool


def unexplained_cash(
    portfolio: Portfolio,
    balances: Mapping[str, Balance],
    orders: tuple[Order, ...],
    policy: Policy,
    tolerance: Money = NO_MONEY,
) -> HeldCash | None:
    """What of the cash is held beyond the known buys, if it is more than `tolerance`.

    Known are the same orders as for coins. A fee is held at the rate that the intent was recorded
    with, the account's or the fallback of the policy, whichever is worst; each hold is a cent more
    at the most, where the venue rounds it up.
    """
    balance = balances.get(portfolio.quote_currency)
    if balance is None or balance.hold <= tolerance.value:
        return None
    rate = max(worst_fee(portfolio, policy), policy.execution.fallback_taker_bps.fraction)
    known = fees = NO_MONEY
    for working in portfolio.working.values():
        notional = open_notional(working)
        if working.intent.side is Side.BUY and not notional.is_zero:
            known = known + notional
            worst = max(rate, working.intent.taker_fee_fraction)
            fees = fees + notional * worst + _CENT
    for order in orders:
        is_buy = order.side is Side.BUY and order.product.quote == portfolio.quote_currency
        if not is_buy or order.state.is_final or order.client_order_id.startswith(OWN_PREFIX):
            continue
        if order.price is not None and order.quantity is not None:
            notional = order.price * (order.quantity - min(order.filled, order.quantity))
            known = known + notional
            fees = fees + notional * rate + _CENT
    beyond = CONTEXT.subtract(balance.hold, known.value)
    if beyond <= tolerance.value:
        return None
    more = CONTEXT.subtract(beyond, fees.value)
    return HeldCash(Money(more), fees, is_certain=more > tolerance.value)


def may_be_ours(product: ProductId, portfolio: Portfolio, now: Instant) -> bool:
    """Whether an order of ours that nobody knows may hold some of a product's coins."""
    found = portfolio.differences.get(f"{HOLD}{product.base}")
    return found is not None and now - found.since <= OURS_MAX


def strange_cash(portfolio: Portfolio, now: Instant) -> Difference | None:
    """The hold on cash that may be of an order of ours that nobody knows; None where none is."""
    found = portfolio.differences.get(f"{HOLD}{portfolio.quote_currency}")
    return found if found is not None and now - found.since <= OURS_MAX else None
