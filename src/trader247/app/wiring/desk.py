"""A book's ledger without a market: for what people ask of a book on which nobody trades."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from trader247.adapters.clock import PacedClock, SystemClock
from trader247.adapters.kill_switch import KillSwitch
from trader247.adapters.sqlite.journal import SqliteJournal
from trader247.app.books.modes import VenueName
from trader247.app.books.places import Places, nothing_yet
from trader247.app.wiring.folding import ledger_of
from trader247.core.policy import Policy
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import FeedMismatch
from trader247.domain.time import Instant
from trader247.engine.commands import Commands
from trader247.engine.ledger import Ledger
from trader247.ports import Alert, Clock


@dataclass(frozen=True, slots=True)
class Desk:
    """A ledger, the journal that it is folded from, and what people may ask of it."""

    journal: SqliteJournal
    ledger: Ledger
    commands: Commands


@contextmanager
def desk(places: Places, policy: Policy) -> Iterator[Desk]:
    """Open a book's ledger for a person's request. The caller holds the guard.

    Nothing is asked of a venue, and no channel is used: the person who asked sees the answer here.

    Raises:
        UsageError: there is no such book, or nothing was ever written to it.
        FeedMismatch: the file is another book's.
        StorageError: the journal cannot be opened, does not verify, or does not take the event.
    """
    if not places.journal.exists():
        raise nothing_yet(places)
    wall = SystemClock()
    # A journal that exists keeps its own genesis and installation.
    with SqliteJournal.open(
        places.journal, clock_wall=wall.now, genesis="", install_id=""
    ) as journal:
        opened = journal.opened
        if opened is None:
            raise nothing_yet(places)
        if opened.book != places.book:
            raise FeedMismatch(
                f"{places.journal} is the journal of {opened.book}, not of {places.book}",
                hint="a journal belongs to one mode and venue for ever; put the file back",
            )
        portfolio = ledger_of(journal)
        clock: Clock = wall
        if places.venue is VenueName.SIM:
            last = next(iter(journal.events(after=portfolio.seq - 1))).time
            clock = _standing_at(last)
        ledger = Ledger(journal=journal, clock=clock, alerts=_Unsent(), portfolio=portfolio)
        commands = Commands(ledger=ledger, stop=KillSwitch(places.data), policy=policy)
        yield Desk(journal, ledger, commands)


class _Unsent:
    """Alerts that the journal keeps for the next trader."""

    def send(self, alert: Alert) -> None: ...

    def acknowledged(self, code: str) -> None: ...

    def undeliverable(self) -> str:
        return ""

    def take_storm(self) -> str:
        return ""


def _standing_at(moment: Instant) -> Clock:
    """The clock of a simulated market that nobody moves: it stands at the journal's last event."""

    def advance(when: Instant) -> None:
        raise AssertionError(f"time does not pass where nobody trades, not even to {when}")

    return PacedClock(now=lambda: moment, advance=advance, speed=None)
