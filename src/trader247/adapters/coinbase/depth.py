"""A product book into its best quote and the notional that rests near the mid."""

from __future__ import annotations

from decimal import Decimal

from trader247.adapters.coinbase import fields as read
from trader247.adapters.coinbase.fields import Fields
from trader247.domain.errors import VenueError
from trader247.domain.ids import ProductId
from trader247.domain.market import DEPTH_BANDS_BPS, Depth, Quote
from trader247.domain.money import CONTEXT, ZERO, Money

_TEN_THOUSAND = Decimal(10_000)


def book(fields: Fields, product: ProductId) -> tuple[Quote, Depth]:
    """The best bid and ask with the time at which they held, and the depth around them.

    Depth counts the levels received: with few levels asked for it may understate, never overstate.

    Raises:
        VenueError: a side is empty or unsorted, a level cannot be read, or it is another product's.
    """
    shown = read.record(fields, "pricebook")
    if shown.get("product_id") != str(product):
        raise read.malformed("pricebook.product_id", shown.get("product_id"), str(product))
    bids = _side(shown, "bids")
    asks = _side(shown, "asks")
    quote = Quote(
        bid=read.price(bids[0], "price"),
        ask=read.price(asks[0], "price"),
        bid_size=read.quantity(bids[0], "size"),
        ask_size=read.quantity(asks[0], "size"),
        time=read.moment(shown, "time"),
    )
    mid = quote.mid.value
    return quote, Depth(bids=_sums(bids, mid, -1, "bids"), asks=_sums(asks, mid, 1, "asks"))


def _side(shown: Fields, name: str) -> list[Fields]:
    levels = read.records(shown, name)
    if not levels:
        raise VenueError(f"the book has no {name}")
    return levels


def _sums(levels: list[Fields], mid: Decimal, direction: int, name: str) -> tuple[Money, ...]:
    """Cumulative notional by band. `direction` is 1 where prices rise away from the mid.

    This runs for every level of every product of every cycle: the strict reading of fields is
    left to the best level, here arithmetic itself refuses what is no number.
    """
    reaches = [
        CONTEXT.divide(CONTEXT.multiply(mid, Decimal(bps)), _TEN_THOUSAND)
        for bps in DEPTH_BANDS_BPS
    ]
    sums: list[Money] = []
    total = distance_before = ZERO
    index = -1
    try:
        distance_before = (_figure(levels[0]["price"]) - mid) * direction
        for index, level in enumerate(levels):
            price, size = _figure(level["price"]), _figure(level["size"])
            distance = (price - mid) * direction
            if distance < distance_before or size < 0:
                raise VenueError(f"{name}[{index}] is out of order, or below zero")
            distance_before = distance
            while distance > reaches[len(sums)]:
                sums.append(Money(total))
                if len(sums) == len(reaches):
                    return tuple(sums)
            total = CONTEXT.fma(price, size, total)
        sums += [Money(total)] * (len(reaches) - len(sums))
    except (KeyError, TypeError, ValueError, ArithmeticError):
        raise VenueError(f"cannot read the venue's answer: {name}[{index}]") from None
    return tuple(sums)


def _figure(value: object) -> Decimal:
    if not isinstance(value, str) or len(value) > 60:
        raise TypeError
    return Decimal(value)
