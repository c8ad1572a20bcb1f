"""The trader's journal as a stranger reads it: by a connection of its own, once it is committed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import apsw

from trader247.adapters.sqlite.packed import unpacked
from trader247.simulation.judged.history import Record

_NAMES = ("seq", "v", "time", "kind", "ref", "payload", "prev_hash", "hash")
_EVENTS = (
    "SELECT seq, v, time, kind, ref, payload, prev_hash, hash FROM events WHERE seq > ? "
    "ORDER BY seq"
)
_HEAD = "SELECT max(seq) FROM events"
_IS_OPEN = "SELECT is_open FROM lease"
_LAST = "SELECT seq, hash FROM events WHERE seq <= ? ORDER BY seq DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Frame:
    """Where the cycle of an event says that what it saw is kept, and its hash."""

    seq: int
    segment: str
    offset: int
    length: int
    digest: str


class JournalReader:
    """Tells of what a journal has committed, in its order, and each event once."""

    def __init__(self, path: Path, tell: Callable[[Record], None]) -> None:
        self.frames: list[Frame] = []
        self._path = path
        self._tell = tell
        self._connection: apsw.Connection | None = None
        self._seen = 0
        self._has_news = True
        self._was_synced = False
        self._ends: list[int] = []
        """The last events of the transactions that were committed and are not told of yet."""

    def wrote(self, act: str, path: str) -> None:
        """A file is about to be written to, or synced: where it is the journal's there may be
        something to read. What is written after a sync belongs to another transaction.
        """
        if not path.endswith("-wal"):
            return
        self._has_news = True
        if act == "sync":
            self._was_synced = True
        elif self._was_synced:
            self._was_synced = False
            if self._connection is not None:
                end = self._connection.execute(_HEAD).get
                self._ends.append(end if isinstance(end, int) else 0)

    def look_again(self) -> None:
        """There may be something to read, whatever was written."""
        self._has_news = True

    def read(self) -> None:
        """Tell of what was committed since this was last asked."""
        if not self._has_news or not self._path.exists():
            return
        self._has_news = False
        rows = self._rows()
        if rows:
            self._seen = rows[-1]["seq"]
            for events in self._transactions(rows):
                self._tell({"kind": "journal", "events": events})

    def _transactions(self, rows: list[Record]) -> Iterator[list[Record]]:
        """The rows, those of one transaction at a time."""
        ends, self._ends = [*self._ends, rows[-1]["seq"]], []
        first = 0
        for end in ends:
            count = sum(1 for row in rows[first:] if row["seq"] <= end)
            if count:
                yield rows[first : first + count]
            first += count

    def went_back(self, seq: int) -> None:
        """What came after an event is gone and was not lost: another file is in the place."""
        self.let_go()  # somebody may have looked at the old one since the last process ended
        self._seen = seq
        self._ends = []
        self.frames = [each for each in self.frames if each.seq <= seq]
        self._has_news = True

    def is_let_go(self) -> bool | None:
        """Whether whoever had the journal has said that it let go of it properly; None: unread."""
        if self._connection is None:
            return None
        try:
            return not self._connection.execute(_IS_OPEN).get
        except apsw.Error:  # a bit of it flipped, or it is not there yet
            return None

    def let_go(self) -> None:
        """Close the file: whoever opens it next may find less in it."""
        if self._connection is not None:
            self._connection.close(force=True)
        self._connection = None

    def _rows(self) -> list[Record]:
        if self._connection is None:
            self._connection = apsw.Connection(str(self._path), flags=apsw.SQLITE_OPEN_READONLY)
            self._tell_what_is_left(self._connection)
        found = self._connection.execute(_EVENTS, (self._seen,)).fetchall()
        rows = [dict(zip(_NAMES, row, strict=True)) for row in found]
        for row in rows:
            row["payload"] = payload = json.loads(unpacked(row["payload"]))
            if row["kind"] == "cycle_decided" and payload["seen"] is not None:
                seen = payload["seen"]
                self.frames.append(
                    Frame(
                        int(str(row["seq"])),
                        seen["segment"],
                        seen["offset"],
                        seen["length"],
                        seen["sha256"],
                    )
                )
        return rows

    def _tell_what_is_left(self, reader: apsw.Connection) -> None:
        """Tell what a new process finds of the events that were told of as committed."""
        self._ends = []
        if self._seen:
            (left,) = reader.execute(_LAST, (self._seen,)).fetchall() or [(0, "")]
            self._seen = int(str(left[0]))
            self._tell({"kind": "reopened", "seq": self._seen, "hash": left[1]})
