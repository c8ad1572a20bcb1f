"""Profit and loss in parts, read from a book's journal: also beside a running trader."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from trader247.app.books.choice import Choice
from trader247.app.books.ledger_view import Since, Source, begin_of, source_of
from trader247.app.books.reading import Book, opened
from trader247.core.booking import fold
from trader247.core.figures.earnings import Earned, Earnings, Part, earned, summed, total_of
from trader247.domain.dataclass import dataclass
from trader247.domain.events.book import JournalOpened
from trader247.domain.events.holdings import (
    DustSetAside,
    DustTakenBack,
    HoldingAdopted,
    LotsSoldByHand,
)
from trader247.domain.events.money import CashFlowed, ForeignSeen
from trader247.domain.events.orders import FillBooked
from trader247.domain.portfolio import Portfolio

__all__ = ["Earnings", "Part"]

_MOVING = tuple(
    each.kind
    for each in (
        JournalOpened,
        CashFlowed,
        FillBooked,
        ForeignSeen,
        HoldingAdopted,
        LotsSoldByHand,
        DustSetAside,
        DustTakenBack,
    )
)
"""What moves money or lots: nothing else of a year is folded here, but for intents that traded."""


@dataclass(frozen=True, slots=True)
class Earning:
    """The parts, and what they add up to. `currency` is what it is counted in."""

    source: Source
    by: Part
    currency: str
    rows: tuple[Earnings, ...]
    total: Earnings


def earning(choice: Choice, by: Part, *, since: Since) -> Earning:
    """What the chosen book made, by `by`, of trades at or after `since`.

    Raises:
        UsageError: the book does not exist yet.
        SettingsInvalid, NotAllowed, StorageError, FeedMismatch: as `reading.opened` says.
    """
    with opened(choice) as book:
        source = source_of(book)
        begin = begin_of(since, source.time)
        parts = [each for each in _earned(book) if begin is None or each.at >= begin]
        currency = book.policy.quote_currency
    rows = summed(parts, by)
    return Earning(source, by, currency, rows, total_of(rows))


def _earned(book: Book) -> Iterator[Earned]:
    portfolio = Portfolio()
    for recorded in book.journal.traded(_MOVING):
        before = replace(portfolio, seq=recorded.seq - 1)
        portfolio = fold(before, recorded)
        part = earned(before, recorded, portfolio)
        if part is not None:
            yield part
