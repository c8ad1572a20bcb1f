"""Whether a journal is what was written: the file, the chain, and the tables derived from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, islice

import apsw

from trader247.adapters.sqlite import schema
from trader247.adapters.sqlite.chain import Row, followed
from trader247.adapters.sqlite.codec import UnreadableRecord
from trader247.adapters.sqlite.form import misplaced, misshapen
from trader247.adapters.sqlite.market.segments import SegmentReader
from trader247.adapters.sqlite.projections import derive
from trader247.adapters.sqlite.rows import Head, head, meta, recorded, rows_after
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import ChainBroken, LedgerError, StorageError
from trader247.domain.events.cycles import CycleDecided

PROBLEMS_MAX = 20
"""Problems listed; the rest is more of the same."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What a check of a journal found: nothing, if `problems` is empty."""

    events: int
    head_hash: str
    problems: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        return not self.problems


def check_file(connection: apsw.Connection, *, is_full: bool) -> None:
    """SQLite's own check of the file: quick, or full with every index and foreign key.

    Raises:
        ChainBroken: it names the first damage.
    """
    check = "integrity_check" if is_full else "quick_check"
    found = connection.execute(f"PRAGMA {check}(1)").fetchone()
    if found != ("ok",):
        said = "nothing" if found is None else found[0]
        raise ChainBroken(f"the journal's file is damaged: {said}", hint="trader247 state restore")
    if is_full:
        orphan = connection.execute("PRAGMA foreign_key_check").fetchone()
        if orphan is not None:
            raise ChainBroken(f"the journal's file is damaged: row {orphan} refers to nothing")


def check_form(connection: apsw.Connection) -> None:
    """Whether its tables, indexes and triggers are ours: without them it is not append-only.

    Raises:
        ChainBroken: it names the first that is not.
    """
    for problem in misshapen(connection):
        raise ChainBroken(
            f"the journal's form is not ours: {problem}",
            hint="see `trader247 state verify`; then `trader247 state restore`",
        )


def check_chain(connection: apsw.Connection, start: Head | None = None) -> Head:
    """Follow the chain, from its genesis or from a place verified before, to its end.

    Raises:
        ChainBroken: it names the first event that does not hold.
    """
    if start is None:
        start = Head(0, meta(connection, "genesis"))
    elif start.seq > 0:
        row = connection.execute("SELECT hash FROM events WHERE seq = ?", (start.seq,)).fetchone()
        if row != (start.hash,):
            raise ChainBroken(f"event {start.seq} is not the one that was verified before")
    last = start
    for row_ in followed(rows_after(connection, start.seq), seq=start.seq, hash=start.hash):
        last = Head(row_.seq, row_.hash)
    return last


def verify(connection: apsw.Connection, segments: SegmentReader) -> Verification:
    """Check everything, and say all that is wrong; works beside a running writer.

    Raises:
        StorageError: the journal cannot be read.
    """
    last = head(connection)
    looks = (_file, _chain, _differences, partial(_frames, segments=segments), misplaced, misshapen)
    problems: list[str] = []
    for look in looks:
        try:
            problems += islice(look(connection), PROBLEMS_MAX)
        except (ChainBroken, LedgerError, UnreadableRecord, apsw.CorruptError) as error:
            problems.append(str(error))
    return Verification(last.seq, last.hash, tuple(dict.fromkeys(problems)))


def _file(connection: apsw.Connection) -> Iterator[str]:
    check_file(connection, is_full=True)
    yield from ()


def _chain(connection: apsw.Connection) -> Iterator[str]:
    check_chain(connection)
    yield from ()


def _differences(connection: apsw.Connection) -> list[str]:
    """Where the derived tables are not what the events say."""
    # A private database that spills to disk: a million fills need not fit into memory.
    scratch = apsw.Connection("")
    try:
        scratch.execute("PRAGMA foreign_keys=1; PRAGMA synchronous=0; BEGIN")
        schema.create_projections(scratch)
        seq = _derive(scratch, rows_after(connection, 0))
        # What was appended meanwhile, and the comparison, in one view of the database.
        connection.execute("BEGIN")
        try:
            _derive(scratch, rows_after(connection, seq))
            found = (_compare(connection, scratch, table) for table in schema.PROJECTIONS)
            return list(islice(chain.from_iterable(found), PROBLEMS_MAX))
        finally:
            connection.execute("ROLLBACK")
    finally:
        scratch.close(force=True)


def _frames(connection: apsw.Connection, segments: SegmentReader) -> list[str]:
    """Where the market that a cycle refers to is not what is stored."""
    problems: list[str] = []
    for row in rows_after(connection, 0):
        if row.kind != CycleDecided.kind:
            continue
        event = recorded(row).event
        if not isinstance(event, CycleDecided):
            continue
        try:
            segments.expect(event.seen)
        except StorageError as error:
            problems.append(f"cycle {event.cycle}: {error}")
            if len(problems) == PROBLEMS_MAX:
                break
    return problems


def _derive(scratch: apsw.Connection, rows: Iterable[Row]) -> int:
    seq = 0
    for row in rows:
        try:
            known = recorded(row)
            derive(scratch, known)
        except (apsw.ConstraintError, LedgerError) as error:
            raise LedgerError(
                f"event {row.seq} contradicts the events before it: {error}"
            ) from error
        seq = row.seq
    return seq


def _compare(stored: apsw.Connection, derived: apsw.Connection, table: str) -> Iterator[str]:
    """Row by row, by primary key: what is missing, what is too many, and what was changed."""
    query = f"SELECT * FROM {table} ORDER BY 1"  # noqa: S608  # a name from our own list
    left, right = stored.execute(query), derived.execute(query)
    columns = derived.execute("SELECT name FROM pragma_table_info(?)", (table,))
    names = [str(name) for (name,) in columns]
    have, want = left.fetchone(), right.fetchone()
    while have is not None or want is not None:
        if want is None or (have is not None and have[:1] < want[:1]):
            assert have is not None, "one of the two is there"
            yield f"table {table}, row {have[0]}: no event says so"
            have = left.fetchone()
        elif have is None or want[:1] < have[:1]:
            yield f"table {table}, row {want[0]}: it is missing"
            want = right.fetchone()
        else:
            for name, found, told in zip(names, have, want, strict=True):
                if found != told:
                    said = f"{name} is {found!r:.80}, the events say {told!r:.80}"
                    yield f"table {table}, row {want[0]}: {said}"
            have, want = left.fetchone(), right.fetchone()
