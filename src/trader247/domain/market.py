"""What may be known of the market at one instant: products, quotes, depth, bars."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from datetime import timedelta
from enum import Enum

from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ProductId
from trader247.domain.money import Bps, Money, Price, Quantity
from trader247.domain.time import SECOND, Instant


class ProductStatus(Enum):
    """What the venue lets one do with a product; only ONLINE is plainly tradable."""

    ONLINE = "online"
    POST_ONLY = "post_only"
    LIMIT_ONLY = "limit_only"
    CANCEL_ONLY = "cancel_only"
    VIEW_ONLY = "view_only"
    AUCTION = "auction"
    DISABLED = "disabled"
    OFFLINE = "offline"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Product:
    """A product's rules and its day, as the venue states them.

    `volume_24h` is in quote currency; None where the venue does not say. `read_at` is when the
    status was read.
    """

    id: ProductId
    status: ProductStatus
    price_increment: Price
    base_increment: Quantity
    base_min: Quantity
    base_max: Quantity
    quote_min: Money
    quote_max: Money
    volume_24h: Money | None
    listed_at: Instant | None
    read_at: Instant


class _MidOnce:
    """Room for a figure that is worked out once: the value it belongs to never changes."""

    __slots__ = ("_mid",)
    _mid: Price


@dataclass(frozen=True, slots=True)
class Quote(_MidOnce):
    """Best bid and ask with the time at which they held, by the venue's clock.

    A quote may be crossed or absurd, as received: the checks say so.
    """

    bid: Price
    ask: Price
    bid_size: Quantity
    ask_size: Quantity
    time: Instant

    @property
    def mid(self) -> Price:
        try:
            return self._mid
        except AttributeError:
            object.__setattr__(self, "_mid", self.bid.midpoint(self.ask))
            return self._mid

    @property
    def spread(self) -> Bps:
        """Ask over bid, in basis points of the mid."""
        gap = self.ask.bps_above(self.mid)
        return gap + -self.bid.bps_above(self.mid)

    @property
    def is_crossed(self) -> bool:
        return self.bid.value >= self.ask.value


CLOCKS_AGREE = 5 * SECOND
"""As far apart two clocks may be and still tell the same time."""

DEPTH_BANDS_BPS = (5, 10, 20, 25, 50)
"""Distances from mid, in basis points, within which resting notional is summed."""


@dataclass(frozen=True, slots=True)
class Depth:
    """Resting notional within each of `DEPTH_BANDS_BPS` of the mid, by side, cumulative."""

    bids: tuple[Money, ...]
    asks: tuple[Money, ...]

    def within(self, bps: int) -> Money:
        """The lesser side's notional within `bps` of mid; `bps` is one of the bands."""
        band = DEPTH_BANDS_BPS.index(bps)
        bids, asks = self.bids[band], self.asks[band]
        return bids if bids.value <= asks.value else asks


@dataclass(frozen=True, slots=True)
class Bars:
    """Closed one-minute bars, one for every minute without a hole, oldest first.

    Prices are whole multiples of `tick`; `volume` is quote currency in whole hundredths. A minute
    without a trade repeats the last close with volume 0 and has 1 in `filled`. `end` is the minute
    (since 1970) of the last bar's opening. The columns are 64-bit integers and are never changed.
    """

    tick: Price
    end: int
    open: array[int]
    high: array[int]
    low: array[int]
    close: array[int]
    volume: array[int]
    filled: array[int]

    def __len__(self) -> int:
        return len(self.close)

    def price(self, ticks: int) -> Price:
        """A column's integer as a price."""
        return self.tick.times(ticks)


@dataclass(frozen=True, slots=True)
class ProductView:
    """All that one snapshot holds of one product; a part that could not be read is None.

    `hourly` are the closes of whole UTC hours, oldest first, in ticks: only the regime's reference
    product carries them. `trouble` says in a few words why a part is missing.
    """

    product: Product | None
    quote: Quote | None
    depth: Depth | None
    bars: Bars | None
    hourly: array[int] | None = None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class FeeTier:
    """The account's fee rates, with the tier's name and when they were read."""

    name: str
    maker: Bps
    taker: Bps
    read_at: Instant


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that `decide` may know of the market, at one instant.

    `clock_skew` is the venue's clock minus ours; None where it could not be measured.
    `unreachable` is why nothing of the market, or nothing of the account's books, could be read;
    empty where both were. `is_exits_only` is set between cycles: the quotes of what is held are
    new, all else is what the last cycle saw, and nothing may be bought on it. `owes_reading` is
    set until a reading of the account has succeeded since the process began: orders that a restored
    journal lost may rest unknown. `is_unread` is set where the account's books could not be read,
    and `cannot_follow` where no sale could be asked for by its id either: that one ended would not
    be learnt. `unfollowed` are the products of which one sale was not told of by its id, or told
    of an end for the first time: that may not be for sure.
    """

    cycle: int
    time: Instant
    views: Mapping[ProductId, ProductView]
    clock_skew: timedelta | None
    unreachable: str = ""
    is_exits_only: bool = False
    owes_reading: bool = False
    is_unread: bool = False
    cannot_follow: bool = False
    unfollowed: frozenset[ProductId] = frozenset()

    def follows(self, product: ProductId) -> bool:
        """Whether the end of a sale of this product would be learnt."""
        return not self.cannot_follow and product not in self.unfollowed

    @property
    def skew_told(self) -> timedelta | None:
        """The skew where it is too great for one clock to stand for the other; else None."""
        skew = self.clock_skew
        return None if skew is None or abs(skew) <= CLOCKS_AGREE else skew

    @property
    def right_time(self) -> Instant:
        """When it was by the venue's clock, where ours does not agree with it."""
        return self.right(self.time)

    def right(self, own: Instant) -> Instant:
        """What the venue's clock says at `own` of ours, where the two do not agree."""
        skew = self.skew_told
        return own if skew is None else own + skew

    def quote(self, product: ProductId) -> Quote | None:
        """The product's quote, if there is one."""
        view = self.views.get(product)
        return None if view is None else view.quote
