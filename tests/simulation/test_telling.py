"""What is told of runs, whatever struck in them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trader247.cli.commands.simulate import _tell
from trader247.simulation.mishaps.faults import FAULTS
from trader247.simulation.outcome import RunOutcome, Total
from trader247.simulation.wanted import Scope, Wanted


def outcome(faults: dict[str, int]) -> RunOutcome:
    return RunOutcome(
        seed=1,
        span_us=3_600_000_000,
        lived_us=3_600_000_000,
        digest="0",
        orders=2,
        fills=1,
        cycles=60,
        starts=1,
        crashes=0,
        recoveries=1,
        worst_recovery_us=100_000,
        records=10,
        cpu_s=1.5,
        chosen=tuple(faults),
        faults=faults,
        milestones={},
        ends={"ended": 1},
    )


def test_every_kind_of_fault_is_told_of_in_the_order_of_their_list(
    capsys: pytest.CaptureFixture[str],
) -> None:
    total = Total()
    total.add(outcome(dict.fromkeys(reversed(list(FAULTS)), 1)))
    total.add(outcome({"F48.kill": 2}))
    _tell(total, Wanted((1,), 3_600_000_000), {})
    said = capsys.readouterr().out
    (line,) = (each for each in said.splitlines() if each.startswith("  faults "))
    told = line.removeprefix("  faults ").split(", ")
    assert told == [f"{id} {3 if id == 'F48.kill' else 1}" for id in FAULTS]
    assert "EVERY PROMISE HELD" in said


def test_where_time_was_short_it_is_said_how_much_was_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    total = Total()
    for seed, hours in ((1, 6), (2, 6), (3, 1)):
        total.add(replace(outcome({}), seed=seed, span_us=hours * 3_600_000_000))
    total.add(replace(outcome({}), tour="tour", span_us=99))
    _tell(total, Wanted((1, 2, 3), 21_600_000_000, within_s=9), {})
    lines = capsys.readouterr().out.splitlines()
    at = lines.index("  ran 13 h of 18 h asked for:")
    assert lines[at + 1 : at + 3] == ["  2 seeds of 6 h", "  1 seed of 1 h"]
    _tell(total, Wanted((1, 2, 3), 21_600_000_000), {})
    assert "asked for" not in capsys.readouterr().out


def test_it_is_said_how_many_scenes_there_was_no_time_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    wanted = Wanted((1,), 21_600_000_000, within_s=9, tour=Scope.POINTS)
    names = [each for each in wanted.tasks if each.startswith("scene-")]
    total = Total()
    total.add(replace(outcome({}), tour=names[0]))
    _tell(total, wanted, {})
    line = f"  1 of {len(names)} scenes: there was no time for the others"
    assert line in capsys.readouterr().out.splitlines()
    for name in names[1:]:
        total.add(replace(outcome({}), tour=name))
    _tell(total, wanted, {})
    assert "scenes" not in capsys.readouterr().out


def test_what_was_run_is_counted_by_its_kind_and_the_speed_is_that_of_the_seeds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    total = Total()
    _tell(total, Wanted((1,), 1), {})
    assert "x real time" not in capsys.readouterr().out
    for tour in ("", "", "tour", "scene-late-parts"):
        total.add(replace(outcome({}), tour=tour, cpu_s=99.0 if tour else 1.5))
    _tell(total, Wanted((1,), 1), {})
    said = capsys.readouterr().out
    assert "2 seeds, 1 scenario, 1 tour, 0.17 simulated days" in said
    assert "cycles 240; seeds at 2400 x real time" in said
