"""What is played beside many seeds: whoever runs two hundred has met every scenario."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from trader247.simulation.mishaps.scenes.by_name import SCENARIOS
from trader247.simulation.wanted import MANY, Wanted

BESIDES = {"tour", *(f"scene-{name}" for name in SCENARIOS)}


def wanted(first: int, count: int) -> Wanted:
    return Wanted(tuple(range(first, first + count)), 1)


def test_two_hundred_seeds_meet_the_points_and_each_scenario_once() -> None:
    for first in (0, 7, 139_000):
        tasks = wanted(first, 200).tasks
        counts = Counter(each for each in tasks if not each.isdecimal())
        assert counts == Counter(BESIDES)
        assert [int(each) for each in tasks if each.isdecimal()] == list(range(first, first + 200))


def test_two_dozen_meet_one_each_and_the_next_two_dozen_others() -> None:
    here, next_ones = (
        [each for each in wanted(first, MANY).tasks if not each.isdecimal()] for first in (0, MANY)
    )
    assert len(here) == len(next_ones) == MANY
    assert not {*here} & {*next_ones}


def test_each_comes_before_its_seed_so_that_no_run_ends_without_one() -> None:
    tasks = wanted(3, MANY).tasks
    assert all(task.isdecimal() for task in tasks[1::2])
    assert not any(task.isdecimal() for task in tasks[::2])


def test_who_runs_a_few_or_names_faults_or_has_no_time_asks_for_the_seeds_alone() -> None:
    seeds = tuple(map(str, range(MANY)))
    assert wanted(0, MANY - 1).tasks == seeds[:-1]
    assert replace(wanted(0, MANY), faults=frozenset()).tasks == seeds
    assert replace(wanted(0, MANY), within_s=60).tasks == seeds
