"""What halts the books of a folder, as their journals tell: read without any configuration."""

from __future__ import annotations

from pathlib import Path

from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.books.ledger import ledger_in
from trader247.app.books.places import Places, books_in
from trader247.app.killing.standing_stops import StandingStop, ban_in_words, in_words
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import Trader247Error
from trader247.domain.reasons import HaltName


@dataclass(frozen=True, slots=True)
class HaltedBook:
    """A book and the halts that its journal holds; none of them where it cannot be read.

    `trouble` is why it could not be read, else empty.
    """

    book: str
    halts: tuple[StandingStop, ...]
    trouble: str

    @property
    def is_kill_latched(self) -> bool | None:
        """Whether the journal remembers the kill switch; None where it cannot be read."""
        if self.trouble:
            return None
        return any(halt.name == HaltName.KILL_SWITCH.value for halt in self.halts)


def halted_books(data: Path) -> tuple[HaltedBook, ...]:
    """Every book of the folder, halted or not, as its journal is committed by now."""
    return tuple(_halted(places) for places in books_in(data))


def _halted(places: Places) -> HaltedBook:
    try:
        with JournalReader.open(places.journal) as journal:
            portfolio = ledger_in(journal)
    except Trader247Error as error:
        return HaltedBook(places.book, (), str(error))
    stops = (*map(in_words, portfolio.halts.values()), *map(ban_in_words, portfolio.bans.values()))
    return HaltedBook(places.book, stops, "")
