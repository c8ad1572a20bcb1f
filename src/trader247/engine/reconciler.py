"""Reading the venue's books into ours, and comparing the two."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from operator import attrgetter

from trader247.core.book.contradictions import broken, lateness
from trader247.core.book.intents import is_news
from trader247.core.orders.answers import latched_by
from trader247.core.policy import Policy
from trader247.core.reconcile import compare
from trader247.core.recovery import (
    RESTS_AFTER_END,
    held_currency,
    is_on_hold,
    next_look,
    resolve_unknown,
)
from trader247.domain.balances import Balance
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import VenueError
from trader247.domain.events.money import CashFlowed, DifferenceFound, ForeignSeen
from trader247.domain.events.orders import IntentUnseen, OrderSeen, SubmissionSettled
from trader247.domain.events.recorded import AnyEvent
from trader247.domain.fills import Fill
from trader247.domain.ids import OWN_PREFIX, OrderId
from trader247.domain.intents import RecordedIntent
from trader247.domain.milestones import Milestone, Passing
from trader247.domain.money import CONTEXT, ZERO, Money, total
from trader247.domain.orders import Order, Side
from trader247.domain.portfolio import Portfolio
from trader247.domain.reports import Collected
from trader247.domain.time import HOUR, MINUTE, Instant, microseconds
from trader247.engine.execution import Execution
from trader247.engine.fill_intake import FillIntake
from trader247.engine.ledger import Ledger
from trader247.engine.sales_by_id import SalesById
from trader247.engine.sightings import Sightings
from trader247.engine.steady_ages import Moment, SteadyAges
from trader247.engine.strays import Strays
from trader247.ports import Clock, Ids, Journal, Venue

_CREATED_US = attrgetter("intent.created.us")
_MINUTE_US = microseconds(MINUTE)
_ROUNDED_AWAY = Money.of("0.000001")
"""So much a wallet that keeps ten decimals loses over ten thousand fills; no fill is so small."""


@dataclass(frozen=True, slots=True)
class _Owed:
    """The wide reading that a start owes until one succeeds.

    It reaches `back`, and that far before the journal's `last_word`.
    """

    back: timedelta
    last_word: Instant


class Reconciler:
    """Fills are booked once, orders are followed to their end, differences get an age.

    It may run at any moment and any number of times: what is known already does nothing.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        journal: Journal,
        venue: Venue,
        execution: Execution,
        clock: Clock,
        ids: Ids,
        policy: Policy,
        passing: Passing,
    ) -> None:
        self._ledger = ledger
        self._journal = journal
        self._venue = venue
        self._execution = execution
        self._clock = clock
        self._ages = SteadyAges(clock, venue.time)
        self._policy = policy
        self._passing = passing
        self._owed: _Owed | None = None
        self._is_unread = False
        self._sales = SalesById(ledger=ledger, venue=venue, clock=clock)
        self._sightings = Sightings(venue, clock)
        self._intake = FillIntake(ledger=ledger, journal=journal, venue=venue, passing=passing)
        self._strays = Strays(
            ledger=ledger,
            journal=journal,
            execution=execution,
            ids=ids,
            policy=policy,
            passing=passing,
        )

    def collect_from_last_word(self) -> Collected:
        """Bring the ledger up to the venue's books after a start: as far back as it knows of none.

        Where the venue does not answer, each reading after it reaches as far, until one is whole:
        a journal that lost its last hours would else never learn of an order that rests since.
        """
        back = self._policy.execution.overlap_start_hours * HOUR
        # Before its first cycle a journal's last word is its first: a backup may be as old as that.
        last_word = self._ledger.portfolio.time or next(iter(self._journal.events())).time
        self._owed = _Owed(back, last_word)
        return self.collect()

    def collect(self, *, overlap: timedelta | None = None, is_alone: bool = False) -> Collected:
        """Bring the ledger up to the venue's books.

        `overlap` is how far back fills and orders are read again. With `is_alone` no trader runs,
        so that a difference that no order in flight explains is a break at once.
        """
        back = overlap or self._policy.execution.overlap_minutes * MINUTE
        owed = self._owed
        if owed is not None:
            back = max(back, owed.back)
        try:
            begun, oldest = self._ages.now(), self._oldest()
            orders = self._venue.orders(self._orders_since(oldest, back))
            orders += self._sightings.left_out(orders)
            fills = self._venue.fills(self._fills_since(oldest, back))
            irregular = self._venue.irregular_fills()
            balances = self._venue.balances()
            unlisted = self._intake.unlisted(fills, orders)
            self._expect_unset(begun)
        except VenueError as error:
            self._is_unread, updated = True, self._sales.ask()
            return self._standing(orders_updated=updated, error=str(error))
        self._is_unread = False
        self._sales.forget()
        self._owed = None
        orders += tuple(each for each in unlisted.values() if each is not None)
        self._passing(Milestone.FILLS_FETCHED)
        self._open_books(balances)
        self._resolve(orders, fills, balances, begun)
        self._strays.adopt(orders, fills)
        awaited = self._strays.awaited
        booked = self._intake.book(fills, orders, unlisted, awaited, begun.wall)
        self._intake.set_aside(irregular, orders, begun.wall)
        updated = self._follow(orders)
        strangers = self._strays.among(orders)
        self._sightings.keep(strangers)
        self.note_differences(strangers, balances, is_alone=is_alone, orders=orders)
        self._strays.end(strangers)
        self._strays.end_adopted()
        self._strays.tell_of_others(orders)
        return self._standing(booked=booked, orders_updated=updated)

    def _expect_unset(self, begun: Moment) -> None:
        """Raises VenueError: somebody set the clock since then.

        Booked by such a clock, a fill would count on another day than it is.
        """
        if self._ages.is_set_since(begun):
            raise VenueError("the clock was set while they were read")

    def foreign_fills(self, since: Instant) -> tuple[Fill, ...]:
        """The venue's fills since then of orders that are not ours.

        Raises:
            VenueError: they could not be read.
        """
        fills = self._venue.fills(since)
        names = self._intake.names(self._venue.orders(since))
        return tuple(
            fill
            for fill in fills
            if fill.order_id in names and not names[fill.order_id].startswith(OWN_PREFIX)
        )

    @property
    def owes_reading(self) -> bool:
        """Whether no reading has succeeded since the start."""
        return self._owed is not None

    @property
    def is_unread(self) -> bool:
        """Whether the last reading of the account failed."""
        return self._is_unread

    @property
    def sales(self) -> SalesById:
        """What was asked of each sale by its id, where the last reading failed."""
        return self._sales

    @property
    def strays(self) -> Strays:
        """What rests under our name, and no intent here explains."""
        return self._strays

    @property
    def has_unexplained_fills(self) -> bool:
        """Whether the last reading had a fill of which nothing tells yet whose it is."""
        return self._intake.has_unexplained

    def _oldest(self) -> Instant:
        """When the oldest intent that works was recorded; now where none does."""
        working = self._ledger.portfolio.working.values()
        created = min(map(_CREATED_US, working), default=None)
        return self._clock.now() if created is None else Instant(created)

    def _orders_since(self, oldest: Instant, back: timedelta) -> Instant:
        """From when on orders are read; after a start, since a restored journal's last word too.

        `oldest` is when the first intent was recorded that works.
        """
        if self._sightings.since is not None:
            oldest = min(oldest, self._sightings.since)
        if self._owed is not None:
            oldest = min(oldest, self._owed.last_word)
        return min(oldest, self._clock.now()) - max(back, 5 * MINUTE)

    def _fills_since(self, oldest: Instant, back: timedelta) -> Instant:
        """From when on fills are read: a ledger that has none yet may have lost its first."""
        known = self._ledger.portfolio.fills_until
        if known is None and self._owed is not None:
            known = self._owed.last_word
        waiting = self._intake.waiting_since() or oldest
        return min(known or oldest, oldest, waiting) - back

    def _open_books(self, balances: Mapping[str, Balance]) -> None:
        """The first reading of an account: its cash is capital, all else is foreign to us."""
        portfolio = self._ledger.portfolio
        if portfolio.cash is not None:
            return
        quote = portfolio.quote_currency
        cash = balances[quote].total if quote in balances else ZERO
        events: list[AnyEvent] = [CashFlowed(Money(cash), "opening")]
        events += [
            ForeignSeen(currency, balance.total)
            for currency, balance in sorted(balances.items())
            if currency != quote and balance.total != 0
        ]
        self._ledger.record(*events)

    def next_look(self) -> Instant | None:
        """When the books should be read again before the next cycle; None if not before."""
        return next_look(self._ledger.portfolio, self._clock.now())

    def _resolve(
        self,
        orders: tuple[Order, ...],
        fills: tuple[Fill, ...],
        balances: Mapping[str, Balance],
        begun: Moment,
    ) -> None:
        """Settle what we could not tell, by evidence alone: a listing that began at `begun`."""
        unresolved = [
            each for each in self._ledger.portfolio.working.values() if each.state.is_unresolved
        ]
        self._ages.keep({each.intent.client_order_id for each in unresolved})
        if not unresolved:
            return
        known_orders = {order.order_id for order in orders}
        has_unexplained = any(
            fill.order_id not in known_orders and not self._journal.has_fill(fill.entry_id)
            for fill in fills
        )
        for working in unresolved:
            intent, epoch = working.intent, self._ledger.portfolio.epoch
            name = intent.client_order_id
            self._ages.begin(name, self._execution.recorded_at(name))
            at = self._ages.at(intent, begun, epoch=epoch)
            event = resolve_unknown(
                self._ages.steadied(working),
                orders,
                listed_at=at,
                has_unexplained_fills=has_unexplained,
                is_held=_is_held(working.intent, orders, balances, at),
                differences=self._ledger.portfolio.differences,
                unbooked=self._unbooked(fills, orders),
                breakers=self._ledger.portfolio.breakers,
            )
            match event:
                case SubmissionSettled(name, outcome):
                    halts = latched_by(outcome, name, self._ledger.portfolio)
                    self._ledger.record(event, *halts)
                case IntentUnseen():
                    self._ledger.record(event)
                    self._ages.missed(intent, epoch=epoch)
                case None:
                    pass

    def _unbooked(self, fills: tuple[Fill, ...], orders: tuple[Order, ...]) -> dict[str, Decimal]:
        """How much of each currency came, or went, by fills of listed orders that wait here."""
        names = {order.order_id: order.client_order_id for order in orders}
        found: dict[str, Decimal] = {}
        for fill in fills:
            name = names.get(fill.order_id)
            if name is None or not name.startswith(OWN_PREFIX):
                continue
            if self._journal.has_fill(fill.entry_id):
                continue
            add = CONTEXT.add if fill.side is Side.BUY else CONTEXT.subtract
            base = fill.product.base
            found[base] = add(found.get(base, ZERO), fill.quantity.value)
        return found

    def _follow(self, orders: tuple[Order, ...]) -> int:
        """Record what is new about our orders; ask by id for one that is overdue."""
        listed = {order.client_order_id: order for order in orders}
        updated = 0
        portfolio, overdue = self._ledger.portfolio, self._clock.now().us - _MINUTE_US
        ended = (each for name, each in portfolio.settled.items() if name in listed)
        for known in (*portfolio.working.values(), *ended):
            name = known.intent.client_order_id
            order = listed.get(name)
            is_overdue = known.intent.end_time.us < overdue and not known.state.is_settled
            if order is None and is_overdue and known.order_id is not None:
                order = self._ask(known.order_id)
            if order is not None and is_news(known, order):
                late = lateness(self._ledger.portfolio, name)
                if order.state.is_final and known.cancel_requested is not None:
                    self._passing(Milestone.END_SEEN)
                self._ledger.record(OrderSeen(order), *late)
                updated += 1
                if order.state.is_final:
                    self._passing(Milestone.OLD_ORDER_OVER)
                if late and not order.state.is_final:
                    with contextlib.suppress(VenueError):  # each cycle asks for it again
                        self._execution.cancel((name,), late[0].cause)
        return updated

    def _ask(self, order_id: OrderId) -> Order | None:
        try:
            return self._venue.order(order_id)
        except VenueError:
            return None  # nothing is known of it now; the next cycle asks again

    def note_differences(
        self,
        strangers: tuple[Order, ...] | None,
        balances: Mapping[str, Balance],
        *,
        is_alone: bool,
        orders: tuple[Order, ...] | None = None,
        portfolio: Portfolio | None = None,
    ) -> None:
        """Record what is new about the differences; `portfolio` is the ledger, or some of it."""
        events: list[AnyEvent] = list(
            compare(
                self._ledger.portfolio if portfolio is None else portfolio,
                balances,
                strangers,
                self._clock.now(),
                self._policy,
                is_alone=is_alone,
                orders=orders,
                tolerance_quote=_ROUNDED_AWAY,
                ages=self._ages.known_for(),
            )
        )
        breaks = [each for each in events if isinstance(each, DifferenceFound) and each.is_break]
        if breaks:
            first = breaks[0]
            cause = f"{first.key}: ledger {first.ledger}, venue {first.venue}"
            events += broken(self._ledger.portfolio, cause)
        self._ledger.record(*events)

    def _standing(
        self, *, booked: tuple[Fill, ...] = (), orders_updated: int = 0, error: str = ""
    ) -> Collected:
        differences = self._ledger.portfolio.differences.values()
        return Collected(
            fills=len(booked),
            orders_updated=orders_updated,
            fees=total([fill.fee for fill in booked]),
            breaks=tuple(each for each in differences if each.is_break),
            pending=tuple(each for each in differences if not each.is_break),
            error=error,
            booked=booked,
        )


def _is_held(
    intent: RecordedIntent,
    orders: tuple[Order, ...],
    balances: Mapping[str, Balance],
    at: Instant,
) -> bool:
    """Whether the venue holds what an order of this intent would make it hold."""
    balance = balances.get(held_currency(intent))
    if balance is None or at > intent.end_time + RESTS_AFTER_END:
        return False
    return is_on_hold(intent, orders, balance)
