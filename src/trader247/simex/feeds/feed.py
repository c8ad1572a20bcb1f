"""What the simulated exchange asks of a market: minutes, one after the other.

Whole numbers only: prices in ticks of the listing's price increment, sizes in lots of its base
increment. The exchange decides who trades; a feed only says where the market goes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, Protocol, runtime_checkable


@dataclass(frozen=True, slots=True)
class Listing:
    """A product that the simulated exchange lists; `listed_at` in Unix seconds."""

    product_id: str
    base: str
    quote: str
    base_name: str
    price_increment: Decimal
    base_increment: Decimal
    base_min: Decimal
    base_max: Decimal
    quote_min: Decimal
    quote_max: Decimal
    listed_at: int


class MinuteBar(NamedTuple):
    """One product's minute: its prices, what was traded, and how the book stood.

    `spread` is ask minus bid, at least one tick; `depth` is what rests within 20 bps of the mid on
    each side, in lots.
    """

    open: int
    high: int
    low: int
    close: int
    volume: int
    spread: int
    depth: int


class Past(NamedTuple):
    """A history that was lived through: its latest minutes, packed, and each product's last bar."""

    rows: list[tuple[int, bytes]]
    standing: dict[str, MinuteBar]


class FeedEnded(Exception):
    """The feed has no further minute."""


class Feed(Protocol):
    """A market, minute by minute. Minutes are counted since 1970-01-01T00:00Z.

    `identity` names the market exactly: two feeds of one identity give the same minutes on every
    machine. `first_minute` begins the history, `start_minute` begins the trading, `last_minute`
    is the last that exists, or None where there is no end.
    """

    @property
    def identity(self) -> str: ...

    @property
    def label(self) -> str: ...

    @property
    def listings(self) -> tuple[Listing, ...]: ...

    @property
    def first_minute(self) -> int: ...

    @property
    def start_minute(self) -> int: ...

    @property
    def last_minute(self) -> int | None: ...

    def next(self) -> Mapping[str, MinuteBar]:
        """The next minute, by product id; a product that is absent did not trade in it.

        Raises:
            FeedEnded: there is none.
        """

    def state(self) -> bytes:
        """Where the feed stands: a feed of the same identity restored from it goes on equally."""

    def restore(self, state: bytes) -> None:
        """Stand where `state` was taken."""


@runtime_checkable
class LivesAtOnce(Protocol):
    """A feed that can live through all of its history at once, instead of minute by minute."""

    def lived(self, oldest: int) -> Past:
        """Live through it, from its beginning; the minutes from `oldest` on are kept."""
