"""Who wants to know at once what happens on an exchange: its streams.

What is seen between two commits counts only when the second has been written down.
"""

from __future__ import annotations

from typing import Protocol


class Watcher(Protocol):
    """Told by the exchange, which stands still meanwhile; it changes nothing there."""

    def moved(self) -> None:
        """The markets have passed a point of their minute: not written down yet."""

    def settling(self) -> None:
        """All that belongs into the next commit has happened: not written down yet."""

    def settled(self) -> None:
        """Everything seen so far is written down, and may be told."""

    def undone(self) -> None:
        """The commit failed: nothing since the last one has happened."""


class Unwatched:
    """Nobody is looking."""

    def moved(self) -> None:
        """Nothing follows from it."""

    def settling(self) -> None:
        """Nothing follows from it."""

    def settled(self) -> None:
        """Nothing follows from it."""

    def undone(self) -> None:
        """Nothing follows from it."""
