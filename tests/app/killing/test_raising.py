"""Raising the kill switch: whatever else is broken, and with a word on what it proves."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

import pytest

from trader247.adapters.emergency import Emergency, EmergencyFile
from trader247.adapters.holder import LOCK, Holder
from trader247.adapters.instance_guard import InstanceGuard
from trader247.adapters.kill_switch import KillSwitch
from trader247.app.killing import proof
from trader247.app.killing.clearing import Cleared
from trader247.app.killing.proof import Proof
from trader247.app.killing.raising import KillOn, KillRaised, kill_on
from trader247.app.killing.target import AtVenue
from trader247.app.running.traders import registered, registry, running, trader_of
from trader247.domain.errors import StorageError
from trader247.domain.time import Instant

SINCE = "2026-01-05T00:00:00Z"
NOW = Instant.parse(SINCE)


def raised(
    data: Path,
    *,
    is_waited_for: bool = True,
    on_raised: Callable[[KillRaised], None] = lambda raised: None,
) -> KillOn:
    return kill_on(data, reason="a test", is_waited_for=is_waited_for, on_raised=on_raised)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def held(data: Path) -> Iterator[Path]:
    """A data folder in which this very process trades."""
    guard = InstanceGuard(data)
    guard.take(since=SINCE, book="paper-sim")
    yield data
    guard.release()


def test_a_living_traders_word_proves_it(held: Path) -> None:
    def obey(raised: KillRaised) -> None:
        assert KillSwitch(held).is_raised()
        assert raised.trader is not None
        assert raised.trader.book == "paper-sim"
        KillSwitch(held).acknowledge(at=NOW, is_clear=True)

    report = raised(held, on_raised=obey)

    assert report.proof is Proof.ACKNOWLEDGED
    assert report.is_proven
    assert report.raised.said.reason == "a test"


def test_the_wish_to_keep_sales_reaches_a_living_trader(held: Path) -> None:
    def obey(_: KillRaised) -> None:
        assert KillSwitch(held).keeps_sales()
        KillSwitch(held).acknowledge(at=NOW, is_clear=True, kept=2)

    report = kill_on(
        held,
        reason="a test",
        is_waited_for=True,
        on_raised=obey,
        at_venue=AtVenue(keeps_sales=True),
    )
    assert (report.proof, report.kept) == (Proof.ACKNOWLEDGED, 2)
    assert report.is_proven


@pytest.mark.parametrize("is_seen", [True, False])
def test_without_that_word_it_is_not_proven(
    is_seen: bool, held: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "ACKNOWLEDGED_WITHIN", timedelta(0))

    def see(raised: KillRaised) -> None:
        if is_seen:
            KillSwitch(held).acknowledge(at=NOW, is_clear=False)

    report = raised(held, on_raised=see)

    assert report.proof is Proof.UNPROVEN
    assert not report.is_proven


@pytest.mark.parametrize(
    ("book", "expected"), [("paper-sim", Proof.VENUE), ("live-sim", Proof.UNPROVEN)]
)
def test_an_empty_venue_proves_it_of_the_book_that_trades_there_alone(
    book: str, expected: Proof, held: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "ACKNOWLEDGED_WITHIN", timedelta(0))
    empty = Cleared(True, 0, 0, 0, 2, timedelta(0), "", "")
    venue = proof.VenueCleared("localhost", book, empty, "")
    switch, trader = KillSwitch(held), trader_of(held)
    assert trader is not None
    found = proof.proof_of(switch, held, trader, venue, None, is_waited_for=True)
    assert found is expected


@pytest.mark.parametrize(
    ("book", "expected"),
    [("live-coinbase", Proof.VENUE_UNPROVEN), ("paper-sim", Proof.VENUE), (None, Proof.VENUE)],
)
def test_an_empty_venue_proves_nothing_beside_a_trader_of_another_folder(
    book: str | None, expected: Proof, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """This switch does not stop it, and it may send to the same account."""
    empty = Cleared(True, 0, 0, 0, 2, timedelta(0), "", "")
    monkeypatch.setattr("trader247.app.killing.emergency.clear", lambda *_, **__: empty)
    named = AtVenue(key_file=tmp_path / "key.json", host="localhost:1")
    with ExitStack() as stack:
        if book is not None:
            other = Holder.this_process(since=SINCE, book=book)
            stack.enter_context(registered(other, tmp_path / "other"))
        report = kill_on(
            tmp_path / "data",
            reason="a test",
            is_waited_for=True,
            on_raised=lambda _: None,
            at_venue=named,
        )
    assert report.proof is expected
    assert [each.holder.book for each in report.running] == ([] if book is None else [book])


@pytest.mark.parametrize("is_listed", [True, False])
def test_the_switch_of_a_copied_folder_does_not_stop_the_trader_that_its_files_name(
    is_listed: bool, held: Path, tmp_path: Path
) -> None:
    """It looks at the switch of its own folder alone."""
    (held / "paper-sim.db").touch()
    copy = tmp_path / "copy"
    shutil.copytree(held, copy)
    with ExitStack() as stack:
        if is_listed:
            stack.enter_context(registered(Holder.this_process(since=SINCE), held))
        report = raised(copy)
    assert (report.proof, report.is_proven) == (Proof.ELSEWHERE, False)
    assert report.raised.trader is None
    assert [each.holder.pid for each in report.running] == [os.getpid()]
    assert [each.data for each in report.running] == [held if is_listed else None]


def test_a_trader_whose_lock_somebody_removed_is_still_that_of_its_folder(held: Path) -> None:
    with registered(Holder.this_process(since=SINCE), held):
        (held / LOCK).unlink()
        trader = trader_of(held)
    assert trader is not None
    assert trader.pid == os.getpid()


@pytest.mark.parametrize(
    ("portfolio", "expected"),
    [("P-1", Proof.ELSEWHERE), ("", Proof.ELSEWHERE), ("P-2", Proof.VENUE)],
)
def test_an_older_folder_of_the_account_does_not_stop_the_trader_of_another(
    portfolio: str, expected: Proof, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lays its stops anew at once, and buys."""
    empty = Cleared(True, 2, 0, 0, 2, timedelta(0), "P-1", "")
    monkeypatch.setattr("trader247.app.killing.emergency.clear", lambda *_, **__: empty)
    me = Holder.this_process(since=SINCE, book="live-sim")
    left = Emergency("localhost:1", "", "/key.json", "P-1", 30, replace(me, pid=2**22 + 1))
    EmergencyFile(data, left, now=lambda: NOW).close(is_cleared=True)
    other = tmp_path / "other"
    other.mkdir()
    its = EmergencyFile(other, replace(left, portfolio=portfolio, holder=me), now=lambda: NOW)
    with registered(me, other):
        report = raised(data)
    its.close(is_cleared=True)
    assert report.proof is expected
    assert [each.data for each in report.running] == ([other] * (expected is not Proof.VENUE))


def test_a_switch_that_is_turned_off_while_the_proof_is_waited_for_stops_nothing(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cleared(*_: object, **__: object) -> Cleared:
        KillSwitch(data).lower()
        return Cleared(True, 0, 0, 0, 2, timedelta(0), "", "")

    monkeypatch.setattr("trader247.app.killing.emergency.clear", cleared)
    named = AtVenue(key_file=data / "key.json", host="localhost:1")
    report = kill_on(
        data, reason="a test", is_waited_for=True, on_raised=lambda _: None, at_venue=named
    )
    assert (report.proof, report.is_proven) == (Proof.LOWERED, False)


def test_who_does_not_wait_proves_nothing(held: Path) -> None:
    report = raised(held, is_waited_for=False)

    assert report.proof is Proof.NOT_WAITED
    assert not report.is_proven


@pytest.mark.parametrize("content", [b"", b"no database at all" * 1000])
def test_a_journal_without_a_trader_is_for_the_next_start(content: bytes, data: Path) -> None:
    (data / "paper-sim.db").write_bytes(content)

    report = raised(data)

    assert report.proof is Proof.AT_NEXT_START
    assert report.is_proven
    assert KillSwitch(data).is_raised()


def test_a_folder_where_nothing_trades_is_said_and_stopped_all_the_same(tmp_path: Path) -> None:
    report = raised(tmp_path / "not" / "there")

    assert report.proof is Proof.NOTHING_HERE
    assert not report.is_proven
    assert KillSwitch(tmp_path / "not" / "there").is_raised()


def test_there_the_users_running_traders_are_named(data: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    with registered(Holder.this_process(since=SINCE, book="paper-sim"), other) as remark:
        assert remark == ""
        report = raised(data)
        assert [each.data for each in report.running] == [other]
        assert report.running[0].holder.book == "paper-sim"
    assert other not in [each.data for each in running()]


def test_a_dead_trader_is_not_listed_and_forgotten_by_the_next(tmp_path: Path) -> None:
    dead = replace(Holder.this_process(since=SINCE), started="1", pid=2**22 - 1)
    registry().mkdir(mode=0o700, parents=True, exist_ok=True)
    path = registry() / f"{dead.pid}.json"
    path.write_text(json.dumps({**asdict(dead), "data": str(tmp_path)}))

    assert tmp_path not in [each.data for each in running()]
    with registered(Holder.this_process(since=SINCE), tmp_path):
        assert not path.exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"pid": 1}', b"[" * 9000])
def test_a_listing_that_cannot_be_read_names_nobody(content: bytes) -> None:
    registry().mkdir(mode=0o700, parents=True, exist_ok=True)
    path = registry() / "1.json"
    path.write_bytes(content)
    try:
        assert all(each.holder.pid != 1 for each in running())
    finally:
        path.unlink()


def test_a_trader_that_cannot_be_listed_trades_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "state").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))

    with registered(Holder.this_process(since=SINCE), tmp_path) as remark:
        assert "not listed" in remark
    assert running() == ()


def test_a_relative_state_folder_is_ignored_as_its_specification_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "relative")

    assert registry() == Path.home() / ".local" / "state" / "trader247" / "running"


def test_raised_twice_it_is_one_stop(data: Path) -> None:
    first, second = raised(data), raised(data)

    assert (first.raised.was_on, second.raised.was_on) == (False, True)
    assert second.raised.said == first.raised.said
    assert second.raised.since == first.raised.since


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StorageError, match="cannot be made"):
        raised(tmp_path / "file" / "data")
