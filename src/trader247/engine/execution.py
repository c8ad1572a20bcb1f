"""Sending and cancelling: the intent on disk before the bytes on the wire, always."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence

from trader247.core.invariants import is_violation, ledger_faults, refusal_at_sending
from trader247.core.orders.answers import latched_by
from trader247.core.policy import Policy
from trader247.core.risk.reservations import worst_fee
from trader247.domain.decisions import Cancellation
from trader247.domain.errors import StorageError, VenueError
from trader247.domain.events.halts import HaltLatched
from trader247.domain.events.orders import CancelRequested, IntentRecorded, SubmissionSettled
from trader247.domain.ids import ClientOrderId, OrderId
from trader247.domain.intents import OrderBody, RecordedIntent, WorkingIntent
from trader247.domain.milestones import Milestone, Passing
from trader247.domain.orders import Order
from trader247.domain.outcomes import NOT_SENT, Acknowledged, CancelResult, Declined, Outcome
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import HaltName, TradingState
from trader247.domain.time import SECOND
from trader247.domain.verdicts import Approved
from trader247.engine.ledger import Ledger
from trader247.engine.steady_ages import Moment
from trader247.ports import Clock, Ids, Permit, Venue

_STRANGER = "this journal never recorded it"


class Execution:
    """The only place that submits. A decision is sent once, by the process that took it."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        venue: Venue,
        clock: Clock,
        ids: Ids,
        permit: Permit,
        policy: Policy,
        quote_seconds_max: int,
        code_version: str,
        passing: Passing,
    ) -> None:
        self._ledger = ledger
        self._venue = venue
        self._clock = clock
        self._ids = ids
        self._permit = permit
        self._policy = policy
        self._quote_age_max = quote_seconds_max * SECOND
        self._decision_age_max = policy.execution.decision_seconds_max * SECOND
        self._code_version = code_version
        self._passing = passing
        self._sent_before = venue.orders_sent
        self._sent = 0
        self._recorded_at: dict[ClientOrderId, Moment] = {}
        self._sound: Portfolio | None = None
        """The last ledger that was looked at, if it broke no rule."""

    def submit(self, approved: Approved) -> Outcome:
        """Look at the stop, record, look at it once more, send, record the answer.

        No order exists that the journal does not know: a crash after the first record is read as
        an unknown outcome, never as permission to send again.

        Raises:
            StorageError: the journal failed. Before sending: nothing was sent. After sending: the
                restart resolves the intent as unknown.
        """
        self._passing(Milestone.DECIDED)
        self.compare_counts()  # one order too many is not followed by another, in no cycle
        refusal = self._permit.refusal() or self._halted(approved)
        if refusal is not None:  # no intent is recorded under a stop that was seen
            return Declined(code=NOT_SENT, message=refusal, is_sent=False)
        contradiction = self._contradiction(approved)
        if contradiction is not None:
            return Declined(code=NOT_SENT, message=contradiction, is_sent=False)
        intent, body = self._intent(approved)
        name = intent.client_order_id
        self._remember(intent)
        self._ledger.record(IntentRecorded(intent))
        self._passing(Milestone.INTENT_RECORDED)
        reason = self._too_late(approved)
        outcome: Outcome
        if reason is not None:
            outcome = Declined(code=NOT_SENT, message=reason, is_sent=False)
        else:
            outcome = self._venue.submit(approved, body)
        self._sent += not (isinstance(outcome, Declined) and not outcome.is_sent)
        self._passing(Milestone.ANSWER_CLASSIFIED)
        try:
            self._ledger.record(
                SubmissionSettled(name, outcome),
                *latched_by(outcome, name, self._ledger.portfolio),
            )
        except StorageError:
            # The ledger cannot learn its name any more: only here can it still be cancelled.
            if isinstance(outcome, Acknowledged):
                self._cancel_quietly([outcome.order_id])
            raise
        return outcome

    def recorded_at(self, name: ClientOrderId) -> Moment | None:
        """When this process recorded an intent that works still, by both clocks; None where another
        process did, or it is over.
        """
        return self._recorded_at.get(name)

    def _remember(self, intent: RecordedIntent) -> None:
        working = self._ledger.portfolio.working
        self._recorded_at = {name: at for name, at in self._recorded_at.items() if name in working}
        moment = Moment(intent.created, self._clock.monotonic())
        self._recorded_at[intent.client_order_id] = moment

    def compare_counts(self) -> None:
        """Stop everything if the wire counts other orders than were recorded here and sent."""
        counted = self._venue.orders_sent - self._sent_before
        if counted == self._sent or HaltName.INVARIANT in self._ledger.portfolio.halts:
            return
        cause = f"{counted} orders left by the wire's count, {self._sent} were recorded and sent"
        self._ledger.record(HaltLatched(HaltName.INVARIANT, cause))

    def cancel(self, orders: Sequence[ClientOrderId], cause: str) -> tuple[CancelResult, ...]:
        """Ask the venue to cancel working orders for one cause, as `cancel_each` does.

        Raises:
            VenueError: the venue did not answer; the orders still work.
        """
        return self.cancel_each([Cancellation(name, cause) for name in orders])

    def cancel_each(self, wanted: Sequence[Cancellation]) -> tuple[CancelResult, ...]:
        """Ask the venue to cancel working orders, recording that we do.

        All are asked for at once: where a venue is slow, none of them waits for another's answer.
        An intent whose order id is not known yet has nothing to cancel: resolving it comes first.
        The answer means requested; only a later reading says cancelled.

        Raises:
            VenueError: the venue did not answer; the orders still work.
        """
        working = self._ledger.portfolio.working
        requests = tuple(
            CancelRequested(each.client_order_id, order_id, each.cause)
            for each in wanted
            if each.client_order_id in working
            and (order_id := working[each.client_order_id].order_id) is not None
        )
        if not requests:
            return ()
        self._ledger.record(*requests)
        self._passing(Milestone.CANCEL_RECORDED)
        return self._venue.cancel([request.order_id for request in requests])

    def cancel_all(
        self, cause: str, *, is_kept: Callable[[WorkingIntent], bool] = lambda _: False
    ) -> tuple[CancelResult, ...]:
        """Ask the venue to cancel every working order of ours, but for those that are kept.

        One that ended, and waits for fills alone, has nothing to cancel.

        Raises:
            VenueError: the venue did not answer; the orders still work.
        """
        working = self._ledger.portfolio.working
        orders = [name for name, each in working.items() if not (each.is_over or is_kept(each))]
        return self.cancel(orders, cause)

    def cancel_again(self) -> tuple[CancelResult, ...]:
        """Ask once more for the end of every order whose cancel was asked for and did not end.

        A cancel is idempotent: whether an earlier process sent it, or lost the answer, is the same.

        Raises:
            VenueError: the venue did not answer; the orders still work.
        """
        asked = [
            name
            for name, each in self._ledger.portfolio.working.items()
            if each.cancel_requested is not None and not each.is_over
        ]
        return self.cancel(asked, "asked for before, and not over")

    def cancel_strangers(self, orders: Sequence[Order]) -> tuple[CancelResult, ...]:
        """Ask the venue to cancel orders under our name that this ledger does not know.

        Raises:
            VenueError: the venue did not answer; the orders still work.
        """
        self._ledger.record(
            *(CancelRequested(each.client_order_id, each.order_id, _STRANGER) for each in orders)
        )
        return self._venue.cancel([each.order_id for each in orders])

    def cancel_unrecorded(self) -> None:
        """Ask the venue to cancel whatever works, when the journal takes nothing any more.

        The last thing that a trader does whose storage failed; what the venue answers changes
        nothing, since every order ends by itself at its end time.
        """
        working = self._ledger.portfolio.working.values()
        orders = [each.order_id for each in working if each.order_id is not None]
        if orders:
            self._cancel_quietly(orders)

    def _cancel_quietly(self, orders: Sequence[OrderId]) -> None:
        with contextlib.suppress(VenueError):
            self._venue.cancel(orders)

    def _intent(self, approved: Approved) -> tuple[RecordedIntent, OrderBody]:
        proposal = approved.proposal
        portfolio = self._ledger.portfolio
        now = self._clock.now()
        client_order_id = self._ids.client_order(
            epoch=portfolio.epoch, decision=proposal.decision_id, leg=proposal.leg
        )
        body = self._venue.render(approved, client_order_id, now + proposal.lifetime)
        intent = RecordedIntent.of(
            approved,
            client_order_id=client_order_id,
            body=body,
            created=now,
            epoch=portfolio.epoch,
            policy_hash=self._policy.hash,
            code_version=self._code_version,
            taker_fee_fraction=worst_fee(portfolio, self._policy),
        )
        return intent, body

    def _halted(self, approved: Approved) -> str | None:
        """The halt that forbids an order which was approved before it latched, or None.

        The answer to an order may halt trading while others of its cycle still wait.
        """
        portfolio = self._ledger.portfolio
        state = portfolio.trading_state
        is_allowed = state is TradingState.ACTIVE or (
            state is TradingState.REDUCING and not approved.proposal.is_entry
        )
        return None if is_allowed else f"{', '.join(each.value for each in portfolio.halts)} stands"

    def check_ledger(self) -> None:
        """Stop everything where the ledger breaks a rule of its own.

        Raises:
            StorageError: the journal failed.
        """
        portfolio = self._ledger.portfolio
        faults = ledger_faults(portfolio, self._sound)
        self._sound = None if faults else portfolio
        if faults and HaltName.INVARIANT not in self._ledger.portfolio.halts:
            self._ledger.record(HaltLatched(HaltName.INVARIANT, "; ".join(faults)))

    def _contradiction(self, approved: Approved) -> str | None:
        """Why the ledger as it is now does not allow an order that was approved on it, or None.

        An earlier order of the same cycle may have halted trading since; any other difference is a
        bug, and stops everything.
        """
        portfolio = self._ledger.portfolio
        verdict = refusal_at_sending(approved, portfolio, self._policy)
        if verdict is None:
            return None
        text = f"{verdict.check} does not allow it any more: {verdict.detail}"
        if is_violation(verdict) and HaltName.INVARIANT not in portfolio.halts:
            self._ledger.record(HaltLatched(HaltName.INVARIANT, f"approved, and {text}"))
        return text

    def _too_late(self, approved: Approved) -> str | None:
        """Why an approved order may not leave any more, or None."""
        refusal = self._permit.refusal()
        if refusal is not None:
            return refusal
        now = self._clock.now()
        if now - approved.decided_at > self._decision_age_max:
            return f"decided {now - approved.decided_at} ago, more than {self._decision_age_max}"
        if approved.decided_at - now > self._decision_age_max:
            return f"decided at {approved.decided_at}, yet to come: the clock was set back"
        if now - approved.quote_time > self._quote_age_max:
            return f"quote {now - approved.quote_time} old, more than {self._quote_age_max}"
        return None
