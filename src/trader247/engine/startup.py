"""Start-up is recovery: there is no other start."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta

from trader247.core.alerts.orders import version_alert
from trader247.core.booking import fold
from trader247.core.orders.cancellations import may_rest
from trader247.core.policy import Policy
from trader247.domain.errors import ReadAborted, VenueError
from trader247.domain.events.book import JournalOpened, PolicyAdopted, SessionStarted
from trader247.domain.events.halts import HaltLatched
from trader247.domain.events.orders import SubmissionSettled
from trader247.domain.events.recorded import AnyEvent
from trader247.domain.intents import IntentState
from trader247.domain.milestones import Milestone, Passing
from trader247.domain.outcomes import Unknown
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import HaltName
from trader247.domain.reports import Collected, Start
from trader247.engine.execution import Execution
from trader247.engine.ledger import Ledger
from trader247.engine.reconciler import Reconciler
from trader247.engine.stop_word import learned
from trader247.ports import Clock, Journal, StopSignal

UNCLEAN_ENDS_MAX = 5
"""More unclean ends than this within ten minutes are a crash loop."""

SAVED_TOGETHER = 32
"""Snapshots saved by one synced write: some seconds of folding."""

_LOST = "the process ended before it recorded an answer"


def _unsaid(events: int) -> None:
    """Nobody is told."""


def folded(journal: Journal, *, on_anew: Callable[[int], None] = _unsaid) -> Portfolio:
    """The ledger that a journal tells: its last snapshot, and every event since.

    Where another version saved snapshots that this one cannot read, they are saved anew on the way:
    else whoever asks of the past would fold it from its first event, each time. What was saved so
    far counts, should this be cut short. `on_anew` is told of how many events that is, before it
    begins: a year's are minutes.

    Raises:
        LedgerError: an event contradicts what came before it.
        StorageError: the disk did not take a snapshot.
    """
    portfolio = journal.load_portfolio() or Portfolio()
    unread = journal.unreadable_portfolios()
    if any(seq > portfolio.seq for seq in unread):
        on_anew(max(unread) - portfolio.seq)
    anew: list[Portfolio] = []
    for recorded in journal.briefly(after=portfolio.seq):
        portfolio = fold(portfolio, recorded)
        if portfolio.seq in unread:
            anew.append(portfolio)
        if len(anew) == SAVED_TOGETHER:
            journal.save_portfolio(*anew)
            anew.clear()
    if anew:
        journal.save_portfolio(*anew)
    return portfolio


class Startup:
    """Takes a journal as a crash, a power cut or a proper end left it, and makes it ready."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        journal: Journal,
        clock: Clock,
        stop: StopSignal,
        execution: Execution,
        reconciler: Reconciler,
        policy: Policy,
        book: str,
        feed: str,
        code_version: str,
        passing: Passing,
        changes: str = "",
    ) -> None:
        """`changes` are programs below us that are not what the last session ran on, in words."""
        self._ledger = ledger
        self._journal = journal
        self._clock = clock
        self._stop = stop
        self._execution = execution
        self._reconciler = reconciler
        self._policy = policy
        self._book = book
        self._feed = feed
        self._code_version = code_version
        self._changes = changes
        self._passing = passing

    def recover(self) -> Start:
        """Open the session, read what the venue knows, and settle what can be settled.

        Safe to repeat: recovering twice is recovering once. It sends no order; under a raised
        stop it asks for the cancel of those that work.

        Raises:
            StorageError: the journal failed.
        """
        before = self._ledger.portfolio
        self._ledger.record(*self._opening(before))
        self._passing(Milestone.RECOVERING)
        self._doubt_the_unanswered()
        self._passing(Milestone.RECOVERING)
        collected = self._read(self._reconciler.collect_from_last_word)
        self._passing(Milestone.RECOVERING)
        collected = self._cancel_again(collected)
        if self._stop.is_raised():
            self._passing(Milestone.STOP_SEEN)
            collected = collected.plus(self._cancel_all())
        after = self._ledger.portfolio
        unresolved = sum(each.state.is_unresolved for each in after.working.values())
        return Start(
            is_first=before.seq == 0,
            was_clean=not before.is_session_open,
            epoch=after.epoch,
            last_seen=before.time,
            now=self._clock.now(),
            unresolved=unresolved,
            collected=collected,
        )

    def _opening(self, before: Portfolio) -> list[AnyEvent]:
        events: list[AnyEvent] = []
        if before.seq == 0:
            events.append(JournalOpened(self._book, self._feed, self._policy.quote_currency))
        was_clean = not before.is_session_open
        events.append(SessionStarted(self._journal.epoch, self._code_version, was_clean))
        changed = version_alert(before, self._code_version, self._changes)
        if changed is not None:
            events.append(changed)
        if before.policy_hash != self._policy.hash:
            events.append(PolicyAdopted(self._policy.hash, self._policy.text))
        if not was_clean and HaltName.CRASH_LOOP not in before.halts:
            now = self._clock.now()
            lately = [at for at in before.unclean_ends if now - at <= timedelta(minutes=10)]
            if len(lately) + 1 > UNCLEAN_ENDS_MAX:
                cause = f"{len(lately) + 1} unclean ends within ten minutes"
                events.append(HaltLatched(HaltName.CRASH_LOOP, cause))
        events += learned(self._stop, before)
        return events

    def _cancel_again(self, collected: Collected) -> Collected:
        """Send again what the process before may have sent: a cancel that was recorded."""
        with contextlib.suppress(VenueError):  # the next cycle asks again
            if self._execution.cancel_again():
                return collected.plus(self._read(self._reconciler.collect))
        return collected

    def _read(self, read: Callable[[], Collected]) -> Collected:
        """Read the books; again where a stop cut that short, since it cuts no later one short."""
        try:
            return read()
        except ReadAborted:
            return read()

    def _cancel_all(self) -> Collected:
        """What a stop asks first of a trader that was not there when it was raised."""
        with contextlib.suppress(VenueError):
            portfolio = self._ledger.portfolio
            self._execution.cancel_all(
                "kill switch", is_kept=lambda working: may_rest(working, portfolio)
            )
        return self._reconciler.collect()

    def _doubt_the_unanswered(self) -> None:
        """An intent whose answer was never recorded may be at the venue: it is unknown."""
        self._ledger.record(
            *(
                SubmissionSettled(name, Unknown(_LOST))
                for name, working in self._ledger.portfolio.working.items()
                if working.state is IntentState.SUBMITTING
            )
        )
