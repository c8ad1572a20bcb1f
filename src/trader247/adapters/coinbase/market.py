"""The venue's market as the engine sees it: one snapshot, read part by part.

A part that fails is that product's trouble. The bars come first and the books last, so that the
quotes are as young as can be when the snapshot is done. Where the venue does not answer at all,
the rest of a snapshot is not tried: each request could wait for its whole deadline.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from trader247.adapters.coinbase import depth
from trader247.adapters.coinbase import fields as read
from trader247.adapters.coinbase.answers import Body
from trader247.adapters.coinbase.bars import BarWindow
from trader247.adapters.coinbase.candles import Row, TickScale
from trader247.adapters.coinbase.client import CoinbaseClient
from trader247.adapters.coinbase.depth import Levels
from trader247.adapters.coinbase.jumps import ClockJumps
from trader247.adapters.coinbase.products import Products
from trader247.adapters.coinbase.reading import Reading
from trader247.adapters.coinbase.skew import clock_skew
from trader247.adapters.coinbase.stream.streamed import StreamedBooks
from trader247.domain.errors import VenueError
from trader247.domain.ids import ProductId
from trader247.domain.market import Bars, Depth, Product, ProductView, Quote, Snapshot
from trader247.domain.money import Price
from trader247.domain.time import HOUR, MINUTE, SECOND, Instant
from trader247.ports import VenueFaults

MINUTES_KEPT = 26 * 60
"""One-minute bars of each product: 24 h and what the longest signal looks back beyond."""
HOURS_KEPT = 7 * 24 + 2
"""Hourly bars of the reference: whole days of returns need one close more than hours."""
SKEW_AGE = 60 * SECOND
BOOK_LEVELS = 50
"""Read on each side: fewer understate the depth, more cost time."""
KNOWN_AGE = HOUR
"""So long after what was seen last a start goes on from its bars: later, all are read anew."""


class CoinbaseMarket:
    """Reads the market in whole, and keeps what does not change."""

    def __init__(
        self,
        client: CoinbaseClient,
        *,
        minutes_kept: int = MINUTES_KEPT,
        hours_kept: int = HOURS_KEPT,
        on_book: Callable[[ProductId, Levels], None] | None = None,
        stream: StreamedBooks | None = None,
        known: Snapshot | None = None,
    ) -> None:
        """`on_book` hears of every book that was read, with its levels.

        Books are taken from `stream` where it has them fresh; a few are asked for all the same, and
        compared.

        `known` is what a trader on this book saw last: a day of one-minute bars of each product
        need not be asked for again where it was seen within the last `KNOWN_AGE`.
        """
        self._client = client
        self._clock = client.clock
        self._minutes_kept = minutes_kept
        self._hours_kept = hours_kept
        self._on_book = on_book
        self._stream = stream
        self._known = known
        self._products = Products(client)
        self._minutes: dict[ProductId, BarWindow] = {}
        self._hours: dict[ProductId, BarWindow] = {}
        self._skew: timedelta | None = None
        self._skew_at: Instant | None = None
        self._jumps = ClockJumps(self._clock)
        self._reading = Reading()

    def snapshot(
        self, *, cycle: int, products: Sequence[ProductId], reference: ProductId
    ) -> Snapshot:
        """Everything `decide` may know; a part that cannot be read is None, with its trouble.

        `reference` carries the hourly closes; it is part of the snapshot also where it is not
        among `products`.

        What was read while somebody set the clock is read once more.

        Raises:
            ReadAborted: a stop was raised while waiting.
        """
        if self._jumps.has_jumped():
            self._forget()
        wanted = tuple(dict.fromkeys((*products, reference)))
        seen = self._read(cycle, wanted, reference)
        if not self._jumps.has_jumped():
            return seen
        self._forget()
        seen = self._read(cycle, wanted, reference)
        return replace(seen, clock_skew=None) if self._jumps.has_jumped() else seen

    def _read(self, cycle: int, wanted: tuple[ProductId, ...], reference: ProductId) -> Snapshot:
        self._reading = Reading()
        skew = self._clock_skew()
        self._products.refresh(wanted, self._reading)
        now = self._clock.now()
        bars = {product: self._bars(product, now) for product in wanted}
        hourly = self._hourly(reference, now)
        if self._stream is not None:
            self._stream.begin(wanted)
        books = self._books(wanted)
        time = self._clock.now()
        views: dict[ProductId, ProductView] = {}
        for product in wanted:
            quote, resting = books[product]
            known = self._products.get(product)
            is_whole = None not in (known, quote, bars[product])
            views[product] = ProductView(
                product=known,
                quote=quote,
                depth=resting,
                bars=bars[product],
                hourly=hourly.close if hourly is not None and product == reference else None,
                trouble="" if is_whole else self._reading.trouble(product),
            )
        return Snapshot(
            cycle=cycle,
            time=time,
            views=views,
            clock_skew=skew,
            unreachable=self._reading.unreachable,
        )

    def faults(self) -> VenueFaults:
        """The venue's failures since this was last asked."""
        faults = self._client.faults()
        if self._stream is None:
            return faults
        return replace(faults, reconnects=self._stream.take_reconnects())

    def listing(self) -> tuple[Product, ...]:
        """Every spot product of the venue that can be read, at most 300 s old.

        Raises:
            VenueError: the list could not be read.
        """
        return self._products.listing()

    def _forget(self) -> None:
        """Believe nothing that was kept by a clock which somebody set since: read all anew."""
        self._products = Products(self._client)
        self._minutes, self._hours = {}, {}
        self._skew = self._skew_at = self._known = None

    def _clock_skew(self) -> timedelta | None:
        """The venue's clock minus ours, measured once a minute."""
        begin = self._clock.now()
        if self._skew_at is not None and begin - self._skew_at < SKEW_AGE:
            return self._skew
        self._skew = None
        try:
            skew = clock_skew(self._client)
        except VenueError as error:
            self._reading.failed(None, error)
            return None
        self._reading.answered()
        self._skew, self._skew_at = skew, begin
        return self._skew

    def _bars(self, product: ProductId, now: Instant) -> Bars | None:
        window = self._window(self._minutes, product, self._minutes_kept)
        if window is None:
            return None
        return self._grown(product, window, now.minute - 1, MINUTE, "ONE_MINUTE")

    def _hourly(self, product: ProductId, now: Instant) -> Bars | None:
        window = self._window(self._hours, product, self._hours_kept)
        if window is None:
            return None
        return self._grown(product, window, now.minute // 60 - 1, HOUR, "ONE_HOUR")

    def _window(
        self, windows: dict[ProductId, BarWindow], product: ProductId, size: int
    ) -> BarWindow | None:
        known = self._products.get(product)
        if known is None:
            return None
        window = windows.get(product)
        tick = known.price_increment
        if window is None or window.scale.tick != tick:
            bars = self._seen(product, tick) if windows is self._minutes else None
            window = windows[product] = BarWindow(TickScale(tick), size=size, bars=bars)
        return window

    def _seen(self, product: ProductId, tick: Price) -> Bars | None:
        """The one-minute bars that were seen before this process began, if they are of use."""
        seen = self._known
        if seen is None or not timedelta(0) <= self._clock.now() - seen.time <= KNOWN_AGE:
            return None
        view = seen.views.get(product)
        bars = None if view is None else view.bars
        return bars if bars is not None and bars.tick == tick else None

    def _grown(
        self, product: ProductId, window: BarWindow, closed: int, span: timedelta, name: str
    ) -> Bars | None:
        """The window with `closed` as its newest bar, or None if that could not be read."""
        seconds = span // SECOND
        rows: dict[int, Row] = {}
        for first, last in window.wanted(closed):
            if self._reading.is_deaf:
                return None
            query = {
                "start": str(first * seconds),
                # Whether the end itself belongs to the answer is not certain: ask to its close.
                "end": str((last + 1) * seconds),
                "granularity": name,
            }
            try:
                answer = self._client.market(f"/products/{product}/candles", query)
                rows |= window.scale.rows(read.records(answer, "candles"), span=seconds)
            except VenueError as error:
                self._reading.failed(product, error)
                return None
            self._reading.answered()
        window.absorb(rows, closed)
        if window.bars is None:
            self._reading.note(product, "no candles yet")
        return window.bars

    def _books(
        self, wanted: Sequence[ProductId]
    ) -> Mapping[ProductId, tuple[Quote, Depth | None] | tuple[None, None]]:
        if self._stream is not None:
            # An answer is compared with what the stream says at that very moment.
            return {product: self._book(product, self._shown(product)) for product in wanted}
        # All are asked for before one is taken apart: the quotes are younger, and thirty taken
        # apart in a row take a third less time than each amid its request.
        shown = {product: self._shown(product) for product in wanted}
        return {product: self._book(product, each) for product, each in shown.items()}

    def _shown(self, product: ProductId) -> Levels | Body | None:
        """A product's book: from the stream, or as it was answered; None without either."""
        if self._products.get(product) is None:
            return None
        streamed = None if self._stream is None else self._stream.book(product)
        if streamed is not None:
            return streamed
        if self._reading.is_deaf:
            return None
        query = {"product_id": str(product), "limit": str(BOOK_LEVELS)}
        try:
            answer = self._client.market("/product_book", query)
        except VenueError as error:
            self._reading.failed(product, error)
            return None
        self._reading.heard()
        return answer

    def _book(
        self, product: ProductId, shown: Levels | Body | None
    ) -> tuple[Quote, Depth | None] | tuple[None, None]:
        if shown is None:
            return None, None
        if isinstance(shown, Levels):
            if self._on_book is not None:
                self._on_book(product, shown)
            return depth.quote_of(shown), depth.depth_of(shown)
        try:
            quote, resting = depth.book(shown, product)
            if self._on_book is not None:
                self._on_book(product, depth.levels(shown))
        except VenueError as error:
            self._reading.unreadable(product, error)
            return None, None
        self._reading.readable()
        trouble = "" if self._stream is None else self._stream.compared(product, quote)
        if trouble:
            # Without depth nothing is bought; what is held can still be sold by this quote.
            self._reading.note(product, trouble)
            return quote, None
        return quote, resting
