"""A market told minute by minute, for tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from trader247.simex.feeds.feed import FeedEnded, Listing, MinuteBar

START = 29_459_520  # 2026-01-05T00:00Z in minutes


def listing(product_id: str = "BTC-USD", tick: str = "0.01", lot: str = "0.00000001") -> Listing:
    base, quote = product_id.split("-")
    return Listing(
        product_id=product_id,
        base=base,
        quote=quote,
        base_name=base.title(),
        price_increment=Decimal(tick),
        base_increment=Decimal(lot),
        base_min=Decimal(lot),
        base_max=Decimal(3400),
        quote_min=Decimal(1),
        quote_max=Decimal(150_000_000),
        listed_at=1_672_531_200,
    )


def flat(price: int, *, volume: int = 4_000_000, spread: int = 2, depth: int = 10**9) -> MinuteBar:
    """A minute in which nothing moves."""
    return MinuteBar(price, price, price, price, volume, spread, depth)


def bar(
    open_: int, high: int, low: int, close: int, volume: int = 4_000_000, spread: int = 2
) -> MinuteBar:
    return MinuteBar(open_, high, low, close, volume, spread, 10**9)


Script = Callable[[int], Mapping[str, MinuteBar]]


class ScriptedFeed:
    """A feed whose minute is a function of the minutes since the start."""

    def __init__(
        self,
        script: Script,
        *listings: Listing,
        history: int = 3,
        minutes: int | None = None,
        identity: str = "scripted:1",
    ) -> None:
        self._script = script
        self.listings = listings or (listing(),)
        self.identity = identity
        self.label = "SCRIPTED"
        self.first_minute = START - history
        self.start_minute = START
        self.last_minute = None if minutes is None else START + minutes - 1
        self._next = self.first_minute

    def next(self) -> Mapping[str, MinuteBar]:
        if self.last_minute is not None and self._next > self.last_minute:
            raise FeedEnded("the script is over")
        bars = self._script(self._next - START)
        self._next += 1
        return bars

    def state(self) -> bytes:
        return str(self._next).encode()

    def restore(self, state: bytes) -> None:
        self._next = int(state)
