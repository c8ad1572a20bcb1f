"""Orders that wait for fills which are set aside, and what accepting those moves.

A fill that is set aside is never booked. Where such fills are all that lacks of an order that has
ended, everything is known of it, and a person may accept it. Fills that are merely late are not
known, and nothing is accepted in their place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from trader247.core.book.intents import with_accepted
from trader247.core.book.lots import split
from trader247.domain.events.holdings import LotsSoldByHand
from trader247.domain.events.money import CashFlowed, ForeignSeen
from trader247.domain.events.orders import FillQuarantined, FillsAccepted
from trader247.domain.fills import IRREGULAR, Fill
from trader247.domain.ids import OrderId
from trader247.domain.intents import IntentState, WorkingIntent
from trader247.domain.money import CONTEXT, NO_MONEY, NOTHING, ZERO, Quantity, plain, total
from trader247.domain.orders import Side
from trader247.domain.portfolio import Portfolio
from trader247.domain.position import Lot

AsideOf = Callable[[OrderId], Sequence[FillQuarantined]]
"""What of an order's entries is set aside."""


def endings(portfolio: Portfolio, aside_of: AsideOf, reason: str = "") -> tuple[FillsAccepted, ...]:
    """Each order that fills would end which are set aside, the oldest first."""
    waiting = [
        each for each in portfolio.working.values() if each.state is IntentState.FILLS_PENDING
    ]
    waiting.sort(key=lambda each: (each.intent.created, each.intent.client_order_id))
    found = (
        ending_of(each, aside_of(each.order_id), reason)
        for each in waiting
        if each.order_id is not None
    )
    return tuple(each for each in found if each is not None)


def ending_of(
    known: WorkingIntent, aside: Sequence[FillQuarantined], reason: str
) -> FillsAccepted | None:
    """How an order ends by what is set aside of it; None where that is not all that lacks.

    What the venue calls a reversal or a correction is no execution: what it undoes nobody knows.
    """
    left = [each for each in aside if each.fill.entry_id not in known.accepted]
    if any(each.cause.startswith(IRREGULAR) for each in left):
        return None
    fills = sorted((each.fill for each in left), key=lambda each: (each.time, each.entry_id))
    if with_accepted(known, fills) is None:
        return None
    return FillsAccepted(known.intent.client_order_id, tuple(fills), reason)


def moved_by(
    portfolio: Portfolio, ended: FillsAccepted
) -> tuple[LotsSoldByHand | ForeignSeen | CashFlowed, ...]:
    """What accepted fills moved, and nothing besides.

    A sale took coins of ours as far as there are any, which makes profit or loss; what it took
    beyond those was somebody's own, and brought capital. Where not even so many foreign coins are
    known, they came since the journal was what it is now. What was bought is foreign, and capital
    paid for it: adopted, it is a position.
    """
    product = ended.fills[0].product
    held = portfolio.holdings.get(product)
    own = NOTHING if held is None else held.quantity
    foreign = before = portfolio.foreign.get(product.base, ZERO)
    flow, sales = NO_MONEY, []
    for fill in ended.fills:
        if fill.side is Side.BUY:
            foreign = CONTEXT.add(foreign, fill.quantity.value)
            flow = flow - (fill.notional + fill.fee)
            continue
        ours, others = _parted(fill, min(own, fill.quantity))
        if not ours.quantity.is_zero:
            sales.append(LotsSoldByHand(product, ours.quantity, fill.price, ours.fee, ended.reason))
            own = own - ours.quantity
        foreign = max(ZERO, CONTEXT.subtract(foreign, others.quantity.value))
        flow = flow + (fill.price * others.quantity - others.fee)
    moved: list[LotsSoldByHand | ForeignSeen | CashFlowed] = [*sales]
    if foreign != before:
        moved.append(ForeignSeen(product.base, foreign))
    if flow != NO_MONEY:
        moved.append(CashFlowed(flow, f"{ended.client_order_id}: {ended.reason}"))
    return tuple(moved)


def deed_of(ended: FillsAccepted) -> str:
    """What an order did by fills that are set aside, for people."""
    first, count = ended.fills[0], len(ended.fills)
    verb = "sold" if first.side is Side.SELL else "bought"
    quantity = sum((each.quantity for each in ended.fills), NOTHING)
    worth = total([each.notional for each in ended.fills])
    fees = total([each.fee for each in ended.fills])
    return (
        f"{ended.client_order_id} {verb} {quantity} {first.product.base} for {plain(worth.value)}, "
        f"fee {plain(fees.value)}, in {count} fill{'' if count == 1 else 's'}"
    )


def _parted(fill: Fill, ours: Quantity) -> tuple[Lot, Lot]:
    """A sale in two: what it took of ours, and the rest, each with its part of the fee."""
    whole = Lot(fill.quantity, fill.price, fill.fee, fill.time)
    if ours == fill.quantity:
        return whole, Lot(NOTHING, fill.price, NO_MONEY, fill.time)
    return split(whole, ours)
