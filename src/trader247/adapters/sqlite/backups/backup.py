"""What a backup is: a name that says its last event, a form, and what was found when it was read.

There are two forms. A trader adds to what was backed up before: chunks of events, and a manifest
that names them (`added`). A journal that is about to be brought to a newer form is copied
whole (`whole`), so that the version that wrote it can go back to it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TypeVar

from trader247.adapters.sqlite.backups import manifest
from trader247.adapters.sqlite.backups.chunks import FOLDER
from trader247.adapters.sqlite.database import translated
from trader247.adapters.sqlite.rows import Head
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import StorageError
from trader247.domain.time import Instant

T = TypeVar("T")

WHOLE, ADDED = ".db", manifest.ENDING
"""How the files of the two forms end."""

RESERVE = 128 * 1024 * 1024
"""Bytes that stay free for the ledger and its write-ahead log."""


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup: the ledger as it was at its last event, `seq`, of `time`."""

    path: Path
    time: Instant
    seq: int

    @property
    def name(self) -> str:
        """What it is called: its file's name without the ending."""
        return self.path.name.removesuffix(self.path.suffix)

    @property
    def is_whole(self) -> bool:
        """Whether it is one file, a copy of the journal's."""
        return self.path.suffix == WHOLE

    @property
    def chunks(self) -> Path:
        """The folder of what backups consist of."""
        return self.path.parent / FOLDER


@dataclass(frozen=True, slots=True)
class Checked:
    """A backup that holds: whose book it is, on which market, up to which event."""

    book: str
    feed: str
    head: Head
    time: Instant
    market: str
    """The folder, beside it, of what its cycles saw; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Made:
    """A backup that was made now, and what it took."""

    backup: Backup
    written: int
    """Bytes of the ledger that were written for it."""


Steps = Generator[None, None, Made]
"""Each step does a little; the last one answers what was made."""


Told = Callable[[int, int], None]
"""Told how many of how many events are backed up."""


def untold(_done: int, _of: int) -> None:
    """Nobody wants to know."""


def named(folder: Path, time: Instant, seq: int, *, ending: str = ADDED) -> Backup:
    """What a backup up to that event is called: sorted by name is sorted by time."""
    stamp = str(time)[:19].replace(":", "")
    return Backup(folder / f"{stamp}Z.{seq:09d}{ending}", time, seq)


def finished(steps: Generator[None, None, T]) -> T:
    """Take all steps at once; answers what the last one does."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            answer: T = end.value
            return answer


def expect_room(folder: Path, size: int) -> None:
    """See whether there is room for a backup and for what the ledger itself needs beside it.

    Raises:
        StorageError: there is not.
    """
    with translated("back up into", folder):
        needed, free = size + RESERVE, shutil.disk_usage(folder).free
    if free < needed:
        raise StorageError(
            f"{free // 1_000_000} MB are free in {folder}, a backup takes "
            f"{needed // 1_000_000} MB with what the ledger needs beside it",
            hint="free space; older backups may be moved elsewhere",
        )
