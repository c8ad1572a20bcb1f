"""The machine's clocks under a simulated trader: both pass with the timeline, neither is it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from trader247.domain.time import Instant
from trader247.simulation.world.timeline import Timeline

_AT_ONE_MOMENT_MAX = 2_000
"""Waits while no time passes: whoever works waits for something now and then."""


def _nothing() -> None:
    """Nobody is told."""


class MachineClock:
    """The Clock port over a timeline; `ahead_us` is how far its wall clock is off the true time.

    `slept_us` is how long the machine was suspended: that time its monotonic clock did not count.
    """

    def __init__(
        self,
        timeline: Timeline,
        *,
        on_wait: Callable[[], None],
        on_stuck: Callable[[], None] = _nothing,
    ) -> None:
        """`on_wait` is called before each wait: what was done until then can be looked at.

        `on_stuck` is called where somebody waits again and again for what is past: he would go
        round for ever, and no time would pass.
        """
        self._timeline = timeline
        self._on_wait = on_wait
        self._on_stuck = on_stuck
        self._waited_us, self._waits = -1, 0
        self._first_us = timeline.now_us
        self.ahead_us = 0
        self.slept_us = 0
        self.drift_ppm = 0
        self._drifting_since_us = timeline.now_us
        self._now = Instant(timeline.now_us)
        self._passed_us, self._passed = 0, timedelta(0)

    def drift(self, ppm: int) -> None:
        """Let the wall clock go wrong by so many microseconds a second from now on."""
        self.ahead_us += self._drifted_us()
        self.drift_ppm, self._drifting_since_us = ppm, self._timeline.now_us

    def now(self) -> Instant:
        """What the wall clock says."""
        us = self._timeline.now_us + self.ahead_us
        if self.drift_ppm:
            us += self._drifted_us()
        if us != self._now.us:  # who looks twenty times at a moment is shown the same one
            self._now = Instant(us)
        return self._now

    def monotonic(self) -> timedelta:
        """Time since the beginning; setting the wall clock does not move it."""
        us = self._timeline.now_us - self._first_us - self.slept_us
        if us != self._passed_us:
            self._passed_us, self._passed = us, timedelta(microseconds=us)
        return self._passed

    def wait_until(self, when: Instant, wake: Callable[[], bool]) -> bool:
        """Wait until `when`, asking `wake` whenever something happened; False once it says True.

        Like the machine's, it also ends once the time that was left at its start has passed.
        """
        self._on_wait()
        self._count_wait()
        deadline_us = self._monotonic_us() + (when.us - self.now().us)
        while not wake():
            left_us = min(when.us - self.now().us, deadline_us - self._monotonic_us())
            if left_us <= 0:
                return True
            self._timeline.step(self._timeline.now_us + left_us)
        return False

    def _count_wait(self) -> None:
        now_us = self._timeline.now_us
        if now_us != self._waited_us:
            self._waited_us, self._waits = now_us, 0
        self._waits += 1
        if self._waits > _AT_ONE_MOMENT_MAX:
            self._waits = 0
            self._on_stuck()

    def _monotonic_us(self) -> int:
        return self._timeline.now_us - self._first_us - self.slept_us

    def _drifted_us(self) -> int:
        if not self.drift_ppm:
            return 0
        return (self._timeline.now_us - self._drifting_since_us) * self.drift_ppm // 1_000_000
