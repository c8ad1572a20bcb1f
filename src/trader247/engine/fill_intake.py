"""Taking fills in: each is booked once, and what cannot be explained is set aside."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping

from trader247.core.book.contradictions import broken, doubt, lateness
from trader247.domain.errors import LedgerError, NotHeld, VenueError
from trader247.domain.events.halts import HaltLatched
from trader247.domain.events.orders import FillBooked, FillQuarantined
from trader247.domain.events.people import AlertRaised
from trader247.domain.fills import Fill, IrregularFill
from trader247.domain.ids import OWN_PREFIX, ClientOrderId, EntryId, OrderId
from trader247.domain.milestones import Milestone, Passing
from trader247.domain.orders import Order, Side
from trader247.domain.reasons import Severity
from trader247.domain.time import MINUTE, Instant
from trader247.engine.ledger import Ledger
from trader247.ports import Journal, Venue

LISTED_WITHIN = 10 * MINUTE
"""So long after its fill an order that the venue says it does not know may still turn up."""
TOLD_WITHIN = 10 * MINUTE
"""So long after it was seen first an entry of a kind that nobody knows may still turn out to be a
plain execution, of which one answer was garbled."""


class FillIntake:
    """The venue's fills become events of ours, by the venue's own entry ids."""

    def __init__(self, *, ledger: Ledger, journal: Journal, venue: Venue, passing: Passing) -> None:
        self._ledger = ledger
        self._journal = journal
        self._venue = venue
        self._passing = passing
        self._waiting: dict[EntryId, Instant] = {}
        """When each fill was made that waits."""
        self._strange: dict[EntryId, Instant] = {}
        """When each entry was seen first that was of a kind which nobody knows."""
        self._has_unexplained = False

    @property
    def has_unexplained(self) -> bool:
        """Whether the last reading had a fill of which nothing tells yet whose it is, or whether it
        is one: what it bought is in no book, and held against no limit.
        """
        return self._has_unexplained

    def waiting_since(self) -> Instant | None:
        """When the oldest fill was made that waits, seen once though it may be; None where none
        does. Until it is booked, or set aside, fills are read from there.
        """
        over = [entry_id for entry_id in self._waiting if self._journal.has_fill(entry_id)]
        for entry_id in over:
            del self._waiting[entry_id]
            self._strange.pop(entry_id, None)
        return min(self._waiting.values(), default=None)

    def unlisted(
        self, fills: tuple[Fill, ...], orders: tuple[Order, ...]
    ) -> Mapping[OrderId, Order | None]:
        """The orders of new fills that neither the listing nor the ledger has, asked for by id.

        None is one that the venue does not know; one that it does not answer for is left out. A
        listing may tell of an order later than of its fill.
        """
        found: dict[OrderId, Order | None] = {}
        new = (each for each in fills if not self._journal.has_fill(each.entry_id))
        wanted = (each.order_id for each in new if self._named(each.order_id, orders) is None)
        for order_id in dict.fromkeys(wanted):
            with contextlib.suppress(VenueError):  # its fills wait: the next reading asks again
                found[order_id] = self._venue.order(order_id)
        return found

    def book(
        self,
        fills: tuple[Fill, ...],
        orders: tuple[Order, ...],
        unlisted: Mapping[OrderId, Order | None],
        awaited: Collection[ClientOrderId],
        now: Instant,
    ) -> tuple[Fill, ...]:
        """Book each fill that is new; quarantine what cannot be explained. Answers those booked.

        What is quarantined is never booked later, so a fill of whose order nothing is known yet
        waits, as does one that an intent of unknown outcome may explain, one of an `awaited`
        order, which will be ours, and a sale of more than is held while a buy is not all booked:
        the next reading has the order, or those fills, or the intent is settled. Cash and
        coins tell of it meanwhile.
        """
        self._has_unexplained = False
        booked: list[Fill] = []
        for fill in fills:
            if self._journal.has_fill(fill.entry_id):
                self._expect_unchanged(fill)
                continue
            name = self._named(fill.order_id, orders)
            if name in awaited:
                self._wait_for(fill)
                continue
            if name is None and (_may_be_told(fill, unlisted, now) or self._may_be_ours(fill)):
                self._wait_for(fill)
                # What an intent of unknown outcome may explain is reserved with it.
                self._has_unexplained |= not self._may_be_ours(fill)
                continue
            if name is None or not self._journal.knows_order(name):
                self._quarantine(fill, name, "no intent of ours explains it")
                continue
            try:
                late = lateness(self._ledger.portfolio, name)
                self._ledger.record(FillBooked(fill, name), *late, *self._repetition(fill))
            except LedgerError as error:
                if isinstance(error, NotHeld) and self._is_bought_later(fill, orders, awaited):
                    self._wait_for(fill)
                else:
                    self._quarantine(fill, name, str(error))
                continue
            booked.append(fill)
            self._passing(Milestone.FILL_BOOKED)
        return tuple(booked)

    def _wait_for(self, fill: Fill) -> None:
        self._waiting[fill.entry_id] = min(fill.time, fill.sequence_time)

    def set_aside(
        self, irregular: tuple[IrregularFill, ...], orders: tuple[Order, ...], now: Instant
    ) -> None:
        """Keep what is no plain execution as it came, and stop buying where it may be ours.

        Which figures a reversal undoes, and what a correction puts in their place, is for a person
        to see: cash and coins tell, and nothing is invented to make them agree. What is set aside
        is never booked, so an entry of a kind that nobody knows waits for readings that may tell.
        """
        names = self.names(orders) if irregular else {}
        for each in irregular:
            fill = each.fill
            if self._journal.has_fill(fill.entry_id):
                continue
            name = names.get(fill.order_id) or self._name_of(fill.order_id)
            is_ours = name is None or name.startswith(OWN_PREFIX)
            if is_ours and self._may_be_told_otherwise(each, now):
                self._wait_for(fill)
                self._has_unexplained = True
                continue
            halts: tuple[HaltLatched, ...] = ()
            if is_ours:
                what = f"{each.kind} {fill.entry_id} of order {fill.order_id}"
                halts = broken(self._ledger.portfolio, what)
            self._ledger.record(FillQuarantined(fill, each.cause), *halts)

    def _may_be_told_otherwise(self, entry: IrregularFill, now: Instant) -> bool:
        if entry.is_of_known_kind:
            return False
        since = self._strange.setdefault(entry.fill.entry_id, now)
        # A clock that was set back tells nothing of how long it has waited.
        if now < since:
            since = self._strange[entry.fill.entry_id] = now
        return now - since < TOLD_WITHIN

    def names(self, orders: tuple[Order, ...]) -> Mapping[OrderId, ClientOrderId]:
        """Our name of each order that the listing or the ledger knows.

        The ledger's are those that work and those that ended lately: one may turn up late.
        """
        names = {order.order_id: order.client_order_id for order in orders}
        portfolio = self._ledger.portfolio
        for each in (*portfolio.working.values(), *portfolio.settled.values()):
            if each.order_id is not None:
                names[each.order_id] = each.intent.client_order_id
        return names

    def _named(self, order_id: OrderId, orders: tuple[Order, ...]) -> ClientOrderId | None:
        """Our name of one order, as `names` has it."""
        portfolio = self._ledger.portfolio
        for intents in (portfolio.working, portfolio.settled):
            for each in intents.values():
                if each.order_id == order_id:
                    return each.intent.client_order_id
        listed = (each.client_order_id for each in orders if each.order_id == order_id)
        return next(listed, None)

    def _name_of(self, order_id: OrderId) -> ClientOrderId | None:
        try:
            order = self._venue.order(order_id)
        except VenueError:
            return None  # nothing is known of it now; the next cycle asks again
        return None if order is None else order.client_order_id

    def _may_be_ours(self, fill: Fill) -> bool:
        return any(
            each.state.is_unresolved
            and each.intent.product == fill.product
            and each.intent.side is fill.side
            for each in self._ledger.portfolio.working.values()
        )

    def _is_bought_later(
        self, sale: Fill, orders: tuple[Order, ...], awaited: Collection[ClientOrderId]
    ) -> bool:
        """Whether fills of a buy of ours are still to come that `sale` may have sold.

        A listing may leave out a part of a buy and have the sale of it, or tell less of the buy
        than it takes to take it back: only a journal that was restored meets them together, since
        nothing is sold before it is booked.
        """
        working = self._ledger.portfolio.working.values()
        buys = [each.intent.product for each in working if each.intent.side is Side.BUY]
        buys += [
            each.product
            for each in orders
            if each.client_order_id in awaited and each.side is Side.BUY
        ]
        return sale.product in buys

    def _quarantine(self, fill: Fill, name: ClientOrderId | None, cause: str) -> None:
        halts = doubt(self._ledger.portfolio, fill, name)
        self._ledger.record(FillQuarantined(fill, cause), *halts)

    def _expect_unchanged(self, fill: Fill) -> None:
        """What is booked stays booked: a venue that tells it otherwise now stops us from buying."""
        if self._journal.contradicts(fill):
            cause = f"the venue tells fill {fill.entry_id} otherwise than it was booked"
            self._ledger.record(*broken(self._ledger.portfolio, cause))

    def _repetition(self, fill: Fill) -> tuple[AlertRaised, ...]:
        """A second entry of one trade is booked, by its own id, and told of."""
        if not fill.trade_id or not self._journal.repeats_trade(fill):
            return ()
        text = (
            f"Trade {fill.trade_id} of order {fill.order_id} is in the venue's ledger twice: "
            f"{fill.side.value} {fill.quantity} {fill.product}, {fill.notional.value:,.2f}. Both "
            "entries are booked; a difference would show. Next: trader247 reconcile"
        )
        return (AlertRaised(Severity.WARNING, "trade_repeated", text),)


def _may_be_told(fill: Fill, unlisted: Mapping[OrderId, Order | None], now: Instant) -> bool:
    """Whether the venue may still tell of a fill's order: it did not answer, or is late with it."""
    return fill.order_id not in unlisted or fill.time > now - LISTED_WITHIN
