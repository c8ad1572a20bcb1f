"""Profit and loss in parts, read from a book's journal: also beside whoever trades on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from trader247.app.books.choice import Choice
from trader247.app.books.ledger_view import Since, Source, begin_of, source_of
from trader247.app.books.reading import Book, opened
from trader247.core.booking import fold
from trader247.core.figures.earnings import Earned, Earnings, Part, earned, summed, total_of
from trader247.domain.dataclass import dataclass
from trader247.domain.events import AlertRaised, CycleDecided
from trader247.domain.portfolio import Portfolio

__all__ = ["Earnings", "Part"]

_BESIDE = frozenset({CycleDecided.kind, AlertRaised.kind})
"""Nearly all events of a year: none of them moves a lot or money, so none is folded here."""


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
    for event in book.journal.events():
        if event.row.kind in _BESIDE:
            continue
        recorded = event.recorded()
        before = replace(portfolio, seq=recorded.seq - 1)
        portfolio = fold(before, recorded)
        part = earned(before, recorded, portfolio)
        if part is not None:
            yield part
