"""What is told of runs, whatever struck in them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trader247.cli.views.simulate import tell, tell_scenario
from trader247.simulation.mishaps.faults import FAULTS
from trader247.simulation.mishaps.scenes.by_name import SCENARIOS
from trader247.simulation.outcome import Broken, RunOutcome, Total
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


def told_of(capsys: pytest.CaptureFixture[str]) -> str:
    """What was told, on one line."""
    return " ".join(capsys.readouterr().out.split())


def test_every_kind_of_fault_is_told_of_in_the_order_of_their_list(
    capsys: pytest.CaptureFixture[str],
) -> None:
    total = Total()
    total.add(outcome(dict.fromkeys(reversed(list(FAULTS)), 1)))
    total.add(outcome({"F48.kill": 2}))
    tell(total, Wanted((1,), 3_600_000_000), {})
    said = capsys.readouterr().out
    rows = [line.split() for line in said.splitlines() if line.split()[:1] and line[1:2] == "F"]
    assert [(row[0], int(row[1])) for row in rows] == [
        (id, 3 if id == "F48.kill" else 1) for id in FAULTS
    ]
    words = " ".join(" ".join(line.split()) for line in said.splitlines())
    assert FAULTS["F1"].doc in words
    assert "EVERY PROMISE HELD" in said


def test_where_time_was_short_it_is_said_how_much_was_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    total = Total()
    for seed, hours in ((1, 6), (2, 6), (3, 1)):
        total.add(replace(outcome({}), seed=seed, span_us=hours * 3_600_000_000))
    total.add(replace(outcome({}), tour="tour", span_us=99))
    tell(total, Wanted((1, 2, 3), 21_600_000_000, within_s=9), {})
    said = capsys.readouterr().out
    assert "13 h of 18 h asked for: 2 seeds of 6 h, 1 seed of 1 h" in said
    tell(total, Wanted((1, 2, 3), 21_600_000_000), {})
    assert "asked for" not in capsys.readouterr().out


def test_it_is_said_how_many_scenes_there_was_no_time_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    wanted = Wanted((1,), 21_600_000_000, within_s=9, tour=Scope.POINTS)
    names = [each for each in wanted.tasks if each.startswith("scene-")]
    total = Total()
    total.add(replace(outcome({}), tour=names[0]))
    tell(total, wanted, {})
    assert f"1 of {len(names)} scenes, no time for the others" in told_of(capsys)
    for name in names[1:]:
        total.add(replace(outcome({}), tour=name))
    tell(total, wanted, {})
    assert "scenes" not in capsys.readouterr().out


def test_what_was_run_is_counted_by_its_kind_and_the_speed_is_that_of_the_seeds(
    capsys: pytest.CaptureFixture[str],
) -> None:
    total = Total()
    tell(total, Wanted((1,), 1), {})
    assert "x real time" not in capsys.readouterr().out
    for tour in ("", "", "tour", "scene-late-parts"):
        total.add(replace(outcome({}), tour=tour, cpu_s=99.0 if tour else 1.5))
    tell(total, Wanted((1,), 1), {})
    said = capsys.readouterr().out
    assert "2 seeds, 1 scenario, 1 tour" in said
    assert "0.17 days; seeds at 2,400 x real time on one core" in said
    assert "240 cycles, 8 orders, 4 fills" in said


def test_what_broke_is_told_of_with_what_plays_it_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    total = Total()
    broke = (Broken("I1", 7, "over the limit"),)
    last = ({"at_us": 6, "kind": "order", "name": "x"},)
    run = replace(outcome({}), span_us=21_600_000_000, strength=40, broken=broke, last=last)
    total.add(run)
    wanted = Wanted((1,), 3_600_000_000, frozenset({"F7"}))
    tell(total, wanted, {1: "trader247 simulate --seeds 1 --days 0.01 --faults F7 --strength 40"})
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "seed 1: A PROMISE WAS BROKEN"
    assert "  I1 at 7 us: over the limit" in said
    assert "    6 order {'name': 'x'}" in said
    again = "  again:   trader247 simulate --seeds 1 --days 0.25 --faults F7 --strength 40"
    assert again in said
    assert "  smaller: trader247 simulate --seeds 1 --days 0.01 --faults F7 --strength 40" in said
    assert said[-1] == "1 RUN BROKE A PROMISE"
    total.add(replace(run, seed=2))
    tell(total, wanted, {})
    assert capsys.readouterr().out.splitlines()[-1] == "2 RUNS BROKE A PROMISE"


def test_every_scenario_has_its_word_beside_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    for each in SCENARIOS.values():
        tell_scenario({"name": each.name, "met": each.met, "here": each.here, "broken": []})
    heads = [line for line in capsys.readouterr().out.splitlines() if line[:1].strip()]
    assert [line.split() for line in heads] == [[name, "held"] for name in SCENARIOS]
    assert len({line.index(" held") for line in heads}) == 1, "in one column"
