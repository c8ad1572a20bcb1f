"""A journal that lost its end: put back by `state restore`, or by somebody who copied files.

Whoever copies an older journal back by hand loses what people and stops decided since, as a restore
does, and nobody halts it for him. Where the folder still has something that goes further than the
journal, the next process latches the same halt before it does anything else.

It does so once. The halt is the first event after the common ones, so that a backup which does not
hold it is of the end that was lost and accounted for, and one that holds it is of a later loss.
"""

from __future__ import annotations

from trader247.adapters.sqlite.beyond import backups_beyond, segment_beyond
from trader247.adapters.sqlite.journal import SqliteJournal
from trader247.adapters.sqlite.reader import JournalReader
from trader247.adapters.sqlite.rows import Head
from trader247.app.books.places import Places
from trader247.core.holds import RESTORED, UNREAD
from trader247.domain.dataclass import dataclass
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.halts import HaltLatched
from trader247.domain.events.money import DifferenceFound
from trader247.domain.events.people import AlertRaised
from trader247.domain.events.recorded import Recorded
from trader247.domain.reasons import HaltName, Severity
from trader247.domain.time import Instant
from trader247.ports import Delivery

_BY_HAND = "by hand"
_HALT = HaltLatched.kind


@dataclass(frozen=True, slots=True)
class _Lost:
    """The time of a journal's last event, and what goes further, in words."""

    time: Instant
    what: str


def latch(journal: SqliteJournal, name: str, how: str, time: Instant) -> None:
    """Latch that the journal lost what came after `time`: entries wait for a person.

    Who that is has nothing to look at before the account was read once: so long it differs, as
    `name`. `how` it came to that is told.

    Raises:
        StorageError: the disk did not take it.
    """
    # With the epoch no two such halts are one event, also where one copy came back twice.
    cause = (
        f"{RESTORED} {how}, as epoch {journal.epoch}: what was halted, disarmed or decided after "
        f"{time} is lost here"
    )
    unread = DifferenceFound(f"{UNREAD}{name}", f"up to {time}", "not read since", is_break=False)
    halt = HaltLatched(HaltName.RECONCILIATION_BREAK, cause)
    # Whoever is told of halts hears of this one too, until somebody has looked.
    text = f"{cause}. Nothing is bought. Next: trader247 reconcile, then trader247 unlock"
    told = AlertRaised(Severity.CRITICAL, halt.name.value, text)
    _, alert, _ = journal.append([halt, told, unread], time)
    journal.record_deliveries([Delivery(alert.seq, "outbox", False, 0, "waits for a start")])


def latch_if_lost(journal: SqliteJournal, places: Places) -> None:
    """Latch it where the folder has more of this journal than the journal itself.

    Raises:
        StorageError: the journal failed.
    """
    with JournalReader.open(places.journal) as known:
        lost = _lost(known, places)
    if lost is not None:
        latch(journal, _BY_HAND, f"that somebody copied here ({lost.what})", lost.time)


def _lost(known: JournalReader, places: Places) -> _Lost | None:
    end = next(known.recorded(known.head.seq - 1), None) if known.head.seq else None
    if end is None:
        return None
    halted = _halted(known, end)
    common = halted or next(known.recorded(0, until=1))
    ours = f"the journal ends with event {end.seq}"
    ends, shared = Head(end.seq, end.hash), Head(common.seq, common.hash)
    backups = backups_beyond(places.backups, ends, shared)
    if backups:
        furthest = f"{backups[0].name} to event {backups[0].seq}"
        return _Lost(end.time, f"{ours}, backups that go on: {len(backups)}, {furthest}")
    cycle = known.last_cycle()
    if halted is not None and (cycle is None or halted.seq > cycle.seq):
        return None  # the next cycle cuts it off
    decided = cycle.event if cycle and isinstance(cycle.event, CycleDecided) else None
    segment = segment_beyond(places.segments, decided.seen if decided else None)
    if segment is None:
        return None
    number = decided.cycle if decided else 0
    return _Lost(end.time, f"{ours} and cycle {number}, and {segment} has later cycles")


def _halted(known: JournalReader, end: Recorded) -> Recorded | None:
    """The last time that this journal was halted for a lost end."""
    found = known.last(_HALT, before=end.seq + 1)
    while found is not None:
        if isinstance(found.event, HaltLatched) and found.event.cause.startswith(RESTORED):
            return found
        found = known.last(_HALT, before=found.seq)
    return None
