"""A paper book that has shown all that LIVE takes: a real journal, without trading for a week."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

from trader247.adapters.clock import SystemClock
from trader247.adapters.sqlite.journal import SqliteJournal
from trader247.app.books.modes import Mode, VenueName
from trader247.app.books.places import Places
from trader247.app.drills.ages import CONTINUITY_DRILLS
from trader247.app.granting.program import major_minor
from trader247.core.policy import Policy
from trader247.domain.events.book import (
    InstanceRefused,
    JournalOpened,
    PolicyAdopted,
    SessionEnded,
    SessionStarted,
)
from trader247.domain.events.cycles import CycleDecided, SegmentRef
from trader247.domain.events.halts import HaltCleared, HaltLatched
from trader247.domain.events.money import CashFlowed
from trader247.domain.events.people import DrillsHeld, SmokePassed
from trader247.domain.events.recorded import AnyEvent
from trader247.domain.money import Money
from trader247.domain.reasons import HaltName
from trader247.domain.time import DAY, HOUR, Instant

BEGIN = Instant.parse("2026-01-05T00:00:00Z")
SIMULATED = "synthetic:v1:seed=496:start=2026-01-05T00:00:00Z"
NOWHERE = SegmentRef("2026-01", 0, 0, "")


@dataclass(frozen=True)
class Shown:
    """What a paper book is to show; the defaults are all that is needed."""

    policy: Policy
    smoke_feed: str
    venue: VenueName = VenueName.SIM
    feed: str = SIMULATED
    cycles: int = 8 * 24
    apart: timedelta = HOUR
    is_killed: bool = True
    is_locked: bool = True
    smoke_age: timedelta | None = timedelta(0)
    drills_age: timedelta | None = timedelta(0)
    code_version: str = version("trader247")
    more: tuple[AnyEvent, ...] = ()


def shown(data: Path, what: Shown) -> Places:
    """Write the journal of a paper book that shows `what`."""
    places = Places(data, Mode.PAPER, what.venue)
    data.mkdir(mode=0o700, exist_ok=True)
    now = SystemClock().now
    with SqliteJournal.open(
        places.journal, clock_wall=now, genesis="ab" * 32, install_id="0a1b2c"
    ) as journal:
        journal.append(list(_events(what, places.book, now())), BEGIN)
    return places


def _events(what: Shown, book: str, now: Instant) -> Iterable[AnyEvent]:
    yield JournalOpened(book, what.feed, "USD")
    yield SessionStarted(1, what.code_version, True)
    yield PolicyAdopted(what.policy.hash, what.policy.text)
    yield CashFlowed(Money.of(10_000), "opening")
    for number in range(1, what.cycles + 1):
        yield CycleDecided(
            cycle=number,
            at=BEGIN + (number - 1) * what.apart,
            seen=NOWHERE,
            regime="chop",
            endings={},
            marks={},
            equity=Money.of(10_000),
        )
    if what.is_killed:
        yield HaltLatched(HaltName.KILL_SWITCH, "drill")
        yield HaltCleared(HaltName.KILL_SWITCH, "drill", "me")
    if what.is_locked:
        yield InstanceRefused("process 7")
    if what.drills_age is not None:
        held = now - what.drills_age
        yield DrillsHeld(what.policy.hash, major_minor(), held, CONTINUITY_DRILLS, ())
    yield from what.more
    if what.smoke_age is not None:
        at = now - what.smoke_age
        yield SmokePassed(what.smoke_feed, what.policy.hash, major_minor(), at)
    yield SessionEnded(1, "shown")


def later(what: Shown, **changes: object) -> Shown:
    """The same with something else."""
    return replace(what, **changes)  # type: ignore[arg-type]  # names are the dataclass's own


__all__ = ["DAY", "Shown", "later", "shown"]
