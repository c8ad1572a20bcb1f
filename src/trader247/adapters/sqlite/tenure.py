"""Taking a journal: made if it is new, its next epoch taken, its chain verified.

The epoch is a number in one row. Taking the journal counts it up, so that a process that was
stopped for an hour and wakes finds a higher one, and writes and sends nothing.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path

import apsw

from trader247.adapters.sqlite import schema
from trader247.adapters.sqlite.packed import KNOWN, NAME
from trader247.adapters.sqlite.projections import derive
from trader247.adapters.sqlite.rows import Head, recorded_after
from trader247.adapters.sqlite.verify import check_chain, check_file, check_form
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import ChainBroken, EpochLost, StorageError
from trader247.domain.ids import EPOCH_MAX
from trader247.domain.milestones import Milestone, Passing, unwatched
from trader247.domain.time import DAY, Instant


def prepare(
    connection: apsw.Connection,
    path: Path,
    *,
    genesis: str,
    install_id: str,
    wall: Instant,
    passing: Passing = unwatched,
) -> None:
    """Make the tables in a new file, and those of an older form anew; refuse any other file.

    What is derived is derived again from the events, in one transaction: the events never change.

    Raises:
        StorageError: it is another program's, or a newer version's.
    """
    connection.execute("BEGIN IMMEDIATE")
    try:
        if schema.is_empty(connection):
            schema.create(connection)
            connection.executemany(
                "INSERT INTO meta(key, value) VALUES(?,?)",
                [("genesis", genesis), ("install_id", install_id), ("created", str(wall))],
            )
            _tell_packing(connection)
            connection.execute("INSERT INTO lease(id, epoch, is_open) VALUES(1, 0, 0)")
            passing(Milestone.TABLES_MADE)
        elif schema.is_older(connection):
            _renew(connection)
            passing(Milestone.TABLES_MADE)
        schema.expect_ours(connection, path)
        schema.complete(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _renew(connection: apsw.Connection) -> None:
    schema.drop_projections(connection)
    schema.create_projections(connection)
    for recorded in recorded_after(connection, 0):
        derive(connection, recorded)
    schema.forbid_changes(connection)
    schema.let_pack(connection)
    _tell_packing(connection)
    connection.execute(f"PRAGMA user_version={schema.VERSION}")


def _tell_packing(connection: apsw.Connection) -> None:
    connection.execute("INSERT OR REPLACE INTO meta(key, value) VALUES(?,?)", (NAME, KNOWN))


def take(connection: apsw.Connection, wall: Instant, *, ahead: int = 1) -> tuple[int, bool]:
    """Count the epoch up by `ahead`. Returns it, and whether the tenure before ended properly.

    Raises:
        StorageError: there is no such epoch any more.
    """
    assert ahead > 0, "a tenure never goes back"
    connection.execute("BEGIN IMMEDIATE")
    try:
        epoch, is_open = lease(connection)
        expect_room(epoch + ahead)
        connection.execute("UPDATE lease SET epoch = ?, is_open = 1", (epoch + ahead,))
        connection.executemany(
            "INSERT OR REPLACE INTO meta(key, value) VALUES(?,?)",
            [
                ("holder_host", socket.gethostname()),
                ("holder_pid", str(os.getpid())),
                ("holder_since", str(wall)),
            ],
        )
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return epoch + ahead, not is_open


def expect_room(epoch: int) -> None:
    """Refuse an epoch of which no order could be named.

    Raises:
        StorageError: it is beyond the last one.
    """
    if epoch > EPOCH_MAX:
        raise StorageError(
            f"the journal would come to epoch {epoch}, and {EPOCH_MAX} is the last one: orders are "
            "named by it, and such a name would not fit",
            hint="nothing was sent. Begin a new book with --fresh: this one goes to the archive, "
            "and what it holds can be taken over with trader247 adopt",
        )


def release(connection: apsw.Connection) -> None:
    """Say that the tenure ended properly, inside the caller's transaction."""
    connection.execute("UPDATE lease SET is_open = 0")


def lease(connection: apsw.Connection) -> tuple[int, bool]:
    """The present epoch, and whether its process still holds the journal.

    Raises:
        ChainBroken: someone took the journal's one lease away.
    """
    row = connection.execute("SELECT epoch, is_open FROM lease").fetchone()
    if row is None:
        raise ChainBroken(
            "the journal has lost its lease: somebody changed the file",
            hint="do not trade on it; a backup: trader247 state restore",
        )
    epoch, is_open = row
    assert isinstance(epoch, int)
    return epoch, bool(is_open)


def expect_epoch(connection: apsw.Connection, epoch: int) -> None:
    """Refuse a write of a process whose tenure is over.

    Raises:
        EpochLost: another process has taken the journal.
    """
    if connection.execute("SELECT epoch FROM lease").get != epoch:
        raise epoch_lost(connection, epoch)


def epoch_lost(connection: apsw.Connection, epoch: int) -> EpochLost:
    """What is said to a process whose tenure is over."""
    found, _ = lease(connection)
    return EpochLost(
        f"epoch {found} has taken the journal; this process held epoch {epoch}",
        hint="another trader247 runs on this data folder: see trader247 unlock",
    )


@dataclass(frozen=True, slots=True)
class Anchor:
    """How far the chain was verified, and when it was last verified whole."""

    head: Head
    checked: Instant


def verify_at_start(connection: apsw.Connection, *, was_clean: bool, wall: Instant) -> Anchor:
    """Verify its form, and the chain: whole after an unclean end and once a day, else from the
    last anchor.

    Raises:
        ChainBroken: it names what is not ours, or the first event that does not hold.
    """
    check_form(connection)
    row = connection.execute("SELECT seq, hash, checked FROM anchor").fetchone()
    if row is not None and was_clean:
        anchor = Anchor(Head(int(str(row[0])), str(row[1])), Instant.parse(str(row[2])))
        # An anchor from the future vouches for nothing: a clock was wrong.
        if anchor.checked <= wall < anchor.checked + DAY:
            return Anchor(check_chain(connection, anchor.head), anchor.checked)
    check_file(connection, is_full=was_clean)
    return Anchor(check_chain(connection), wall)


def drop_anchor(connection: apsw.Connection, anchor: Anchor) -> None:
    """Remember how far the chain was verified, inside the caller's transaction."""
    connection.execute(
        "INSERT OR REPLACE INTO anchor(id, seq, hash, checked) VALUES(1, ?, ?, ?)",
        (anchor.head.seq, anchor.head.hash, str(anchor.checked)),
    )
