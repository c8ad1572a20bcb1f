"""What the ledger says, for people and for outside checks: the whole of it, or one list of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import timedelta
from enum import Enum
from typing import Any, Generic, Protocol, TypeVar

from trader247.adapters.clock import SystemClock
from trader247.adapters.sqlite.listings import AlertRow, FillRow, OrderRow
from trader247.adapters.sqlite.reader import JournalReader, StoredEvent
from trader247.app.books.choice import Choice
from trader247.app.books.made import Made, made_of
from trader247.app.books.reading import Book, opened
from trader247.app.books.source import Source
from trader247.core.figures.funnel import FunnelDay, Stage, funnel_day
from trader247.core.valuation import PnlFigures, pnl_figures, unrealised
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ProductId
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.portfolio import Portfolio
from trader247.domain.position import Position
from trader247.domain.time import Instant

__all__ = [
    "AlertRow",
    "FillRow",
    "FunnelDay",
    "OrderRow",
    "PnlFigures",
    "Source",
    "Stage",
    "StoredEvent",
]

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

Since = Instant | timedelta | None
"""From when on: a time, or a span back from the present of the book's market."""

POLLED_EVERY = timedelta(milliseconds=250)
"""How often new events are looked for while following."""


class Listing(Enum):
    """The lists that the ledger has."""

    ORDERS = "orders"
    FILLS = "fills"
    POSITIONS = "positions"
    PNL = "pnl"
    EVENTS = "events"
    ALERTS = "alerts"
    FUNNEL = "funnel"

    @property
    def has_times(self) -> bool:
        """Whether it grows with time, so that it can be cut by time and number."""
        return self not in (Listing.POSITIONS, Listing.PNL)


@dataclass(frozen=True, slots=True)
class PositionRow:
    """What is held of one product; `mark` is its bid in the last cycle that could believe it."""

    product: ProductId
    quantity: Quantity
    cost: Money
    mark: Price | None
    unrealised: Money | None
    stop: Price
    target: Price
    opened: Instant


@dataclass(frozen=True, slots=True)
class LedgerView:
    """The ledger as folded from the journal, with the hash of the last event folded.

    `dust` is what is left of positions and less than the venue sells; its stop and target would
    count again if it could be sold.
    """

    source: Source
    head_hash: str
    portfolio: Portfolio
    pnl: PnlFigures
    made: Made
    positions: tuple[PositionRow, ...]
    dust: tuple[PositionRow, ...]

    def folded(self) -> Mapping[str, Any]:
        """Every field of the folded ledger by its name, and what is derived from them."""
        rows = {row.product: row for row in (*self.positions, *self.dust)}
        portfolio = self.portfolio
        named = {each.name: getattr(portfolio, each.name) for each in fields(portfolio)}
        positions, dust = (
            {
                product: {**fields_of(each), **fields_of(rows[product])}
                for product, each in held.items()
            }
            for held in (portfolio.positions, portfolio.dust)
        )
        return {
            **named,
            "positions": positions,
            "dust": dust,
            "trading_state": portfolio.trading_state,
            "pnl": self.pnl,
            "head_hash": self.head_hash,
        }


@dataclass(frozen=True, slots=True)
class Listed(Generic[R]):
    """Rows of one list, oldest first. `is_cut` says that older ones were left out."""

    source: Source
    rows: Sequence[R]
    is_cut: bool


def ledger(choice: Choice) -> LedgerView:
    """The chosen book's whole ledger, read beside a running trader.

    Raises:
        UsageError: the book does not exist yet.
        SettingsInvalid, NotAllowed, StorageError, FeedMismatch: as `reading.opened` says.
    """
    with opened(choice) as book:
        return ledger_of(book)


def ledger_of(book: Book) -> LedgerView:
    """An open book's whole ledger."""
    portfolio = book.portfolio()
    last = next(book.journal.events(after=portfolio.seq - 1, limit=None), None)
    return LedgerView(
        source=source_of(book),
        head_hash=book.journal.head.hash if last is None else last.row.hash,
        portfolio=portfolio,
        pnl=pnl_figures(portfolio),
        made=made_of(portfolio, book.policy),
        positions=tuple(_row(portfolio, each) for each in portfolio.positions.values()),
        dust=tuple(_row(portfolio, each) for each in portfolio.dust.values()),
    )


def orders(choice: Choice, *, since: Since, limit: int | None) -> Listed[OrderRow]:
    """The newest `limit` orders that were made at or after `since`.

    Raises:
        UsageError: the book does not exist yet.
        SettingsInvalid, NotAllowed, StorageError, FeedMismatch: as `reading.opened` says.
    """
    return _listed(choice, JournalReader.orders, since, limit)


def fills(choice: Choice, *, since: Since, limit: int | None) -> Listed[FillRow]:
    """The newest `limit` booked fills at or after `since`. Raises as `orders` does."""
    return _listed(choice, JournalReader.fills, since, limit)


def alerts(choice: Choice, *, since: Since, limit: int | None) -> Listed[AlertRow]:
    """The newest `limit` alerts raised at or after `since`. Raises as `orders` does."""
    return _listed(choice, JournalReader.alerts, since, limit)


def funnel(choice: Choice, *, since: Since) -> Listed[FunnelDay]:
    """How far products came on each UTC day from `since` on. Raises as `orders` does."""
    with opened(choice) as book:
        source = source_of(book)
        begin = begin_of(since, source.time)
        filled = book.journal.entries_filled_by_day(begin)
        days = [
            funnel_day(
                each.day, cycles=each.cycles, reasons=each.reasons, filled=filled.get(each.day, 0)
            )
            for each in book.journal.days(begin)
        ]
        return Listed(source, days, is_cut=False)


@contextmanager
def events(
    choice: Choice,
    *,
    since: Since,
    limit: int | None,
    is_followed: bool,
) -> Iterator[tuple[Source, Iterator[StoredEvent]]]:
    """The journal's events, oldest first.

    Followed, they go on until the reader has enough, or the book is put away.

    Raises:
        UsageError: the book does not exist yet.
        SettingsInvalid, NotAllowed, StorageError, FeedMismatch: as `reading.opened` says.
    """
    with opened(choice) as book:
        source = source_of(book)
        begin = begin_of(since, source.time)
        yield source, _events(book, begin, limit, is_followed=is_followed)


class _Read(Protocol[R_co]):
    """A list of the journal's."""

    def __call__(
        self, journal: JournalReader, /, *, since: Instant | None, limit: int | None
    ) -> Sequence[R_co]: ...


def _listed(choice: Choice, read: _Read[R], since: Since, limit: int | None) -> Listed[R]:
    with opened(choice) as book:
        source = source_of(book)
        # One more than is shown tells whether any is left out.
        wanted = None if limit is None else limit + 1
        rows = read(book.journal, since=begin_of(since, source.time), limit=wanted)
        is_cut = limit is not None and len(rows) > limit
        return Listed(source, rows[1:] if is_cut else rows, is_cut)


def _events(
    book: Book, since: Instant | None, limit: int | None, *, is_followed: bool
) -> Iterator[StoredEvent]:
    clock, path = SystemClock(), book.places.journal
    inode = path.stat().st_ino
    last = book.journal.head.seq
    for event in book.journal.events(since=since, limit=limit):
        last = event.row.seq
        yield event
    while is_followed:
        for event in book.journal.events(after=last):
            last = event.row.seq
            yield event
        clock.wait_until(clock.now() + POLLED_EVERY, lambda: False)
        if not path.exists() or path.stat().st_ino != inode:
            return


def source_of(book: Book) -> Source:
    """Whose figures a book's are."""
    return Source(book.places.mode, book.places.venue, book.label, book.seed, book.now())


def begin_of(since: Since, now: Instant) -> Instant | None:
    """From when on, by the clock of the book's market."""
    return now - since if isinstance(since, timedelta) else since


def _row(portfolio: Portfolio, position: Position) -> PositionRow:
    mark = portfolio.marks.get(position.product)
    return PositionRow(
        product=position.product,
        quantity=position.quantity,
        cost=position.cost,
        mark=mark,
        unrealised=unrealised(position, mark),
        stop=position.stop,
        target=position.target,
        opened=position.opened,
    )


def fields_of(value: Position | PositionRow | PnlFigures) -> Mapping[str, Any]:
    """A frozen value's fields by their names."""
    return {each.name: getattr(value, each.name) for each in fields(value)}
