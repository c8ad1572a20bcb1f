"""A book's journal alone, opened to explain what was decided: it needs no present limits, no venue.

So `why` and `replay` start quickly, and work where the configuration of today would be refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.books.choice import Choice
from trader247.app.books.places import Places, nothing_yet
from trader247.app.books.source import Source, label_of, seed_of
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import FeedMismatch, StorageError, UsageError
from trader247.domain.time import Instant


@dataclass(frozen=True, slots=True)
class PastBook:
    """One book's journal, open for looking, and whose it is."""

    journal: JournalReader
    source: Source


@contextmanager
def past_book(choice: Choice) -> Iterator[PastBook]:
    """The chosen book's journal, open while the context lasts.

    Raises:
        SettingsInvalid: the configuration does not say which book.
        UsageError: the book does not exist yet.
        StorageError, FeedMismatch: the journal cannot be read, or is another book's.
    """
    places = choice.places_to_look()
    if not places.journal.exists():
        raise nothing_yet(places)
    with JournalReader.open(places.journal) as journal:
        opening = journal.opened
        if opening is not None and opening.book != places.book:
            raise FeedMismatch(
                f"{places.journal} is the journal of {opening.book}, not of {places.book}",
                hint="a journal belongs to one mode and venue for ever; put the file back",
            )
        feed = "" if opening is None else opening.feed
        last = next(journal.events(limit=1), None)
        yield PastBook(
            journal,
            Source(
                mode=places.mode,
                venue=places.venue,
                market=_label(places, feed),
                seed=seed_of(feed),
                time=Instant(0) if last is None else Instant.parse(last.row.time),
            ),
        )


def _label(places: Places, feed: str) -> str:
    """What a replay is called stands with its exchange; all others say it in the feed itself."""
    if feed.startswith("replay:") and places.has_exchange:
        from trader247.app.books.reading import viewed_exchange

        with suppress(StorageError, UsageError):  # the journal alone can be explained too
            exchange = viewed_exchange(places)
            try:
                return exchange.label
            finally:
                exchange.close()
    return label_of(feed)
