"""Somebody who puts an older journal in the place of the one that is there: `state restore`.

What was committed after the backup is not in the journal any more, and that is no fault of the
trader's. It is at the exchange all the same: whoever trades on it next must find that out.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from trader247.app.books.backing_up import back_up, plan_of, restore
from trader247.app.books.choice import Choice
from trader247.domain.errors import Trader247Error
from trader247.simulation.judged.history import Record
from trader247.simulation.judged.journal_reader import JournalReader
from trader247.simulation.judged.tally import Tally
from trader247.simulation.world.disk import Disk
from trader247.simulation.world.files import Files


class Restoring:
    """Does it to the one book of a run, between two of its processes."""

    def __init__(
        self,
        choice: Choice,
        disk: Disk,
        files: Files,
        reader: JournalReader,
        *,
        tally: Tally,
        tell: Callable[[Record], None],
        ahead: Callable[[], int],
    ) -> None:
        self._choice = choice
        self._disk = disk
        self._files = files
        self._reader = reader
        self._tally = tally
        self._tell = tell
        self._ahead = ahead
        self._made: str | None = None
        self.is_due = False

    def back_up(self) -> None:
        """Make a backup, beside whoever trades.

        Where a full disk takes none, nobody goes back to an older one: whoever judges keeps in mind
        for an hour what a journal was.
        """
        self._made = None
        with suppress(Trader247Error, OSError):  # a disk that is full takes none
            made, _ = back_up(self._choice)
            self._made = made.backup.name
            self._tell({"kind": "backed_up", "seq": made.backup.seq})
        self.is_due = self.is_due and self._made is not None

    def go_back(self) -> bool:
        """Go back to that backup before the next process starts; whether there is one."""
        self.is_due = self._made is not None
        return self.is_due

    def done(self) -> None:
        """Put it in place, where that is due and nobody trades."""
        if not self.is_due:
            return
        self.is_due = False
        try:
            # By its name: the trader makes some too, and a clock that jumped dates them anyhow.
            plan = restore(plan_of(self._choice, self._made), ahead=self._ahead).plan
        except (Trader247Error, OSError):
            return  # the disk did not take it: what stood there stands there
        found, places = plan.found, plan.places
        is_synced = all(map(self._files.is_named, (places.journal, places.segments)))
        self._disk.forget()
        self._files.settle()
        self._reader.went_back(found.head.seq)
        self._tally.restored += 1
        seq, last_hash = found.head.seq, found.head.hash
        self._tell({"kind": "restored", "seq": seq, "hash": last_hash, "is_synced": is_synced})
