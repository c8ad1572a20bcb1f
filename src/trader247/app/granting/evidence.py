"""What a paper book proves of the program that is to trade with real money: read from its journal.

Only what was done under the present limits, or looser ones, and by this major.minor version counts:
a change of what decides begins the evidence anew, tightening keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.books.places import Places
from trader247.app.granting.program import major_minor
from trader247.app.settings.journalled import journalled_policy
from trader247.app.settings.problems import SettingsInvalid
from trader247.app.settings.tightening import CANARY, loosened
from trader247.core.book.clocks import Clocks
from trader247.core.booking import fold
from trader247.core.policy import Policy
from trader247.domain.events.book import InstanceRefused, PolicyAdopted, SessionStarted
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.halts import HaltCleared, HaltLatched
from trader247.domain.events.money import DifferenceFound
from trader247.domain.events.orders import FillQuarantined
from trader247.domain.events.people import DrillsHeld, SmokePassed
from trader247.domain.events.recorded import Recorded
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import HaltName
from trader247.domain.time import HOUR, MINUTE, Instant

GAP_MAX = HOUR + 10 * MINUTE
"""Cycles further apart than this do not count as running in between: the longest interval."""


@dataclass(slots=True)
class Evidence:
    """What counts of one book. Times are the book's own, but for `smoke_at`, the machine's.

    Numbers of events are where each was found, for whoever wants to see it with their own eyes.
    """

    feed: str = ""
    cycles: int = 0
    ran: timedelta = timedelta(0)
    first: Instant | None = None
    last: Instant | None = None
    breaks: list[int] = field(default_factory=list)
    quarantined: list[int] = field(default_factory=list)
    kill_drill: int | None = None
    lock_drill: int | None = None
    smokes: list[SmokePassed] = field(default_factory=list)
    drills: list[tuple[int, DrillsHeld]] = field(default_factory=list)
    portfolio: Portfolio = field(default_factory=Portfolio)
    policies: set[str] = field(default_factory=set)
    """Hashes of adopted policies that the present one only tightens."""
    setback: str = ""
    """Why earlier evidence does not count, where there was some."""


def evidence_of(places: Places, policy: Policy) -> Evidence | None:
    """The evidence of a book for `policy`; None where there is no such book.

    The ledger is folded anew from the first event, so that its figures are the journal's own.

    Raises:
        StorageError, LedgerError: the journal cannot be read, or contradicts itself.
    """
    if not places.journal.exists():
        return None
    gathering = _Gathering(policy)
    with JournalReader.open(places.journal) as journal:
        opened = journal.opened
        gathering.found.feed = "" if opened is None else opened.feed
        for recorded in journal.briefly():
            gathering.take(recorded)
    return gathering.found


class _Gathering:
    """Takes a journal's events in order."""

    def __init__(self, policy: Policy) -> None:
        self.found = Evidence()
        self._policy = policy
        self._version = major_minor()
        self._was: dict[str, str] = {}
        self._is_program_ours = False
        self._objection = "no policy was adopted"
        self._kill_seen: int | None = None

    def take(self, recorded: Recorded) -> None:
        found = self.found
        found.portfolio = fold(found.portfolio, recorded)
        event = recorded.event
        match event:
            case SessionStarted(code_version=version):
                self._is_program_ours = major_minor(version) == self._version
                if not self._is_program_ours:
                    self._begin_anew(f"version {version} is another one than {self._version}")
            case PolicyAdopted():
                self._objection = self._judged(event)
                if self._objection:
                    self._begin_anew(self._objection)
            case SmokePassed():
                found.smokes.append(event)
            case DrillsHeld():
                found.drills.append((recorded.seq, event))
            case _ if self._counts:
                self._counted(recorded)

    @property
    def _counts(self) -> bool:
        return self._is_program_ours and not self._objection

    def _counted(self, recorded: Recorded) -> None:
        found, event = self.found, recorded.event
        match event:
            case CycleDecided() if not event.is_exits_only:
                at = Clocks.of(event).right
                # A clock that was set back takes back nothing that was shown.
                if found.last is not None and timedelta(0) < at - found.last <= GAP_MAX:
                    found.ran += at - found.last
                found.first = found.first or at
                found.last = at
                found.cycles += 1
            case DifferenceFound(is_break=True):
                found.breaks.append(recorded.seq)
            case FillQuarantined():
                found.quarantined.append(recorded.seq)
            case HaltLatched(name=HaltName.KILL_SWITCH):
                self._kill_seen = recorded.seq
            case HaltCleared(name=HaltName.KILL_SWITCH):
                if self._kill_seen is not None and not found.portfolio.working:
                    found.kill_drill = recorded.seq
            case InstanceRefused():
                found.lock_drill = recorded.seq
            case _:
                pass

    def _judged(self, event: PolicyAdopted) -> str:
        known = self._was.get(event.policy_hash)
        if known is None:
            try:
                then = journalled_policy(event.text)
            except SettingsInvalid:
                known = "its policy cannot be read by this version"
            else:
                changed = loosened(self._policy, then, ignoring=CANARY)
                known = f"what decides has changed since: {'; '.join(changed)}" if changed else ""
            self._was[event.policy_hash] = known
            if not known:
                self.found.policies.add(event.policy_hash)
        return known

    def _begin_anew(self, why: str) -> None:
        found = self.found
        if found.cycles == 0:
            return
        self.found = Evidence(
            feed=found.feed,
            smokes=found.smokes,
            drills=found.drills,
            portfolio=found.portfolio,
            policies=found.policies,
            setback=why,
        )
        self._kill_seen = None
