"""One product's book as the stream tells it, level by level."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from trader247.adapters.coinbase.depth import Levels
from trader247.domain.money import ZERO
from trader247.domain.time import Instant

LEVELS_MAX = 50_000
"""Levels kept on each side, the best: more than the venue's largest book has."""
SHOWN_BPS = 60
"""How far from the mid levels are shown: further than any depth is asked for."""

Level = tuple[Decimal, Decimal]


class Side:
    """One side's levels, sorted by price."""

    def __init__(self, *, is_bid: bool) -> None:
        self._is_bid = is_bid
        self._prices: list[Decimal] = []
        self._quantities: dict[Decimal, Decimal] = {}

    @property
    def best(self) -> Level | None:
        """The best price and what rests there."""
        if not self._prices:
            return None
        price = self._prices[-1 if self._is_bid else 0]
        return price, self._quantities[price]

    def replace(self, levels: Iterable[Level]) -> None:
        """Take a whole side."""
        self._quantities = {price: size for price, size in dict(levels).items() if size > 0}
        self._prices = sorted(self._quantities)
        self._bound()

    def change(self, levels: Iterable[Level]) -> None:
        """Set some levels; a quantity of zero removes one."""
        prices, quantities = self._prices, self._quantities
        count = len(quantities)
        for price, quantity in levels:
            # Looked up once each: to hash a Decimal is most of what a level costs.
            if quantity > ZERO:
                quantities[price] = quantity
                if len(quantities) > count:
                    insort(prices, price)
                    count += 1
            elif quantities.pop(price, None) is not None:
                del prices[bisect_left(prices, price)]
                count -= 1
        self._bound()

    def within(self, edge: Decimal) -> tuple[Level, ...]:
        """The levels up to a price, best first."""
        if self._is_bid:
            prices = reversed(self._prices[bisect_left(self._prices, edge) :])
            return tuple((price, self._quantities[price]) for price in prices)
        end = bisect_right(self._prices, edge)
        return tuple((price, self._quantities[price]) for price in self._prices[:end])

    def _bound(self) -> None:
        surplus = len(self._prices) - LEVELS_MAX
        if surplus <= 0:
            return
        worst = self._prices[:surplus] if self._is_bid else self._prices[-surplus:]
        self._prices = self._prices[surplus:] if self._is_bid else self._prices[:-surplus]
        for price in worst:
            del self._quantities[price]


@dataclass(slots=True)
class Book:
    """Both sides, and when they were told: by the venue's clock, and by ours that never jumps.

    `moved` is when the best prices or their quantities last changed, `heard` when anything of this
    book was last told.
    """

    bids: Side
    asks: Side
    time: Instant
    heard: timedelta
    moved: timedelta

    @staticmethod
    def of(bids: Iterable[Level], asks: Iterable[Level], time: Instant, heard: timedelta) -> Book:
        """A book from a snapshot."""
        book = Book(Side(is_bid=True), Side(is_bid=False), time, heard, heard)
        book.bids.replace(bids)
        book.asks.replace(asks)
        return book

    def change(
        self, bids: Iterable[Level], asks: Iterable[Level], time: Instant, heard: timedelta
    ) -> None:
        """Take an update."""
        before = self.bids.best, self.asks.best
        self.bids.change(bids)
        self.asks.change(asks)
        self.time, self.heard = time, heard
        if (self.bids.best, self.asks.best) != before:
            self.moved = heard

    def levels(self) -> Levels | None:
        """What rests near the mid; None where a side is empty or the book is crossed."""
        bid, ask = self.bids.best, self.asks.best
        if bid is None or ask is None or bid[0] >= ask[0]:
            return None
        mid = (bid[0] + ask[0]) / 2
        reach = mid * SHOWN_BPS / 10_000
        # The best levels are shown however wide the spread is.
        lowest, highest = min(bid[0], mid - reach), max(ask[0], mid + reach)
        return Levels(self.bids.within(lowest), self.asks.within(highest), self.time)
