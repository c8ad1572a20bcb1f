"""A backup that adds to those before it: an hour costs what the hour brought.

The newest backup whose end still stands in the journal is gone on from: the events since become a
chunk, and a new manifest names that one after all those before. Nothing that was written is ever
changed, and the manifest comes last: a crash or a failing disk at any moment leaves each backup
before it as it was. What an earlier backup consists of is read again once a day; where it does not
hold any more, the ledger itself is still there, so a whole new one is made from it, and said.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from itertools import chain
from pathlib import Path

import apsw

from trader247.adapters.files import write_atomically
from trader247.adapters.sqlite.backups import manifest
from trader247.adapters.sqlite.backups.backup import (
    ADDED,
    Backup,
    Made,
    Steps,
    Told,
    expect_room,
    named,
    untold,
)
from trader247.adapters.sqlite.backups.chunks import (
    FOLDER,
    Chunk,
    checking,
    expect_there,
    merging,
    writing,
)
from trader247.adapters.sqlite.backups.manifest import Manifest, Standing, standing_of
from trader247.adapters.sqlite.backups.market import copy_market
from trader247.adapters.sqlite.chain import Row, followed
from trader247.adapters.sqlite.database import open_reader, translated
from trader247.adapters.sqlite.rows import Head, last_frame, opening, rows_after, segments_of
from trader247.adapters.sqlite.schema import expect_ours
from trader247.domain.errors import ChainBroken, StorageError
from trader247.domain.milestones import Milestone, Passing, unwatched
from trader247.domain.time import Instant

_EVENT = 1_000
"""Bytes that an event takes in a chunk, at the most, and seldom a fifth of it."""


def adding(
    journal: Path,
    folder: Path,
    *,
    earlier: Sequence[Backup],
    passing: Passing = unwatched,
    told: Told = untold,
) -> Steps:
    """Back up what `journal` has since the newest of the `earlier` ones, a step at a time.

    `told` hears how many of how many events are in it, after each file of them.

    The caller holds the folder's lock. Given up half-way, or failing, it leaves nothing that
    counts.

    Raises:
        ChainBroken: the ledger does not hold; or earlier backups do not, and a new whole one was
            made: it says which.
        StorageError: the ledger cannot be read, or the disk did not take the backup.
    """
    with translated("back up", journal):
        source = open_reader(journal)
    try:
        with translated("back up", journal):
            expect_ours(source, journal)
            standing = standing_of(source)
            opened = opening(source)
        if opened is None:
            raise StorageError(f"{journal} has no event: there is nothing to back up")
        base, troubles = yield from _base(source, standing, earlier)
        expect_room(folder, (standing.head.seq - _seq(base)) * _EVENT)
        market = yield from copy_market(segments_of(journal), folder, last=last_frame(source))
        since = yield from _chunks(source, standing, base, folder, passing=passing, told=told)
        chunks = yield from merging(
            (*(() if base is None else base.chunks), *since), folder / FOLDER, passing=passing
        )
        time = _time(source, standing.head.seq)
        content = manifest.told(
            Manifest(opened.book, opened.feed, str(time), market, standing, chunks)
        )
        made = named(folder, time, standing.head.seq)
        passing(Milestone.BACKING_UP)
        write_atomically(made.path, content)
    finally:
        source.close(force=True)
    if troubles:
        which = "1 earlier backup" if len(troubles) == 1 else f"{len(troubles)} earlier backups"
        raise ChainBroken(
            f"{which} cannot be gone back to: {troubles[0]}. A whole new one was made, {made.name}",
            hint="copies of the earlier ones may hold; trader247 state restore NAME reads one",
        )
    return Made(made, len(content) + sum(each.size for each in since))


def _base(
    source: apsw.Connection, standing: Standing, earlier: Sequence[Backup]
) -> Generator[None, None, tuple[Manifest | None, list[str]]]:
    """The newest backup that the journal has grown from, and what is wrong with newer ones."""
    troubles: list[str] = []
    for backup in reversed(earlier):
        if backup.path.suffix != ADDED:
            continue
        try:
            found = manifest.read(backup.path)
            if not _is_grown(source, standing, found):
                continue  # of a past that a restored journal has not
            for each in found.chunks:
                expect_there(each, backup.chunks / each.name)
            if _is_first_of_day(source, standing, found):
                for each in found.chunks:
                    yield from checking(each, backup.chunks / each.name)
        except StorageError as error:
            troubles.append(str(error))
            continue
        return found, troubles
    return None, troubles


def _is_grown(source: apsw.Connection, standing: Standing, found: Manifest) -> bool:
    seq, hash = found.standing.head
    if found.standing.genesis != standing.genesis:
        return False
    row = source.execute("SELECT hash FROM events WHERE seq = ?", (seq,)).fetchone()
    return row == (hash,)


def _is_first_of_day(source: apsw.Connection, standing: Standing, found: Manifest) -> bool:
    return str(_time(source, standing.head.seq))[:10] != found.time[:10]


def _chunks(
    source: apsw.Connection,
    standing: Standing,
    base: Manifest | None,
    folder: Path,
    *,
    passing: Passing,
    told: Told,
) -> Generator[None, None, tuple[Chunk, ...]]:
    """Write what the journal has since, each event checked to follow the one before."""
    last = Head(0, standing.genesis) if base is None else base.standing.head
    with translated("back up into", folder):
        (folder / FOLDER).mkdir(mode=0o700, exist_ok=True)
    made: list[Chunk] = []
    rows: Iterator[Row] = followed(
        rows_after(source, last.seq, until=standing.head.seq), seq=last.seq, hash=last.hash
    )
    for row in rows:
        # The next chunk begins with the row that was looked at.
        chunk = yield from writing(
            chain((row,), rows), folder / FOLDER, prev_hash=last.hash, passing=passing
        )
        made.append(chunk)
        last = Head(chunk.last, chunk.hash)
        told(last.seq, standing.head.seq)
    if last != standing.head:
        raise ChainBroken(f"the journal's events do not come to event {standing.head.seq}")
    return tuple(made)


def _time(source: apsw.Connection, seq: int) -> Instant:
    found = source.execute("SELECT time FROM events WHERE seq = ?", (seq,)).get
    return Instant.parse(str(found))


def _seq(base: Manifest | None) -> int:
    return 0 if base is None else base.standing.head.seq
