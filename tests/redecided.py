"""Every cycle of a journal, decided again."""

from __future__ import annotations

from collections.abc import Iterator

from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.past.redeciding import Redeciding, Redecision
from trader247.core.booking import fold
from trader247.domain.portfolio import Portfolio


def redecided(journal: JournalReader) -> Iterator[Redecision]:
    """Every cycle of a journal, decided again, in order.

    Raises:
        StorageError, LedgerError, SettingsInvalid: the journal cannot be read again.
    """
    portfolio = Portfolio()
    again = Redeciding(journal)
    for recorded in journal.recorded():
        done = again.take(recorded, portfolio)
        if done is not None:
            yield done
        portfolio = fold(portfolio, recorded)
    last = again.end()
    if last is not None:
        yield last
