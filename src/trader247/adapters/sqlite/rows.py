"""Reading events: short statements, a page at a time, so that nobody's lock is held for long."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import apsw

from trader247.adapters.sqlite.chain import Row
from trader247.adapters.sqlite.codec import UnreadableRecord
from trader247.adapters.sqlite.kinds import from_payload
from trader247.adapters.sqlite.packed import unpacked
from trader247.domain.errors import ChainBroken
from trader247.domain.events.book import JournalOpened
from trader247.domain.events.cycles import CycleDecided, SegmentRef
from trader247.domain.events.orders import FillQuarantined
from trader247.domain.events.recorded import Recorded
from trader247.domain.ids import OrderId
from trader247.domain.time import Instant

PAGE = 500
"""Events read by one statement."""

_ROWS = "SELECT seq, v, time, kind, ref, payload, prev_hash, hash FROM events "
_AFTER = _ROWS + "WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?"
_OF_KIND = _ROWS + (
    "WHERE kind = ?2 AND kind <> 'cycle_decided' AND seq > ?1 ORDER BY seq LIMIT ?3"
)
_NUMBERED = (
    "SELECT seq, v, time, kind, ref, payload, prev_hash, hash FROM events "
    "WHERE seq > ?1 AND seq IN (SELECT value FROM json_each(?2)) ORDER BY seq"
)
_TRADED = (
    "SELECT seq FROM events "
    "WHERE kind IN (SELECT value FROM json_each(?)) AND kind <> 'cycle_decided' "
    "UNION SELECT i.seq FROM fills f JOIN intents i ON i.client_order_id = f.client_order_id "
    "ORDER BY 1"
)
_ASIDE = "SELECT seq FROM fills WHERE quarantine IS NOT NULL AND order_id = ? ORDER BY seq"


class Head(NamedTuple):
    """The last event of a chain; seq 0 and the genesis hash where there is none."""

    seq: int
    hash: str


def meta(connection: apsw.Connection, key: str) -> str:
    """A fact of the journal that stands outside the chain; empty if it is absent."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return "" if row is None else str(row[0])


def head(connection: apsw.Connection) -> Head:
    """Where the chain ends now."""
    row = connection.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return Head(0, meta(connection, "genesis")) if row is None else Head(int(row[0]), str(row[1]))


def opening(connection: apsw.Connection) -> JournalOpened | None:
    """Whose book this is and on which market; None in a journal without events."""
    for first in rows_after(connection, 0, until=1):
        event = recorded(first).event
        return event if isinstance(event, JournalOpened) else None
    return None


def last_frame(connection: apsw.Connection) -> SegmentRef | None:
    """Where the market of the last recorded cycle is stored."""
    row = connection.execute("SELECT seq FROM cycles ORDER BY cycle DESC LIMIT 1").fetchone()
    if row is None:
        return None
    seq = int(str(row[0]))
    for last in rows_after(connection, seq - 1, until=seq):
        event = recorded(last).event
        if isinstance(event, CycleDecided):
            return event.seen
    return None


def last_cycle_at(connection: apsw.Connection, time: Instant) -> int | None:
    """The number of the last cycle recorded at or before `time`: numbers and times rise together.

    Cycles have no index of their times; halving their numbers needs twenty looks in a year.
    """
    # Asked for together they would be looked for in every row; alone, each is one look.
    span = connection.execute(
        "SELECT (SELECT min(cycle) FROM cycles), (SELECT max(cycle) FROM cycles)"
    ).fetchone()
    if span is None or span[0] is None:
        return None
    first, last = int(str(span[0])), int(str(span[1]))
    found: int | None = None
    while first <= last:
        middle = (first + last) // 2
        # Numbers may have holes: the next one that is there stands for the hole before it.
        row = connection.execute(
            "SELECT c.cycle, e.time FROM cycles c JOIN events e ON e.seq = c.seq "
            "WHERE c.cycle >= ? ORDER BY c.cycle LIMIT 1",
            (middle,),
        ).fetchone()
        assert row is not None, "the last cycle is there"
        if Instant.parse(str(row[1])) <= time:
            found = int(str(row[0]))
            first = found + 1
        else:
            last = middle - 1
    return found


def segments_of(path: Path) -> Path:
    """The folder beside a journal that holds its market segments."""
    return path.with_suffix(".segments")


def rows_after(
    connection: apsw.Connection, after: int, *, until: int | None = None
) -> Iterator[Row]:
    """The events after `after`, up to and with `until`, as they are stored."""
    last = (1 << 62) if until is None else until
    while True:
        count = 0
        for stored in _fetched(
            connection,
            _AFTER,
            (after, last, min(PAGE, last - after)),
        ):
            row = row_of(stored)
            yield row
            count, after = count + 1, row.seq
        if count < PAGE:
            return


def rows_of_kind(connection: apsw.Connection, kind: str, after: int) -> Iterator[Row]:
    """The events of a kind, other than cycles, after `after`: found by their index."""
    while True:
        count = 0
        for stored in _fetched(connection, _OF_KIND, (after, kind, PAGE)):
            row = row_of(stored)
            yield row
            count, after = count + 1, row.seq
        if count < PAGE:
            return


def rows_traded(connection: apsw.Connection, kinds: Collection[str]) -> Iterator[Row]:
    """The events of some kinds, other than cycles, and the intents that traded, in order."""
    found = connection.execute(_TRADED, (json.dumps(sorted(kinds)),)).fetchall()
    return _rows_numbered(connection, found)


def set_aside(connection: apsw.Connection, order_id: OrderId) -> tuple[FillQuarantined, ...]:
    """The entries of an order that are quarantined, in the order in which they were."""
    found = connection.execute(_ASIDE, (order_id,)).fetchall()
    events = (recorded(each).event for each in _rows_numbered(connection, found))
    return tuple(each for each in events if isinstance(each, FillQuarantined))


def _rows_numbered(connection: apsw.Connection, found: Sequence[Sequence[object]]) -> Iterator[Row]:
    """The events of these numbers, which rise."""
    seqs = [int(str(seq)) for (seq,) in found]
    for start in range(0, len(seqs), PAGE):
        page = seqs[start : start + PAGE]
        yield from map(row_of, _fetched(connection, _NUMBERED, (page[0] - 1, json.dumps(page))))


def _fetched(
    connection: apsw.Connection, query: str, values: tuple[int | str, ...]
) -> Iterator[tuple[apsw.SQLiteValue, ...]]:
    """The rows, once all are read; those before one whose text is none, and then the refusal.

    The first of `values` is the number before which all is known.
    """
    found: list[tuple[apsw.SQLiteValue, ...]] = []
    try:
        found.extend(connection.execute(query, values))
    except UnicodeDecodeError as error:
        yield from found
        raise ChainBroken(
            f"the event after {found[-1][0] if found else values[0]} was changed: its text is none",
            hint="do not trade on it; a backup: trader247 state restore",
        ) from error
    yield from found


def row_of(stored: Sequence[object]) -> Row:
    """An event as it is stored, with its payload's text.

    Raises:
        ChainBroken: the payload is not what was stored.
    """
    seq, v, time, kind, ref, payload, prev_hash, hash = stored
    try:
        text = unpacked(payload)
    except UnreadableRecord as error:
        raise ChainBroken(f"event {seq} was changed: {error}", hint=error.hint) from error
    return Row(
        int(str(seq)), int(str(v)), str(time), str(kind), str(ref), text, str(prev_hash), str(hash)
    )


def recorded(row: Row) -> Recorded:
    """The event of a stored row.

    Raises:
        UnreadableRecord: it is of a kind, a version or a shape that this program does not know.
    """
    try:
        payload = json.loads(row.payload)
        time = Instant.parse(row.time)
    except ValueError as error:
        raise UnreadableRecord(f"event {row.seq} is unreadable: {error}") from error
    try:
        event = from_payload(row.kind, row.v, payload)
    except UnreadableRecord as error:
        raise UnreadableRecord(f"event {row.seq}: {error}", hint=error.hint) from error
    return Recorded(row.seq, time, event, row.hash)


def recorded_after(connection: apsw.Connection, after: int) -> Iterator[Recorded]:
    """Every event after `after`, in order."""
    return map(recorded, rows_after(connection, after))


def rows_of(connection: apsw.Connection, table: str) -> int:
    """How many rows a table of ours has."""
    found = connection.execute(f"SELECT count(*) FROM {table}").get  # noqa: S608 # our own names
    return int(str(found))
