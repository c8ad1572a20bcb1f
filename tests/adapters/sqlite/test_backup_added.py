"""Backups that add to those before: what an hour costs, and what no failure takes away."""

from __future__ import annotations

import errno
import gzip
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from random import Random

import apsw
import pytest
from tests.adapters.sqlite.journal_values import (
    GENESIS,
    START,
    Market,
    a_cycle,
    a_journal,
    booked,
    opened,
    recorded_intent,
)

from trader247.adapters.sqlite.backups import chunks, manifest, whole
from trader247.adapters.sqlite.backups.backup import Backup, Made, finished
from trader247.adapters.sqlite.backups.folder import alone_in, back_up_now, backups_in, prune
from trader247.adapters.sqlite.backups.restore import checked, prepared
from trader247.adapters.sqlite.chain import canonical
from trader247.adapters.sqlite.journal import SqliteJournal
from trader247.adapters.sqlite.reader import JournalReader
from trader247.domain.errors import ChainBroken, StorageError
from trader247.domain.events.people import AlertRaised
from trader247.domain.reasons import Severity
from trader247.domain.time import DAY, HOUR
from trader247.ports import Delivery
from trader247.simulation.judged.remains import torn_backups
from trader247.simulation.world.dice import Dice
from trader247.simulation.world.disk import Disk
from trader247.simulation.world.files import Files

TABLES = ("events", "intents", "orders", "fills", "cycles", "days", "alerts", "deliveries")


class Book:
    """A journal that hours pass in, and the folder of its backups."""

    def __init__(self, data: Path) -> None:
        self.path, self.folder = data / "paper-sim.db", data / "paper-sim.backups"
        self.time, self.count, self.random = START, 0, Random(5)
        self.market = Market(5, products=2, window=50)
        data.mkdir(mode=0o700, exist_ok=True)
        self.journal = a_journal(self.path)
        self.journal.append([opened(), recorded_intent(1)], START)

    def pass_hour(self, events: int = 6) -> None:
        """Some cycles with what they saw, a fill, and alerts that were delivered or not."""
        journal = self.journal
        for _ in range(2):
            seen = self.market.snapshot()
            journal.append([a_cycle(seen, journal.record_market(seen))], self.time)
        self.count += 1
        journal.append([booked(self.count, quantity="0.001")], self.time)
        words = [f"{self.random.getrandbits(64):x}" for _ in range(events)]
        raised = journal.append(
            [AlertRaised(Severity.WARNING, "halted", word) for word in words], self.time
        )
        made = [
            Delivery(each.seq, "webhook", is_delivered=each.seq % 2 == 0, attempts=1, detail="")
            for each in raised[:6]
        ]
        journal.record_deliveries(made)
        self.time += HOUR

    def back_up(self) -> Made:
        with alone_in(self.folder):
            return back_up_now(self.path, self.folder)

    @property
    def backups(self) -> tuple[Backup, ...]:
        return backups_in(self.folder)

    @property
    def files(self) -> dict[str, bytes]:
        """What is in the folder of backups, but for what does not count."""
        return {
            str(each.relative_to(self.folder)): each.read_bytes()
            for each in self.folder.rglob("*")
            if each.is_file() and not each.name.endswith(".writing")
        }


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    book = Book(tmp_path / "data")
    yield book
    book.journal.close()


def rows(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(apsw.Connection(str(path))) as connection:
        return {
            each: list(connection.execute(f"SELECT * FROM {each} ORDER BY 1, 2")) for each in TABLES
        }


def restored(book: Book, backup: Backup) -> Path:
    """A ledger that was gone back to, as it would take the journal's place."""
    return prepared(backup, book.path).path


def test_what_was_backed_up_comes_back_to_the_last_row(book: Book) -> None:
    told = []
    for _ in range(3):
        book.pass_hour()
        book.back_up()
        told.append(rows(book.path))
    assert len(book.backups) == 3
    for backup, before in zip(book.backups, told, strict=True):
        path = restored(book, backup)
        assert path.stat().st_mode & 0o777 == 0o600
        assert rows(path) == before
        with JournalReader.open(path) as reader:
            assert reader.meta("genesis") == GENESIS
        with SqliteJournal.open(
            path, clock_wall=lambda: START, genesis="", install_id=""
        ) as journal:
            assert (journal.epoch, journal.install_id) == (2, "0a1b2c")
            told_of = {each.id for each in journal.undelivered().single}
            assert told_of == {seq for seq in told_of if seq % 2}, "what was delivered stays so"


def test_an_hour_costs_what_the_hour_brought(book: Book) -> None:
    book.pass_hour(2_000)
    first = book.back_up()
    kept = book.files
    book.pass_hour(2)
    second = book.back_up()
    assert second.written < first.written / 10
    now = book.files
    new = [name for name in now if name not in kept]
    assert len(new) == 2, "its events, and its manifest"
    changed = [name for name in kept if now[name] != kept[name]]
    assert all(name.startswith("market-") for name in changed), "what cycles saw grows"
    again = book.back_up()
    assert again.backup == second.backup
    assert book.files == now, "where nothing happened, nothing is added"


def test_how_far_it_is_is_told_and_given_up_half_way_the_next_one_is_whole(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "TEXT_MAX", 10_000)
    book.pass_hour(200)
    seen: list[tuple[int, int]] = []

    def enough(done: int, of: int) -> None:
        seen.append((done, of))
        if len(seen) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), alone_in(book.folder):
        back_up_now(book.path, book.folder, told=enough)
    assert list(book.backups) == []
    assert not list(book.folder.rglob("*.writing"))
    book.back_up()
    assert rows(restored(book, book.backups[0]))["events"] == rows(book.path)["events"]

    book.pass_hour(200)
    seen.clear()
    with alone_in(book.folder):
        back_up_now(book.path, book.folder, told=lambda *each: seen.append(each))
    assert len(seen) > 1
    assert seen == sorted(seen), "it only rises"
    assert seen[-1] == (book.backups[-1].seq, book.backups[-1].seq)


def test_a_chunk_is_read_with_zcat(book: Book) -> None:
    book.pass_hour()
    book.back_up()
    (path,) = (book.folder / "chunks").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    with gzip.open(path) as file:
        lines = [json.loads(line) for line in file]
    with JournalReader.open(book.path) as reader:
        for line, event in zip(lines, reader.events(), strict=True):
            row = event.row
            assert line == [row.seq, row.v, row.time, row.kind, row.ref, row.payload]


def test_many_small_chunks_become_one_and_old_backups_keep_theirs(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "FANOUT", 3)
    told = []
    for _ in range(10):
        book.pass_hour(1)
        book.back_up()
        told.append(rows(book.path)["events"])
    found = [manifest.read(each.path) for each in book.backups]
    assert [len(each.chunks) for each in found] == [1, 2, 1, 2, 3, 2, 3, 4, 1, 2]
    assert [each.level for each in found[-1].chunks] == [2, 0]
    for backup, before in zip(book.backups, told, strict=True):
        assert rows(restored(book, backup))["events"] == before
    removed = prune(book.folder)
    assert removed == ()
    for backup in book.backups[:-1]:
        backup.path.unlink()
    book.time += DAY
    book.pass_hour(1)
    book.back_up()
    # Nothing goes but what no backup names; each goes with the last one that does.
    named = {each.name for one in book.backups for each in manifest.read(one.path).chunks}
    prune(book.folder)
    there = {each.name for each in (book.folder / "chunks").iterdir()}
    assert named <= there


def test_each_backup_that_is_kept_keeps_its_chunks(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Newer ones consist of larger chunks: the small ones are in older ones alone."""
    monkeypatch.setattr(chunks, "FANOUT", 3)
    for _ in range(32):
        book.pass_hour(1)
        made = book.back_up().backup
    assert prune(book.folder, made)
    for each in book.backups:
        assert checked(each).head.seq == each.seq
    newest = {each.name for each in manifest.read(made.path).chunks}
    assert any(
        each.name not in newest
        for backup in book.backups
        for each in manifest.read(backup.path).chunks
    )


def test_a_whole_copy_is_on_disk_as_it_stands_before_it_gets_its_name(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is what one goes back to from a newer form: after a power cut it must not be empty."""
    synced: dict[Path, bytes] = {}

    def noted(path: Path) -> None:
        sync(path)
        synced[path] = path.read_bytes()

    sync = whole.sync
    monkeypatch.setattr(whole, "sync", noted)
    book.pass_hour()
    book.folder.mkdir(exist_ok=True)
    made = finished(whole.copying(book.path, book.folder)).backup
    assert list(synced.values()) == [made.path.read_bytes()]


def test_a_large_ledger_takes_many_chunks(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "TEXT_MAX", 20_000)
    book.pass_hour(500)
    book.back_up()
    (backup,) = book.backups
    assert len(manifest.read(backup.path).chunks) > 2
    assert rows(restored(book, backup)) == rows(book.path)


class Died(BaseException):
    """The process ended: nothing of what it would still do happens."""


def broken_at(book: Book, disk: Disk, at: int, strikes: int) -> bool:
    """Back up with a disk that fails, or a process that dies, at the `at`-th touch.

    Answers whether it came so far.
    """
    touches = 0

    def touched(act: str, path: str) -> int:
        nonlocal touches
        del act, path
        touches += 1
        if touches == at and not strikes:
            disk.is_dead = True
            raise Died
        # A full disk stays full; removing is what it still takes.
        return strikes if touches >= at else 0

    disk.on_touch = touched
    try:
        book.back_up()
    except (Died, StorageError):
        return True
    finally:
        disk.on_touch = lambda act, path: 0
        disk.is_dead = False
    return touches >= at


@pytest.mark.parametrize("strikes", [0, errno.ENOSPC], ids=["dies, and power fails", "is full"])
def test_at_whatever_write_it_breaks_the_backups_before_it_hold(
    tmp_path: Path, strikes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each touch of the disk in turn; merging is among them. Afterwards the next one is made."""
    monkeypatch.setattr(chunks, "FANOUT", 2)
    begun = Book(tmp_path / "begun")
    begun.pass_hour(1)
    begun.back_up()
    begun.pass_hour(1)
    begun.journal.close()
    (before,) = begun.backups
    count = 0
    while True:
        count += 1
        book = Book.__new__(Book)
        data = tmp_path / str(count)
        shutil.copytree(begun.path.parent, data)
        book.path, book.folder = data / begun.path.name, data / begun.folder.name
        disk = Disk(Dice(count, "disk"))
        files = Files(book.folder, disk, Dice(count, "files"))
        with files.between():
            has_broken = broken_at(book, disk, count, strikes)
            if not strikes:
                files.fail_power()
        first = book.backups[0]
        assert first.name == before.name
        assert checked(first).head.seq == before.seq
        for each in book.backups:
            assert checked(each)
        if not has_broken:
            break
        made = book.back_up().backup
        if count % 7 == 0:
            assert rows(restored(book, made)) == rows(book.path)
        assert checked(made).head.seq == 10
        assert not list(book.folder.rglob("*.writing")), "what was left is cleared"
        shutil.rmtree(data)
    assert count > 15, "the disk was touched"


def flipped(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def halved(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize("damage", [flipped, halved, Path.unlink])
def test_a_damaged_chunk_is_refused_with_its_name_and_what_to_do(
    book: Book, damage: object
) -> None:
    assert callable(damage)
    book.pass_hour()
    book.back_up()
    (path,) = (book.folder / "chunks").iterdir()
    damage(path)
    (backup,) = book.backups
    for act in (checked, lambda each: prepared(each, book.path)):
        with pytest.raises(ChainBroken) as caught:
            act(backup)
        assert str(path) in str(caught.value)
        assert "trader247 state restore --list" in caught.value.hint
    assert not list(book.path.parent.glob("*.writing"))


def test_a_damaged_manifest_is_refused(book: Book) -> None:
    book.pass_hour()
    book.back_up()
    (backup,) = book.backups
    flipped(backup.path)
    with pytest.raises(ChainBroken, match="is damaged"):
        checked(backup)


def test_where_earlier_ones_do_not_hold_a_whole_new_one_is_made_and_said(book: Book) -> None:
    """A missing file is seen at once, a changed one on the next day."""
    book.pass_hour()
    book.back_up()
    (path,) = (book.folder / "chunks").iterdir()
    flipped(path)
    book.pass_hour()
    book.back_up()
    book.time += DAY
    book.pass_hour()
    with pytest.raises(ChainBroken, match="2 earlier backups cannot be gone back to") as caught:
        book.back_up()
    newest = book.backups[-1]
    assert newest.name in str(caught.value)
    assert rows(restored(book, newest)) == rows(book.path)
    book.pass_hour()
    assert book.back_up().written < 10_000, "the next one adds to that"


def test_a_ledger_that_was_changed_gives_no_backup(book: Book) -> None:
    book.pass_hour()
    book.back_up()
    kept = book.files
    book.pass_hour()
    with closing(apsw.Connection(str(book.path))) as connection:
        connection.execute("DROP TRIGGER events_no_update")
        connection.execute(
            "UPDATE events SET payload = replace(payload, 'halted', 'hAlted') "
            "WHERE seq = (SELECT max(seq) FROM events)"
        )
    with pytest.raises(ChainBroken, match="was changed"):
        book.back_up()
    assert {name: book.files[name] for name in kept if "market" not in name} == {
        name: content for name, content in kept.items() if "market" not in name
    }
    assert len(book.backups) == 1


def test_derived_rows_that_differ_from_what_was_there_are_refused(book: Book) -> None:
    book.pass_hour()
    with closing(apsw.Connection(str(book.path))) as connection:
        connection.execute("DROP TRIGGER alerts_no_delete")
        connection.execute("DELETE FROM alerts WHERE seq = (SELECT max(seq) FROM alerts)")
    book.back_up()
    (backup,) = book.backups
    with pytest.raises(ChainBroken, match="rows in alerts"):
        prepared(backup, book.path)


def test_after_going_back_new_ones_build_on_what_they_share(book: Book) -> None:
    for _ in range(3):
        book.pass_hour()
        book.back_up()
    first, *_ = book.backups
    book.journal.close()
    back = restored(book, first)
    back.replace(book.path)
    shutil.rmtree(book.path.with_suffix(".segments"))
    book.journal = a_journal(book.path)
    book.time += HOUR
    book.journal.append([AlertRaised(Severity.INFO, "halted", "another past")], book.time)
    made = book.back_up().backup
    found = manifest.read(made.path)
    assert found.chunks[:1] == manifest.read(first.path).chunks
    assert len(found.chunks) == 2
    for each in book.backups:
        assert checked(each), "both pasts can be gone back to"


def test_without_room_for_the_ledger_none_is_begun(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    book.pass_hour()
    free = shutil.disk_usage(book.path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free._replace(free=100_000_000))
    with pytest.raises(StorageError, match="100 MB are free"):
        book.back_up()
    assert book.files == {}


def test_one_of_a_newer_version_is_refused_with_that(book: Book) -> None:
    book.pass_hour()
    book.back_up()
    (backup,) = book.backups
    body = json.loads(backup.path.read_bytes())
    del body["sha256"]
    body["form"] = 2
    body["sha256"] = sha256(canonical(body).encode()).hexdigest()
    backup.path.write_text(canonical(body))
    with pytest.raises(StorageError, match="form 2") as caught:
        checked(backup)
    assert "newer" in caught.value.hint


@pytest.mark.parametrize(
    ("what", "told"),
    [("*.json", "said"), ("chunks/*.gz", "a piece of"), ("market-*/*.seg", "what was seen")],
)
def test_whoever_judges_sees_each_part_of_a_backup_that_a_power_cut_took(
    book: Book, what: str, told: str
) -> None:
    for _ in range(2):
        book.pass_hour()
        book.back_up()
    assert not list(torn_backups(book.folder))

    last = max(book.folder.glob(what), key=lambda path: path.name)
    last.write_bytes(last.read_bytes()[:-2])

    assert [told in each["text"] for each in torn_backups(book.folder)] == [True]
