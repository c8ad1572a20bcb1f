"""Asking for sales one by one, where the account's books cannot be read."""

from __future__ import annotations

from trader247.core.book.intents import is_news
from trader247.domain.errors import RateLimited, VenueError, VenueUnreachable
from trader247.domain.events.orders import OrderSeen
from trader247.domain.ids import ClientOrderId, OrderId, ProductId
from trader247.domain.orders import Order, Side
from trader247.engine.ledger import Ledger
from trader247.ports import Venue


class SalesById:
    """What each sale that works says of itself by its id, and of which none can be learnt.

    A stop that was asked to end holds the lots until its end is known, and nothing else would be
    sold, nor another one laid, for as long as listings are refused. What sold is booked once fills
    are read again; until then it counts as whole. One that ended is asked for again: what it leaves
    is sold by its word, and the first one may lag.
    """

    def __init__(self, *, ledger: Ledger, venue: Venue) -> None:
        self._ledger = ledger
        self._venue = venue
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

    def ask(self) -> int:
        """Ask for each that is not all booked; answers of how many something new was learnt."""
        self.forget()
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
            is_told = order is not None
            if order is not None and is_news(known, order):
                self._ledger.record(OrderSeen(order))
                updated += 1
                now = self._ledger.portfolio.working.get(name)
                # A first word may lag: told again, it is one to go by.
                is_told = now is None or not now.has_ended_untold
            if not is_told:
                self._unfollowed |= {known.intent.product}
        return updated

    def _order(self, name: ClientOrderId, order_id: OrderId) -> Order | None:
        """The order of that id; None where what is answered is not of it."""
        try:
            order = self._venue.order(order_id)
        except (VenueUnreachable, RateLimited):
            raise
        except VenueError:
            return None
        return order if order is not None and order.client_order_id == name else None
