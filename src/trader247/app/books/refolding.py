"""The ledger folded again from the first event, and held against every snapshot of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from trader247.adapters.ids import DerivedIds
from trader247.adapters.sqlite.beside import Saved, told
from trader247.adapters.sqlite.reader import JournalReader
from trader247.core.booking import fold
from trader247.domain.events.book import JournalOpened
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.orders import IntentRecorded
from trader247.domain.events.recorded import Recorded
from trader247.domain.ids import ADOPTED
from trader247.domain.portfolio import Portfolio

Take = Callable[[Recorded, Portfolio], None]
"""What is shown each event, with the ledger before it."""


class Refolding:
    """Folds the journal again from its first event, and beside it from its last snapshot.

    The snapshots are the running trader's own ledger at that moment: each must be, to the byte,
    what the events give; and going on from one must end where going on from the first event ends.
    """

    def __init__(self, journal: JournalReader, take: Take | None) -> None:
        self._journal = journal
        self._take = take
        self._saved = set(journal.saved_at())
        self._resumed = journal.portfolio()
        install = journal.meta("install_id")
        self._ids = DerivedIds(install) if _is_install(install) else None
        self.cycles = 0
        self.feed = ""
        self.problems: list[str] = []
        self.notes: list[str] = []

    def run(self) -> None:
        """Raises LedgerError, StorageError, SettingsInvalid: it cannot be done to the end."""
        whole, resumed = Portfolio(), self._resumed
        # Whoever is shown the events may ask what a cycle's endings were told with.
        read = self._journal.briefly if self._take is None else self._journal.recorded
        for recorded in read():
            self._look_at(recorded)
            if self._take is not None:
                self._take(recorded, whole)
            whole = fold(whole, recorded)
            if resumed is not None and recorded.seq > resumed.seq:
                resumed = fold(resumed, recorded)
            if recorded.seq in self._saved:
                self._saved.remove(recorded.seq)
                saved = self._journal.saved(recorded.seq)
                if saved is not None:  # it may have been thinned out meanwhile
                    self._compare(saved, whole)
        self.problems += [
            f"table portfolios, row {seq}: no such event" for seq in sorted(self._saved)
        ]
        if resumed is not None and told(resumed) != told(whole):
            self.problems.append("folding on from the saved ledger ends in another one")

    def _look_at(self, recorded: Recorded) -> None:
        match recorded.event:
            case JournalOpened(feed=feed):
                self.feed = feed
            case CycleDecided():
                self.cycles += 1
            # The decision behind an order that was taken back is lost, and its name's origin too.
            case IntentRecorded(intent) if (
                self._ids is not None and not intent.decision_id.startswith(ADOPTED)
            ):
                derived = self._ids.client_order(
                    epoch=intent.epoch, decision=intent.decision_id, leg=intent.leg
                )
                if derived != intent.client_order_id:
                    self.problems.append(
                        "table meta, row install_id: the id of event "
                        f"{recorded.seq}, {intent.client_order_id}, does not come from it"
                    )
                    self._ids = None

    def _compare(self, saved: Saved, folded: Portfolio) -> None:
        where = f"table portfolios, row {saved.seq}"
        text = told(folded)
        if saved.is_of_this_version:
            self.problems += [f"{where}: {each}" for each in _unlike(saved.payload, text)]
        elif saved.payload == text:
            self.problems.append(f"{where}: its shape is not that of its ledger")
        else:
            self.notes.append(f"{where} was saved by another version and is not used")


def _unlike(saved: str, text: str) -> list[str]:
    if saved == text:
        return []
    try:
        found = json.loads(saved)
    except ValueError:
        return ["it is not readable"]
    told = json.loads(text)
    if not isinstance(found, Mapping):
        return ["it is no ledger"]
    names = [name for name in sorted({*found, *told}) if found.get(name) != told.get(name)]
    return [f"{name} is not what the events give" for name in names] or ["it is not canonical"]


def _is_install(text: str) -> bool:
    try:
        DerivedIds(text)
    except ValueError:
        return False
    return True
