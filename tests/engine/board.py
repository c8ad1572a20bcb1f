"""A market that a test moves: flat, unless it was told how the next minute goes."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping
from decimal import Decimal

from tests.simex.scripted import START, ScriptedFeed, listing

from trader247.app.books.markets import Market
from trader247.domain.dataclass import dataclass
from trader247.domain.time import Instant
from trader247.simex.feeds.feed import Feed, MinuteBar

HISTORY = 1600
"""Minutes before the start: what the longest signal looks back, and the day's volume."""
TURNOVER = 200_000
"""Dollars a minute: as many a day as the first tier asks for, and more."""
PRICES = {"BTC-USD": 100_000, "ETH-USD": 4_000, "SOL-USD": 200}
SPREAD = 2


class Board:
    """What the market does, in dollars; told minutes come one after the other, then it is flat."""

    def __init__(self) -> None:
        self._level = {product: price * 100 for product, price in PRICES.items()}
        self._queued: dict[str, deque[MinuteBar]] = defaultdict(deque)
        self._told: dict[int, Mapping[str, MinuteBar]] = {}
        self.depth: int | None = None
        """Lots that rest near the price from the next told minute on, where not as many as ever."""

    def __call__(self, minute: int) -> Mapping[str, MinuteBar]:
        if minute not in self._told:
            self._told[minute] = {product: self._next(product) for product in self._level}
        return self._told[minute]

    def price(self, product: str) -> Decimal:
        """The last price told, in dollars."""
        queued = self._queued[product]
        return Decimal(queued[-1].close if queued else self._level[product]) / 100

    def move(
        self, product: str, pct: str, *, low_pct: str | None = None, volume: int | None = None
    ) -> None:
        """The minute after those told: to `pct` per cent from here, on the way to `low_pct`."""
        start = int(self.price(product) * 100)
        close = _shifted(start, pct)
        low = min(start, close, close if low_pct is None else _shifted(start, low_pct))
        self._queued[product].append(self._bar(start, low, close, volume))

    def dip(self, product: str, volume: int | None = None) -> None:
        """A minute that trades a little below and comes back: what rests at the bid fills."""
        self.move(product, "0", low_pct="-0.02", volume=volume)

    def _next(self, product: str) -> MinuteBar:
        if self._queued[product]:
            bar = self._queued[product].popleft()
            self._level[product] = bar.close
            return bar
        level = self._level[product]
        return self._bar(level, level, level, None)

    def _bar(self, start: int, low: int, close: int, volume: int | None) -> MinuteBar:
        usual = TURNOVER * 10**10 // close
        return MinuteBar(
            open=start,
            high=max(start, close),
            low=low,
            close=close,
            volume=usual if volume is None else volume,
            spread=SPREAD,
            depth=10 * usual if self.depth is None else self.depth,
        )


@dataclass(frozen=True, slots=True)
class BoardMarket(Market):
    """The market of a board, for the wiring."""

    board: Board

    def feed(self) -> Feed:
        listings = [listing(product) for product in PRICES]
        return ScriptedFeed(self.board, *listings, history=HISTORY, identity="board:1")


def market_of(board: Board) -> Market:
    """A board as the wiring wants it."""
    return BoardMarket(seed=1, start=Instant(START * 60_000_000), replay=None, board=board)


def _shifted(ticks: int, pct: str) -> int:
    return int(ticks * (1 + Decimal(pct) / 100))
