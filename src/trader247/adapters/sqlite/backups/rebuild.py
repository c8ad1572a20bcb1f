"""A ledger made again from a backup's chunks: every event, and all that follows from them.

The chain must come to the manifest's hash, and each derived table to the number of rows that it
had. What stood outside the chain is put back as it was; folded snapshots are not, the next start
folds anew.
"""

from __future__ import annotations

import os
from pathlib import Path

import apsw

from trader247.adapters.sqlite import schema
from trader247.adapters.sqlite.backups.chunks import FOLDER, HELP, checking, reading
from trader247.adapters.sqlite.backups.manifest import Manifest
from trader247.adapters.sqlite.backups.whole import sync
from trader247.adapters.sqlite.chain import Row
from trader247.adapters.sqlite.database import PAGE_BYTES, translated
from trader247.adapters.sqlite.packed import KNOWN, NAME, packed
from trader247.adapters.sqlite.projections import derive
from trader247.adapters.sqlite.rows import Head, recorded, rows_of
from trader247.domain.errors import ChainBroken, LedgerError

_INSERT = (
    "INSERT INTO events(seq, v, time, kind, ref, payload, prev_hash, hash) "
    "VALUES(?, ?, ?, ?, ?, ?, ?, ?)"
)
_DELIVERY = (
    "INSERT INTO deliveries(alert, channel, is_delivered, attempts, time, detail) "
    "VALUES(?, ?, ?, ?, ?, ?)"
)


def rebuild(found: Manifest, folder: Path, target: Path) -> None:
    """Make the ledger of a backup in `folder` at `target`, where nothing is; synced.

    Raises:
        ChainBroken: a chunk does not hold, or what follows from the events is not what was there.
        StorageError: it cannot be read, or the disk did not take it.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with translated("restore", target):
        os.close(os.open(target, flags, 0o600))
        connection = apsw.Connection(str(target), flags=apsw.SQLITE_OPEN_READWRITE)
        try:
            # What is cut short is thrown away: it needs no journal, and one sync at its end.
            connection.execute(
                f"PRAGMA page_size={PAGE_BYTES}; PRAGMA journal_mode=off; PRAGMA synchronous=off; "
                "PRAGMA foreign_keys=1; BEGIN"
            ).fetchall()
            schema.create(connection)
            _put_beside(connection, found)
            _put_events(connection, found, folder)
            _expect_rows(connection, found)
            connection.execute("COMMIT")
        finally:
            connection.close(force=True)
        sync(target)


def _put_beside(connection: apsw.Connection, found: Manifest) -> None:
    standing = found.standing
    facts = {**standing.meta, NAME: KNOWN, "market": found.market}
    connection.executemany("INSERT INTO meta(key, value) VALUES(?, ?)", tuple(facts.items()))
    # As after a crash: the next start verifies the whole chain.
    connection.execute("INSERT INTO lease(id, epoch, is_open) VALUES(1, ?, 1)", (standing.epoch,))
    connection.executemany(_DELIVERY, standing.deliveries)


def _put_events(connection: apsw.Connection, found: Manifest, folder: Path) -> None:
    last = Head(0, found.standing.genesis)
    for chunk in found.chunks:
        path = folder / FOLDER / chunk.name
        for _ in checking(chunk, path):
            pass
        for row in reading(chunk, path, prev_hash=last.hash):
            if row.seq != last.seq + 1:
                raise ChainBroken(f"event {last.seq + 1} is in no chunk of the backup", hint=HELP)
            _put(connection, row)
            last = Head(row.seq, row.hash)
    if last != found.standing.head:
        raise ChainBroken(f"the backup's chunks end with event {last.seq}", hint=HELP)


def _put(connection: apsw.Connection, row: Row) -> None:
    stored = packed(row.kind, row.payload)
    connection.execute(
        _INSERT, (row.seq, row.v, row.time, row.kind, row.ref, stored, row.prev_hash, row.hash)
    )
    known = recorded(row)
    try:
        derive(connection, known)
    except (apsw.ConstraintError, LedgerError) as error:
        raise ChainBroken(
            f"event {row.seq} of the backup contradicts the events before it: {error}", hint=HELP
        ) from error


def _expect_rows(connection: apsw.Connection, found: Manifest) -> None:
    for table, count in found.standing.rows.items():
        there = rows_of(connection, table)
        if there != count:
            raise ChainBroken(
                f"the backup's events give {there} rows in {table}, where there were {count}",
                hint=HELP,
            )
