"""A disk that fails under the journal: nothing is sent that it does not know of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import apsw
import pytest
from tests.engine.faulty import CANCELS, ORDERS
from tests.engine.stage import BTC, ETH, Stage

from trader247.adapters.sqlite.journal import SqliteJournal
from trader247.domain.errors import StorageError
from trader247.domain.events import (
    AnyEvent,
    CancelRequested,
    CycleDecided,
    FillBooked,
    IntentRecorded,
    SubmissionSettled,
)


class BrokenFile(apsw.VFSFile):
    """The journal's file or one of its companions, once the disk is broken."""

    is_broken = False

    def xWrite(self, data: bytes, offset: int) -> None:
        _refuse()
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        _refuse()
        super().xSync(flags)


class BrokenDisk(apsw.VFS):
    """What the journal alone is put on."""

    def __init__(self) -> None:
        super().__init__("broken-disk", "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> BrokenFile:
        return BrokenFile("", name, flags)


def _refuse() -> None:
    if BrokenFile.is_broken:
        raise apsw.IOError("injected")


@pytest.fixture
def stage(open_stage: Callable[[], Stage], monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    vfs = BrokenDisk()
    monkeypatch.setattr(SqliteJournal, "open", partial(SqliteJournal.open, vfs="broken-disk"))
    opened = open_stage()
    try:
        yield opened
    finally:
        BrokenFile.is_broken = False
        opened.abandon()
        vfs.unregister()


def break_disk() -> None:
    BrokenFile.is_broken = True


def repair(stage: Stage) -> None:
    """Mend the disk, and start again as one has to."""
    BrokenFile.is_broken = False
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
