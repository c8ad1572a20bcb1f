"""Lowering the kill switch: the file is the stop, and the journal remembers it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import apsw
import pytest
from tests.app.controls.test_report import with_events
from tests.app.small_books import copied

from trader247.adapters.inbox import Answer
from trader247.adapters.instance_guard import InstanceGuard
from trader247.adapters.kill_switch import KillSwitch
from trader247.app.killing.halted import halted_books
from trader247.app.killing.releasing import kill_off, kill_status
from trader247.app.people import asking
from trader247.domain.errors import ChainBroken, NotAllowed, StorageError
from trader247.domain.events.halts import HaltLatched
from trader247.domain.reasons import HaltName
from trader247.ports import CommandKind

LATCHED = HaltLatched(HaltName.KILL_SWITCH, "a test")


@pytest.fixture
def data(traded: Path, tmp_path: Path) -> Path:
    return copied(traded, tmp_path / "data")


@pytest.fixture
def killed(data: Path) -> Path:
    """A book whose trader saw the switch, and the switch."""
    with_events(data, LATCHED)
    raise_(data)
    return data


def raise_(data: Path) -> None:
    KillSwitch(data).raise_(reason="a test", operator="me", time="2026-01-05T00:00:00Z")


def names(data: Path) -> list[str]:
    return [halt.name for book in halted_books(data) for halt in book.halts]


def test_where_nobody_trades_it_is_lowered_and_its_halt_cleared(killed: Path) -> None:
    report = kill_off(killed, reason="mended")

    assert report.was_on
    assert len(report.outcomes) == 1
    assert names(killed) == []
    assert kill_status(killed).is_clear
    assert not InstanceGuard(killed).is_held()


def test_another_halt_stands_and_is_named(killed: Path) -> None:
    with_events(killed, HaltLatched(HaltName.PAUSE, "lunch"))

    report = kill_off(killed, reason="")

    assert "still halted by: pause" in report.outcomes[0]
    assert names(killed) == ["pause"]


def test_a_file_that_is_removed_by_hand_leaves_the_halt(killed: Path) -> None:
    KillSwitch(killed).path.unlink()

    status = kill_status(killed)
    assert not status.is_on
    assert not status.is_clear
    assert status.books[0].is_kill_latched

    assert not kill_off(killed, reason="").was_on
    assert kill_status(killed).is_clear


def test_a_switch_that_nobody_saw_leaves_nothing_to_clear(data: Path) -> None:
    raise_(data)
    before = (data / "paper-sim.db").read_bytes()

    report = kill_off(data, reason="")

    assert (report.was_on, report.outcomes) == (True, ())
    assert (data / "paper-sim.db").read_bytes() == before


def test_a_journal_that_cannot_be_read_keeps_trading_halted(killed: Path) -> None:
    (killed / "paper-sim.db").write_bytes(b"no database at all" * 1000)

    status = kill_status(killed)
    assert status.books[0].is_kill_latched is None
    assert status.books[0].trouble
    with pytest.raises(ChainBroken, match="the switch is off, but trading stays halted"):
        kill_off(killed, reason="")
    assert not kill_status(killed).is_clear


def test_a_halt_that_nobody_knows_of_is_not_promised(data: Path) -> None:
    """Nobody saw the switch, and the journal cannot be read now: nothing may halt afterwards."""
    raise_(data)
    with closing(apsw.Connection(str(data / "paper-sim.db"))) as written:
        written.execute("PRAGMA user_version=99")

    with pytest.raises(StorageError, match="whether a journal remembers it is not known") as told:
        kill_off(data, reason="")

    assert "stays halted" not in str(told.value)
    assert not KillSwitch(data).is_raised()
    assert kill_status(data).books[0].is_kill_latched is None


def test_a_folder_without_a_book_is_lowered_too(tmp_path: Path) -> None:
    raise_(tmp_path)

    assert kill_off(tmp_path, reason="").was_on
    assert kill_status(tmp_path).is_clear


def test_a_broken_configuration_does_not_keep_it_on(
    killed: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "app.yaml").write_text("{broken")
    monkeypatch.chdir(tmp_path)

    kill_off(killed, reason="")

    assert kill_status(killed).is_clear


@pytest.fixture
def held(killed: Path) -> Iterator[Path]:
    guard = InstanceGuard(killed)
    guard.take(since="2026-01-05T00:00:00Z", book="paper-sim")
    yield killed
    guard.release()


def test_a_running_trader_is_asked_once_the_switch_is_off(
    held: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[CommandKind, Mapping[str, str]]] = []

    def answer(data: Path, kind: CommandKind, arguments: Mapping[str, str], **_: Any) -> Answer:
        assert not KillSwitch(data).is_raised()
        asked.append((kind, arguments))
        return Answer(True, "cleared")

    monkeypatch.setattr(asking, "ask", answer)

    assert kill_off(held, reason="mended").outcomes == ("cleared",)
    assert asked[0][0] is CommandKind.RELEASE_KILL
    assert asked[0][1]["reason"] == "mended"


def test_a_trader_that_says_no_keeps_trading_halted(
    held: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "ask", lambda *_, **__: Answer(False, "not now"))

    with pytest.raises(NotAllowed, match="trading stays halted: not now"):
        kill_off(held, reason="")


def test_a_switch_that_a_silent_trader_never_saw_is_not_said_to_halt_it(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was stopped by a signal while the switch was on, and goes on once it moves again."""
    raise_(data)
    monkeypatch.setattr(asking, "ANSWERED_WITHIN", timedelta(0))
    monkeypatch.setattr(asking, "ask", lambda *_, **__: None)
    guard = InstanceGuard(data)
    guard.take(since="2026-01-05T00:00:00Z", book="paper-sim")
    with pytest.raises(NotAllowed, match="no journal remembers it") as told:
        kill_off(data, reason="")
    guard.release()
    assert "stays halted" not in str(told.value)
