"""The right to send orders, asked for last, just before sending."""

from __future__ import annotations

from collections.abc import Callable

from trader247.app.granting.granting import Grant
from trader247.domain.dataclass import dataclass
from trader247.ports import Permit, StopSignal

HasTenure = Callable[[], bool]
Permits = Callable[[StopSignal, HasTenure], Permit]
"""What makes a permit of a stop and of the tenure of the journal."""


@dataclass(frozen=True, slots=True)
class SimulatedPermit:
    """For a venue without real money: the stop and the tenure of the journal are all it takes."""

    stop: StopSignal
    has_tenure: HasTenure

    def refusal(self) -> str | None:
        """Why nothing may be sent now, or None."""
        if self.stop.is_raised():
            return "the kill switch is on"
        if not self.has_tenure():
            return "another process has taken the journal"
        return None


@dataclass(frozen=True, slots=True)
class LivePermit:
    """For real money and its rehearsal: beyond that, a grant, and a file that still allows it.

    `objection` reads what can be tightened while the trader runs; a file that cannot be read
    objects.
    """

    grant: Grant
    objection: Callable[[], str | None]
    stop: StopSignal
    has_tenure: HasTenure

    def refusal(self) -> str | None:
        """Why nothing may be sent now, or None."""
        return SimulatedPermit(self.stop, self.has_tenure).refusal() or self.objection()


@dataclass(frozen=True, slots=True)
class NoPermit:
    """For looking, cancelling and comparing: no order is sent."""

    stop: StopSignal
    has_tenure: HasTenure

    def refusal(self) -> str | None:
        """Why nothing may be sent now: always."""
        return "this command sends no order"
