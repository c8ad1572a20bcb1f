"""The synced transactions of one tenure: all of what one writes is on the disk, or nothing of it.

Each checks that this process still owns the journal (its epoch). Once the disk has failed no
further one begins: after a failed sync nobody knows what is on the disk, and only a restart, which
verifies, finds out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import apsw

from trader247.adapters.sqlite.database import translated
from trader247.adapters.sqlite.tenure import expect_epoch, expect_room, release
from trader247.domain.errors import StorageError
from trader247.domain.events.orders import FillBooked, IntentRecorded, SubmissionSettled
from trader247.domain.events.recorded import AnyEvent
from trader247.domain.milestones import Milestone, Passing, unwatched

_WRITTEN = {
    IntentRecorded: Milestone.INTENT_WRITTEN,
    SubmissionSettled: Milestone.OUTCOME_WRITTEN,
    FillBooked: Milestone.FILL_WRITTEN,
}
"""What an open transaction that holds such an event has come to."""


class Transactions:
    """One at a time, on the journal's one connection."""

    def __init__(
        self, connection: apsw.Connection, path: Path, *, epoch: int, passing: Passing
    ) -> None:
        self._connection = connection
        self._path = path
        self._epoch = epoch
        self._passing = passing
        self._is_intent = False
        if passing is not unwatched:
            connection.set_commit_hook(self._on_commit)
        self._failure: str | None = None

    @property
    def epoch(self) -> int:
        """The number of this process's tenure."""
        return self._epoch

    def has_tenure(self) -> bool:
        """Whether this process may still write here, and with that send; False where unknown."""
        if self._failure is not None:
            return False
        try:
            with translated("read", self._path):
                expect_epoch(self._connection, self._epoch)
        except StorageError:
            return False
        return True

    def raise_epoch(self, epoch: int) -> None:
        """Go on as a later tenure.

        Raises:
            EpochLost: another process has taken over.
            StorageError: the disk did not take it, or there is no such epoch any more.
        """
        assert epoch > self._epoch, "a tenure never goes back"
        expect_room(epoch)

        def write() -> None:
            self._connection.execute("UPDATE lease SET epoch = ?", (epoch,))

        self.run("raise the epoch of", write)
        self._epoch = epoch

    def run(
        self,
        act: str,
        write: Callable[[], None],
        *,
        is_checked: bool = False,
        events: Sequence[AnyEvent] = (),
    ) -> None:
        """Run `write` in one synced transaction of this epoch, unless it checks that itself.

        `act` says what it does to the journal, `events` are those that it writes.

        Raises:
            EpochLost: another process has taken over.
            StorageError: the disk did not take it; no further one begins either.
        """
        self.expect_no_failure()
        try:
            with translated(act, self._path):
                self._connection.execute("BEGIN IMMEDIATE")
                try:
                    if not is_checked:
                        expect_epoch(self._connection, self._epoch)
                    write()
                    self._pass_by(events)
                    self._connection.execute("COMMIT")
                except BaseException:
                    # After some errors SQLite has rolled back by itself.
                    if self._connection.in_transaction:
                        self._connection.execute("ROLLBACK")
                    raise
        except StorageError as error:
            self._failure = str(error)
            self._passing(Milestone.DISK_FAILED)
            raise

    def expect_no_failure(self) -> None:
        """Refuse to go on after a failure of the disk.

        Raises:
            StorageError: it has failed.
        """
        if self._failure is not None:
            raise StorageError(
                f"{self._path} takes no more writes since it failed: {self._failure}",
                hint="stop, repair, start again: the start verifies the journal",
            )

    def end_for(self, error: StorageError) -> None:
        """Begin no further one: something that belongs to the journal did not reach the disk."""
        self._failure = str(error)

    def close(self, *, is_clean: bool) -> None:
        """Let go of the journal, and say that nothing was under way if it `is_clean`."""
        with translated("close", self._path):
            if is_clean and self._failure is None:
                self.run("close", lambda: release(self._connection))
            if self._failure is None:
                self._connection.close()
            else:
                drop(self._connection)

    def _pass_by(self, events: Sequence[AnyEvent]) -> None:
        """Tell whoever looks how far the open transaction has come."""
        self._is_intent = False
        for event in events:
            self._is_intent = self._is_intent or isinstance(event, IntentRecorded)
            milestone = _WRITTEN.get(type(event))
            if milestone is not None:
                self._passing(milestone)

    def _on_commit(self) -> bool:
        """Called by SQLite inside COMMIT; False lets it go on."""
        if self._is_intent:
            self._passing(Milestone.INTENT_COMMITTING)
        return False


def drop(connection: apsw.Connection) -> None:
    """Let go of a database whose disk may have failed, and ask that disk for nothing more.

    A checkpoint on closing would copy pages whose sync failed: the next start looks first.
    """
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    with suppress(apsw.Error):  # the error that brought us here is the one that counts
        connection.close(force=True)
