"""What the venue holds of a coin that no order which is known would make it hold.

An order of ours that nobody here knows may rest there: one that a restored journal lost and that
the venue's listing leaves out. A stop sent beside it would sell the same coins twice, where the
account has enough of them. So nothing new is laid to rest there until the hold is explained, is
gone, or is older than any order of ours can be: then it is somebody else's.

A sale that is due is not kept back. A hold says that coins cannot be sold, not that they will be:
it may as well be a person's own order, and a position under its stop would wait for that while it
loses. Where the hold is of our own coins the venue declines the sale, and the next cycle asks
again. Where other coins make up for it, the sale is of no more than the ledger owns; should the
unknown order fill as well, the next reading finds the difference, and halts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from trader247.core.recovery import RESTS_AFTER_END
from trader247.core.risk.reservations import open_quantity
from trader247.domain.balances import Balance
from trader247.domain.ids import OWN_PREFIX, ProductId
from trader247.domain.money import CONTEXT, ZERO
from trader247.domain.orders import Order, Side
from trader247.domain.portfolio import Portfolio
from trader247.domain.time import MINUTE, Instant

HOLD = "hold:"
"""How the key of such a difference begins; the currency follows."""
OURS_MAX = 15 * MINUTE + RESTS_AFTER_END
"""No order of ours rests for longer, whatever a policy says: its end is in what was sent."""


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


def may_be_ours(product: ProductId, portfolio: Portfolio, now: Instant) -> bool:
    """Whether an order of ours that nobody knows may hold some of a product's coins."""
    found = portfolio.differences.get(f"{HOLD}{product.base}")
    return found is not None and now - found.since <= OURS_MAX
