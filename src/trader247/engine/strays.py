"""Orders under our name that this journal does not know: taken back if it lost them, or ended."""

from __future__ import annotations

import contextlib

from trader247.core.book.contradictions import broken
from trader247.core.orders.adoption import adopted, terms_of
from trader247.core.orders.cancellations import may_rest
from trader247.core.policy import Policy
from trader247.domain.errors import LedgerError, VenueError
from trader247.domain.events.book import SessionStarted
from trader247.domain.events.orders import ForeignOrdersSeen, IntentRecorded, SubmissionSettled
from trader247.domain.fills import Fill
from trader247.domain.ids import ADOPTED, OWN_PREFIX, ClientOrderId
from trader247.domain.milestones import Milestone, Passing
from trader247.domain.orders import Order, Side
from trader247.domain.outcomes import Acknowledged
from trader247.domain.reasons import TradingState
from trader247.engine.execution import Execution
from trader247.engine.ledger import Ledger
from trader247.ports import Ids, Journal

TOLD_MAX = 3
"""Orders of others that one alert describes; the rest it counts."""


class Strays:
    """What rests at the venue under our prefix without an intent here never rests for long."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        journal: Journal,
        execution: Execution,
        ids: Ids,
        policy: Policy,
        passing: Passing,
    ) -> None:
        self._ledger = ledger
        self._journal = journal
        self._execution = execution
        self._ids = ids
        self._policy = policy
        self._passing = passing
        self._awaited: frozenset[ClientOrderId] = frozenset()
        self._ending = self._kept = 0

    def among(self, orders: tuple[Order, ...]) -> tuple[Order, ...]:
        """Orders that carry our prefix and that no intent of this journal explains."""
        return tuple(
            order
            for order in orders
            if order.client_order_id.startswith(OWN_PREFIX)
            and not self._journal.knows_order(order.client_order_id)
        )

    @property
    def awaited(self) -> frozenset[ClientOrderId]:
        """Lost orders of the last reading that will be taken back later: once it is told what they
        were, or one of unknown outcome is settled that the ledger cannot have them beside.
        """
        return self._awaited

    def adopt(self, orders: tuple[Order, ...], fills: tuple[Fill, ...]) -> None:
        """Take back orders that this installation sent and this journal lost.

        Older ones than the journal are another one's: what they did is in its opening balances.
        """
        awaited: set[ClientOrderId] = set()
        lost = [each for each in orders if self._is_lost(each)]
        self._leave_epochs_of(lost)
        for order in sorted(lost, key=lambda each: (each.created, each.order_id)):
            name, epoch = order.client_order_id, self._ids.epoch_of(order.client_order_id)
            assert epoch is not None, "it is of this installation"
            self._passing(Milestone.STRANGER_FOUND)
            portfolio = self._ledger.portfolio
            cause = f"{name} was sent from here, and this journal lost it"
            terms = terms_of(order, fills)
            if terms is None or self._is_one_unresolved(order):
                awaited.add(name)
                self._ledger.record(*broken(portfolio, cause))  # it is held against no limit
                continue
            intent = adopted(order, terms, portfolio, self._policy, epoch=epoch)
            if intent is None:
                continue
            try:
                self._ledger.record(
                    IntentRecorded(intent),
                    SubmissionSettled(name, Acknowledged(order.order_id)),
                    *broken(portfolio, cause),
                )
            except LedgerError:
                continue  # it stays a stranger: ended, latched, and its fills set aside
        self._awaited = frozenset(awaited)

    def _is_one_unresolved(self, order: Order) -> bool:
        return any(
            each.state.is_unresolved
            and each.intent.product == order.product
            and each.intent.side is order.side
            for each in self._ledger.portfolio.working.values()
        )

    def _leave_epochs_of(self, lost: list[Order]) -> None:
        """Go on after every epoch that the lost part of this journal had: ids come from it.

        Such orders may be told of long after the start, by a listing that lags.
        """
        epochs = (self._ids.epoch_of(each.client_order_id) for each in lost)
        latest = max((each for each in epochs if each is not None), default=0)
        if latest < self._journal.epoch:
            return
        self._journal.raise_epoch(latest + 1)
        version = self._ledger.portfolio.code_version
        self._ledger.record(SessionStarted(self._journal.epoch, version, was_clean=True))

    def _is_lost(self, order: Order) -> bool:
        if order.client_order_id in self._ledger.portfolio.working:
            return False  # nearly all are: the others are looked at more closely
        if self._ids.epoch_of(order.client_order_id) is None:
            return False
        if self._journal.knows_order(order.client_order_id):
            return False
        opened = next(iter(self._journal.events()))
        return order.created > opened.time

    def end_adopted(self) -> None:
        """Nobody here knows why orders rest that were taken back: they end. Each cycle asks again.

        Whoever took them back may have died before it asked for that. A sale that whoever halted
        trading keeps stays for as long as the halt stands.
        """
        portfolio = self._ledger.portfolio
        working = portfolio.working
        is_halted = portfolio.trading_state is TradingState.HALTED
        names = tuple(
            name
            for name, each in working.items()
            # What sells again what it bought is of its decision, and of another order.
            if each.intent.decision_id == f"{ADOPTED}{each.order_id}"
            and each.cancel_requested is None
            and not each.is_over
            and not (is_halted and may_rest(each, portfolio))
        )
        if names:
            with contextlib.suppress(VenueError):
                self._execution.cancel(names, "the journal that decided it is lost")

    def end(self, strangers: tuple[Order, ...]) -> None:
        """Ask for the end of live orders under our name that nobody here decided on.

        A venue that does not answer is asked again by the next reading. A sale that whoever halted
        trading keeps stays for as long as the halt stands, whatever it is for.
        """
        portfolio = self._ledger.portfolio
        is_halted = portfolio.trading_state is TradingState.HALTED
        live = tuple(order for order in strangers if not order.state.is_final)
        wanted = tuple(
            order
            for order in live
            if not (is_halted and order.side is Side.SELL and portfolio.keeps_sales)
        )
        self._ending, self._kept = len(wanted), len(live) - len(wanted)
        if wanted:
            self._passing(Milestone.STRANGER_FOUND)
            with contextlib.suppress(VenueError):
                self._execution.cancel_strangers(wanted)

    @property
    def ending(self) -> int:
        """How many of them rested at the last reading, and were asked to end."""
        return self._ending

    @property
    def kept(self) -> int:
        """How many of them are sales that rest as whoever halted trading wishes."""
        return self._kept

    def tell_of_others(self, orders: tuple[Order, ...]) -> None:
        """Record live orders of other names, once: somebody else trades on this account."""
        until = self._ledger.portfolio.foreign_until
        others = [
            order
            for order in orders
            if not order.state.is_final
            and not order.client_order_id.startswith(OWN_PREFIX)
            and (until is None or order.created > until)
        ]
        if not others:
            return
        newest = sorted(others, key=lambda each: (each.created, each.order_id), reverse=True)
        told = "; ".join(_in_words(each) for each in newest[:TOLD_MAX])
        more = len(others) - TOLD_MAX
        told += f"; and {more} more" if more > 0 else ""
        self._ledger.record(ForeignOrdersSeen(len(others), newest[0].created, told))


def _in_words(order: Order) -> str:
    quantity = "" if order.quantity is None else f" {order.quantity}"
    price = "" if order.price is None else f" at {order.price}"
    return f"{order.side.value}{quantity} {order.product}{price}"
