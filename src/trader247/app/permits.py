"""The right to send, asked by whoever sends, last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from trader247.ports import StopSignal


@dataclass(frozen=True, slots=True)
class SimulatedPermit:
    """For a venue without real money: the stop and the tenure of the journal are all it takes."""

    stop: StopSignal
    has_tenure: Callable[[], bool]

    def refusal(self) -> str | None:
        """Why nothing may be sent now, or None."""
        if self.stop.is_raised():
            return "the kill switch is on"
        if not self.has_tenure():
            return "another process has taken the journal"
        return None
