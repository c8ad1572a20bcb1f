"""A process that waits for what is past again and again is told of: it would never end."""

from __future__ import annotations

from dataclasses import dataclass

from trader247.domain.time import Instant
from trader247.simulation.world.clock import MachineClock
from trader247.simulation.world.timeline import Timeline

HOUR_US = 3_600_000_000
ROUNDS = 2_500


@dataclass
class Still:
    """A market in which time passes, and nothing else."""

    now_us: int = HOUR_US

    def drift(self, to_us: int) -> None:
        self.now_us = to_us


def rounds_with(step_us: int) -> int:
    """How often it was told that somebody is stuck, who waits so long each time."""
    told = 0

    def is_stuck() -> None:
        nonlocal told
        told += 1

    timeline = Timeline(Still())
    clock = MachineClock(timeline, on_wait=lambda: None, on_stuck=is_stuck)
    for _ in range(ROUNDS):
        clock.wait_until(Instant(timeline.now_us + step_us), lambda: False)
    return told


def test_who_waits_for_what_is_past_is_stuck() -> None:
    assert rounds_with(0) == 1
    assert rounds_with(-1) == 1


def test_who_lets_time_pass_is_not() -> None:
    assert rounds_with(1) == 0
