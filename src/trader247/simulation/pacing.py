"""How long each seed is run, where there are only so many seconds of ours for all of them.

Every seed gets all that was asked for, three quarters of it, half or a quarter: whatever its fair
share of the time that is left has room for, by what those before it took. Less than a quarter is
never run, however slow the machine: scenes are left out rather, long ones first, and it is said how
many. A run
depends on its seed and its length alone, and of the same seed a shorter one is the beginning of a
longer one, but for the peace at its end.
"""

from __future__ import annotations

from collections.abc import Callable

from trader247.simulation.outcome import RunOutcome
from trader247.simulation.wanted import SCENE

QUARTERS = 4
_PEACE_US = 600_000_000
_GUESS = 1_000
"""What is thought of the first ones: so many times faster than real time."""


class Pace:
    """That of one command, with `jobs` processes; without `seconds` everything is run in full."""

    def __init__(
        self,
        span_us: int,
        seconds: float | None,
        *,
        jobs: int,
        count: int,
        now_s: Callable[[], float],
    ) -> None:
        """`count` seeds are to be run, and of each `span_us`; `now_s` is any clock of ours."""
        self._span_us = span_us
        self._now_s = now_s
        self._jobs = jobs
        self._left = count
        self._until_s = None if seconds is None else now_s() + seconds
        self._under_way: dict[str, tuple[float, int]] = {}
        self._took_s = self._scenes_took_s = 0.0
        self._lived_us = self._scenes_lived_us = 0

    def begin(self, task: str, length_us: int | None = None) -> int:
        """How long a task is run that begins now: a seed as there is time for it, a scene for its
        `length_us`; a tour has none.
        """
        if task.isdecimal():
            span_us = self._fair_us()
        else:
            span_us = self._span_us if length_us is None else length_us
        self._under_way[task] = self._now_s(), span_us + _PEACE_US
        return span_us

    def end(self, task: str, outcome: RunOutcome) -> None:
        """Learn from what a task took: tours die more often than they trade, and tell nothing."""
        begun_s, _ = self._under_way.pop(task)
        took_s = self._now_s() - begun_s
        if task.isdecimal():
            self._took_s += took_s
            self._lived_us += outcome.lived_us
        elif task.startswith(SCENE):
            self._scenes_took_s += took_s
            self._scenes_lived_us += outcome.lived_us

    def has_room(self, length_us: int) -> bool:
        """Whether a scene of that length may begin: a quarter of each seed has its time besides.

        One that lasts a simulated day takes minutes of ours on a slow machine. Begun late, it
        would leave the seeds to one process less than they were thought to have.
        """
        if self._until_s is None:
            return True
        now_s = self._now_s()
        left_s, cost_s = self._until_s - now_s, self._cost_s(length_us + _PEACE_US)
        least_s = self._cost_s(self._left * (self._span_us // QUARTERS + _PEACE_US))
        return cost_s < left_s and least_s + cost_s < left_s * self._jobs - self._busy_s(now_s)

    def _fair_us(self) -> int:
        left, self._left = self._left, self._left - 1
        if self._until_s is None:
            return self._span_us
        now_s = self._now_s()
        share_s = ((self._until_s - now_s) * self._jobs - self._busy_s(now_s)) / left
        for quarters in range(QUARTERS, 1, -1):
            span_us = self._span_us * quarters // QUARTERS
            if self._cost_s(span_us + _PEACE_US) <= share_s:
                return span_us
        return self._span_us // QUARTERS

    def _busy_s(self, now_s: float) -> float:
        """How long what is under way is thought to take yet, all of it together."""
        return sum(
            max(0.0, begun_s + self._cost_s(span_us) - now_s)
            for begun_s, span_us in self._under_way.values()
        )

    def _cost_s(self, span_us: int) -> float:
        if self._lived_us:
            return span_us * self._took_s / self._lived_us
        cost_s = span_us / 1_000_000 / _GUESS
        if self._scenes_lived_us:
            cost_s = max(cost_s, span_us * self._scenes_took_s / self._scenes_lived_us)
        return cost_s
