"""Where the stream's threads write, and where the trading thread looks: books, news, troubles.

Everything here is bounded and behind one lock. Nobody waits for anybody: the trading thread takes
what stands there when it looks.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from threading import Lock

from trader247.adapters.coinbase.depth import Levels
from trader247.adapters.coinbase.stream.book import Book
from trader247.adapters.coinbase.stream.messages import BookChanged
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ProductId
from trader247.domain.time import Instant


@dataclass(frozen=True, slots=True)
class Streamed:
    """A book as it stands: its levels near the mid, and by our steady clock when it was last
    `heard` of, and when its best prices last `moved`."""

    levels: Levels
    heard: timedelta
    moved: timedelta


@dataclass(frozen=True, slots=True)
class Condition:
    """How a stream is: up with its last message at `heard`, or down with a cause."""

    is_up: bool = False
    cause: str = "not connected yet"
    heard: timedelta = timedelta(0)
    connects: int = 0


class Board:
    """What the streams of one process tell."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._books: dict[ProductId, Book] = {}
        self._conditions: dict[str, Condition] = {}
        self._order_news = 0

    def up(self, name: str, heard: timedelta) -> None:
        """A stream is connected and subscribed."""
        with self._lock:
            known = self._conditions.get(name, Condition())
            self._conditions[name] = Condition(True, "", heard, known.connects + 1)

    def down(self, name: str, cause: str, products: Iterable[ProductId]) -> None:
        """A stream is of no use: the books of `products` are not known any more."""
        with self._lock:
            known = self._conditions.get(name, Condition())
            self._conditions[name] = replace(known, is_up=False, cause=cause)
            for product in products:
                self._books.pop(product, None)

    def alive(self, name: str, heard: timedelta) -> None:
        """Something was heard of a stream."""
        with self._lock:
            known = self._conditions.get(name)
            if known is not None and known.is_up:
                self._conditions[name] = replace(known, heard=heard)

    def changed(self, change: BookChanged, time: Instant, heard: timedelta) -> None:
        """A book was told anew, or changed; a change of a book that is not known is nothing."""
        with self._lock:
            if change.is_snapshot:
                self._books[change.product] = Book.of(change.bids, change.asks, time, heard)
                return
            book = self._books.get(change.product)
            if book is not None:
                book.change(change.bids, change.asks, time, heard)

    def orders_changed(self) -> None:
        """Something happened to orders of the account."""
        with self._lock:
            self._order_news += 1

    def book(self, product: ProductId) -> Streamed | None:
        """A product's book; None where none is known, or where it has not two sides."""
        with self._lock:
            book = self._books.get(product)
            levels = None if book is None else book.levels()
            if book is None or levels is None:
                return None
            return Streamed(levels, book.heard, book.moved)

    def condition(self, name: str) -> Condition:
        """How a stream is."""
        with self._lock:
            return self._conditions.get(name, Condition())

    def has_order_news(self) -> bool:
        """Whether something happened to orders since the last `take_order_news`."""
        with self._lock:
            return self._order_news > 0

    def take_order_news(self) -> int:
        """How much happened to orders; from here on it is no news."""
        with self._lock:
            taken, self._order_news = self._order_news, 0
            return taken
