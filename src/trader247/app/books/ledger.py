"""The ledger of a book, for whoever only looks."""

from __future__ import annotations

from functools import reduce

from trader247.adapters.sqlite.reader import JournalReader
from trader247.core.booking import fold
from trader247.domain.portfolio import Portfolio


def ledger_in(journal: JournalReader) -> Portfolio:
    """The ledger as a journal tells it now: its last snapshot, and every event since.

    Raises:
        StorageError, LedgerError: the journal cannot be read or contradicts itself.
    """
    saved = journal.portfolio() or Portfolio()
    return reduce(fold, journal.briefly(after=saved.seq), saved)
