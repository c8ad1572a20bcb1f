"""Each seed gets its fair share of the seconds that are left, and never less than a quarter."""

from __future__ import annotations

from dataclasses import replace

from tests.simulation.test_telling import outcome

from trader247.simulation.pacing import Pace
from trader247.simulation.running import _Tasks
from trader247.simulation.wanted import Scope, Wanted

HOUR_US = 3_600_000_000
SIX_US = 6 * HOUR_US
PEACE_US = 600_000_000


class Machine:
    """One on which a simulated hour takes so many seconds, with a process for each task."""

    def __init__(self, seconds_an_hour: float) -> None:
        self.now_s = 100.0
        self._seconds_an_hour = seconds_an_hour

    def run(self, count: int, seconds: float | None, *, jobs: int = 2) -> list[int]:
        """How many quarters each of so many seeds ran, in the order in which they began."""
        pace = Pace(SIX_US, seconds, jobs=jobs, count=count, now_s=lambda: self.now_s)
        spans: list[int] = []
        doing: list[tuple[float, str, int]] = []
        while len(spans) < count or doing:
            if len(spans) < count and len(doing) < jobs:
                name = str(len(spans))
                spans.append(pace.begin(name))
                took_s = (spans[-1] + PEACE_US) / HOUR_US * self._seconds_an_hour
                doing.append((self.now_s + took_s, name, spans[-1] + PEACE_US))
                continue
            self.now_s, name, lived_us = min(doing)
            doing.remove((self.now_s, name, lived_us))
            pace.end(name, replace(outcome({}), lived_us=lived_us))
        return [span * 4 // SIX_US for span in spans]


def test_where_nobody_waits_all_are_run_in_full() -> None:
    assert Machine(100).run(24, None) == [4] * 24


def test_a_machine_that_is_fast_enough_runs_all_in_full() -> None:
    machine = Machine(3)
    assert machine.run(24, 300) == [4] * 24
    assert machine.now_s < 400


def test_a_slower_one_runs_what_there_is_time_for_and_ends_in_time() -> None:
    machine = Machine(8)
    quarters = machine.run(24, 300)
    assert min(quarters) >= 1
    assert 24 < sum(quarters) < 96
    assert 380 < machine.now_s < 410


def test_however_slow_it_is_a_quarter_of_each_is_run() -> None:
    """But for what began before anybody knew how slow it is."""
    assert Machine(500).run(24, 300)[2:] == [1] * 22


def test_a_tour_under_way_takes_its_part_of_the_time_and_tells_nothing_of_seeds() -> None:
    now_s = [0.0]
    pace = Pace(SIX_US, 44, jobs=2, count=2, now_s=lambda: now_s[0])
    assert pace.begin("tour") == SIX_US
    # Of 88 seconds the tour will take some 22: the first of two has as much as it wants.
    assert pace.begin("7") == SIX_US
    now_s[0] = 20.0
    pace.end("tour", replace(outcome({}), tour="tour", lived_us=1))
    # Of the 48 that are left two are for the other one.
    assert pace.begin("8") == SIX_US
    late = Pace(SIX_US, 20, jobs=2, count=2, now_s=lambda: 0.0)
    late.begin("tour")
    assert late.begin("7") < SIX_US


def test_a_scene_finds_no_room_once_the_seeds_need_what_is_left_for_a_quarter_of_each() -> None:
    now_s = [0.0]
    pace = Pace(SIX_US, 300, jobs=2, count=24, now_s=lambda: now_s[0])
    # A quarter of each with its peace is 40 hours: 144 seconds of one process, it is thought.
    for now_s[0], has_room in ((0.0, True), (227.0, True), (229.0, False), (400.0, False)):
        assert pace.has_room(0) is has_room
    assert Pace(SIX_US, None, jobs=2, count=24, now_s=lambda: 1e9).has_room(0)


def test_a_long_scene_begins_while_its_own_time_is_left_besides_and_keeps_short_ones_off() -> None:
    """Two that lasted a simulated day began so late that all was over a minute and a half late."""
    now_s, day_us = [0.0], 24 * HOUR_US
    pace = Pace(SIX_US, 300, jobs=2, count=24, now_s=lambda: now_s[0])
    for now_s[0], has_room in ((180.0, True), (185.0, False)):
        assert pace.has_room(day_us) is has_room  # 87 seconds of one process, and 144 for the seeds
    now_s[0] = 150.0
    assert pace.begin("scene-slept-a-day", day_us) == day_us
    for now_s[0], has_room in ((160.0, True), (170.0, True), (215.0, True), (225.0, False)):
        assert pace.has_room(0) is has_room
    now_s[0] = 180.0
    assert not pace.has_room(day_us), "of two such the second one waits for another time"
    now_s[0] = 330.0
    pace.end("scene-slept-a-day", replace(outcome({}), lived_us=day_us))
    assert not Pace(SIX_US, 60, jobs=2, count=1, now_s=lambda: 0.0).has_room(day_us)


def test_scenes_that_take_longer_than_was_thought_make_the_next_ones_longer() -> None:
    now_s = [0.0]
    pace = Pace(SIX_US, 600, jobs=2, count=24, now_s=lambda: now_s[0])
    pace.begin("scene-storm", HOUR_US)
    now_s[0] = 42.0  # 4.2 seconds were thought
    pace.end("scene-storm", replace(outcome({}), lived_us=HOUR_US + PEACE_US))
    assert not pace.has_room(0), "ten times as much for the seeds, too"


def test_a_scene_that_there_is_no_time_for_is_left_out_and_no_seed_is() -> None:
    tasks = _Tasks(Wanted(tuple(range(24)), SIX_US, jobs=2, tour=Scope.POINTS, within_s=1))
    handed = []
    while tasks:
        handed.append(tasks.next()[0])
    assert handed == ["tour", *map(str, range(24))]
