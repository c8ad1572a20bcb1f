"""Booking what a person explains of what differs: nobody else may say whose money it is."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from datetime import timedelta

from trader247.core.book.acceptance import Movement, Statement, movements, unpriced_in
from trader247.core.book.aside import endings
from trader247.core.orders.venue_stops import is_venue_stop
from trader247.domain.errors import VenueError
from trader247.domain.events.orders import FillsAccepted
from trader247.domain.ids import ClientOrderId, ProductId
from trader247.domain.money import Price
from trader247.domain.reports import Collected
from trader247.domain.time import DAY
from trader247.engine.execution import Execution
from trader247.engine.ledger import Ledger
from trader247.engine.reconciler import Reconciler
from trader247.ports import Clock, Journal, Venue

HAND_WINDOW = 7 * DAY
"""How far back sales by hand are looked for where our own lots are missing."""
_STOP_ROUNDS = 8
"""Readings after a request to end the stops, before it is left to another try."""
_STOP_PAUSE = timedelta(milliseconds=250)


class Accepting:
    """Reads the books, ends the stops that rest, and books every standing break as a movement."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        journal: Journal,
        venue: Venue,
        execution: Execution,
        reconciler: Reconciler,
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._journal = journal
        self._venue = venue
        self._execution = execution
        self._reconciler = reconciler
        self._clock = clock

    def accept(
        self,
        reason: str,
        *,
        prices: Mapping[ProductId, Price] | None = None,
        orders: Collection[ClientOrderId] = (),
        is_alone: bool = False,
    ) -> tuple[Movement, ...]:
        """Book every standing break as a movement of capital that a person explains.

        Cash is capital, never profit; coins that are not ours are foreign. Lots of ours that are
        missing were sold by hand: at what the venue's fills say, or at `prices`. Those that have
        no price at the venue are handed over to the person at theirs. Each of `orders`, which the
        person was shown, ends by its fills that are set aside, if they are all that lacks of it.
        Whatever it halted stays halted until a person clears it. With `is_alone` no trader runs: a
        break needs no age. Stops that rest are ended first: one that sold meanwhile would be booked
        twice.

        Raises:
            NotAllowed: there is no break, or one that is no such movement; nothing was accepted.
            VenueError: the venue's books could not be read.
            StorageError: the journal failed.
        """
        collected = self._reconciler.collect(is_alone=is_alone)
        given_up = set(prices or ()) & set(unpriced_in(self._ledger.portfolio))
        wanted = collected.breaks or given_up or self._meant(orders, reason)
        # Nothing is ended for what is refused all the same.
        if wanted and not collected.error and not self._others_work(orders):
            collected = self._without_stops(collected, is_alone=is_alone)
        if collected.error:
            raise VenueError(collected.error)
        balances = self._venue.balances()
        foreign = self._reconciler.foreign_fills(self._clock.now() - HAND_WINDOW)
        statement = Statement(reason, prices or {}, foreign, self._meant(orders, reason))
        accepted = movements(self._ledger.portfolio, balances, statement)
        self._ledger.record(*accepted)
        self._reconciler.note_differences(None, balances, is_alone=is_alone)
        return accepted

    def offered(self, reason: str = "") -> tuple[FillsAccepted, ...]:
        """The orders that `accept` may end: all that lacks of them is fills that are set aside.

        Raises:
            StorageError: the journal cannot be read.
        """
        return endings(self._ledger.portfolio, self._journal.set_aside, reason)

    def _meant(self, orders: Collection[ClientOrderId], reason: str) -> tuple[FillsAccepted, ...]:
        """Those of `orders` that may be accepted."""
        return tuple(each for each in self.offered(reason) if each.client_order_id in orders)

    def _others_work(self, orders: Collection[ClientOrderId]) -> bool:
        """Whether an order is under way that is no stop, and that nothing accepted would end."""
        over = {each.client_order_id for each in self._meant(orders, "")}
        working = self._ledger.portfolio.working
        return any(name not in over and not is_venue_stop(each) for name, each in working.items())

    def _without_stops(self, collected: Collected, *, is_alone: bool) -> Collected:
        """End the stops that rest; the next cycle places them anew. Answers the last reading."""
        for _ in range(_STOP_ROUNDS):
            working = self._ledger.portfolio.working
            names = [name for name, each in working.items() if is_venue_stop(each)]
            if not names:
                break
            with contextlib.suppress(VenueError):  # the reading tells what still works
                self._execution.cancel(names, "a difference is accepted: nothing may sell")
            collected = self._reconciler.collect(is_alone=is_alone)
            if any(is_venue_stop(each) for each in self._ledger.portfolio.working.values()):
                self._clock.wait_until(self._clock.now() + _STOP_PAUSE, lambda: False)
        return collected
