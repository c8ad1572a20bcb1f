"""The door to an arena for somebody who remembers: its books tell what is new in them.

A reading of orders and fills goes back to the oldest order that works, and most of what it finds
is known. Where nothing is doubtful, what has not changed since the last reading says nothing.
"""

from __future__ import annotations

from trader247.backtest.venue import ArenaVenue
from trader247.domain.orders import Fill, Order
from trader247.domain.time import Instant
from trader247.simex.arena import Arena


class NewsVenue(ArenaVenue):
    """Tells the books as the wire does while `is_whole`, else what is new in that time."""

    def __init__(self, arena: Arena) -> None:
        super().__init__(arena)
        self.is_whole = True
        self._told = 0

    def orders(self, since: Instant) -> tuple[Order, ...]:
        """The orders created at or after `since` that have changed, newest first."""
        if self.is_whole:
            return super().orders(since)
        news = self._arena.news
        found = [each for each in news.values() if each.created_us >= since.us]
        found.sort(key=lambda each: each.number, reverse=True)
        news.clear()
        return tuple([self._order(each) for each in found])

    def fills(self, since: Instant) -> tuple[Fill, ...]:
        """The fills at or after `since` that were not told before, oldest first."""
        told, self._told = self._told, len(self._arena.fills)
        if self.is_whole:
            return super().fills(since)
        if told == self._told:
            return ()
        return tuple([each for each in self._told_since(told) if each.time >= since])
