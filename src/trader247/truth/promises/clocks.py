"""By which clock a cycle's memory goes."""

from __future__ import annotations

from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.times import MINUTE_US, SECOND_US, right_us


class RightTime(Promise):
    """A cycle that says by how much its clock is off is right about the time.

    An exchange may tell it wrong by up to a minute, and what it told holds for a minute more.
    """

    id = "I15"

    _NEAR_US = 2 * MINUTE_US

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        if not payload.get("skew"):
            return []
        off_us = right_us(payload) - self.world.now_us
        if abs(off_us) <= self._NEAR_US:
            return []
        return [f"cycle {payload['cycle']} takes the time for {off_us / SECOND_US:+.0f} s of it"]
