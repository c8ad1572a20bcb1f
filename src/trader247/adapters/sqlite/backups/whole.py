"""A copy of a ledger as one file: made in small steps, and checked before it counts.

It is made before a journal is brought to a newer form: the version that wrote it can go back to it.

The pages are copied by SQLite's online backup into a temporary file, under one view of the ledger.
Then that file is synced, and checked as nobody trusts it: the file itself, the whole chain, the
number of rows of every table. Only then it gets its name, which is a rename: a crash or a failing
disk at any moment leaves the backups before it, and no half one.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import suppress
from pathlib import Path

import apsw

from trader247.adapters.files import TEMPORARY, sync_folder
from trader247.adapters.sqlite.backups.backup import WHOLE, Checked, Made, Steps, expect_room, named
from trader247.adapters.sqlite.backups.market import copy_market
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
    rows_of,
    segments_of,
)
from trader247.adapters.sqlite.schema import PROJECTIONS
from trader247.adapters.sqlite.verify import check_file
from trader247.domain.errors import ChainBroken, StorageError
from trader247.domain.events.cycles import SegmentRef
from trader247.domain.milestones import Milestone, Passing, unwatched
from trader247.domain.time import Instant

PAGES = 512
"""Pages copied by one step, 4 MB: a few milliseconds."""

_TABLES = ("events", *PROJECTIONS)


def copying(
    journal: Path, folder: Path, *, passing: Passing = unwatched, vfs: str | None = None
) -> Steps:
    """Make a backup of `journal` in `folder`, a step at a time.

    The caller holds the folder's lock. Given up half-way, or failing, it leaves nothing.

    Raises:
        ChainBroken: what was copied does not hold: the ledger itself may be damaged.
        StorageError: the ledger cannot be read, or the disk did not take the copy.
    """
    temporary = folder / f"{journal.stem}.{os.getpid()}{TEMPORARY}"
    with translated("back up", journal):
        size = journal.stat().st_size
    expect_room(folder, size)
    try:
        yield from _copied(journal, temporary, passing, vfs)
        market = yield from copy_market(segments_of(journal), folder, last=frame_of(temporary))
        with translated("back up", temporary):
            note(temporary, "market", market)
            sync(temporary)
        passing(Milestone.BACKING_UP)
        found = yield from checking(temporary)
        made = named(folder, found.time, found.head.seq, ending=WHOLE)
        passing(Milestone.BACKING_UP)
        with translated("keep", made.path):
            temporary.replace(made.path)
            sync_folder(folder)
        return Made(made, made.path.stat().st_size)
    finally:
        with suppress(OSError):
            temporary.unlink()


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
                        sync(temporary)
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
    target.execute("PRAGMA journal_mode=off; PRAGMA synchronous=off").fetchall()
    return target


def _counts(connection: apsw.Connection) -> list[int]:
    """The rows of each table; a journal of an earlier form may lack one."""
    there = {
        str(name)
        for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    }
    return [rows_of(connection, table) for table in _TABLES if table in there]


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


def sync(path: Path) -> None:
    """Make a file's content last."""
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
