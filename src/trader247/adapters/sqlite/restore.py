"""Putting a backup in the journal's place: checked first, and nothing that stood there is lost.

The backup is copied beside the journal and made ready there. What it replaces is kept by a second
name before the copy takes its place by a rename: a crash at any moment leaves the old journal or
the new one, whole, and never one that takes up the other's write-ahead log.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from trader247.adapters.files import TEMPORARY, sync_folder
from trader247.adapters.sqlite.backup import Backup, Checked, checking, frame_of
from trader247.adapters.sqlite.backup_market import holds, restore_market
from trader247.adapters.sqlite.database import translated
from trader247.adapters.sqlite.rows import segments_of
from trader247.domain.events import SegmentRef

_WAL, _SHM = "-wal", "-shm"


def checked(path: Path) -> Checked:
    """Check a backup whole.

    Raises:
        ChainBroken, StorageError: it does not hold, or cannot be read.
    """
    work = checking(path)
    while True:
        try:
            next(work)
        except StopIteration as end:
            found = end.value
            assert isinstance(found, Checked), "the last step answers what was found"
            return found


@dataclass(frozen=True, slots=True)
class Prepared:
    """A copy of a backup beside the journal, checked, that does not count yet."""

    path: Path
    checked: Checked

    def drop(self) -> None:
        """Take it away again; where it took the journal's place there is nothing to take."""
        _drop(self.path)


def prepared(backup: Backup, journal: Path) -> Prepared:
    """Copy a backup beside `journal`, and check the copy.

    Raises:
        ChainBroken: it does not hold.
        StorageError: it cannot be read, or the disk did not take the copy.
    """
    path = journal.with_name(f"{journal.stem}.restored{TEMPORARY}")
    _drop(path)
    try:
        with translated("restore", path):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            with os.fdopen(os.open(path, flags, 0o600), "wb") as target:
                with backup.path.open("rb") as source:
                    shutil.copyfileobj(source, target, 4 * 1024 * 1024)
                target.flush()
                os.fsync(target.fileno())
        return Prepared(path, checked(path))
    except BaseException:
        _drop(path)
        raise


def put_in_place(ready: Prepared, journal: Path, market: Path | None, kept: Path) -> bool:
    """Let a prepared copy be the journal; what it replaces is in the folder `kept` from then on.

    The caller holds the guard, and `kept` is new. `market` is the backups' copy of what its cycles
    saw. Answers whether the journal has that back.

    Raises:
        StorageError: the disk did not take it; what stood there stands there, or is in `kept`.
    """
    last = frame_of(ready.path)
    segments = segments_of(journal)
    with translated("restore", journal):
        kept.mkdir(mode=0o700, parents=True)
        source = _source(last, market, segments)
        fresh = kept / f"{segments.name}.prepared"
        if source is not None and last is not None:
            restore_market(source, fresh, last)
        for end in ("", _WAL):
            present = journal.with_name(journal.name + end)
            if present.exists():
                os.link(present, kept / present.name)
        sync_folder(kept)
        for end in (_SHM, _WAL):
            with suppress(FileNotFoundError):
                journal.with_name(journal.name + end).unlink()
        sync_folder(journal.parent)
        ready.path.replace(journal)
        if segments.exists():
            segments.rename(kept / segments.name)
        if fresh.exists():
            fresh.rename(segments)
        sync_folder(kept)
        sync_folder(journal.parent)
    return last is None or source is not None


def _drop(path: Path) -> None:
    for end in ("", _WAL, _SHM, "-journal"):
        with suppress(OSError):
            path.with_name(path.name + end).unlink()


def _source(last: SegmentRef | None, market: Path | None, segments: Path) -> Path | None:
    """Where what the cycles saw is still whole: in the backups, else where it always was."""
    if last is None:
        return None
    folders = (segments,) if market is None else (market, segments)
    return next((each for each in folders if holds(each, last)), None)
