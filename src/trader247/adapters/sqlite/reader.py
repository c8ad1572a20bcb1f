"""A journal as others may look at it, beside its running writer and without ever blocking it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import apsw

from trader247.adapters.sqlite.beside import Saved, load, saved, saved_at
from trader247.adapters.sqlite.brief import briefly_after
from trader247.adapters.sqlite.chain import Row
from trader247.adapters.sqlite.database import open_reader, translated
from trader247.adapters.sqlite.listings import (
    AlertRow,
    DayCount,
    DeliveryRow,
    FillRow,
    OrderRow,
    alert_rows,
    busiest_hour,
    days,
    delivery_rows,
    entries_filled_by_day,
    fill_rows,
    order_rows,
)
from trader247.adapters.sqlite.market.segments import SegmentReader
from trader247.adapters.sqlite.rows import (
    Head,
    head,
    last_cycle_at,
    meta,
    opening,
    recorded,
    rows_after,
    rows_of_kind,
    rows_traded,
    segments_of,
    set_aside,
)
from trader247.adapters.sqlite.schema import expect_ours
from trader247.adapters.sqlite.verify import Verification, verify
from trader247.domain.dataclass import dataclass
from trader247.domain.events.book import JournalOpened
from trader247.domain.events.cycles import CycleDecided, SegmentRef
from trader247.domain.events.orders import FillQuarantined
from trader247.domain.events.recorded import Recorded
from trader247.domain.ids import OrderId
from trader247.domain.market import Snapshot
from trader247.domain.portfolio import Portfolio
from trader247.domain.time import Instant

_INTEGER_MAX = 2**63 - 1
"""What SQLite can be asked for."""

_CHOSEN = (
    "SELECT seq FROM events WHERE seq > ? AND (? IS NULL OR kind = ?) "
    "AND (? IS NULL OR substr(time, 1, 19) >= ?) ORDER BY seq "
)
_CHOSEN_RARE = (
    "SELECT seq FROM events WHERE kind <> 'cycle_decided' AND seq > ? AND ? IS NOT NULL "
    "AND kind = ? AND (? IS NULL OR substr(time, 1, 19) >= ?) ORDER BY seq "
)
_FIRST = "LIMIT 1"
_NEWEST = "DESC LIMIT ?"


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it is stored, for people and for outside checks."""

    row: Row

    def as_json(self) -> dict[str, Any]:
        """The event's fields as plain JSON types: all that its hash is made of, and the hash."""
        return {
            "seq": self.row.seq,
            "v": self.row.v,
            "time": self.row.time,
            "kind": self.row.kind,
            "ref": self.row.ref,
            "payload": json.loads(self.row.payload),
            "prev_hash": self.row.prev_hash,
            "hash": self.row.hash,
        }

    def recorded(self) -> Recorded:
        """The event itself. Raises StorageError where this program cannot read it."""
        return recorded(self.row)


class JournalReader:
    """A journal, read-only: short statements, each of which sees what is committed by then."""

    def __init__(self, connection: apsw.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._segments = SegmentReader(segments_of(path))

    @classmethod
    def open(cls, path: Path) -> Self:
        """Look at the journal at `path`.

        Raises:
            StorageError: there is none, it is another program's, or it cannot be read.
        """
        connection = open_reader(path)
        try:
            with translated("open", path):
                expect_ours(connection, path)
        except BaseException:
            connection.close(force=True)
            raise
        return cls(connection, path)

    @property
    def head(self) -> Head:
        """The number and the hash of the last event."""
        with translated("read", self._path):
            return head(self._connection)

    @property
    def opened(self) -> JournalOpened | None:
        """Whose book this is and on which market; None in a journal without events."""
        with translated("read", self._path):
            return opening(self._connection)

    def meta(self, key: str) -> str:
        """A fact outside the chain: install_id, genesis, created, holder_host, holder_pid, …"""
        with translated("read", self._path):
            return meta(self._connection, key)

    def recorded(self, after: int = 0, *, until: int | None = None) -> Iterator[Recorded]:
        """Every event after `after`, up to and with `until`, in order: what is folded."""
        with translated("read", self._path):
            yield from map(recorded, rows_after(self._connection, after, until=until))

    def traded(self, kinds: Collection[str]) -> Iterator[Recorded]:
        """The events of some kinds, other than cycles, and the intents that traded, in order.

        They are found by the journal's indices: a year has a hundred times as many events.
        """
        with translated("read", self._path):
            yield from map(recorded, rows_traded(self._connection, kinds))

    def briefly(self, after: int = 0) -> Iterator[Recorded]:
        """As `recorded`, in half of its time: cycles without verdicts and details of endings.

        What is folded from these is the same ledger.
        """
        with translated("read", self._path):
            yield from briefly_after(self._connection, after)

    def events(
        self,
        *,
        after: int = 0,
        limit: int | None = None,
        kind: str | None = None,
        since: Instant | None = None,
    ) -> Iterator[StoredEvent]:
        """The events that match, in order; the newest `limit` of them where one is given."""
        with translated("read", self._path):
            start = self._start_of(after, limit, kind, since)
            if kind is None or kind == CycleDecided.kind:
                rows = rows_after(self._connection, start)
            else:
                rows = rows_of_kind(self._connection, kind, start)
            for row in rows:
                if _matches(row, kind, since):
                    yield StoredEvent(row)

    def fills(self, *, since: Instant | None = None, limit: int | None = None) -> list[FillRow]:
        """Booked fills with the order and the decision they belong to, oldest first."""
        with translated("read", self._path):
            return fill_rows(self._connection, since=since, limit=limit)

    def set_aside(self, order_id: OrderId) -> tuple[FillQuarantined, ...]:
        """The entries of an order that are quarantined, in the order in which they were."""
        with translated("read", self._path):
            return set_aside(self._connection, order_id)

    def orders(self, *, since: Instant | None = None, limit: int | None = None) -> list[OrderRow]:
        """Every order of ours that the venue may know, oldest first."""
        with translated("read", self._path):
            return order_rows(self._connection, since=since, limit=limit)

    def alerts(self, *, since: Instant | None = None, limit: int | None = None) -> list[AlertRow]:
        """Alerts with what became of them, oldest first."""
        with translated("read", self._path):
            return alert_rows(self._connection, since=since, limit=limit)

    def busiest_hour(self, back: timedelta) -> int:
        """Orders of the hour with most of them, up to `back` before the last one."""
        with translated("read", self._path):
            return busiest_hour(self._connection, back)

    def days(self, since: Instant | None) -> list[DayCount]:
        """What the cycles of each UTC day came to, from `since` on."""
        with translated("read", self._path):
            return days(self._connection, since)

    def entries_filled_by_day(self, since: Instant | None) -> dict[str, int]:
        """How many entries of each day traded."""
        with translated("read", self._path):
            return entries_filled_by_day(self._connection, since)

    def deliveries(self, alert: int) -> list[DeliveryRow]:
        """What became of the alert of this number, by channel."""
        with translated("read", self._path):
            return delivery_rows(self._connection, alert)

    def portfolio(self, *, before: int | None = None) -> Portfolio | None:
        """The latest folded snapshot, if there is one that this version can read.

        With `before`, the latest that holds no event from that one on.
        """
        with translated("read", self._path):
            return load(self._connection, before=before)

    def last(self, kind: str, *, before: int) -> Recorded | None:
        """The last event of a kind, other than a cycle, before event `before`."""
        with translated("read", self._path):
            found = self._connection.execute(
                "SELECT max(seq) FROM events "
                "WHERE kind = ? AND kind <> 'cycle_decided' AND seq < ?",
                (kind, before),
            ).fetchone()
            if found is None or found[0] is None:
                return None
            seq = int(str(found[0]))
            return next(map(recorded, rows_after(self._connection, seq - 1, until=seq)))

    def cycle_at(self, time: Instant) -> int | None:
        """The number of the last cycle that was recorded at or before `time`, None before any."""
        with translated("read", self._path):
            return last_cycle_at(self._connection, time)

    def saved_at(self) -> tuple[int, ...]:
        """Up to which event each folded snapshot that is kept goes."""
        with translated("read", self._path):
            return saved_at(self._connection)

    def saved(self, seq: int) -> Saved | None:
        """The folded snapshot up to that event, as it is stored."""
        with translated("read", self._path):
            return saved(self._connection, seq)

    def snapshot_of(self, ref: SegmentRef) -> Snapshot:
        """What a cycle saw, equal to the original. Raises StorageError."""
        return self._segments.snapshot_of(ref)

    def snapshots(self, after: int = 0) -> Iterator[tuple[Recorded, Snapshot]]:
        """Every decided cycle after event `after`, with what it saw."""
        for each in self.recorded(after):
            if isinstance(each.event, CycleDecided):
                yield each, self._segments.snapshot_of(each.event.seen)

    def cycle(self, number: int) -> Recorded | None:
        """The event of one cycle, or None if there was no such cycle."""
        if number > _INTEGER_MAX:
            return None
        with translated("read", self._path):
            row = self._connection.execute(
                "SELECT seq FROM cycles WHERE cycle = ?", (number,)
            ).fetchone()
            if row is None:
                return None
            seq = int(str(row[0]))
            return next(map(recorded, rows_after(self._connection, seq - 1, until=seq)), None)

    def last_cycle(self) -> Recorded | None:
        """The event of the last cycle, or None if there was none."""
        with translated("read", self._path):
            row = self._connection.execute("SELECT max(cycle) FROM cycles").fetchone()
        return None if row is None or row[0] is None else self.cycle(int(str(row[0])))

    def verify(self) -> Verification:
        """Check the file, the whole chain, the derived tables and every frame referred to."""
        with translated("verify", self._path):
            return verify(self._connection, self._segments)

    def close(self) -> None:
        """Let go of the files."""
        self._segments.close()
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _start_of(
        self, after: int, limit: int | None, kind: str | None, since: Instant | None
    ) -> int:
        """The event before the newest `limit` that match, or before the first; found by SQLite."""
        second = None if since is None else str(since)[:19]
        choice = (after, kind, kind, second, second)
        # Only what says that it is no cycle is looked for in the index of the others.
        chosen = _CHOSEN if kind in (None, CycleDecided.kind) else _CHOSEN_RARE
        if limit is None:
            found = self._connection.execute(chosen + _FIRST, choice).fetchall()
        else:
            found = self._connection.execute(chosen + _NEWEST, (*choice, max(limit, 0))).fetchall()
        return int(str(found[-1][0])) - 1 if found else 1 << 62


def _matches(row: Row, kind: str | None, since: Instant | None) -> bool:
    if kind is not None and row.kind != kind:
        return False
    return since is None or Instant.parse(row.time) >= since
