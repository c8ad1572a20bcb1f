"""Whether trading really goes on: what the loop's own thread did last, and nobody else's word."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from trader247.domain.events.cycles import EXITS_ONLY
from trader247.domain.reports import CycleReport

TURN_SECONDS = 45.0
"""A loop, or a worker of an alert channel, that has not turned round for so long hangs: the ping
must have stopped within a minute."""
FRESH_SECONDS = 180.0
"""How old the last whole cycle and the last reconciliation may be, at the usual interval."""
HANGS_SECONDS = 600.0
"""So long after a cycle was due none is late by what it waits for: sixty reads without an answer,
ten seconds each."""


class Vitals:
    """Marked by the trading thread alone; read by the one that pings."""

    def __init__(
        self,
        *,
        interval: timedelta,
        are_others_alive: Callable[[float], bool],
        monotonic: Callable[[], float],
    ) -> None:
        """`interval` is real time between cycles; `are_others_alive` takes seconds."""
        self._fresh = max(FRESH_SECONDS, 2 * interval.total_seconds() + 60)
        self._patience = HANGS_SECONDS + 2 * interval.total_seconds()
        self._are_others_alive = are_others_alive
        self._monotonic = monotonic
        self._begun: float | None = None
        self._turned: float | None = None
        self._cycled: float | None = None
        self._reconciled: float | None = None

    def begun(self) -> None:
        """The start is over: cycles come from now on."""
        self._begun = self._monotonic()

    def turned(self) -> None:
        """The loop turned round: in waiting too, it does so each quarter of a second."""
        self._turned = self._monotonic()

    def cycled(self, report: CycleReport) -> None:
        """A cycle was done; one between two of them, for exits alone, is no whole one."""
        if report.regime == EXITS_ONLY:
            return
        self._cycled = self._monotonic()
        if not report.collected.error:
            self._reconciled = self._cycled

    def goes_on(self) -> bool:
        """Whether a whole cycle was done in a time in which there must be one.

        A loop that never ends turns, waits and asks like any other; a cycle is what it lacks. True
        until the start is over, which others limit.
        """
        last = self._begun if self._cycled is None else self._cycled
        return last is None or self._monotonic() - last <= self._patience

    def is_well(self) -> bool:
        """Whether all of it is fresh."""
        now = self._monotonic()
        ages = ((self._turned, TURN_SECONDS), (self._cycled, self._fresh))
        return all(
            mark is not None and now - mark <= most
            for mark, most in (*ages, (self._reconciled, self._fresh))
        ) and self._are_others_alive(TURN_SECONDS)
