"""What goes wrong with the machine goes right again, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from trader247.simulation.clock import MachineClock
from trader247.simulation.dice import Dice
from trader247.simulation.machine import MachineMishaps
from trader247.simulation.timeline import Timeline

HOUR_US = 3_600_000_000
Deed = Callable[[MachineMishaps], None]


@dataclass
class Still:
    """A market in which time passes, and nothing else."""

    now_us: int = HOUR_US

    def drift(self, to_us: int) -> None:
        self.now_us = to_us


@pytest.mark.parametrize("meanwhile", [MachineMishaps.mend, MachineMishaps.wander])
@pytest.mark.parametrize("seed", range(4))
def test_a_clock_that_was_set_right_meanwhile_is_not_set_back_as_well(
    seed: int, meanwhile: Deed, tmp_path: Path
) -> None:
    timeline = Timeline(Still())
    clock = MachineClock(timeline, on_wait=lambda: None)
    machine = MachineMishaps(
        Dice(seed, "machine"),
        timeline,
        clock,
        tmp_path / "none.db",
        pass_by=lambda _: None,
        tell=lambda _: None,
    )
    machine.jump()
    assert clock.ahead_us != 0
    meanwhile(machine)
    timeline.run_to(6 * HOUR_US)
    assert clock.now().us == timeline.now_us
