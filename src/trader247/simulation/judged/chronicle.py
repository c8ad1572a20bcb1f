"""Everything that happened in a run, in its order: told to the judge, hashed, the last of it kept.

Equal runs have equal hashes. What a judge calls broken ends the run where it was told.

What is hashed of a record is its Python text: whoever tells builds it in one order, of words,
figures and lists of them, so that it reads alike in each run, at a third of what JSON costs.
"""

from __future__ import annotations

from collections import deque
from hashlib import sha256

from trader247.simulation.death import BrokenPromise
from trader247.simulation.judged.history import Judge, Record, Violation
from trader247.simulation.judged.tally import Tally
from trader247.simulation.world.timeline import Timeline

_LAST_EVENTS = 40
_AT_ONCE = 512
"""So many are hashed one after the other: between all that a run does, each takes thrice."""


class Chronicle:
    """One run's. `incarnation` is which process of the run trades now, or did last."""

    def __init__(self, judge: Judge, timeline: Timeline, tally: Tally) -> None:
        self.incarnation = 0
        self.violations: list[Violation] = []
        self.last: deque[Record] = deque(maxlen=_LAST_EVENTS)
        self._judge = judge
        self._timeline = timeline
        self._tally = tally
        self._hash = sha256()
        self._unhashed: list[Record] = []

    @property
    def digest(self) -> str:
        """The hash of everything that was told."""
        self._hash_them()
        return self._hash.hexdigest()

    def tell(self, record: Record) -> None:
        """Tell of something that happened now, in this incarnation; nobody changes it any more.

        Raises:
            BrokenPromise: a judge says that it must not have.
        """
        record["at_us"] = self._timeline.now_us
        record["incarnation"] = self.incarnation
        kind = record["kind"]
        short = _hashed(record) if kind in _SHORTENED else record
        self._unhashed.append(short)
        if len(self._unhashed) == _AT_ONCE:
            self._hash_them()
        self.last.append(short if kind == "quotes" else record)
        self._tally.records += 1
        if kind == "exchange":
            self._tally.fills += len(record["fills"])
        elif kind == "request" and "touch" in record:
            self._tally.orders += 1
        found = self._judge.see(record)
        if found:
            self.violations += found
            raise BrokenPromise

    def _hash_them(self) -> None:
        told, self._unhashed = self._unhashed, []
        self._hash.update("".join(map(repr, told)).encode())


_SHORTENED = ("quotes", "journal", "begun")


def _hashed(record: Record) -> Record:
    """What of a record is the same in each run of a seed, with hashes in the place of events."""
    if record["kind"] == "begun":
        return {**record, "secrets": []}  # a key is new in each run
    if record["kind"] == "quotes":
        return {key: told for key, told in record.items() if key != "books"}  # their best is there
    return {**record, "events": [each["hash"] for each in record["events"]]}
