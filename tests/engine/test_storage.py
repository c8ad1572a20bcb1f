"""A disk that fails under the journal: nothing is sent that it does not know of."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from tests.engine.disk import Breakage, BrokenFile, breakable
from tests.engine.faulty import CANCELS, ORDERS
from tests.engine.stage import BTC, ETH, Stage

from trader247.domain.errors import StorageError
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.orders import (
    CancelRequested,
    FillBooked,
    IntentRecorded,
    SubmissionSettled,
)
from trader247.domain.events.recorded import AnyEvent


@pytest.fixture
def stage(open_stage: Callable[[], Stage], monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with breakable(monkeypatch):
        opened = open_stage()
        yield opened
        BrokenFile.breakage = None
        opened.abandon()


def break_disk() -> None:
    BrokenFile.breakage = Breakage.WRITE


def repair(stage: Stage) -> None:
    """Mend the disk, and start again as one has to."""
    BrokenFile.breakage = None
    stage.restart()


@pytest.mark.parametrize("kind", [CycleDecided, IntentRecorded])
def test_nothing_is_sent_that_the_disk_did_not_take(stage: Stage, kind: type[AnyEvent]) -> None:
    stage.breakout()
    stage.trap(kind, break_disk, is_before=True)
    with pytest.raises(StorageError):
        stage.cycle()
    assert stage.wire.lines(ORDERS) == []
    with pytest.raises(StorageError):
        stage.cycle()
    assert stage.wire.lines(ORDERS) == [], "a disk that failed once is not trusted again"

    repair(stage)
    stage.cycle()
    stage.assert_books_agree()


def test_an_order_whose_answer_the_disk_did_not_take_is_cancelled_and_found_at_the_start(
    stage: Stage,
) -> None:
    stage.breakout()
    stage.trap(SubmissionSettled, break_disk, is_before=True)
    with pytest.raises(StorageError):
        stage.cycle()
    assert len(stage.wire.lines(CANCELS)) == 1
    assert [each["status"] for each in stage.orders] == ["CANCELLED"]

    repair(stage)
    assert not stage.portfolio.working
    assert len(stage.wire.lines(ORDERS)) == 1
    stage.assert_books_agree()


def test_a_fill_that_the_disk_did_not_take_is_booked_once_at_the_start(stage: Stage) -> None:
    stage.entry()
    stage.dip()
    stage.trap(FillBooked, break_disk, is_before=True)
    with pytest.raises(StorageError):
        stage.cycle()
    assert BTC not in stage.portfolio.positions

    repair(stage)
    assert BTC in stage.portfolio.positions
    stage.cycle()
    assert stage.portfolio.fills_booked == 1
    stage.assert_books_agree()


def test_working_orders_are_asked_to_end_when_the_disk_fails_in_the_loop(stage: Stage) -> None:
    entry = stage.entry(ETH)
    stage.trap(CycleDecided, break_disk, is_before=True)
    with pytest.raises(StorageError):
        stage.trader.loop.run(cycles=3, until=None)

    assert stage.cancelled(entry)
    assert stage.told.codes[-1] == "storage", "no journal has it, and people hear of it"
    assert stage.told.codes.count("storage") == 1
    sent = len(stage.wire.lines(ORDERS))
    repair(stage)
    assert not stage.portfolio.working
    assert len(stage.wire.lines(ORDERS)) == sent
    stage.assert_books_agree()


def test_an_order_whose_cancel_could_not_be_recorded_is_cancelled_all_the_same(
    stage: Stage,
) -> None:
    entry = stage.entry(ETH)
    stage.trap(CancelRequested, break_disk, is_before=True)
    stage.kill.raise_(reason="", operator="", time="")
    with pytest.raises(StorageError):
        stage.trader.loop.run(cycles=3, until=None)

    assert stage.cancelled(entry)
    repair(stage)
    assert not stage.portfolio.working
