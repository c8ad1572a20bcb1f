"""Putting a backup in the journal's place: checked first, and nothing that stood there is lost.

The ledger is made beside the journal, from the backup's chunks or as a copy of a whole one. What it
replaces is kept by a second name before it takes its place by a rename: a crash at any moment
leaves the old journal or the new one, whole, and never one that takes up the other's write-ahead
log.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from trader247.adapters.files import TEMPORARY, sync_folder
from trader247.adapters.sqlite.backups import manifest
from trader247.adapters.sqlite.backups import whole as backup_whole
from trader247.adapters.sqlite.backups.backup import Backup, Checked, finished
from trader247.adapters.sqlite.backups.chunks import expect_there, reading
from trader247.adapters.sqlite.backups.market import holds, restore_market
from trader247.adapters.sqlite.backups.rebuild import rebuild
from trader247.adapters.sqlite.backups.whole import frame_of
from trader247.adapters.sqlite.database import translated
from trader247.adapters.sqlite.rows import segments_of
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import StorageError
from trader247.domain.events.cycles import SegmentRef
from trader247.domain.time import Instant

_WAL, _SHM = "-wal", "-shm"


def checked(backup: Backup) -> Checked:
    """Check a backup whole.

    Raises:
        ChainBroken, StorageError: it does not hold, or cannot be read.
    """
    if backup.is_whole:
        return finished(backup_whole.checking(backup.path))
    found = manifest.read(backup.path)
    finished(manifest.checking_parts(found, backup.path.parent))
    head, time = found.standing.head, Instant.parse(found.time)
    return Checked(found.book, found.feed, head, time, found.market)


def made_last(backups: Sequence[Backup]) -> Backup | None:
    """The one of some backups, oldest first, that holds the most of the journal; None of none.

    That is the newest one, unless a clock that was ahead has dated it: then others have grown from
    it since. What has more events and has not is of a past that a restored journal left behind.
    """
    if not backups or backups[-1].is_whole:
        return backups[-1] if backups else None
    newest = backups[-1]
    longer = [each for each in backups if not each.is_whole and each.seq > newest.seq]
    for each in sorted(longer, key=lambda one: one.seq, reverse=True):
        with suppress(StorageError):
            if _is_grown(each, newest):
                return each
    return newest


def _is_grown(backup: Backup, earlier: Backup) -> bool:
    """Whether the chain of a backup goes through the last event of another, shorter one."""
    found, end = manifest.read(backup.path), manifest.read(earlier.path).standing
    hash = found.standing.genesis
    if hash != end.genesis:
        return False
    for each in found.chunks:
        if each.last >= end.head.seq:
            rows = reading(each, backup.chunks / each.name, prev_hash=hash)
            return any((row.seq, row.hash) == (end.head.seq, end.head.hash) for row in rows)
        hash = each.hash
    return False


def size_of(backup: Backup) -> int:
    """The bytes of ledger that going back to it reads; its files are there, and of their sizes.

    Raises:
        ChainBroken: one is gone, or is of another size.
        StorageError: it cannot be read.
    """
    if backup.is_whole:
        with translated("read", backup.path):
            return backup.path.stat().st_size
    found = manifest.read(backup.path)
    for each in found.chunks:
        expect_there(each, backup.chunks / each.name)
    return found.size


@dataclass(frozen=True, slots=True)
class Prepared:
    """A backup's ledger beside the journal, checked, that does not count yet."""

    path: Path
    checked: Checked

    def drop(self) -> None:
        """Take it away again; where it took the journal's place there is nothing to take."""
        _drop(self.path)


def prepared(backup: Backup, journal: Path) -> Prepared:
    """Make the ledger of a backup beside `journal`, and check it as nobody trusts it.

    Raises:
        ChainBroken: it does not hold.
        StorageError: it cannot be read, or the disk did not take the ledger.
    """
    path = journal.with_name(f"{journal.stem}.restored{TEMPORARY}")
    _drop(path)
    try:
        if backup.is_whole:
            _copy(backup.path, path)
        else:
            rebuild(manifest.read(backup.path), backup.path.parent, path)
        return Prepared(path, finished(backup_whole.checking(path)))
    except BaseException:
        _drop(path)
        raise


def _copy(source: Path, target: Path) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with (
        translated("restore", target),
        os.fdopen(os.open(target, flags, 0o600), "wb") as file,
        source.open("rb") as original,
    ):
        shutil.copyfileobj(original, file, 4 * 1024 * 1024)
        file.flush()
        os.fsync(file.fileno())


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
