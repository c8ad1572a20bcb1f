"""A tour comes to every point three times, also to those that only a start passes."""

from __future__ import annotations

import pytest

from trader247.domain.milestones import Milestone
from trader247.simulation.death import Cause, Death
from trader247.simulation.sweep import DISK, NETWORK, Sweep
from trader247.simulation.tour import ELSEWHERE, HOWS, Tour

MINUTE_US = 60_000_000
A_START = (Milestone.TABLES_MADE, Milestone.LEASE_TAKEN, Milestone.RECOVERING)
A_CYCLE = tuple(
    each
    for each in Milestone
    if each not in {*A_START, *ELSEWHERE, Milestone.CHECKPOINT_DUE, Milestone.DISK_FAILED}
)


class Life:
    """A trader that passes its points in their order, and starts again whenever it ended."""

    def __init__(self) -> None:
        self.now_us = 0
        self.is_ending = False
        self.is_alive = True
        self.deaths: list[tuple[Cause, str]] = []
        self.tour = Tour(self)

    def die(self, cause: Cause, where: str) -> None:
        self.deaths.append((cause, where))
        raise Death(cause, where)

    def terminate(self) -> None:
        self.is_ending = True

    def raise_switch(self) -> None:
        """Nothing of it matters here."""

    def cut_off(self, span_us: int) -> None:
        """Nor of this."""

    def live(self) -> None:
        try:
            self._pass(*A_START)
            while not self.is_ending:
                self.now_us += MINUTE_US
                self._pass(*A_CYCLE)
            self._pass(Milestone.CHECKPOINT_DUE)
        except Death:
            pass
        self.is_ending = False
        self.now_us += 10_000_000

    def _pass(self, *milestones: Milestone) -> None:
        for each in milestones:
            self.tour.passing(each)
            if self.tour.touch(1):
                # A disk that fails ends it too.
                self.tour.passing(Milestone.DISK_FAILED)
                raise Death(Cause.KILLED, "its disk failed")


def test_every_point_is_visited_in_every_way() -> None:
    life = Life()
    for _ in range(1_000):
        if life.tour.is_over:
            break
        life.live()
    assert life.tour.left == []
    assert life.tour.visits == len(HOWS) * (len(Milestone) - len(ELSEWHERE))
    killed = {where for cause, where in life.deaths if cause is Cause.KILLED}
    assert killed == {each.value for each in Milestone if each not in ELSEWHERE}


def test_what_was_not_come_to_is_said() -> None:
    tour = Tour(Life(), sweeps=[Sweep("submit", ["error"])])
    assert "CP27 power" in tour.left
    assert "submit error" in tour.left
    assert not tour.is_over


def submitted(sweep: Sweep, *, is_sent: bool = True) -> str | None:
    """An order's way: three changes of files, a request, and what struck."""
    sweep.passing(Milestone.DECIDED)
    kinds = (DISK, DISK, NETWORK, DISK) if is_sent else (DISK,)
    for kind in kinds:
        if kind is NETWORK:
            sweep.passing(Milestone.REQUEST_BEGUN)
        how = sweep.strikes(kind, is_due=True)
        if how is not None:
            return how
    sweep.passing(Milestone.OUTCOME_RECORDED)
    return None


def test_each_operation_is_struck_in_turn_until_a_stretch_is_passed_clean() -> None:
    sweep = Sweep("submit", ["error", "cut", "kill"])
    struck = [submitted(sweep) for _ in range(11)]
    assert struck == [*["error"] * 3, None, "cut", None, *["kill"] * 4, None]
    assert sweep.struck == {"error": 3, "cut": 1, "kill": 4}
    assert sweep.how is None


def test_an_order_that_never_left_is_no_clean_passage() -> None:
    sweep = Sweep("submit", ["cut"])
    assert submitted(sweep, is_sent=False) is None
    assert sweep.how == "cut"
    assert submitted(sweep) == "cut"


def test_a_sweep_ends_early_where_only_the_first_operations_are_asked_for() -> None:
    sweep = Sweep("submit", ["error", "kill"], most=2)
    assert [submitted(sweep) for _ in range(4)] == ["error", "error", "kill", "kill"]
    assert sweep.how is None


@pytest.mark.parametrize("how", ["full", "kill"])
def test_a_journal_whose_making_was_struck_is_made_again_in_another_run(how: str) -> None:
    """It may be there all the same: no later process of the run makes one then, or is struck."""
    sweep = Sweep("migrate", [how])
    sweep.begin()
    assert sweep.strikes(DISK, is_due=True) == how
    sweep.begin()
    assert sweep.strikes(DISK, is_due=True) is None
    assert sweep.how is None
    assert sweep.is_cut_short
    again = Sweep("migrate", [how], nth=2)
    again.begin()
    assert again.strikes(DISK, is_due=True) is None
    again.passing(Milestone.LEASE_TAKEN)
    assert again.how is None
    assert not again.is_cut_short
