"""How old a drill may be: what was rehearsed long ago shows nothing of today's program."""

from __future__ import annotations

from datetime import timedelta

from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.books.modes import Mode
from trader247.app.books.places import Places
from trader247.domain.events.people import DrillsHeld
from trader247.domain.time import DAY, Instant

DRILL_DAYS_MAX = 90
"""A quarter of a year."""

CONTINUITY_DRILLS = ("restore", "stress")
"""What LIVE takes besides the stops: the way back from a backup, and twice the greatest load."""


def is_recent(at: Instant, now: Instant) -> bool:
    """Whether a drill of the time `at`, by the machine's clock, counts at `now`."""
    return timedelta(0) <= now - at <= DRILL_DAYS_MAX * DAY


def last_passed(places: Places) -> dict[str, Instant]:
    """When each drill was passed last, as the paper book of the same venue tells.

    Another policy's and another version's count here too: this tells what a person rehearsed, and
    `preflight` what counts for LIVE.

    Raises:
        StorageError: the journal cannot be read.
    """
    paper = Places(places.data, Mode.PAPER, places.venue)
    found: dict[str, Instant] = {}
    if not paper.journal.exists():
        return found
    with JournalReader.open(paper.journal) as journal:
        for stored in journal.events(kind=DrillsHeld.kind):
            event = stored.recorded().event
            if isinstance(event, DrillsHeld):
                found |= dict.fromkeys(event.passed, event.at)
                for name in event.failed:
                    found.pop(name, None)
    return found
