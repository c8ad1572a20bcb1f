"""Sales lot by lot, first bought first: what each piece had cost, brought and made, exactly.

The pieces of a sale add up to what the ledger booked for it, to the last digit.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_CEILING

from trader247.core.book.lots import FEE_STEP, split
from trader247.domain.dataclass import dataclass
from trader247.domain.events.holdings import LotsSoldByHand
from trader247.domain.events.orders import FillBooked
from trader247.domain.events.recorded import AnyEvent
from trader247.domain.ids import ProductId
from trader247.domain.money import CONTEXT, Money, Price, Quantity
from trader247.domain.orders import Side
from trader247.domain.portfolio import Portfolio
from trader247.domain.position import Lot
from trader247.domain.time import Instant


@dataclass(frozen=True, slots=True)
class Disposal:
    """A piece of a sale that came from one lot; both fees are counted in `cost` and `proceeds`."""

    product: ProductId
    quantity: Quantity
    bought: Instant
    sold: Instant
    cost: Money
    proceeds: Money

    @property
    def gain(self) -> Money:
        """What it made, all fees counted."""
        return self.proceeds - self.cost


@dataclass(frozen=True, slots=True)
class _Sale:
    product: ProductId
    quantity: Quantity
    price: Price
    fee: Money
    time: Instant


def disposals(before: Portfolio, event: AnyEvent, at: Instant) -> Iterator[Disposal]:
    """The pieces that an event of `at` sold, out of the ledger `before` it."""
    match event:
        case FillBooked(fill=fill) if fill.side is Side.SELL:
            sale = _Sale(fill.product, fill.quantity, fill.price, fill.fee, fill.time)
        case LotsSoldByHand():
            sale = _Sale(event.product, event.quantity, event.price, event.fee, at)
        case _:
            return
    held = before.holdings.get(sale.product)
    if held is not None:
        yield from _pieces(held.lots, sale)


def _pieces(lots: tuple[Lot, ...], sale: _Sale) -> Iterator[Disposal]:
    left, fee_left = sale.quantity, sale.fee
    for lot in lots:
        if left.is_zero:
            return
        piece = lot if lot.quantity <= left else split(lot, left)[0]
        is_last = piece.quantity == left
        share = fee_left if is_last else _share(sale.fee, piece.quantity, sale.quantity)
        left, fee_left = left - piece.quantity, fee_left - share
        proceeds = sale.price * piece.quantity - share
        yield Disposal(sale.product, piece.quantity, lot.opened, sale.time, piece.cost, proceeds)


def _share(fee: Money, part: Quantity, whole: Quantity) -> Money:
    exact = CONTEXT.divide(CONTEXT.multiply(fee.value, part.value), whole.value)
    return Money(exact.quantize(FEE_STEP, rounding=ROUND_CEILING, context=CONTEXT))
