"""The arena's market as the engine sees it: the same snapshot as the venue's reader makes.

A view is made when somebody looks at it, and kept for the snapshot: what nobody looks at costs
nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta

from trader247.adapters.coinbase.depth import Levels, depth_of, quote_of
from trader247.backtest.history import Histories, ProductHistory
from trader247.domain.ids import ProductId
from trader247.domain.market import Product, ProductStatus, ProductView, Snapshot
from trader247.domain.money import Money, Quantity
from trader247.domain.time import SECOND, Instant
from trader247.ports import VenueFaults
from trader247.simex.arena import Arena
from trader247.simex.book import Side
from trader247.simex.market import Market

BOOK_LEVELS = 50
"""Levels of a side that the venue's reader asks for."""
STATUS_AGE = 45 * SECOND
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
        market = self._arena.market(history.product_id)
        known = self._products.get(product)
        if known is not None and time - known.read_at >= STATUS_AGE:
            known = None
        view = view_of(
            product, history, market, time, is_reference=product == reference, known=known
        )
        assert view.product is not None, "what has a history is listed"
        self._products[product] = view.product
        return view


def view_of(
    product: ProductId,
    history: ProductHistory,
    market: Market,
    time: Instant,
    *,
    is_reference: bool,
    known: Product | None = None,
) -> ProductView:
    """What a cycle at `time` sees of a market; `known` are its rules, if they were read lately."""
    levels = _levels(market, time)
    bars = history.bars(time.minute)
    trouble = ""
    if levels is None or bars is None:
        trouble = "no candles yet" if bars is None else "its book is empty"
    return ProductView(
        product=_product(product, history, time) if known is None else known,
        quote=None if levels is None else quote_of(levels),
        depth=None if levels is None else depth_of(levels),
        bars=bars,
        hourly=history.hourly(time.minute) if is_reference else None,
        trouble=trouble,
    )


def _product(product: ProductId, history: ProductHistory, time: Instant) -> Product:
    listing = history.listing
    return Product(
        id=product,
        status=ProductStatus.ONLINE,
        price_increment=history.tick,
        base_increment=Quantity(listing.base_increment),
        base_min=Quantity(listing.base_min),
        base_max=Quantity(listing.base_max),
        quote_min=Money(listing.quote_min),
        quote_max=Money(listing.quote_max),
        volume_24h=Money(history.volume_24h(time.minute)),
        listed_at=Instant.from_seconds(listing.listed_at),
        read_at=time,
    )


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

    def __iter__(self) -> Iterator[ProductId]:
        return iter(self._wanted)

    def __len__(self) -> int:
        return len(self._wanted)

    def __contains__(self, product: object) -> bool:
        return product in self._wanted


_NO_FAULTS = VenueFaults()


def _levels(market: Market, time: Instant) -> Levels | None:
    """The book as it is shown; None where a side of it is empty."""
    price, size = market.price.decimal, market.size.decimal
    sides = [
        tuple(
            (price(ticks), size(lots)) for ticks, lots in market.matching.levels(side)[:BOOK_LEVELS]
        )
        for side in (Side.BUY, Side.SELL)
    ]
    if not all(sides):
        return None
    return Levels(sides[0], sides[1], time)
