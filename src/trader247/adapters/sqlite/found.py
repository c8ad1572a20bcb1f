"""What was found in a journal, and need not be looked for again: what stands there stands for good.

A journal only grows, and one that an older one has replaced is opened by another process. The
venue's books are read back an hour and more, twice in a cycle: nearly all of it was found before.
"""

from __future__ import annotations

from collections.abc import Callable

from trader247.domain.fills import Fill

KEPT_MAX = 20_000
"""Names kept; where there are more, all are forgotten, and looked for again."""


class Found:
    """Names that were found. Nothing is kept of one that was not: it may come."""

    def __init__(self) -> None:
        self._names: set[str] = set()

    def has(self, name: str, look: Callable[[], bool]) -> bool:
        """Whether it is there; `look` is asked until it was found. Raises what that raises."""
        if name in self._names:
            return True
        if not look():
            return False
        if len(self._names) >= KEPT_MAX:
            self._names.clear()
        self._names.add(name)
        return True


class Agreed:
    """Fills that stand in the journal as they were told: the very same ones, by their entry ids."""

    def __init__(self) -> None:
        self._fills: dict[str, Fill] = {}

    def has(self, fill: Fill) -> bool:
        """Whether this one was compared before, and agreed. A fill that is told anew is another."""
        return self._fills.get(fill.entry_id) is fill

    def add(self, fill: Fill) -> None:
        """It was compared, and agrees."""
        if len(self._fills) >= KEPT_MAX:
            self._fills.clear()
        self._fills[fill.entry_id] = fill
