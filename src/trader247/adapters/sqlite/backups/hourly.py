"""Backups by themselves: one an hour of the book's own time, a step at a time, and never dear.

A backup is outside the chain: whether one was made changes no event. What it costs is bounded
twice: by its steps, between which the trading thread looks up, and by its share of real time, so
that a simulated market whose hours take a second does not spend them on backups.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from trader247.adapters.sqlite.backups.backup import Steps
from trader247.adapters.sqlite.backups.folder import alone_in, backing_up, backups_in, prune
from trader247.adapters.sqlite.database import open_reader, translated
from trader247.adapters.sqlite.rows import rows_after
from trader247.domain.errors import NotAllowed
from trader247.domain.milestones import Passing, unwatched
from trader247.domain.time import HOUR, MINUTE, Instant

SHARE = 20
"""Of real time, one part in so many at the most goes into backups."""


class HourlyBackups:
    """Makes the backups of one book while its trader has nothing else to do."""

    def __init__(
        self,
        journal: Path,
        folder: Path,
        *,
        monotonic: Callable[[], timedelta],
        passing: Passing = unwatched,
    ) -> None:
        self._journal = journal
        self._folder = folder
        self._monotonic = monotonic
        self._passing = passing
        self._steps: Steps | None = None
        self._now = Instant(0)
        self._next: Instant | None = None
        self._spent = timedelta(0)
        self._rests_until = monotonic()

    def is_due(self, now: Instant) -> bool:
        """Whether there is something to do at `now`, the book's time.

        Raises:
            StorageError: the journal cannot be read.
        """
        if self._steps is not None:
            return True
        self._now = now
        if self._next is None:
            self._next = now + HOUR  # should the next line fail, it is not tried in every wait
            self._next = self._first_due()
        # A time that was set back must not put the next one off for ever.
        self._next = min(self._next, now + HOUR)
        return now >= self._next and self._monotonic() >= self._rests_until

    def step(self) -> None:
        """Do a little of it.

        Raises:
            StorageError: there will be no backup this hour; those before it stay.
        """
        begun = self._monotonic()
        if self._steps is None:
            self._steps = self._one()
            self._spent = timedelta(0)
        try:
            next(self._steps)
        except StopIteration:
            self._over(HOUR)
        except NotAllowed:
            self._over(MINUTE)  # another process makes one: that will do
        except BaseException:
            self._over(HOUR)
            raise
        finally:
            self._spent += self._monotonic() - begun
            if self._steps is None:
                self._rests_until = self._monotonic() + self._spent * (SHARE - 1)

    def close(self) -> None:
        """Give up what is under way: nothing is left of it."""
        if self._steps is not None:
            self._steps.close()
        self._steps = None

    def _one(self) -> Steps:
        with alone_in(self._folder):
            made = yield from backing_up(self._journal, self._folder, passing=self._passing)
            prune(self._folder, made.backup)
            return made

    def _over(self, rest: timedelta) -> None:
        self._steps = None
        self._next = self._now + rest

    def _first_due(self) -> Instant:
        """An hour after the newest backup; where there is none, an hour after the book began."""
        found = backups_in(self._folder)
        if found:
            return found[-1].time + HOUR
        with translated("read", self._journal):
            journal = open_reader(self._journal)
            try:
                for first in rows_after(journal, 0, until=1):
                    return Instant.parse(first.time) + HOUR
            finally:
                journal.close(force=True)
        return self._now + HOUR
