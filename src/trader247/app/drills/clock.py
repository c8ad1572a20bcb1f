"""The drill's clock: the exchange's time, in slices where something is going on.

A trader on a real venue looks up each quarter of a second while it waits. Here time is virtual, and
a wait is cut like that only around the things that the drill lets happen: so what is measured is
what the same loop would take, and a quiet minute costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from trader247.domain.time import SECOND, Instant

SLICE = timedelta(milliseconds=250)
_CLOSELY = 20 * SECOND
"""For how long time is cut small after something was made to happen."""

Deed = Callable[[], None]


class DrillClock:
    """The Clock port over an exchange; `at` lets something happen at a moment of its time.

    `ahead` is how far the trader's own clock is off the exchange's.
    """

    def __init__(self, *, now: Callable[[], Instant], advance: Callable[[Instant], None]) -> None:
        self._venue_now = now
        self._advance = advance
        self._began = now()
        self._agenda: list[tuple[Instant, Deed]] = []
        self._closely_until = self._began
        self.ahead = timedelta(0)

    def now(self) -> Instant:
        return self._venue_now() + self.ahead

    @property
    def venue_now(self) -> Instant:
        """The exchange's own time, whatever the trader takes it for."""
        return self._venue_now()

    def monotonic(self) -> timedelta:
        return self._venue_now() - self._began

    def at(self, when: Instant, deed: Deed) -> None:
        """Let `deed` happen at `when`, by the exchange's time, if somebody waits then."""
        self._agenda.append((when, deed))
        self._agenda.sort(key=lambda each: each[0])

    def look_closely(self) -> None:
        """Something just happened: cut the time that follows small."""
        self._closely_until = self._venue_now() + _CLOSELY

    def pass_by(self, span: timedelta) -> None:
        """Let the exchange's time pass while nobody looks: a request hangs."""
        self._advance(self._venue_now() + span)

    def wait_until(self, when: Instant, wake: Callable[[], bool]) -> bool:
        while not wake():
            now, end = self._venue_now(), when - self.ahead
            if now >= end:
                return True
            due = min(end, now + SLICE) if now < self._closely_until else end
            if self._agenda:
                due = max(now, min(due, self._agenda[0][0]))
            if due > now:
                self._advance(due)
            if self._run_due():
                # Whoever waits looked up just before: it is seen a slice later at the latest.
                self._advance(self._venue_now() + SLICE)
        return False

    def _run_due(self) -> bool:
        is_any = False
        while self._agenda and self._agenda[0][0] <= self._venue_now():
            _, deed = self._agenda.pop(0)
            self.look_closely()
            deed()
            is_any = True
        return is_any
