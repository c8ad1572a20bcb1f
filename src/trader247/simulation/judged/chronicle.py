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

    @property
    def digest(self) -> str:
        """The hash of everything that was told."""
        return self._hash.hexdigest()

    def tell(self, record: Record) -> None:
        """Tell of something that happened now, in this incarnation.

        Raises:
            BrokenPromise: a judge says that it must not have.
        """
        record["at_us"] = self._timeline.now_us
        record["incarnation"] = self.incarnation
        short = _hashed(record)
        self._hash.update(repr(short).encode())
        self.last.append(short if record["kind"] == "quotes" else record)
        self._count(record)
        found = self._judge.see(record)
        if found:
            self.violations += found
            raise BrokenPromise

    def _count(self, record: Record) -> None:
        self._tally.records += 1
        if record["kind"] == "exchange":
            self._tally.fills += len(record["fills"])
        elif record["kind"] == "request" and "touch" in record:
            self._tally.orders += 1


def _hashed(record: Record) -> Record:
    """What of a record is the same in each run of a seed, with hashes in the place of events."""
    if record["kind"] == "begun":
        return {**record, "secrets": []}  # a key is new in each run
    if record["kind"] == "quotes":
        return {key: told for key, told in record.items() if key != "books"}  # their best is there
    if record["kind"] == "journal":
        return {**record, "events": [each["hash"] for each in record["events"]]}
    return record
