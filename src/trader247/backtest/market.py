"""The arena's market as the engine sees it: the same snapshot as the venue's reader makes.

A view is made when somebody looks at it, and kept for the snapshot: what nobody looks at costs
nothing.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, cast

from trader247.adapters.coinbase.depth import BANDS
from trader247.backtest.history import Histories, ProductHistory
from trader247.domain.ids import ProductId
from trader247.domain.market import (
    DEPTH_BANDS_BPS,
    Bars,
    Depth,
    Product,
    ProductStatus,
    ProductView,
    Quote,
    Snapshot,
)
from trader247.domain.money import CONTEXT, Money, Price
from trader247.domain.time import SECOND, Instant, microseconds
from trader247.ports import VenueFaults
from trader247.simex.arena import Arena
from trader247.simex.book import Side
from trader247.simex.market import Market

BOOK_LEVELS = 50
"""Levels of a side that the venue's reader asks for."""
_STATUS_AGE_US = microseconds(45 * SECOND)
_NOT_LISTED = "the venue does not list it"
_NO_SKEW = timedelta(0)


class ArenaMarket:
    """Reads the arena in whole."""

    def __init__(self, arena: Arena, histories: Histories) -> None:
        self._arena = arena
        self._histories = histories
        self._products: dict[ProductId, Product] = {}

    def snapshot(
        self, *, cycle: int, products: Sequence[ProductId], reference: ProductId
    ) -> Snapshot:
        """Everything `decide` may know."""
        wanted = tuple(dict.fromkeys((*products, reference)))
        time = Instant(self._arena.now_us)
        views = Views(wanted, lambda product: self.view(product, time, reference))
        return Snapshot(cycle=cycle, time=time, views=views, clock_skew=_NO_SKEW, unreachable="")

    def faults(self) -> VenueFaults:
        """Nothing ever fails here."""
        return _NO_FAULTS

    def view(self, product: ProductId, time: Instant, reference: ProductId) -> ProductView:
        """All that there is to see of one product at `time`."""
        history = self._histories.products.get(str(product))
        if history is None:
            return ProductView(None, None, None, None, trouble=_NOT_LISTED)
        return view_of(
            product,
            history,
            lambda: self._arena.market(history.product_id),
            time,
            is_reference=product == reference,
            reader=self._read,
        )

    def _read(self, product: ProductId, history: ProductHistory, time: Instant) -> Product:
        """A product's rules, read again once a minute as the venue's reader does."""
        known = self._products.get(product)
        if known is None or time.us - known.read_at.us >= _STATUS_AGE_US:
            known = self._products[product] = product_of(product, history, time)
        return known


class PastView:
    """A product's view whose parts are made when somebody looks at them: most are never looked at.

    It has the parts of a `ProductView`; the market must not move while it is looked at.
    """

    __slots__ = (
        "_bars",
        "_depth",
        "_history",
        "_is_reference",
        "_market",
        "_product",
        "_quote",
        "_reader",
        "_time",
        "id",
    )

    def __init__(
        self,
        product: ProductId,
        history: ProductHistory,
        market: Callable[[], Market],
        time: Instant,
        *,
        is_reference: bool,
        reader: Callable[[ProductId, ProductHistory, Instant], Product],
    ) -> None:
        self.id = product
        self._history = history
        self._market = market
        self._time = time
        self._is_reference = is_reference
        self._reader = reader
        self._quote: Quote | None = None
        self._depth: Depth | None = None
        self._product: Product | None = None
        self._bars: Bars | None = None

    @property
    def product(self) -> Product | None:
        """The product's rules and its day."""
        if self._product is None:
            self._product = self._reader(self.id, self._history, self._time)
        return self._product

    @property
    def quote(self) -> Quote | None:
        """The best bid and ask; None where a side is empty."""
        if self._quote is None:
            market = self._market()
            bid, ask = market.matching.best(Side.BUY), market.matching.best(Side.SELL)
            if bid is None or ask is None:
                return None
            tick, lot = self._history.tick, self._history.rules.base_increment
            self._quote = Quote(
                tick.times(bid[0]),
                tick.times(ask[0]),
                lot.times(bid[1]),
                lot.times(ask[1]),
                self._time,
            )
        return self._quote

    @property
    def depth(self) -> Depth | None:
        """What rests around the mid; None where a side is empty."""
        if self._depth is None:
            self._depth = _depth(self._market())
        return self._depth

    @property
    def bars(self) -> Bars | None:
        """The closed minutes."""
        if self._bars is None:
            self._bars = self._history.bars(self._time.minute)
        return self._bars

    @property
    def hourly(self) -> array[int] | None:
        """The closes of whole hours, of the regime's reference alone."""
        return self._history.hourly(self._time.minute) if self._is_reference else None

    @property
    def trouble(self) -> str:
        """Why a part is missing."""
        if self.bars is None:
            return "no candles yet"
        return "its book is empty" if self.quote is None else ""


def view_of(
    product: ProductId,
    history: ProductHistory,
    market: Callable[[], Market],
    time: Instant,
    *,
    is_reference: bool,
    reader: Callable[[ProductId, ProductHistory, Instant], Product] | None = None,
) -> ProductView:
    """What a cycle at `time` sees of a market, which is made to stand there when it is looked at.

    `reader` reads its rules, or knows them.
    """
    view = PastView(
        product,
        history,
        market,
        time,
        is_reference=is_reference,
        reader=product_of if reader is None else reader,
    )
    # It has every part of one, under the same name.
    return cast("ProductView", view)


def product_of(product: ProductId, history: ProductHistory, time: Instant) -> Product:
    """A product's rules and its day, read at a time."""
    # It has every part of one, under the same name.
    return cast("Product", PastProduct(product, history, time))


class PastProduct:
    """A product's rules as they were read at a time; its day's volume is summed when asked for."""

    __slots__ = (
        "_history",
        "_volume",
        "base_increment",
        "base_max",
        "base_min",
        "id",
        "listed_at",
        "price_increment",
        "quote_max",
        "quote_min",
        "read_at",
        "status",
    )

    def __init__(self, product: ProductId, history: ProductHistory, time: Instant) -> None:
        rules = history.rules
        self.id = product
        self.status = ProductStatus.ONLINE
        self.price_increment = history.tick
        self.base_increment = rules.base_increment
        self.base_min = rules.base_min
        self.base_max = rules.base_max
        self.quote_min = rules.quote_min
        self.quote_max = rules.quote_max
        self.listed_at = rules.listed_at
        self.read_at = time
        self._history = history
        self._volume: Money | None = None

    @property
    def volume_24h(self) -> Money:
        """What was traded in the day before, in the quote currency."""
        if self._volume is None:
            self._volume = Money(self._history.volume_24h(self.read_at.minute))
        return self._volume


class Views(Mapping[ProductId, ProductView]):
    """The views of a snapshot, each made at the first look."""

    __slots__ = ("_made", "_make", "_wanted")

    def __init__(
        self, wanted: Sequence[ProductId], make: Callable[[ProductId], ProductView]
    ) -> None:
        self._wanted = dict.fromkeys(wanted)
        self._make = make
        self._made: dict[ProductId, ProductView] = {}

    def __getitem__(self, product: ProductId) -> ProductView:
        view = self._made.get(product)
        if view is None:
            if product not in self._wanted:
                raise KeyError(product)
            view = self._made[product] = self._make(product)
        return view

    def get(self, product: ProductId, default: Any = None) -> Any:
        """A view, or `default` where none was asked for: without an exception on the way."""
        return self[product] if product in self._wanted else default

    def __iter__(self) -> Iterator[ProductId]:
        return iter(self._wanted)

    def __len__(self) -> int:
        return len(self._wanted)

    def __contains__(self, product: object) -> bool:
        return product in self._wanted


_NO_FAULTS = VenueFaults()


def _depth(market: Market) -> Depth | None:
    """What the venue's reader makes of the levels that are shown; None where a side is empty."""
    bids, asks = (market.matching.levels(side)[:BOOK_LEVELS] for side in (Side.BUY, Side.SELL))
    if not bids or not asks:
        return None
    # It has every part of one, under the same name.
    return cast("Depth", PastDepth(bids, asks, market))


class PastDepth:
    """What rests around the mid, by the levels shown; a band is summed when it is asked for."""

    __slots__ = ("_asks", "_bids", "_mid", "_size", "_sums", "_tick")

    def __init__(
        self, bids: Sequence[tuple[int, int]], asks: Sequence[tuple[int, int]], market: Market
    ) -> None:
        self._bids = bids
        self._asks = asks
        self._tick, self._size = market.price.increment, market.size.increment
        best = market.price.decimal(bids[0][0]), market.price.decimal(asks[0][0])
        self._mid = Price(best[0]).midpoint(Price(best[1])).value
        self._sums: dict[int, tuple[Money, Money]] = {}

    @property
    def bids(self) -> tuple[Money, ...]:
        """What rests below the mid, by band, cumulative."""
        return tuple(self._within(bps)[0] for bps in DEPTH_BANDS_BPS)

    @property
    def asks(self) -> tuple[Money, ...]:
        """What rests above the mid, by band, cumulative."""
        return tuple(self._within(bps)[1] for bps in DEPTH_BANDS_BPS)

    def within(self, bps: int) -> Money:
        """The lesser side's notional within `bps` of mid; `bps` is one of the bands."""
        return min(self._within(bps))

    def _within(self, bps: int) -> tuple[Money, Money]:
        known = self._sums.get(bps)
        if known is None:
            # In whole ticks and lots: the sums are as exact, and there is no decimal a level.
            mid, tick = self._mid, self._tick
            reach = CONTEXT.multiply(mid, BANDS[DEPTH_BANDS_BPS.index(bps)])
            whole, rest = CONTEXT.divmod(CONTEXT.subtract(mid, reach), tick)
            lowest = int(whole) + bool(rest)
            highest = int(CONTEXT.divide_int(CONTEXT.add(mid, reach), tick))
            step = CONTEXT.multiply(tick, self._size)
            below = sum([lots * ticks for ticks, lots in self._bids if ticks >= lowest])
            above = sum([lots * ticks for ticks, lots in self._asks if ticks <= highest])
            known = self._sums[bps] = _worth(below, step), _worth(above, step)
        return known


def _worth(steps: int, step: Decimal) -> Money:
    return Money(CONTEXT.multiply(Decimal(steps), step))
