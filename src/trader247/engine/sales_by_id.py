"""Asking for sales one by one, where the account's books cannot be read."""

from __future__ import annotations

from datetime import timedelta

from trader247.core.book.intents import is_news
from trader247.domain.errors import RateLimited, VenueError, VenueUnreachable
from trader247.domain.events.orders import OrderSeen
from trader247.domain.ids import ClientOrderId, OrderId, ProductId
from trader247.domain.intents import WorkingIntent
from trader247.domain.orders import Order, Side
from trader247.domain.time import SECOND
from trader247.engine.ledger import Ledger
from trader247.ports import Clock, Venue

TOLD_AGAIN_AFTER = 30 * SECOND
"""By the clock that nobody sets: a word on an end is one to go by if it is the same so much later.
"""


class SalesById:
    """What each sale that works says of itself by its id, and of which none can be learnt.

    A stop that was asked to end holds the lots until its end is known, and nothing else would be
    sold, nor another one laid, for as long as listings are refused. What sold is booked once fills
    are read again; until then it counts as whole. One that ended is asked for again: what it leaves
    is sold by its word, and the first one may lag.
    """

    def __init__(self, *, ledger: Ledger, venue: Venue, clock: Clock) -> None:
        self._ledger = ledger
        self._venue = venue
        self._clock = clock
        self._ended = dict[ClientOrderId, timedelta]()
        """When the last word on the end of each came, by the steady clock."""
        self._is_silent = False
        self._unfollowed = frozenset[ProductId]()

    @property
    def is_silent(self) -> bool:
        """Whether the venue answered for one of them not at all: nor would it for any other."""
        return self._is_silent

    @property
    def unfollowed(self) -> frozenset[ProductId]:
        """Products with a sale of which it answered nothing to go by."""
        return self._unfollowed

    def forget(self) -> None:
        """The books are read again: they tell of each."""
        self._is_silent, self._unfollowed = False, frozenset()
        self._ended = {}

    def ask(self) -> int:
        """Ask for each that is not all booked; answers of how many something new was learnt."""
        self._is_silent, self._unfollowed = False, frozenset()
        updated = 0
        for name, known in tuple(self._ledger.portfolio.working.items()):
            is_over = known.is_over and not known.has_ended_untold
            if known.order_id is None or is_over or known.intent.side is not Side.SELL:
                continue
            try:
                order = self._order(name, known.order_id)
            except (VenueUnreachable, RateLimited):
                self._is_silent = True
                return updated
            if order is not None and is_news(known, order):
                self._ledger.record(OrderSeen(order))
                self._ended.pop(name, None)
                updated += 1
            elif order is not None and _goes_back(known, order):
                self._ended.pop(name, None)  # so it did not say that the last one was all
            if order is None or self._is_first_word(name):
                self._unfollowed |= {known.intent.product}
        return updated

    def _is_first_word(self, name: ClientOrderId) -> bool:
        """Whether what it says of its end was not heard a while ago already: it may lag."""
        known = self._ledger.portfolio.working.get(name)
        if known is None or not known.has_ended_untold:
            return False
        now = self._clock.monotonic()
        return now - self._ended.setdefault(name, now) < TOLD_AGAIN_AFTER

    def _order(self, name: ClientOrderId, order_id: OrderId) -> Order | None:
        """The order of that id; None where what is answered is not of it."""
        try:
            order = self._venue.order(order_id)
        except (VenueUnreachable, RateLimited):
            raise
        except VenueError:
            return None
        return order if order is not None and order.client_order_id == name else None


def _goes_back(known: WorkingIntent, order: Order) -> bool:
    """Whether a word on an order is older than one that told of its end already."""
    last = known.order
    if last is None or not last.state.is_final:
        return False
    return not order.state.is_final or order.filled < last.filled
