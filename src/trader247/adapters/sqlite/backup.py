"""A backup of a ledger: made in small steps beside whoever writes it, and checked before it counts.

The pages are copied by SQLite's online backup into a temporary file, under one view of the ledger.
Then that file is synced, and checked as nobody trusts it: the file itself, the whole chain, the
number of rows of every table. Only then it gets its name, which is a rename: a crash or a failing
disk at any moment leaves the backups before it, and no half one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import apsw

from trader247.adapters.files import TEMPORARY, sync_folder
from trader247.adapters.sqlite.backup_market import copy_market
from trader247.adapters.sqlite.chain import followed
from trader247.adapters.sqlite.database import (
    APPLICATION_ID,
    Durability,
    durability,
    open_reader,
    translated,
)
from trader247.adapters.sqlite.rows import (
    PAGE,
    Head,
    head,
    last_frame,
    meta,
    opening,
    rows_after,
    segments_of,
)
from trader247.adapters.sqlite.schema import PROJECTIONS
from trader247.adapters.sqlite.verify import check_file
from trader247.domain.errors import ChainBroken, StorageError
from trader247.domain.events import SegmentRef
from trader247.domain.milestones import Milestone, Passing, unwatched
from trader247.domain.time import Instant

PAGES = 512
"""Pages copied by one step, 4 MB: a few milliseconds."""

RESERVE = 128 * 1024 * 1024
"""Bytes that stay free for the ledger and its write-ahead log."""

ENDING = ".db"

_TABLES = ("events", *PROJECTIONS)


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup: the ledger as it was at its last event, `seq`, of `time`."""

    path: Path
    time: Instant
    seq: int

    @property
    def name(self) -> str:
        """What it is called: its file's name without the ending."""
        return self.path.name.removesuffix(ENDING)


@dataclass(frozen=True, slots=True)
class Checked:
    """A backup that holds: whose book it is, on which market, up to which event."""

    book: str
    feed: str
    head: Head
    time: Instant
    market: str
    """The folder, beside it, of what its cycles saw; empty where there is none."""


Steps = Generator[None, None, Backup]
"""Each step does a little; the last one answers what was made."""


def named(folder: Path, time: Instant, seq: int) -> Backup:
    """What a backup up to that event is called: sorted by name is sorted by time."""
    stamp = str(time)[:19].replace(":", "")
    return Backup(folder / f"{stamp}Z.{seq:09d}{ENDING}", time, seq)


def backing_up(
    journal: Path, folder: Path, *, passing: Passing = unwatched, vfs: str | None = None
) -> Steps:
    """Make a backup of `journal` in `folder`, a step at a time.

    The caller holds the folder's lock. Given up half-way, or failing, it leaves nothing.

    Raises:
        ChainBroken: what was copied does not hold: the ledger itself may be damaged.
        StorageError: the ledger cannot be read, or the disk did not take the copy.
    """
    temporary = folder / f"{journal.stem}.{os.getpid()}{TEMPORARY}"
    _expect_room(journal, folder)
    try:
        yield from _copied(journal, temporary, passing, vfs)
        market = yield from copy_market(segments_of(journal), folder, last=frame_of(temporary))
        with translated("back up", temporary):
            note(temporary, "market", market)
            _sync(temporary)
        passing(Milestone.BACKING_UP)
        found = yield from checking(temporary)
        made = named(folder, found.time, found.head.seq)
        passing(Milestone.BACKING_UP)
        with translated("keep", made.path):
            temporary.replace(made.path)
            sync_folder(folder)
        return made
    finally:
        with suppress(OSError):
            temporary.unlink()


def _expect_room(journal: Path, folder: Path) -> None:
    """Raises StorageError: a backup must not take the room that the ledger itself needs."""
    with translated("back up", journal):
        needed, free = journal.stat().st_size + RESERVE, shutil.disk_usage(folder).free
    if free < needed:
        raise StorageError(
            f"{free // 1_000_000} MB are free in {folder}, a backup takes "
            f"{needed // 1_000_000} MB with what the ledger needs beside it",
            hint="free space; older backups may be moved elsewhere",
        )


def _copied(
    journal: Path, temporary: Path, passing: Passing, vfs: str | None
) -> Generator[None, None, None]:
    """Copy every page under one view of the ledger, and count its rows under the same."""
    with suppress(FileNotFoundError):
        temporary.unlink()
    source = open_reader(journal)
    try:
        with translated("back up", temporary):
            target = _target(temporary, vfs)
            try:
                source.execute("BEGIN")
                counts = _counts(source)
                # Where a reader keeps the writer from committing, there is one short step.
                is_free = durability(apsw.sqlite_lib_version()) is Durability.WAL_FULL
                with target.backup("main", source, "main") as copy:
                    while not copy.done:
                        copy.step(PAGES if is_free else -1)
                        # By and by: one sync of a large copy would hold up the ledger's own.
                        _sync(temporary)
                        passing(Milestone.BACKING_UP)
                        yield
                # On its own it is one plain file, which nothing needs to stand beside.
                target.execute("PRAGMA journal_mode=delete")
                copied = _counts(target)
                if copied != counts:
                    raise StorageError(f"the copy has other rows: {copied}, not {counts}")
            finally:
                target.close(force=True)
    finally:
        source.close(force=True)


def _target(temporary: Path, vfs: str | None) -> apsw.Connection:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    os.close(os.open(temporary, flags, 0o600))
    target = apsw.Connection(str(temporary), flags=apsw.SQLITE_OPEN_READWRITE, vfs=vfs)
    # A copy that is cut short is thrown away: it needs no journal, and one sync at its end.
    target.execute("PRAGMA journal_mode=off; PRAGMA synchronous=off")
    return target


def _counts(connection: apsw.Connection) -> list[object]:
    """The rows of each table; a journal of an earlier form may lack one."""
    there = {
        str(name)
        for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    }
    return [
        connection.execute(f"SELECT count(*) FROM {table}").get  # noqa: S608 # our own names
        for table in _TABLES
        if table in there
    ]


def checking(path: Path) -> Generator[None, None, Checked]:
    """Check a backup, a step at a time: the file, the whole chain, its end.

    Raises:
        ChainBroken: it names the first thing that does not hold.
        StorageError: it is no backup of a journal, or cannot be read.
    """
    with translated("check", path):
        connection = open_reader(path)
        try:
            if connection.pragma("application_id") != APPLICATION_ID:
                raise StorageError(f"{path} is no journal of trader247's")
            check_file(connection, is_full=True)
            yield
            last = Head(0, meta(connection, "genesis"))
            rows = followed(rows_after(connection, 0), seq=0, hash=last.hash)
            time: str | None = None
            for row in rows:
                last, time = Head(row.seq, row.hash), row.time
                if row.seq % PAGE == 0:
                    yield
            opened = opening(connection)
            if opened is None or time is None:
                raise StorageError(f"{path} has no event: there is nothing to restore in it")
            if last != head(connection):
                raise ChainBroken(f"{path} does not end with event {last.seq}")
            market = meta(connection, "market")
            return Checked(opened.book, opened.feed, last, Instant.parse(time), market)
        finally:
            connection.close(force=True)


def frame_of(path: Path) -> SegmentRef | None:
    """Where the market of a backup's last cycle is stored."""
    with translated("read", path):
        connection = open_reader(path)
        try:
            return last_frame(connection)
        finally:
            connection.close(force=True)


def note(path: Path, key: str, value: str) -> None:
    """Write a fact outside the chain into a copy that does not count yet."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.execute("INSERT OR REPLACE INTO meta(key, value) VALUES(?,?)", (key, value))
    finally:
        connection.close(force=True)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def market_of(path: Path) -> str:
    """The name of the folder, beside a backup, of what its cycles saw; empty where there is none.

    Raises:
        StorageError: it cannot be read.
    """
    with translated("read", path):
        connection = open_reader(path)
        try:
            return meta(connection, "market")
        finally:
            connection.close(force=True)
