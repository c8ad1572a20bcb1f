"""That the trading thread lives, told by itself alone: also while it waits for a slow answer.

Whatever it waits for, it asks at least each quarter of a second whether it is to stop. So that
question is the sign of life: a loop that hangs does not ask it, and no other thread counts. One
that turns for ever does ask: whoever listens counts it no longer than a cycle may take to come.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import get_ident

from trader247.domain.dataclass import dataclass
from trader247.ports import StopSignal


@dataclass(frozen=True, slots=True)
class WatchedStop:
    """A stop signal that tells `on_asked` whenever the thread that trades asks for it."""

    stop: StopSignal
    on_asked: Callable[[], None]
    thread: int

    @staticmethod
    def by_this_thread(stop: StopSignal, on_asked: Callable[[], None]) -> WatchedStop:
        """The thread that trades is the one that calls this."""
        return WatchedStop(stop, on_asked, get_ident())

    def is_raised(self) -> bool:
        if get_ident() == self.thread:
            self.on_asked()
        return self.stop.is_raised()

    def raising(self) -> str:
        if get_ident() == self.thread:
            self.on_asked()
        return self.stop.raising()

    def cause(self) -> str:
        return self.stop.cause()

    def keeps_sales(self) -> bool:
        return self.stop.keeps_sales()
