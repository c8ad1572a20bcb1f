"""Everything on one screen, read beside a running trader: the book, and whether a trader lives."""

from __future__ import annotations

from trader247.app.books.choice import Choice
from trader247.app.books.overview import Overview, overview_of_book
from trader247.app.books.places import Places
from trader247.app.books.reading import Book, opened
from trader247.app.granting.stage_words import stage_sentences
from trader247.app.outside.pulse import Life, life_of
from trader247.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Status:
    """A book as its journal tells it, and what the data folder says of its trader."""

    places: Places
    overview: Overview
    life: Life
    remarks: tuple[str, ...]

    @property
    def is_traded(self) -> bool:
        """Whether a living process trades on this very book."""
        return self.life.is_alive is True and self.life.is_of(self.places.book)


def status_of(choice: Choice) -> Status:
    """The chosen book now. Nothing is locked and nothing changed.

    Raises:
        UsageError: the book does not exist yet.
        SettingsInvalid, NotAllowed, StorageError, FeedMismatch: as `reading.opened` says.
    """
    with opened(choice) as book:
        # The life first: what it tells of is then in the journal already.
        life = life_of(book.places.data)
        view = overview_of_book(book)
        return Status(book.places, view, life, _remarks(book))


def _remarks(book: Book) -> tuple[str, ...]:
    portfolio = book.portfolio()
    stage = tuple(stage_sentences(portfolio, book.policy, book.now()))
    if portfolio.policy_hash in ("", book.policy.hash):
        return stage
    return (
        *stage,
        "the configuration has changed since this book's last start: limits shown are those of "
        "the files, a running trader keeps its own until it is started again",
    )
