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
        self._are_others_alive = are_others_alive
        self._monotonic = monotonic
        self._turned: float | None = None
        self._cycled: float | None = None
        self._reconciled: float | None = None

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

    def is_well(self) -> bool:
        """Whether all of it is fresh."""
        now = self._monotonic()
        ages = ((self._turned, TURN_SECONDS), (self._cycled, self._fresh))
        return all(
            mark is not None and now - mark <= most
            for mark, most in (*ages, (self._reconciled, self._fresh))
        ) and self._are_others_alive(TURN_SECONDS)
