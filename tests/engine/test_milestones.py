"""The process dies at each milestone by a real SIGKILL, or its disk breaks there; then recovers.

One story passes every milestone. A forked process tells it and ends where it should; the next one
starts on what is left, as a person would, and the books must agree to the last digit.
"""

from __future__ import annotations

import os
import shutil
import signal
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from tests.engine.disk import Breakage, BrokenFile, breakable
from tests.engine.stage import BTC, ETH, SOL, Stage
from tests.engine.told import LastingBoard
from tests.system import outsider

from trader247.adapters.coinbase import venue
from trader247.app.settings.load import Settings
from trader247.domain.errors import StorageError
from trader247.domain.milestones import Milestone
from trader247.domain.reasons import HaltName
from trader247.engine.startup import folded

pytestmark = pytest.mark.slow

ELSEWHERE = {
    Milestone.REQUEST_BEGUN,  # needs a wire
    Milestone.REQUEST_SENT,
    Milestone.BACKING_UP,  # needs hours
    Milestone.DISK_FAILED,  # needs a disk that fails
    Milestone.STRANGER_FOUND,  # needs a journal that lost its end
}
STORY = tuple(each for each in Milestone if each not in ELSEWHERE)
DONE, DISK_FAILED, BUG = 0, 8, 70


def story(stage: Stage) -> None:
    """Entries, fills, a stop, and a person who ends it all: every milestone, at least once."""
    stage.start()
    stage.entry(BTC)
    stage.dip(BTC, volume=20_000)
    stage.cycle()
    stage.dip(BTC)
    stage.breakout(ETH)
    stage.cycle()
    stage.fall("7", BTC)
    stage.cycle()
    stage.breakout(SOL)
    stage.cycle()
    stage.kill.path.touch()
    stage.trader.loop.run(cycles=1, until=None)
    stage.trader.close(is_clean=True)


@dataclass
class World:
    """A data folder on a market that goes on whoever dies."""

    data: Path
    settings: Settings
    patch: pytest.MonkeyPatch

    def stage(self) -> Stage:
        stage = Stage(self.data, self.settings, self.patch)
        stage.board = LastingBoard(self.data.parent / "told.pickle")
        return stage


def forked(act: Callable[[], None]) -> int:
    """Do it in a process of its own. Answers its exit code; the signal's, negative, if killed."""
    child = os.fork()
    if child == 0:
        code = BUG
        try:
            act()
            code = DONE
        except StorageError:
            code = DISK_FAILED
        except BaseException:  # noqa: BLE001 # the parent is told by the exit code
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.fixture
def world(
    tmp_path: Path, template: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    data = tmp_path / "data"
    shutil.copytree(template, data)
    monkeypatch.setattr(venue, "CANCELS_MAX", 1)
    with breakable(monkeypatch):
        yield World(data, settings, monkeypatch)


def told(world: World, at: Callable[[Milestone], None]) -> Callable[[], None]:
    def act() -> None:
        stage = world.stage()
        stage.passing = at
        story(stage)

    return act


def at_pass(
    milestone: Milestone, number: int, act: Callable[[], None]
) -> Callable[[Milestone], None]:
    """Let `act` happen when this milestone is passed for the `number`-th time."""
    seen: Counter[Milestone] = Counter()

    def passing(reached: Milestone) -> None:
        seen[reached] += 1
        if reached is milestone and seen[reached] == number:
            act()

    return passing


def kill_myself() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("milestone", STORY, ids=lambda each: each.value)
def test_killed_there_nothing_is_lost_and_nothing_doubled(
    world: World, milestone: Milestone
) -> None:
    code = forked(told(world, at_pass(milestone, 1, kill_myself)))
    assert code == -signal.SIGKILL, f"{milestone} was never passed"
    recovered(world)


# The second pass lies deep in the story: other orders, other fills, under a stop.
@pytest.mark.parametrize(
    "milestone",
    [
        Milestone.INTENT_COMMITTING,
        Milestone.ANSWER_ARRIVED,
        Milestone.ANSWER_READ,
        Milestone.FILL_WRITTEN,
    ],
    ids=lambda each: each.value,
)
def test_killed_there_later_in_the_story(world: World, milestone: Milestone) -> None:
    assert forked(told(world, at_pass(milestone, 2, kill_myself))) == -signal.SIGKILL
    recovered(world)


BEFORE_A_WRITE = (
    Milestone.DECIDED,
    Milestone.INTENT_WRITTEN,
    Milestone.INTENT_COMMITTING,
    Milestone.ANSWER_CLASSIFIED,
    Milestone.OUTCOME_WRITTEN,
    Milestone.FILLS_FETCHED,
    Milestone.FILL_WRITTEN,
    Milestone.FILL_BOOKED,
    Milestone.CANCEL_ANSWERED,
    Milestone.END_SEEN,
    Milestone.TABLES_MADE,
    Milestone.RECOVERING,
    Milestone.LEASE_TAKEN,
)


@pytest.mark.parametrize(
    ("milestone", "breakage"),
    [
        (milestone, breakage)
        for number, milestone in enumerate(BEFORE_A_WRITE)
        for breakage in (
            Breakage
            if milestone in (Milestone.DECIDED, Milestone.ANSWER_CLASSIFIED)
            else (tuple(Breakage)[number % 3],)
        )
    ],
    ids=str,
)
def test_where_the_disk_breaks_there_the_process_ends_and_the_next_one_recovers(
    world: World, milestone: Milestone, breakage: Breakage
) -> None:
    def break_disk() -> None:
        BrokenFile.breakage = breakage

    passed: Counter[Milestone] = Counter()
    breaks = at_pass(milestone, 1, break_disk)

    def at(reached: Milestone) -> None:
        passed[reached] += 1
        breaks(reached)

    def act() -> None:
        try:
            told(world, at)()
        except StorageError:
            assert BrokenFile.touches == 1, "a disk that failed is not asked again"
            assert passed[Milestone.DISK_FAILED] == 1 or milestone in BEFORE_THE_JOURNAL
            raise

    assert forked(act) == DISK_FAILED
    recovered(world)


BEFORE_THE_JOURNAL = (Milestone.TABLES_MADE,)


def test_killed_when_the_disk_fails(world: World) -> None:
    """CP28: nothing was said or done yet about a failed sync."""

    def at(reached: Milestone) -> None:
        if reached is Milestone.ANSWER_CLASSIFIED:
            BrokenFile.breakage = Breakage.SYNC
        elif reached is Milestone.DISK_FAILED:
            kill_myself()

    assert forked(told(world, at)) == -signal.SIGKILL
    recovered(world)


def test_killed_while_a_restored_journal_takes_its_orders_back(world: World) -> None:
    """CP29: the second start finishes what the first began, and sends no order."""

    def lose_the_end(stage: Stage) -> None:
        stage.start()
        stage.cycle()
        backup = stage.backed_up()
        stage.position(BTC)
        stage.entry(ETH)
        stage.go_back(backup)

    def act(number: int) -> None:
        stage = world.stage()
        if number == 1:
            lose_the_end(stage)
        stage.passing = at_pass(Milestone.STRANGER_FOUND, 2 if number == 1 else 1, kill_myself)
        stage.start()

    assert forked(partial(act, 1)) == -signal.SIGKILL
    assert forked(partial(act, 2)) == -signal.SIGKILL
    stage = world.stage()
    try:
        stage.start()
        assert stage.portfolio.positions[BTC].quantity.value == stage.held("BTC")
        stage.cycle(2)
        assert not stage.portfolio.working
        assert not stage.portfolio.differences
        assert {each["status"] for each in stage.orders} == {"FILLED", "CANCELLED"}
        assert len(stage.orders) == 2
    finally:
        stage.abandon()


def recovered(world: World) -> None:
    """Start again, let time pass, and hold both books against each other."""
    stage = world.stage()
    try:
        stage.start()
        sent = len(stage.orders)
        if stage.kill.is_raised():
            assert not [each for each in stage.orders if each["status"] == "OPEN"]
            stage.kill.lower()
        stage.unlock(HaltName.KILL_SWITCH)
        assert len(stage.orders) == sent, "a recovery sends no order"
        stage.settle()
        assert not stage.portfolio.working
        assert not stage.portfolio.differences
        assert not stage.portfolio.halts
        assert stage.portfolio == folded(stage.trader.journal)
        stage.assert_books_agree()
        assert outsider.disagreements(world.data) == []
    finally:
        stage.abandon()
