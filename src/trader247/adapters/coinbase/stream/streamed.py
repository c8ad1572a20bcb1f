"""Which books of the stream may be traded on, and which are in doubt.

A book is fresh while the stream is up, something was heard of it within the last seconds, its own
time is young by the venue's clock, and it was heard of lately by ours. Prices that stand still for
long although messages come are not believed either: then the venue is asked. In turn a few books
are asked for all the same and compared: a product on which the stream and the answers disagree is
in doubt for a while, and nothing of the stream is used for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from trader247.adapters.coinbase.depth import Levels, quote_of
from trader247.adapters.coinbase.stream.board import Board, Streamed
from trader247.adapters.coinbase.stream.session import SILENCE_MAX
from trader247.domain.ids import ProductId
from trader247.domain.market import Quote
from trader247.domain.time import MINUTE, SECOND, Instant

MARKET = "market"
ORDERS = "orders"
"""The names of the two streams."""
CHECKS = 2
"""Books a snapshot that are asked for although they are streamed."""
DIFFERENCE_MAX_BPS = 100
DOUBT = 5 * MINUTE
STILL_MAX = 30 * SECOND
"""Best prices that have not moved for so long may be frozen: the venue is asked instead."""
AHEAD_MAX = 5 * SECOND


class StreamedBooks:
    """The stream's books for the trading thread: `LiveQuotes`, and the snapshot's source."""

    def __init__(
        self,
        board: Board,
        *,
        now: Callable[[], Instant],
        monotonic: Callable[[], timedelta],
        age_max: timedelta,
    ) -> None:
        """`now` is the venue's time, `monotonic` the machine's, in which messages arrive."""
        self._board = board
        self._now = now
        self._monotonic = monotonic
        self._age_max = age_max
        self._doubts: dict[ProductId, tuple[timedelta, str]] = {}
        self._checked: dict[ProductId, int] = {}
        self._round = 0
        self._connects: dict[str, int] = {}
        self._to_check: frozenset[ProductId] = frozenset()

    def begin(self, products: Sequence[ProductId]) -> None:
        """A snapshot begins: choose the books that are asked for, those asked longest ago."""
        self._round += 1
        by_age = sorted(products, key=lambda each: self._checked.get(each, 0))
        self._to_check = frozenset(by_age[:CHECKS])
        self._checked.update(dict.fromkeys(self._to_check, self._round))

    def book(self, product: ProductId) -> Levels | None:
        """A book that may be traded on; None where the venue has to be asked."""
        if product in self._to_check:
            return None
        streamed = self._fresh(product)
        return None if streamed is None else streamed.levels

    def compared(self, product: ProductId, asked: Quote) -> str:
        """Compare what was asked for with the stream; why the product is in doubt, or empty."""
        streamed = self._fresh(product, is_doubt_kept=False)
        if streamed is not None:
            known = quote_of(streamed.levels)
            gap = abs(known.mid.bps_above(asked.mid).value)
            if gap > Decimal(DIFFERENCE_MAX_BPS):
                text = (
                    f"in doubt: the stream says {known.mid}, the answer {asked.mid}, "
                    f"{gap:.0f} bps apart, {DIFFERENCE_MAX_BPS} are allowed"
                )
                self._doubts[product] = (self._monotonic() + DOUBT, text)
        return self._doubt(product)

    def quotes(self, products: Sequence[ProductId]) -> Mapping[ProductId, Quote]:
        """The streamed quotes that are fresh and not in doubt; others are left out."""
        found = {product: self._fresh(product) for product in products}
        return {
            product: quote_of(each.levels) for product, each in found.items() if each is not None
        }

    def take_reconnects(self) -> int:
        """How often a stream was begun anew since this was last asked; the first time is none."""
        anew = 0
        for name in (MARKET, ORDERS):
            connects = self._board.condition(name).connects
            anew += max(0, connects - max(self._connects.get(name, 0), 1))
            self._connects[name] = connects
        return anew

    def has_order_news(self) -> bool:
        """Whether something happened to orders since it was last taken."""
        return self._board.has_order_news()

    def take_order_news(self) -> int:
        """How much happened to orders; from here on it is no news."""
        return self._board.take_order_news()

    def _doubt(self, product: ProductId) -> str:
        until, text = self._doubts.get(product, (timedelta(0), ""))
        return text if self._monotonic() < until else ""

    def _fresh(self, product: ProductId, *, is_doubt_kept: bool = True) -> Streamed | None:
        if is_doubt_kept and self._doubt(product):
            return None
        steady = self._monotonic()
        condition = self._board.condition(MARKET)
        if not condition.is_up or steady - condition.heard > SILENCE_MAX:
            return None
        streamed = self._board.book(product)
        if streamed is None:
            return None
        is_young = (
            steady - streamed.heard <= self._age_max
            and steady - streamed.moved <= STILL_MAX
            and -AHEAD_MAX <= self._now() - streamed.levels.time <= self._age_max
        )
        return streamed if is_young else None
