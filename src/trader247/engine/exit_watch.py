"""Looking at the stream while the loop waits: an exit that is due does not wait for a cycle.

The stream only says when to look. What is sold is decided as in every cycle, recorded, judged by
the gate, and sent through the one door; what the venue did is read from its own lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from trader247.core.orders.exits import due
from trader247.core.orders.venue_stops import is_venue_stop
from trader247.domain.ids import ProductId
from trader247.domain.market import Quote
from trader247.domain.orders import Side
from trader247.domain.reasons import TradingState
from trader247.domain.time import SECOND
from trader247.engine.ledger import Ledger
from trader247.ports import Clock, LiveQuotes

AGAIN_AFTER = 30 * SECOND
"""After an exit that was due and could not be sent: the cycles go on trying meanwhile."""
PRESSING_AFTER = SECOND
"""After an exit that waits for the venue to end the position's resting stop."""
NEWS_AFTER = SECOND
"""Between two readings that the stream asked for."""
UNREAD_AFTER = 5 * SECOND
"""After such a reading that failed: what was told is not known yet."""


class ExitWatch:
    """What the stream says of the book that this trader holds."""

    def __init__(self, *, ledger: Ledger, live: LiveQuotes, clock: Clock) -> None:
        self._ledger = ledger
        self._live = live
        self._clock = clock
        self._not_before: dict[ProductId, timedelta] = {}
        self._next_news = timedelta(0)
        self._is_unread = False

    def has_news(self) -> bool:
        """Whether the loop should stop waiting. It is asked several times a second."""
        return self.are_orders_news() or bool(self.due())

    def are_orders_news(self) -> bool:
        """Whether the stream told of our orders, and it is time to read them again."""
        is_news = self._is_unread or self._live.has_order_news()
        return is_news and self._clock.monotonic() >= self._next_news

    def take_order_news(self) -> None:
        """The orders are read now."""
        self._live.take_order_news()
        self._is_unread = False
        self._next_news = self._clock.monotonic() + NEWS_AFTER

    def keep_order_news(self) -> None:
        """They could not be read: what was told is news still, a while later."""
        self._is_unread = True
        self._next_news = self._clock.monotonic() + UNREAD_AFTER

    def due(self) -> Mapping[ProductId, Quote]:
        """Fresh quotes of what is held, if by one of them something should be sold now."""
        portfolio = self._ledger.portfolio
        if not portfolio.positions or portfolio.trading_state is TradingState.HALTED:
            return {}
        # Dust leaves by nothing that is seen here, and equity counts it.
        quotes = self._live.quotes(tuple(portfolio.holdings))
        now, steady = self._clock.now(), self._clock.monotonic()
        selling = {
            each.intent.product
            for each in portfolio.working.values()
            if each.intent.side is Side.SELL
            and not each.state.is_settled
            # A stop that rests at the venue makes way for another exit.
            and not is_venue_stop(each)
        }
        for product, position in portfolio.positions.items():
            if product in selling or steady < self._not_before.get(product, timedelta(0)):
                continue
            quote = quotes.get(product)
            if quote is not None and due(position, quote.bid, now) is not None:
                return quotes
        return {}

    def judged(self, quotes: Mapping[ProductId, Quote], *, is_pressing: bool) -> None:
        """The exits were judged by `quotes`: what is still due was not sent, and waits a while."""
        portfolio, now = self._ledger.portfolio, self._clock.now()
        until = self._clock.monotonic() + (PRESSING_AFTER if is_pressing else AGAIN_AFTER)
        for product, quote in quotes.items():
            position = portfolio.positions.get(product)
            if position is not None and due(position, quote.bid, now) is not None:
                self._not_before[product] = until
