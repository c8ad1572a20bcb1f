"""An exchange whose market is another one's: books as they were shown, trades as they were seen.

Nothing moves here by itself. A book that is shown stands until the next one, or until it is too
old to trade on; what a taker takes of it stays taken meanwhile. A resting order fills when the
minute's trades went through its limit by a tick, at its limit, and all orders of a product
together at most a share of what was traded.

Only what certainly happened while an order rested fills it. A look at a minute shows its lowest
and highest price and its volume so far: what is new since the look before was traded since then.
An order that came between two looks is judged from the second one on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from trader247.simex.book import Level
from trader247.simex.exact import Grid
from trader247.simex.exchange import Exchange
from trader247.simex.feeds.feed import Listing, MinuteBar
from trader247.simex.orders.order import Order
from trader247.simex.path import MINUTE_US, POINTS
from trader247.simex.shown_book import ShownCrowd

BOOK_US_MAX = 30_000_000
"""A book older than this is no longer traded on: that the venue is silent makes no price last."""
LATE_US = 2_000_000
"""How much older than its arrival an answer may be: the venue keeps public ones for a second."""
VOLUME_PARTS = POINTS
"""One part of what was traded is ours at most, as on a leg of a simulated minute."""

ShownLevel = tuple[Decimal, Decimal]
"""A price and a quantity, as the venue says them."""


@dataclass(frozen=True, slots=True)
class Look:
    """One product's minute, as far as it had come when it was looked at."""

    minute: int
    low: Decimal
    high: Decimal
    volume: Decimal


@dataclass(frozen=True, slots=True)
class _Seen:
    """The last look, and when its answer arrived."""

    look: Look
    at_us: int


class MirrorFeed:
    """The feed of an exchange that is shown its market: minutes pass, and nothing moves in them."""

    def __init__(
        self, *, identity: str, label: str, listings: Sequence[Listing], start_us: int
    ) -> None:
        """`identity` and `label` say whose market it is; `start_us` is now."""
        self.identity = identity
        self.label = label
        self.listings = tuple(listings)
        self.start_minute = self.first_minute = start_us // MINUTE_US
        self.last_minute: int | None = None

    def next(self) -> Mapping[str, MinuteBar]:
        """A minute in which nothing moves by itself."""
        return {}

    def state(self) -> bytes:
        """There is nothing to remember."""
        return b""

    def restore(self, state: bytes) -> None:
        """There is nothing to remember."""


class Mirror:
    """Shows an exchange its market. Times are microseconds since 1970, and never run backwards."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._shown_us: dict[str, int] = {}
        self._seen: dict[str, _Seen] = {}

    @property
    def products(self) -> tuple[str, ...]:
        """Every product that can be shown."""
        return tuple(self._exchange.markets)

    def keep(self, now_us: int) -> None:
        """Let time pass until `now_us`, and take back books that are too old by then.

        Raises:
            StoreFailed: nothing has happened.
        """
        self._exchange.drift(now_us)
        for product_id, shown_us in list(self._shown_us.items()):
            if self._exchange.now_us - shown_us > BOOK_US_MAX:
                self._take_back(product_id)

    def show(
        self,
        product_id: str,
        *,
        bids: Iterable[ShownLevel],
        asks: Iterable[ShownLevel],
        time_us: int,
    ) -> None:
        """Replace a product's book by the one that held at `time_us`; what was taken comes back.

        A book without two sides, or a crossed one, is no book: nothing can be taken from it.
        """
        market = self._exchange.markets.get(product_id)
        if market is None:
            return
        crowd = ShownCrowd.of(
            _levels(bids, market.price, market.size, is_up=False),
            _levels(asks, market.price, market.size, is_up=True),
        )
        if crowd is None:
            self._take_back(product_id)
            return
        market.matching.stand_among(crowd)
        self._shown_us[product_id] = time_us

    def waiting(self) -> Mapping[str, int]:
        """The products in which orders rest, and the first minute that has to be looked at."""
        waiting: dict[str, int] = {}
        for order in self._exchange.desk.live.values():
            product_id = order.terms.product_id
            first = order.created_us // MINUTE_US
            seen = self._seen.get(product_id)
            if seen is not None:
                first = max(first, seen.look.minute)
            waiting[product_id] = min(first, waiting.get(product_id, first))
        return waiting

    def saw(self, product_id: str, looks: Iterable[Look], *, at_us: int) -> None:
        """Take what was seen of a product's minutes when the answer arrived, at `at_us`.

        Raises:
            StoreFailed: what was taken before has happened, no more.
        """
        for look in sorted(looks, key=lambda each: each.minute):
            begin_us, end_us = look.minute * MINUTE_US, (look.minute + 1) * MINUTE_US
            if begin_us > at_us:
                continue  # from a clock ahead of ours: it is looked at again when it is here
            seen = self._seen.get(product_id)
            low: Decimal | None = look.low
            high: Decimal | None = look.high
            volume, since_us = look.volume, begin_us
            if seen is not None and seen.look.minute >= look.minute:
                if seen.look.minute > look.minute or seen.at_us >= end_us:
                    continue  # what is revised afterwards has no time any more
                low = look.low if look.low < seen.look.low else None
                high = look.high if look.high > seen.look.high else None
                volume = look.volume - seen.look.volume
                since_us = max(begin_us, seen.at_us - LATE_US)
            self._seen[product_id] = _Seen(look, at_us)
            until_us = min(end_us, at_us)
            if until_us > self._exchange.now_us:
                self._exchange.advance(until_us)
            self._trade(product_id, low, high, volume, since_us)

    def _trade(
        self,
        product_id: str,
        low: Decimal | None,
        high: Decimal | None,
        volume: Decimal,
        since_us: int,
    ) -> None:
        market = self._exchange.markets.get(product_id)
        if market is None or volume <= 0:
            return
        self._exchange.trade_through(
            product_id,
            # To go through a limit is to reach the tick beyond it: between two ticks does not do.
            low=None if low is None else _ceiling(low, market.price),
            high=None if high is None else market.price.floor(high),
            lots=market.size.floor(volume) // VOLUME_PARTS,
            has_rested=lambda order: _standing_since(order) <= since_us,
        )

    def _take_back(self, product_id: str) -> None:
        self._shown_us.pop(product_id, None)
        matching = self._exchange.markets[product_id].matching
        matching.crowd.move(price=matching.crowd.price, spread=matching.crowd.spread, depth=0)


def _standing_since(order: Order) -> int:
    """When an order came, was last changed, or last came due."""
    schedule = order.terms.schedule
    if schedule is not None and order.begun:
        return max(order.created_us, schedule.begins_us(order.begun - 1) or 0)
    return order.edits[-1].time_us if order.edits else order.created_us


def _ceiling(value: Decimal, grid: Grid) -> int:
    whole = grid.floor(value)
    return whole if grid.steps(value) is not None else whole + 1


def _levels(
    shown: Iterable[ShownLevel], price: Grid, size: Grid, *, is_up: bool
) -> tuple[Level, ...]:
    """Levels on the product's grids, worse for us where they lie off it, best first."""
    levels: dict[int, int] = {}
    for at, quantity in shown:
        ticks = _ceiling(at, price) if is_up else price.floor(at)
        lots = size.floor(quantity)
        if ticks > 0 and lots > 0:
            levels[ticks] = levels.get(ticks, 0) + lots
    return tuple(sorted(levels.items(), reverse=not is_up))
