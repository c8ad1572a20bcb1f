"""Price and time: who trades with whom, at which price. No clock, no money, no wire.

One `Matching` is one product's market: the crowd, and the account's resting orders with their
place in the queue. Everything is whole ticks and lots, so that a backtest may drive it directly.

A move of the price fills resting orders as maker, at their own limit and never beyond it: by price
first, then by age, and all together at most the move's volume.
- A move that goes through a limit by a tick or more reaches it at once.
- A move that only touches it trades first what stood ahead of it in the crowd.
A taker walks the crowd's levels at their prices. Orders of one account never trade with each
other: the resting one is cancelled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from trader247.simex.book import Crowd, Level, Side

_RUNGS_FROM = 40


def place(number: int, rung: int) -> int:
    """What names one rung of an order in the book: the first by the order's own number."""
    return number | rung << _RUNGS_FROM


def owner(place: int) -> int:
    """The number of the order whose rung this is."""
    return place & (1 << _RUNGS_FROM) - 1


def rung(place: int) -> int:
    """Which rung of its order this is."""
    return place >> _RUNGS_FROM


@dataclass(slots=True)
class Resting:
    """An order in the book, or a rung of one, by its `place`.

    `ahead` is what must trade at its price before it does.
    """

    number: int
    side: Side
    price: int
    lots: int
    ahead: int


class Match(NamedTuple):
    """A trade of the order `number` with the crowd."""

    number: int
    price: int
    lots: int


class Matching:
    """One product's market."""

    __slots__ = ("crowd", "resting")

    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd
        self.resting: dict[int, Resting] = {}

    def move(self, *, price: int, spread: int, depth: int, volume: int) -> list[Match]:
        """Go to `price`, trading `volume` on the way; what that fills of the resting orders."""
        start = self.crowd.price
        self.crowd.move(price=price, spread=spread, depth=depth)
        if not self.resting or volume <= 0:
            return []
        first = Side.BUY if price < start else Side.SELL
        matches: list[Match] = []
        for side in (first, first.opposite):
            edge = min(start, price) if side is Side.BUY else max(start, price)
            volume -= self._sweep(side, edge, volume, matches)
        return matches

    def trade_through(
        self, *, low: int | None, high: int | None, volume: int, has_rested: Callable[[int], bool]
    ) -> list[Match]:
        """Fill the resting orders whose limit was traded through, while the crowd stands.

        Trades went down to `low` and up to `high`, None where it is not known that they went
        further. All fills together are at most `volume`, and only of those that `has_rested` says
        were there meanwhile.
        """
        matches: list[Match] = []
        for side, edge in ((Side.BUY, low), (Side.SELL, high)):
            for order in self.queue(side):
                if volume <= 0 or edge is None or not _goes_through(side, edge, order.price):
                    break
                if not has_rested(order.number):
                    continue
                lots = min(volume, order.lots)
                volume -= lots
                matches.append(Match(order.number, order.price, lots))
                self._reduce(order, lots)
        return matches

    def stand_among(self, crowd: Crowd) -> None:
        """Let another crowd take the place of this one; the resting orders stay."""
        crowd.version = self.crowd.version + 1
        self.crowd = crowd

    def _sweep(self, side: Side, edge: int, volume: int, matches: list[Match]) -> int:
        """Fill one side up to the price `edge`; how much of `volume` that took."""
        left = volume
        for order in self.queue(side):
            distance = order.price - edge if side is Side.BUY else edge - order.price
            if left == 0 or distance < 0:
                break
            if distance > 0:
                order.ahead = 0
            else:
                left -= self._advance_queue(order, left)
            lots = min(left, order.lots)
            if lots:
                left -= lots
                matches.append(Match(order.number, order.price, lots))
                self._reduce(order, lots)
        return volume - left

    def _advance_queue(self, first: Resting, volume: int) -> int:
        """Trade the crowd ahead of `first`: it stands ahead of the orders behind it, too."""
        traded = min(volume, first.ahead)
        if traded:
            for order in self.resting.values():
                if order.side is first.side and order.price == first.price:
                    order.ahead = max(0, order.ahead - traded)
        return traded

    def _reduce(self, order: Resting, lots: int) -> None:
        order.lots -= lots
        self.crowd.version += 1
        if order.lots == 0:
            del self.resting[order.number]

    def queue(self, side: Side) -> list[Resting]:
        """The resting orders of one side by their priority: best price first, then oldest."""
        sign = -1 if side is Side.BUY else 1
        orders = [order for order in self.resting.values() if order.side is side]
        return sorted(orders, key=lambda order: (sign * order.price, owner(order.number)))

    def rest(self, *, number: int, side: Side, price: int, lots: int) -> int:
        """Queue an order behind the crowd at its price; how much stands ahead of it."""
        ahead = self.crowd.ahead(side, price)
        self.resting[number] = Resting(number, side, price, lots, ahead)
        self.crowd.version += 1
        return ahead

    def shrink(self, number: int, lots: int) -> None:
        """Let an order want less, where it stands in the queue."""
        self.resting[number].lots = lots
        self.crowd.version += 1

    def remove(self, number: int) -> None:
        """Take an order out of the book, if it is there."""
        if self.resting.pop(number, None) is not None:
            self.crowd.version += 1

    def meet(self, number: int, lots: int) -> Match:
        """Let somebody trade with an order at its limit, wherever the market is."""
        order = self.resting[number]
        match = Match(number, order.price, min(lots, order.lots))
        self._reduce(order, match.lots)
        return match

    def is_crossing(self, side: Side, price: int) -> bool:
        """Whether a limit would trade at once, equality with the best opposite price counting."""
        best = [level for level, _ in self.crowd.levels(side.opposite)[:1]]
        best += [order.price for order in self.queue(side.opposite)[:1]]
        return any(_reaches(side, price, other) for other in best)

    def walk(self, side: Side, lots: int, limit: int | None) -> list[Level]:
        """What a taker of `side` would get, level by level, within its limit; changes nothing."""
        walked = []
        for price, available in self.crowd.levels(side.opposite):
            if lots == 0 or (limit is not None and not _reaches(side, limit, price)):
                break
            part = min(lots, available)
            walked.append((price, part))
            lots -= part
        return walked

    def take(self, number: int, side: Side, walked: Iterable[Level]) -> list[Match]:
        """Trade what `walk` showed."""
        matches = [Match(number, price, lots) for price, lots in walked]
        self.crowd.take(side.opposite, sum(match.lots for match in matches))
        return matches

    def own_within(self, side: Side, price: int) -> list[int]:
        """The account's own resting orders that an order of `side` would meet up to `price`."""
        meets = [
            order.number
            for order in self.queue(side.opposite)
            if _reaches(side, price, order.price)
        ]
        return sorted(meets)

    def best(self, side: Side) -> Level | None:
        """The first of `levels`."""
        if not self.resting:
            return self.crowd.best(side)
        return next(iter(self.levels(side)), None)

    def levels(self, side: Side) -> list[Level]:
        """The book as everyone sees it, best first: the crowd with the account's orders in it.

        An own order that the price has passed, and that waits for volume, does not show: the book
        never looks crossed.
        """
        crowd = self.crowd.levels(side)
        if not self.resting:
            return list(crowd)
        own = [order for order in self.resting.values() if order.side is side]
        opposite = self.crowd.levels(side.opposite)
        merged = dict(crowd)
        for order in own:
            if not opposite or not _reaches(side, order.price, opposite[0][0]):
                merged[order.price] = merged.get(order.price, 0) + order.lots
        return sorted(merged.items(), reverse=side is Side.BUY)


def _goes_through(side: Side, edge: int, limit: int) -> bool:
    """Whether trading at `edge` goes beyond a resting limit of `side`, by a tick or more."""
    return edge < limit if side is Side.BUY else edge > limit


def _reaches(side: Side, limit: int, price: int) -> bool:
    """Whether a limit of `side` allows trading at `price`."""
    return price <= limit if side is Side.BUY else price >= limit
