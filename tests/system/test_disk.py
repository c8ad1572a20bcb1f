"""A disk that is full, a folder that is not ours, files that somebody damaged."""

from __future__ import annotations

import json
import os
import resource
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.system import outsider
from tests.system.conftest import Judged
from tests.system.program import Ended, environment, trader247

pytestmark = pytest.mark.slow

JOURNAL, EXCHANGE = "paper-sim.db", "paper-sim.exchange.db"


def run(data: Path, *more: object, before: Callable[[], None] | None = None) -> Ended:
    return trader247(
        "run", "--data", data, "--speed", "max", "--interval", 30, *more, before=before
    )


def no_file_above(size: int) -> Callable[[], None]:
    """Every write past `size` fails from here on, in this process."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("size", [30_000, 600_000])
def test_a_disk_that_fills_up_ends_the_run_and_loses_nothing(
    book: Path, judged: Judged, size: int
) -> None:
    ended = run(book, "--cycles", 3000, before=no_file_above(size))
    assert ended.code == 8, ended.err
    assert "error:" in ended.err
    assert "hint:" in ended.err
    assert outsider.disagreements(book, is_settled=False) == []
    assert run(book, "--cycles", 2).code == 0
    judged(book)


def test_a_disk_full_from_the_start_is_said_and_leaves_a_book_that_can_be_made(
    tmp_path: Path, judged: Judged
) -> None:
    for size in (0, 4_000_000):
        ended = run(tmp_path / "data", "--cycles", 1, before=no_file_above(size))
        assert ended.code == 8, ended.err
        assert "error:" in ended.err
    assert run(tmp_path / "data", "--cycles", 5).code == 0
    judged(tmp_path / "data")


def test_a_folder_that_everyone_may_write_to_is_refused(book: Path) -> None:
    book.chmod(0o777)
    ended = run(book, "--cycles", 1)
    assert ended.code == 9
    assert "chmod 700" in ended.err


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_another_user_is_refused(book: Path) -> None:
    os.chown(book, 12_345, -1)
    assert run(book, "--cycles", 1).code == 9


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no folder")
    assert run(tmp_path / "data", "--cycles", 1).code == 8


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    ended = run(closed / "data", "--cycles", 1)
    assert ended.code == 8
    assert "Permission denied" in ended.err


def emptied(data: Path, name: str) -> None:
    (data / name).write_bytes(b"")


def halved(data: Path, name: str) -> None:
    os.truncate(data / name, (data / name).stat().st_size // 2)


def beheaded(data: Path, name: str) -> None:
    (data / name).write_bytes(b"hello world\n" * 1000)


def removed(data: Path, name: str) -> None:
    (data / name).unlink()


def replaced(data: Path, name: str) -> None:
    (data / name).unlink()
    connection = sqlite3.connect(data / name)
    connection.execute("CREATE TABLE mine (a)")
    connection.close()


def folded(data: Path, name: str) -> None:
    (data / name).unlink()
    (data / name).mkdir()


# Half of an exchange's file is left out: what is cut off there may be minutes long past.
@pytest.mark.parametrize(
    ("damage", "name"),
    [
        *((each, JOURNAL) for each in (emptied, halved, beheaded, removed, replaced, folded)),
        *((each, EXCHANGE) for each in (emptied, beheaded, removed, replaced, folded)),
    ],
)
def test_a_damaged_book_is_refused_with_the_file_and_what_to_do(
    book: Path, damage: Callable[[Path, str], None], name: str
) -> None:
    damage(book, name)
    ended = run(book, "--cycles", 1)
    assert ended.code == 8, ended.err
    assert "paper-sim" in ended.err or "journal" in ended.err
    assert "hint:" in ended.err


@pytest.mark.parametrize(
    ("stored", "said"),
    [("text", "event {seq}"), ("blob", "the event after {before} was changed")],
    ids=["plain", "packed"],
)
def test_a_changed_past_is_refused_by_run_and_by_verify(book: Path, stored: str, said: str) -> None:
    connection = sqlite3.connect(book / JOURNAL)
    connection.execute("DROP TRIGGER events_no_update")
    ((seq,),) = connection.execute(
        "SELECT max(seq) FROM events WHERE typeof(payload) = ? AND seq < 20", (stored,)
    )
    connection.execute(
        "UPDATE events SET payload = replace(payload, '0', '1') || '1' WHERE seq = ?", (seq,)
    )
    connection.execute("DELETE FROM anchor")
    connection.commit()
    connection.close()
    assert run(book, "--cycles", 1).code == 8
    verified = trader247("state", "verify", "--data", book)
    assert verified.code != 0
    told = " ".join((verified.err + verified.out).split())
    assert said.format(seq=seq, before=seq - 1) in told


def test_garbage_beside_the_book_stops_nothing(book: Path, judged: Judged) -> None:
    (book / "heartbeat.json").write_bytes(b"\xff\x00{")
    (book / "trader247.holder.json").write_text('{"pid": "x", "boot": []}')
    (book / "inbox" / "a.request.json").write_bytes(b"\xff")
    (book / "inbox" / "b.request.json").write_text("[]")
    (book / "inbox" / "nothing").write_text("x")
    for command in (["status"], ["health"], ["unlock"]):
        assert trader247(*command, "--data", book).code in (0, 1)
    assert run(book, "--cycles", 2).code == 0
    judged(book)


def test_market_files_that_say_nothing_are_refused(book: Path) -> None:
    for content in ("[]", json.dumps({"seed": -1, "start": "2026-01-05T00:00:00Z"})):
        (book / "paper-sim.market.json").write_text(content)
        ended = run(book, "--cycles", 1)
        assert ended.code == 8, ended.err
        assert "paper-sim.market.json" in ended.err


def test_kill_on_works_where_all_else_is_broken(book: Path) -> None:
    for name in (JOURNAL, EXCHANGE):
        beheaded(book, name)
    shutil.rmtree(book / "inbox")
    (book / "trader247.holder.json").write_bytes(b"\xff")
    broken = environment(TRADER247_CONFIG=str(book / "none"))
    ended = trader247("kill", "on", "--data", book, "--reason", "odd", environ=broken)
    assert ended.code in (0, 7), ended.err
    assert (book / "KILL_SWITCH").exists()


@pytest.fixture(scope="module")
def gone_on(traded: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book a little later: with a log that the last run left."""
    data = Path(shutil.copytree(traded, tmp_path_factory.mktemp("later") / "data"))
    assert run(data, "--cycles", 2).code == 0
    return data


READERS = ("status", "state show", "state show events", "risk status", "state verify", "orders")


@pytest.mark.parametrize("reader", [*READERS, "why BTC-USD", "monitor --once", "sim show orders"])
def test_a_book_on_a_full_disk_is_read_as_ever(gone_on: Path, tmp_path: Path, reader: str) -> None:
    """Reading takes an index beside the log: no more than 32 kB, and more than there is."""
    book = Path(shutil.copytree(gone_on, tmp_path / "data"))
    asked = ("--data", book)
    whole = trader247(*reader.split(), *asked)
    assert whole.code in (0, 1), whole.err
    for room in (16_384, 1, 0):
        full = trader247(*reader.split(), *asked, before=no_file_above(room))
        assert (full.code, len(full.out.splitlines())) == (whole.code, len(whole.out.splitlines()))
        assert full.err == whole.err
    assert run(book, "--cycles", 1).code == 0
    assert outsider.disagreements(book, is_settled=False) == []


def test_a_log_that_no_index_has_room_for_is_not_passed_over(book: Path) -> None:
    """What is in the log alone would be missing from what is told."""
    with sqlite3.connect(book / JOURNAL) as journal:
        journal.execute("PRAGMA wal_autocheckpoint=0")
        log = f"{JOURNAL}-wal"
        journal.execute("CREATE TABLE later(x)")
        journal.commit()
        kept = (book / log).read_bytes()
        assert kept
    journal.close()
    (book / log).write_bytes(kept)
    ended = trader247("status", "--data", book, before=no_file_above(16_384))
    assert ended.code == 8
    assert "full or failing" in ended.err
    assert "free space" in ended.err
