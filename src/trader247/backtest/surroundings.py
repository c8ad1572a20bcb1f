"""What a trader needs besides a market, for one that nobody watches: no stop, no alert, no post."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from trader247.domain.portfolio import Portfolio
from trader247.domain.time import Instant
from trader247.engine.ledger import Ledger
from trader247.ports import Alert
from trader247.simex.arena import Arena


class ArenaClock:
    """The arena's own time: it moves when somebody moves it."""

    def __init__(self, arena: Arena) -> None:
        self._arena = arena

    def now(self) -> Instant:
        """The current instant, by the arena's clock."""
        return Instant(self._arena.now_us)

    def monotonic(self) -> timedelta:
        """The same, as a span: it never jumps."""
        return timedelta(microseconds=self._arena.now_us)

    def wait_until(self, when: Instant, wake: Callable[[], bool]) -> bool:
        """Let the arena's time pass; nothing wakes anybody here."""
        del wake
        if when.us > self._arena.now_us:
            self._arena.advance(when.us)
        return True


class NoStop:
    """Nobody raises a kill switch over the past."""

    def is_raised(self) -> bool:
        """Whether the kill switch is on: never."""
        return False

    def cause(self) -> str:
        """Why it is on: it is not."""
        return ""

    def keeps_sales(self) -> bool:
        """Whether sales may go on resting under it."""
        return False


class Unheard:
    """Alerts of a past that nobody lives in: they are events, and go nowhere."""

    def send(self, alert: Alert) -> None:
        """Nobody is told."""

    def acknowledged(self, code: str) -> None:
        """Nobody was told."""

    def undeliverable(self) -> str:
        """Why nobody can be told: not asked here."""
        return ""

    def take_storm(self) -> str:
        """There is none."""
        return ""


class Allowed:
    """The right to send to an arena, where nothing real can be bought."""

    def refusal(self) -> str | None:
        """Why nothing may be sent now: nothing is against it."""
        return None


class PastLedger(Ledger):
    """A ledger over the past, where cycles that decide nothing may be passed over together."""

    def stand(self, portfolio: Portfolio) -> None:
        """Stand where those cycles would have left the book."""
        self._portfolio = portfolio
