"""A market that does what it is told, minute by minute: flat wherever nobody said anything.

Minutes that passed stay as they were, so that an exchange which is opened again goes on equally.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from trader247.simex.feeds.feed import Listing, MinuteBar


@dataclass(frozen=True, slots=True)
class Liquidity:
    """What a product offers in each minute: `turnover` and `depth` in its quote currency.

    `depth` rests within 20 bps on each side; `spread` is in ticks.
    """

    price: Decimal
    turnover: Decimal
    depth: Decimal
    spread: int = 1


class ToldFeed:
    """The feed of some products; `move` tells what the next minutes are."""

    def __init__(
        self,
        products: Mapping[Listing, Liquidity],
        *,
        start_minute: int,
        history: int,
        identity: str,
        label: str,
    ) -> None:
        self.listings: tuple[Listing, ...] = tuple(products)
        self.identity = identity
        self.label = label
        self.first_minute = start_minute - history
        self.start_minute = start_minute
        self.last_minute: int | None = None
        self._liquidity = {each.product_id: offer for each, offer in products.items()}
        self._listing = {each.product_id: each for each in products}
        self._level = {
            each.product_id: int(offer.price / each.price_increment)
            for each, offer in products.items()
        }
        self._queued: dict[str, deque[MinuteBar]] = defaultdict(deque)
        self._flat = {
            product: self._bar(product, level, level, level)
            for product, level in self._level.items()
        }
        self._told: dict[int, Mapping[str, MinuteBar]] = {}
        self._next = self.first_minute

    def next(self) -> Mapping[str, MinuteBar]:
        minute, self._next = self._next, self._next + 1
        known = self._told.get(minute)
        if known is None:
            known = {product: self._minute(product) for product in self._level}
            self._told[minute] = known
        return known

    def state(self) -> bytes:
        return str(self._next).encode()

    def restore(self, state: bytes) -> None:
        self._next = int(state)

    def price(self, product: str) -> Decimal:
        """The last price told."""
        queued = self._queued[product]
        level = queued[-1].close if queued else self._level[product]
        return level * self._listing[product].price_increment

    def closes(self, product: str, before_minute: int, count: int) -> list[Decimal]:
        """The last closes of the minutes before one of them, oldest first."""
        increment = self._listing[product].price_increment
        minutes = range(max(self.first_minute, before_minute - count), before_minute)
        return [self._told[each][product].close * increment for each in minutes]

    def move(self, product: str, pct: Decimal, *, low_pct: Decimal = Decimal(0)) -> None:
        """The minute after those told goes to `pct` per cent from there, by way of `low_pct`."""
        start = self._last(product)
        close, low = _shifted(start, pct), _shifted(start, low_pct)
        self._queued[product].append(self._bar(product, start, min(start, close, low), close))

    def pause(self, product: str, minutes: int) -> None:
        """Nothing moves in so many of the minutes after those told."""
        level = self._last(product)
        self._queued[product].extend([self._bar(product, level, level, level)] * minutes)

    def _last(self, product: str) -> int:
        queued = self._queued[product]
        return queued[-1].close if queued else self._level[product]

    def _minute(self, product: str) -> MinuteBar:
        if not self._queued[product]:
            return self._flat[product]
        bar = self._queued[product].popleft()
        self._level[product] = bar.close
        self._flat[product] = self._bar(product, bar.close, bar.close, bar.close)
        return bar

    def _bar(self, product: str, start: int, low: int, close: int) -> MinuteBar:
        offer, listing = self._liquidity[product], self._listing[product]
        lot_worth = close * listing.price_increment * listing.base_increment
        return MinuteBar(
            open=start,
            high=max(start, close),
            low=low,
            close=close,
            volume=max(1, int(offer.turnover / lot_worth)),
            spread=offer.spread,
            depth=max(1, int(offer.depth / lot_worth)),
        )


def _shifted(ticks: int, pct: Decimal) -> int:
    return max(1, int(ticks * (1 + pct / 100)))
