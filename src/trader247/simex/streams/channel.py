"""What a public channel is: a state that begins a subscription, and the news that follow."""

from __future__ import annotations

from typing import Protocol

MICROSECONDS = 1_000_000


class Channel(Protocol):
    """One public channel. Events are JSON; products are those that have a book of their own.

    `name` is what clients subscribe to, `message` what its messages are called. `period_us` is how
    often it looks for news by the exchange's clock: 0 whenever a market moves, `EACH_COMMIT`
    whenever something is written down.
    """

    name: str
    message: str
    period_us: int

    def opening(self, product: str) -> str:
        """What a subscription begins with; from here on, `news` are what has changed since."""

    def news(self, product: str) -> str | None:
        """What has changed since it was last asked, or None."""

    def keep(self) -> None:
        """What was told has happened."""

    def undo(self) -> None:
        """What was told since the last `keep` has not happened."""


EACH_COMMIT = -1
EACH_MOVE = 0
