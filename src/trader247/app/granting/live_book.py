"""A live book's journal, read before its trader is built: who armed it, and under which policy."""

from __future__ import annotations

from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.books.ledger import ledger_in
from trader247.app.books.places import Places
from trader247.app.settings.journalled import journalled_policy
from trader247.core.policy import Policy
from trader247.domain.errors import StorageError
from trader247.domain.events.book import PolicyAdopted
from trader247.domain.portfolio import Portfolio


def portfolio_of(places: Places) -> Portfolio | None:
    """The ledger of a book as its journal tells it; None where there is no journal yet.

    Raises:
        StorageError, LedgerError: the journal cannot be read or contradicts itself.
    """
    if not places.journal.exists():
        return None
    with JournalReader.open(places.journal) as journal:
        return ledger_in(journal)


def armed_policy(places: Places, policy_hash: str) -> Policy:
    """The policy of a hash, out of the book's journal.

    Raises:
        StorageError: the journal has no such policy.
        SettingsInvalid: this version cannot read it.
    """
    with JournalReader.open(places.journal) as journal:
        for stored in journal.events(kind=PolicyAdopted.kind):
            event = stored.recorded().event
            if isinstance(event, PolicyAdopted) and event.policy_hash == policy_hash:
                return journalled_policy(event.text)
    raise StorageError(f"{places.journal} has no policy {policy_hash}", hint="trader247 arm anew")
