"""One cycle, in order: stop, books, market, decide, record, sell, cancel, send, books again.

Nothing here returns early: whatever happens, fills are collected, exits are judged, open orders
are looked after and the cycle is recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta

from trader247.core.alerts.due import due_escalations
from trader247.core.book.cycle_event import cycle_event
from trader247.core.decide import decide
from trader247.core.holds import strange_cash
from trader247.core.market.senses import FRESH, Senses
from trader247.core.orders.cancellations import unasked
from trader247.core.orders.repricing import is_post_only_rejection
from trader247.core.policy import Policy
from trader247.core.risk.checks.quote_sanity import peg_of
from trader247.domain.changing import replace
from trader247.domain.decisions import Cancellation, Decisions, Outcome
from trader247.domain.errors import VenueError
from trader247.domain.events.halts import HaltLatched
from trader247.domain.events.money import FeesRead
from trader247.domain.events.recorded import AnyEvent
from trader247.domain.ids import ProductId
from trader247.domain.market import Quote, Snapshot
from trader247.domain.milestones import Milestone, Passing
from trader247.domain.outcomes import NOT_SENT, RATE_BUDGET, Acknowledged, Declined, Unknown
from trader247.domain.outcomes import Outcome as SubmitOutcome
from trader247.domain.reasons import HaltName, Reason, TradingState
from trader247.domain.reports import Collected, CycleReport
from trader247.domain.time import HOUR, SECOND, Instant
from trader247.domain.verdicts import Approved
from trader247.engine.execution import Execution
from trader247.engine.key_watch import KeyWatch
from trader247.engine.ledger import Ledger
from trader247.engine.reconciler import Reconciler
from trader247.engine.selling_on import SellingOn
from trader247.engine.stop_word import learned
from trader247.ports import Clock, Journal, MarketData, StopSignal, Venue, VenueFaults

_MEGABYTE = 1_000_000
STATUS_AGE = 45 * SECOND
"""A product's status older than this is read again before an exit between two cycles."""


class Cycle:
    """The heartbeat of the trader; everything it needs was handed to it."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        journal: Journal,
        market: MarketData,
        venue: Venue,
        clock: Clock,
        stop: StopSignal,
        execution: Execution,
        reconciler: Reconciler,
        policy: Policy,
        passing: Passing,
        key_watch: KeyWatch | None = None,
        objection: Callable[[], str | None] = lambda: None,
        free_bytes: Callable[[], int | None] | None = None,
        senses: Senses = FRESH,
    ) -> None:
        """`key_watch` is for a venue that real orders go to with a key of a person's.

        `free_bytes` is the room where the journal is, None where it cannot be told; without it
        nothing is written to a disk.

        `objection` is why nothing may be sent any more, where a person's file says so.
        """
        self._ledger = ledger
        self._journal = journal
        self._market = market
        self._venue = venue
        self._clock = clock
        self._stop = stop
        self._execution = execution
        self._reconciler = reconciler
        self._policy = policy
        self._key_watch = key_watch
        self._objection = objection
        self._free_bytes = free_bytes
        self._passing = passing
        self._senses = senses
        self._selling_on = SellingOn(ledger=ledger, clock=clock)
        self._seen: Snapshot | None = None
        self._held_since: Instant | None = None
        """Since when each cycle has found cash on hold that nothing explains."""
        self._budget = policy.breakers.cycle_budget_seconds * SECOND
        self._latency_max = policy.breakers.latency_seconds_max * SECOND

    def run(self) -> CycleReport:
        """Run the next cycle to its end.

        Raises:
            StorageError: the journal failed; nothing was sent after it did.
            ReadAborted: a stop was raised while the market was read; nothing was decided.
        """
        began = self._clock.monotonic()
        self._obey_stop()
        if self._key_watch is not None:
            self._key_watch.look()
        self._read_fees()
        collected = self._reconciler.collect()
        if self._ledger.portfolio.trading_state is TradingState.HALTED:
            # Nothing is sold that could wait for it: what was learnt of just now ends first.
            self._cancel(unasked(self._ledger.portfolio))
        snapshot = self._look_at(self._products())
        if collected.error and not snapshot.unreachable:
            # Whoever cannot read his own books buys nothing; exits go on with what is known.
            trouble = f"the account's books: {collected.error}"
            snapshot = replace(snapshot, unreachable=trouble)
        elif self._reconciler.has_unexplained_fills and not snapshot.unreachable:
            # It may be ours: what it bought is in no book yet, and held against no limit.
            trouble = "the account's books: a fill that the venue has not told whole yet"
            snapshot = replace(snapshot, unreachable=trouble)
        faults = self._market.faults()
        self._obey_venue(faults)
        self._execution.compare_counts()
        self._ledger.record(*self._senses.dust(self._ledger.portfolio, snapshot, self._policy))
        self._execution.check_ledger()
        self._passing(Milestone.BEFORE_DECISION)
        decisions = decide(snapshot, self._ledger.portfolio, self._policy, self._senses)
        self._record(snapshot, decisions, faults, self._clock.monotonic() - began)
        cancels, outcomes = self._act(decisions)
        if outcomes or cancels:
            collected = collected.plus(self._reconciler.collect())
        self._execution.check_ledger()
        self._tell_what_is_due()
        self._passing(Milestone.ORDERS_REST)
        self._seen = snapshot
        return self._report(snapshot, decisions, outcomes, collected=collected)

    def _tell_what_is_due(self) -> None:
        """Raise what time alone has made worth saying."""
        portfolio, now = self._ledger.portfolio, self._clock.now()
        held = strange_cash(portfolio, now)
        # A hold that is found at an earlier time than those before was found by a clock set back.
        self._held_since = None if held is None else min(self._held_since or held.since, held.since)
        self._ledger.record(*due_escalations(portfolio, now, held_since=self._held_since))

    def sells_on_in(self) -> timedelta | None:
        """How soon the next one is due for what a sale has left; None where nothing is."""
        return self._selling_on.due_in()

    def look(self) -> Snapshot:
        """Read the market of what is held, for exits that the last cycle did not see.

        Whoever is started again just after a cycle would else be blind for an interval, and so
        would be who adopted something meanwhile.

        Raises:
            ReadAborted: a stop was raised meanwhile.
        """
        self._seen = self._look_at(tuple(self._ledger.portfolio.holdings))
        return self._seen

    def _look_at(self, products: tuple[ProductId, ...]) -> Snapshot:
        snapshot = self._market.snapshot(
            cycle=self._ledger.portfolio.cycle + 1,
            products=products,
            reference=self._policy.regime.reference,
        )
        if self._reconciler.owes_reading:
            snapshot = replace(snapshot, owes_reading=True)
        return self._as_read(snapshot)

    def _as_read(self, snapshot: Snapshot) -> Snapshot:
        """The snapshot with what the last reading of the account was."""
        is_unread, sales = self._reconciler.is_unread, self._reconciler.sales
        if not is_unread and not snapshot.is_unread:
            return snapshot
        return replace(
            snapshot,
            is_unread=is_unread,
            cannot_follow=sales.is_silent,
            unfollowed=sales.unfollowed,
        )

    def run_exits(self, quotes: Mapping[ProductId, Quote]) -> CycleReport:
        """Judge stops and exits alone, by newer quotes of what is held, between two cycles.

        It is a cycle as far as the journal goes: numbered, recorded with what it saw, and decided
        by the same function.

        Raises:
            StorageError: the journal failed; nothing was sent after it did.
            ReadAborted: a stop was raised while the market was read; nothing was decided.
        """
        self._obey_stop()
        known = self._seen
        if known is None or not all(self._has_status(known, each) for each in quotes):
            known = self.look()
        views = {
            product: replace(view, quote=quotes[product]) if product in quotes else view
            for product, view in known.views.items()
        }
        snapshot = replace(
            self._as_read(known),
            cycle=self._ledger.portfolio.cycle + 1,
            time=self._clock.now(),
            views=views,
            is_exits_only=True,
        )
        self._passing(Milestone.BEFORE_DECISION)
        decisions = decide(snapshot, self._ledger.portfolio, self._policy)
        seen = self._journal.record_market(snapshot)
        event = cycle_event(snapshot, self._ledger.portfolio, decisions, seen)
        self._ledger.record(event, *decisions.halts, *decisions.bans)
        cancels, outcomes = self._act(decisions)
        collected = self._reconciler.collect() if outcomes or cancels else Collected()
        self._passing(Milestone.ORDERS_REST)
        return self._report(snapshot, decisions, outcomes, collected=collected)

    def _has_status(self, known: Snapshot, product: ProductId) -> bool:
        """Whether the last reading still tells what may be done with a product."""
        view = known.views.get(product)
        if view is None or view.product is None:
            return False
        # Read ahead of now, it was read by a clock that was set back since: all is read anew.
        return timedelta(0) <= self._clock.now() - view.product.read_at <= STATUS_AGE

    def _act(
        self, decisions: Decisions
    ) -> tuple[int, dict[ProductId, tuple[Approved, SubmitOutcome]]]:
        """Sell, ask for cancels, send the rest. Answers how many cancels, and what became of each.

        A cancel whose answer is awaited for longer than a decision holds would keep every sale
        back. No sale that was approved waits for a cancel of its own cycle.
        """
        sales = [each for each in decisions.approved if _is_sale(each)]
        rest = [each for each in decisions.approved if not _is_sale(each)]
        outcomes = self._submit(sales)
        cancels = self._cancel(decisions.cancellations)
        outcomes |= self._submit(rest)
        self._selling_on.judged(outcomes.values())
        return cancels, outcomes

    def _submit(
        self, approved: Sequence[Approved]
    ) -> dict[ProductId, tuple[Approved, SubmitOutcome]]:
        return {each.proposal.product: (each, self._execution.submit(each)) for each in approved}

    def _report(
        self,
        snapshot: Snapshot,
        decisions: Decisions,
        outcomes: Mapping[ProductId, tuple[Approved, SubmitOutcome]],
        *,
        collected: Collected,
    ) -> CycleReport:
        return CycleReport(
            cycle=snapshot.cycle,
            time=snapshot.time,
            regime=decisions.regime,
            trading_state=self._ledger.portfolio.trading_state,
            equity=decisions.equity,
            endings=_endings(decisions, outcomes),
            orders_sent=sum(_is_sent(outcome) for _, outcome in outcomes.values()),
            collected=collected,
            portfolio=self._ledger.portfolio,
            unreachable=snapshot.unreachable,
            is_pressing=decisions.is_pressing
            or any(is_post_only_rejection(outcome) for _, outcome in outcomes.values())
            or _has_kept_back(outcomes.values())
            or self._selling_on.due_in() is not None,
        )

    def _obey_stop(self) -> None:
        """Latch a raised kill switch, or a read-only file: files are the fact, learnt of here."""
        self._ledger.record(*learned(self._stop, self._ledger.portfolio))
        objection = self._objection()
        if objection is not None and HaltName.READ_ONLY not in self._ledger.portfolio.halts:
            self._ledger.record(HaltLatched(HaltName.READ_ONLY, objection))

    def _obey_venue(self, faults: VenueFaults) -> None:
        """Latch a key that the venue takes no more, before anything is decided on it."""
        if faults.key_refused and HaltName.KEY not in self._ledger.portfolio.halts:
            self._ledger.record(HaltLatched(HaltName.KEY, faults.key_refused))

    def _read_fees(self) -> None:
        """Keep the account's fee tier; a tier that cannot be read stays as it was known."""
        known = self._ledger.portfolio.fee_tier
        # A tier that is dated ahead was read by a clock that was wrong: nobody knows its age.
        if known is not None and timedelta(0) <= self._clock.now() - known.read_at < HOUR:
            return
        try:
            tier = self._venue.fees()
        except VenueError:
            return  # counted among the venue's faults; the fallback rates are the worst ones
        self._ledger.record(FeesRead(tier))

    def _products(self) -> tuple[ProductId, ...]:
        """The universe, and whatever is held, as dust too, or worked outside it."""
        portfolio = self._ledger.portfolio
        listed = self._policy.universe.products
        busy = {*portfolio.holdings, *(each.intent.product for each in portfolio.working.values())}
        quotes = {product.quote for product in (*listed, *busy)}
        pegs = {peg for quote in quotes if (peg := peg_of(quote)) is not None}
        return listed + tuple(sorted((busy | pegs) - set(listed)))

    def _record(
        self, snapshot: Snapshot, decisions: Decisions, faults: VenueFaults, took: timedelta
    ) -> None:
        seen = self._journal.record_market(snapshot)
        decided = replace(
            cycle_event(snapshot, self._ledger.portfolio, decisions, seen),
            errors=faults.errors,
            errors_running=faults.running,
            rate_limited=faults.rate_limited,
            is_overrun=took > self._budget,
            reconnects=faults.reconnects,
            is_slow=faults.latency is not None and faults.latency > self._latency_max,
            is_disk_low=self._is_disk_low(),
        )
        events: list[AnyEvent] = [decided, *decisions.halts, *decisions.breakers, *decisions.bans]
        events += [*decisions.doubts, *decisions.asked]
        self._ledger.record(*events)

    def _is_disk_low(self) -> bool:
        """Whether the journal may soon find no room; room that cannot be told is none."""
        if self._free_bytes is None:
            return False
        free = self._free_bytes()
        return free is None or free < self._policy.breakers.disk_mb_min * _MEGABYTE

    def _cancel(self, wanted: Sequence[Cancellation]) -> int:
        """Ask for the cancels that were decided; a venue that does not answer is asked again
        by the next cycle, and the orders' end times stand meanwhile."""
        try:
            return len(self._execution.cancel_each(wanted))
        except VenueError:
            return 0


def _endings(
    decisions: Decisions, outcomes: Mapping[ProductId, tuple[Approved, SubmitOutcome]]
) -> Mapping[ProductId, Outcome]:
    endings = dict(decisions.outcomes)
    for product, (approved, outcome) in outcomes.items():
        endings[product] = final_outcome(decisions.outcomes[product], approved, outcome)
    return endings


def final_outcome(decided: Outcome, approved: Approved, outcome: SubmitOutcome) -> Outcome:
    """How a product that was to trade really ended, once the venue had its say."""
    if approved.proposal.stop_price is not None and not isinstance(outcome, Unknown):
        return decided  # taken or declined: the position stays, and is watched all the same
    match outcome:
        case Acknowledged():
            sent = Reason.ENTRY_SENT if approved.proposal.is_entry else Reason.EXIT_SENT
            return Outcome(sent, decided.detail)
        case Declined(code="dry_run"):
            return Outcome(Reason.DRY_RUN, decided.detail)
        case Declined(is_sent=False):
            return Outcome(Reason.NOT_SENT, outcome.message)
        case Declined():
            return Outcome(Reason.DECLINED, f"{outcome.code}: {outcome.message}")
        case Unknown():
            return Outcome(Reason.UNKNOWN_OUTCOME, outcome.detail)


def _is_sale(approved: Approved) -> bool:
    """Whether it is to sell now: neither an entry, nor a stop that waits for its price."""
    return not approved.proposal.is_entry and approved.proposal.stop_price is None


def _has_kept_back(outcomes: Collection[tuple[Approved, SubmitOutcome]]) -> bool:
    """Whether a sale was not sent because others before it took its time, or the budget's room.

    A venue that answers slowly would else let one position leave in each interval. What refuses a
    sale without others refuses it a second later as well.
    """
    codes = {RATE_BUDGET}
    if any(_is_sent(outcome) for approved, outcome in outcomes if _is_sale(approved)):
        codes.add(NOT_SENT)
    return any(
        isinstance(outcome, Declined)
        and not outcome.is_sent
        and outcome.code in codes
        and _is_sale(approved)
        for approved, outcome in outcomes
    )


def _is_sent(outcome: SubmitOutcome) -> bool:
    return not (isinstance(outcome, Declined) and not outcome.is_sent)
