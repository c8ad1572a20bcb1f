"""What comes to pass first, remembered: a run asks of the same prices at each of its visits."""

from __future__ import annotations

from typing import NamedTuple

from trader247.backtest.outlook import Bools

FAR = 720
"""So many places ahead are looked at together: looking takes as long as far fewer."""


class Seen(NamedTuple):
    """The first place from `begin` on at which something comes to pass, `end` if none before it."""

    begin: int
    found: int
    end: int

    def tells(self, begin: int, most: int) -> bool:
        """Whether it says what is first from a place on, and before another."""
        return self.begin <= begin <= self.found and (self.found < self.end or most <= self.end)


def first_of(column: Bools) -> int | None:
    """The first place of a column that is true; None if none is."""
    found = int(column.argmax()) if len(column) else 0
    return found if len(column) and column[found] else None
