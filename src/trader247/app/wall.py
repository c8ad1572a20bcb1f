"""The machine's time, for what stands outside the chain."""

from __future__ import annotations

from trader247.adapters.clock import SystemClock
from trader247.domain.time import Instant


def wall_clock() -> Instant:
    """Now, by the machine: no decision asks for it."""
    return SystemClock().now()
