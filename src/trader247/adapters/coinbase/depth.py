"""A product book into its best quote and the notional that rests near the mid."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from operator import ge, itemgetter, le

from trader247.adapters.coinbase import fields as read
from trader247.adapters.coinbase.fields import Fields
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import VenueError
from trader247.domain.ids import ProductId
from trader247.domain.market import DEPTH_BANDS_BPS, Depth, Quote
from trader247.domain.money import CONTEXT, ZERO, Money, Price, Quantity
from trader247.domain.time import Instant

_PRICE, _SIZE = itemgetter("price"), itemgetter("size")
BANDS = tuple(CONTEXT.divide(Decimal(bps), Decimal(10_000)) for bps in DEPTH_BANDS_BPS)
"""The bands, as parts of the mid."""


@dataclass(frozen=True, slots=True)
class Levels:
    """A book as it was shown at `time`: prices with quantities, best first on each side."""

    bids: tuple[tuple[Decimal, Decimal], ...]
    asks: tuple[tuple[Decimal, Decimal], ...]
    time: Instant


def levels(fields: Fields) -> Levels:
    """Every level of an answer that `book` could read."""
    shown = read.record(fields, "pricebook")
    bids, asks = (
        tuple((read.number(level, "price"), read.number(level, "size")) for level in side)
        for side in (_side(shown, "bids"), _side(shown, "asks"))
    )
    return Levels(bids, asks, read.moment(shown, "time"))


def quote_of(shown: Levels) -> Quote:
    """The best bid and ask of levels of which neither side is empty."""
    (bid, bid_size), (ask, ask_size) = shown.bids[0], shown.asks[0]
    return Quote(Price(bid), Price(ask), Quantity(bid_size), Quantity(ask_size), shown.time)


def depth_of(shown: Levels) -> Depth:
    """The notional within each band of the mid."""
    mid = quote_of(shown).mid.value
    return Depth(
        bids=_cumulated(shown.bids, mid, is_falling=True),
        asks=_cumulated(shown.asks, mid, is_falling=False),
    )


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
    return quote, Depth(bids=_sums(bids, mid, "bids"), asks=_sums(asks, mid, "asks"))


def _side(shown: Fields, name: str) -> list[Fields]:
    """The levels of a side; that each is an object shows when it is read."""
    levels = shown.get(name)
    if not isinstance(levels, list) or not levels or not isinstance(levels[0], dict):
        raise read.malformed(name, levels, "a list of levels, not empty")
    return levels


def _sums(levels: list[Fields], mid: Decimal, name: str) -> tuple[Money, ...]:
    """Cumulative notional by band.

    This runs for every level of every product of every cycle: the strict reading of fields is
    left to the best level, here arithmetic itself refuses what is no number.
    """
    is_falling = name == "bids"
    try:
        prices = list(map(Decimal, map(_PRICE, levels)))
        sizes = list(map(Decimal, map(_SIZE, levels)))
        if prices != sorted(prices, reverse=is_falling) or min(sizes) < 0:
            raise VenueError(f"the book's {name} are out of order, or below zero")
        return _cumulated(zip(prices, sizes, strict=True), mid, is_falling=is_falling)
    except (KeyError, TypeError, ValueError, ArithmeticError):
        raise VenueError(f"cannot read the venue's answer: a level of the {name}") from None


def _cumulated(
    levels: Iterable[tuple[Decimal, Decimal]], mid: Decimal, *, is_falling: bool
) -> tuple[Money, ...]:
    """Cumulative notional by band, of levels that are sorted best first."""
    is_within, towards = (ge, CONTEXT.subtract) if is_falling else (le, CONTEXT.add)
    edges = [towards(mid, CONTEXT.multiply(mid, band)) for band in BANDS]
    sums: list[Money] = []
    total, edge, with_level = ZERO, edges[0], CONTEXT.fma
    for price, size in levels:
        while not is_within(price, edge):
            sums.append(Money(total))
            if len(sums) == len(edges):
                return tuple(sums)
            edge = edges[len(sums)]
        total = with_level(price, size, total)
    return (*sums, *[Money(total)] * (len(edges) - len(sums)))
