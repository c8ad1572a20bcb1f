"""The crowd: a ladder of resting quantity around a price, made from two figures of the bar.

On each side the first levels lie within 20 bps of the mid and hold the bar's depth between them,
evenly, the remainder on the best levels first; as many again twice over lie further out at the
same density. There are up to ten levels within the band, one tick apart at least. Where the spread
is wider than the band, nothing lies within it, and ten levels begin at the best price.

What a taker consumes stays consumed until the crowd moves: since takers always walk from the best
price, one number a side remembers it. Whole ticks and lots only.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from itertools import takewhile
from typing import NamedTuple

Level = tuple[int, int]
"""A price in ticks, and a quantity in lots."""

_LEVELS = 10


class Side(Enum):
    """Who wants what; the value is the wire's word."""

    BUY = "BUY"
    SELL = "SELL"

    @property
    def opposite(self) -> Side:
        return Side.SELL if self is Side.BUY else Side.BUY


class Crowd:
    """Everyone else's orders in one product."""

    __slots__ = (
        "_ladders",
        "_taken",
        "best_ask",
        "best_bid",
        "depth",
        "price",
        "spread",
        "version",
    )
    best_bid: int
    """The price at which the bids begin when nothing is consumed."""
    best_ask: int
    """The price at which the asks begin when nothing is consumed."""

    def __init__(self, *, price: int, spread: int, depth: int) -> None:
        self.version = 0
        self.move(price=price, spread=spread, depth=depth)

    def move(self, *, price: int, spread: int, depth: int) -> None:
        """Stand around `price` afresh: consumed quantity comes back."""
        self.price = price
        self.spread = max(1, spread)
        self.depth = max(0, depth)
        # Each look at a side asks for both.
        self.best_bid = max(1, price - self.spread // 2)
        self.best_ask = self.best_bid + self.spread
        self._taken = [0, 0]
        self._ladders: list[tuple[Level, ...] | None] = [None, None]
        self.version += 1

    def taken(self, side: Side) -> int:
        """Lots consumed of this side since the crowd last moved."""
        return self._taken[side is Side.BUY]

    def take(self, side: Side, lots: int) -> None:
        """Consume `lots` of this side, from its best price on."""
        if lots:
            self._taken[side is Side.BUY] += lots
            self._ladders[side is Side.BUY] = None
            self.version += 1

    def levels(self, side: Side) -> tuple[Level, ...]:
        """What rests on one side (BUY: the bids), best price first, without what is consumed."""
        ladder = self._ladders[side is Side.BUY]
        if ladder is None:
            ladder = self._ladders[side is Side.BUY] = tuple(self._remaining(side))
        return ladder

    def best(self, side: Side) -> Level | None:
        """The first of `levels`, without looking for the others."""
        ladder = self._ladders[side is Side.BUY]
        if ladder is None and self.depth and not self._taken[side is Side.BUY]:
            shape = self._shape(side)
            price = self.best_bid if side is Side.BUY else self.best_ask
            return price, shape.lots + bool(shape.spare)
        return next(iter(self._remaining(side) if ladder is None else ladder), None)

    def ahead(self, side: Side, price: int) -> int:
        """The crowd's quantity that a new order at `price` queues behind.

        None at a price better than the crowd's best; between two levels or beyond the last, as
        much as a level holds, for the crowd would be there by the time the market is.
        """
        levels = self.levels(side)
        for level, lots in levels:
            if level == price:
                return lots
        best = self.best_bid if side is Side.BUY else self.best_ask
        is_better = price > best if side is Side.BUY else price < best
        if is_better or self.depth == 0:
            return 0
        return self._shape(side).lots

    def _shape(self, side: Side) -> _Shape:
        twice_mid = self.best_bid + self.best_ask
        if side is Side.BUY:
            span = self.best_bid - -(-twice_mid * 998 // 2000)
        else:
            span = twice_mid * 1002 // 2000 - self.best_ask
        if span >= 0:
            inside = min(_LEVELS, span + 1)
            gap = max(1, span // inside)
        else:
            inside, gap = _LEVELS, max(1, self.price // 5000)
        lots, spare = divmod(self.depth, inside)
        if lots == 0:
            inside, lots, spare = self.depth, 1, 0
        return _Shape(inside, gap, lots, spare, max(inside * gap, span + 1))

    def _remaining(self, side: Side) -> Iterable[Level]:
        if self.depth == 0:
            return ()
        shape = self._shape(side)
        best, sign = (self.best_bid, -1) if side is Side.BUY else (self.best_ask, 1)
        consumed = self._taken[side is Side.BUY]
        return _left(shape, best, sign, consumed) if consumed else _whole(shape, best, sign)


def _is_price(level: Level) -> bool:
    return level[0] >= 1


class _Shape(NamedTuple):
    """How one side is laid out.

    `inside` levels within the band, `gap` ticks apart, each of `lots`, the first `spare` of them
    of one more; the first level past the band lies `clear` ticks from the best price.
    """

    inside: int
    gap: int
    lots: int
    spare: int
    clear: int


def _whole(shape: _Shape, best: int, sign: int) -> Iterable[Level]:
    """A side of which nothing is consumed."""
    inside, step = shape.inside, sign * shape.gap
    lots = [shape.lots + 1] * shape.spare + [shape.lots] * (3 * inside - shape.spare)
    far = best + sign * shape.clear
    near = range(best, best + inside * step, step)
    beyond = range(far, far + 2 * inside * step, step)
    levels = zip((*near, *beyond), lots, strict=True)
    return levels if beyond[-1] >= 1 else takewhile(_is_price, levels)


def _left(shape: _Shape, best: int, sign: int, consumed: int) -> Iterable[Level]:
    """A side without what is consumed of it, from its best price on."""
    for price, lots in _whole(shape, best, sign):
        if consumed < lots:
            yield price, lots - consumed
        consumed = max(0, consumed - lots)
