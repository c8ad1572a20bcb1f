"""Every market of an exchange: how a feed's minutes become prices, and what is kept of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from typing import Any

from trader247.simex.alias import alias_of
from trader247.simex.calendar import Calendar
from trader247.simex.changes import Committed
from trader247.simex.connection import sound
from trader247.simex.errors import StoreFailed
from trader247.simex.feeds.feed import Feed, MinuteBar
from trader247.simex.history import History, Packing, kept_from
from trader247.simex.market import Flags, Market
from trader247.simex.matching import Match
from trader247.simex.path import MINUTE_US, OFFSETS_US, POINTS
from trader247.simex.store import Store

Passed = Callable[[Market, int, list[Match]], None]
"""What hears of a market that has moved: its price before, and what that filled."""


class Hall:
    """The markets of one store; without a feed they stand still.

    `minute` is the one that they are in, `points` how many of its points they have passed.
    `markets` are the books by product, `listed` has their second names as well. `minutes` are those
    that the store does not have yet.
    """

    minute: int
    points: int
    markets: dict[str, Market]
    listed: dict[str, Market]

    def __init__(self, store: Store, feed: Feed | None) -> None:
        self._store = store
        self._feed = feed
        self._packing = Packing(len(store.identity.listings))
        self._history: History | None = None
        self.minutes: list[tuple[int, bytes]] = []

    def stand(self, last: Committed) -> None:
        """Stand where a commit stands."""
        state = last.state
        self.minute, self.points = int(state["minute"]), int(state["points"])
        self.minutes = []
        self._history = None
        self.markets = self._restored(state, last.row)
        aliases = [each for market in self.markets.values() if (each := alias_of(market))]
        self.listed = self.markets | {each.listing.product_id: each for each in aliases}
        if self._feed is not None and last.feed_state is not None:
            self._feed.restore(last.feed_state)

    def _restored(self, state: Mapping[str, Any], row: bytes) -> dict[str, Market]:
        markets = {each.product_id: Market(each) for each in self._store.identity.listings}
        bars: Iterable[MinuteBar | None] = self._packing.unpack(row) if row else ()
        for market, bar in zip(markets.values(), bars, strict=False):
            market.begin(bar)
        for product_id, book in state["books"].items():
            markets[product_id].restore_book(tuple(book))
        for product_id, flags in state["flags"].items():
            markets[product_id].flags = Flags(**flags)
        return markets

    def state(self) -> dict[str, Any]:
        """What `stand` needs of them."""
        usual = Flags()
        return {
            "minute": self.minute,
            "points": self.points,
            "flags": {
                product_id: asdict(market.own_flags)
                for product_id, market in self.markets.items()
                if market.own_flags != usual
            },
            "books": {
                product_id: market.book_state() for product_id, market in self.markets.items()
            },
        }

    def feed_state(self) -> bytes | None:
        """Where the feed goes on after the minutes that the store does not have yet."""
        return self._feed.state() if self._feed and self.minutes else None

    @property
    def history(self) -> History:
        """The closed minutes. Raises StoreFailed."""
        if self._history is None:
            first = kept_from(self.minute)
            rows = self._store.minutes(first, self.minute)
            if rows and len(rows) != self.minute - rows[0][0]:
                raise StoreFailed(f"{self._store.path} lacks minutes that have passed")
            with sound(self._store.path):
                self._history = History(
                    products=len(self.markets),
                    first=rows[0][0] if rows else self.minute,
                    rows=(bars for _, bars in rows),
                )
        return self._history

    @property
    def due_us(self) -> int:
        """When the markets next move."""
        if self.points == POINTS:
            return (self.minute + 1) * MINUTE_US
        return self.minute * MINUTE_US + OFFSETS_US[self.points]

    def pass_point(self, calendar: Calendar, passed: Passed) -> None:
        """Let every market move to its next price. Raises FeedEnded."""
        if self.points == POINTS:
            self._enter_minute(calendar)
        for market in self.markets.values():
            before = market.last
            passed(market, before, market.pass_point(self.points))
        self.points += 1

    def keep(self, calendar: Calendar, now_us: int) -> None:
        """Let the windows of now change the flags of their products."""
        if calendar.windows or any(each.is_closed for each in self.markets.values()):
            for product_id, market in self.markets.items():
                market.close(calendar.changes(product_id, now_us))

    def _enter_minute(self, calendar: Calendar) -> None:
        assert self._feed is not None
        bars = self._feed.next()
        if self._history is not None:
            self._history.append([market.bar for market in self.markets.values()])
        self.minute += 1
        self.points = 0
        for product_id, market in self.markets.items():
            # What is halted as the minute begins does not trade in it.
            bar = bars.get(product_id) if market.flags.is_trading else None
            market.begin(calendar.jumped(product_id, self.minute, bar))
        row = self._packing.pack([market.bar for market in self.markets.values()])
        self.minutes.append((self.minute, row))
