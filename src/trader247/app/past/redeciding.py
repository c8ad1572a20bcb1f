"""Deciding again from the journal: the same snapshot, ledger and policy, the same decisions.

For each cycle the ledger is folded up to just before it, what it saw is read from the segments,
the policy is the one whose text was adopted, and `decide` is asked again. What it answers must be
what the journal says was decided, and the orders and cancels that follow must be those of the
answer.
"""

from __future__ import annotations

from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.past.again import CycleAgain, Unlike, unlike
from trader247.app.past.cycle import adopted_policy
from trader247.core.book.cycle_event import cycle_event
from trader247.core.decide import decide
from trader247.core.policy import Policy
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import LedgerError
from trader247.domain.events.book import PolicyAdopted, SessionEnded, SessionStarted
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.recorded import Recorded
from trader247.domain.portfolio import Portfolio


@dataclass(frozen=True, slots=True)
class Redecision:
    """One cycle decided again; `code_version` is the program that decided it first."""

    cycle: int
    seq: int
    code_version: str
    unlike: tuple[Unlike, ...]


class Redeciding:
    """Takes a journal's events in order, and answers each cycle once its acts are known."""

    def __init__(
        self, journal: JournalReader, *, policy: Policy | None = None, code_version: str = ""
    ) -> None:
        """`policy` and `code_version` are those in force where the events do not begin at one."""
        self._journal = journal
        self._policy = policy
        self._code_version = code_version
        self._open: CycleAgain | None = None

    def take(self, recorded: Recorded, before: Portfolio) -> Redecision | None:
        """One more event, with the ledger before it; answers the cycle that it ends, if any.

        Raises:
            StorageError: what a cycle saw cannot be read.
            SettingsInvalid: this version cannot read an adopted policy.
            LedgerError: a cycle has no policy, or a policy is not what its hash says.
        """
        event = recorded.event
        done = None
        match event:
            case CycleDecided():
                done = self._closed(is_over=True)
                self._open = self._decided(recorded.seq, event, before)
            case SessionStarted():
                done = self._closed(is_over=False)
                self._code_version = event.code_version
            case PolicyAdopted():
                self._policy = adopted_policy(event)
            case SessionEnded():
                done = self._closed(is_over=True)
            case _ if self._open is not None:
                self._open.acts.append(event)
            case _:
                pass
        return done

    def end(self) -> Redecision | None:
        """The last cycle, if its acts may still be under way."""
        return self._closed(is_over=False)

    def _decided(self, seq: int, event: CycleDecided, before: Portfolio) -> CycleAgain:
        policy = self._policy
        if policy is None:
            raise LedgerError(f"cycle {event.cycle} was decided before a policy was adopted")
        snapshot = self._journal.snapshot_of(event.seen)
        decisions = decide(snapshot, before, policy)
        expected = cycle_event(snapshot, before, decisions, event.seen)
        return CycleAgain(seq, event, expected, decisions, policy, self._code_version, before)

    def _closed(self, *, is_over: bool) -> Redecision | None:
        cycle, self._open = self._open, None
        if cycle is None:
            return None
        found = tuple(unlike(cycle, is_over=is_over))
        return Redecision(cycle.event.cycle, cycle.seq, cycle.code_version, found)
