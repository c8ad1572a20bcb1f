"""What can go wrong with a simulated exchange itself, as opposed to what it refuses."""

from __future__ import annotations


class SimexError(Exception):
    """The simulated exchange cannot serve."""


class FeedMismatch(SimexError):
    """The exchange's file belongs to another market than the one asked for."""

    def __init__(self, *, found: str, asked: str) -> None:
        super().__init__(f"the exchange's file holds the market {found!r}, asked for is {asked!r}")
        self.found = found
        self.asked = asked


class StoreFailed(SimexError):
    """The exchange's file cannot be read or written; what was not answered has not happened."""


class WriterLost(StoreFailed):
    """Another process has opened the exchange's file to write it: this one may not any more."""


class ReadOnly(SimexError):
    """The exchange was opened for looking at it."""
