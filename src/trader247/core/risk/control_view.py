"""One control as a person sees it: its limit, its present value, and what is left."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from enum import Enum

from trader247.core.risk.check import figure
from trader247.domain.dataclass import dataclass
from trader247.domain.money import CONTEXT
from trader247.domain.time import SECOND, Instant

WARN_SHARE = Decimal("0.8")
"""A control warns from this share of its limit."""


class ControlState(Enum):
    """TRIPPED forbids entries now; UNKNOWN does too, because unknown is never zero."""

    OK = "ok"
    WARN = "warn"
    TRIPPED = "tripped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ControlView:
    """A control's present standing; figures are decimal text in `unit`.

    `value` is None where it is unknown, and where the control measures each order and none is
    there to measure: `state` tells the two apart. `age_s` is the age of its inputs in seconds,
    None where there are none.
    """

    id: str
    row: int
    limit: str
    value: str | None
    headroom: str | None
    unit: str
    state: ControlState
    age_s: int | None


@dataclass(frozen=True, slots=True)
class Meter:
    """Something that is counted or measured against a most: at or over it, it is tripped.

    `is_tripped` overrides that where a limit may be reached without harm, or stands latched.
    """

    id: str
    row: int
    value: Decimal | None
    limit: Decimal
    unit: str
    is_tripped: bool | None = None

    def view(self, age_s: int | None) -> ControlView:
        """The standing, with what is left to the limit."""
        if self.value is None:
            state = ControlState.TRIPPED if self.is_tripped else ControlState.UNKNOWN
            return ControlView(
                self.id, self.row, figure(self.limit), None, None, self.unit, state, age_s
            )
        left = CONTEXT.subtract(self.limit, self.value)
        return ControlView(
            self.id,
            self.row,
            figure(self.limit),
            figure(self.value),
            figure(left),
            self.unit,
            self._state(self.value),
            age_s,
        )

    def _state(self, value: Decimal) -> ControlState:
        is_tripped = value >= self.limit if self.is_tripped is None else self.is_tripped
        if is_tripped:
            return ControlState.TRIPPED
        is_near = value > 0 and value >= CONTEXT.multiply(self.limit, WARN_SHARE)
        return ControlState.WARN if is_near else ControlState.OK


def age_seconds(since: Instant | None, now: Instant) -> int | None:
    """Whole seconds since an input was read; None where it never was."""
    return None if since is None else max(now - since, timedelta(0)) // SECOND
