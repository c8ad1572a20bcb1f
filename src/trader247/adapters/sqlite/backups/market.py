"""What the cycles saw, kept once for all backups: each one adds what is new, and copies no more.

The segments beside a journal only grow, so one copy of them serves every backup of that journal.
After a restore they grow another way: then a second copy is begun, and the first stays for the
backups that refer to it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterable
from pathlib import Path

from trader247.adapters.files import sync_folder
from trader247.adapters.sqlite.database import translated
from trader247.adapters.sqlite.market.segments import SegmentReader
from trader247.domain.errors import StorageError
from trader247.domain.events.cycles import SegmentRef

CHUNK = 4 * 1024 * 1024
"""Bytes copied by one step."""

_COMPARED = 64 * 1024
"""Bytes at the end of a copy that must be the original's: some thirty cycles."""

_PREFIX = "market-"


def copy_market(
    segments: Path, folder: Path, *, last: SegmentRef | None
) -> Generator[None, None, str]:
    """Bring the copy of `segments` in `folder` up to the frame `last`, a step at a time.

    Answers the copy's name; none where there is nothing to copy, or the segments themselves do not
    hold what the journal refers to: a ledger without its market is worth keeping.

    Raises:
        StorageError: the disk did not take it.
    """
    if last is None or not holds(segments, last):
        return ""
    with translated("back up", segments):
        market = _current(segments, folder)
        market.mkdir(mode=0o700, exist_ok=True)
        for file in sorted(segments.glob("*.seg")):
            if file.name > last.segment:
                continue
            is_last = file.name == last.segment
            end = last.offset + last.length if is_last else file.stat().st_size
            yield from _append(file, market / file.name, end)
        sync_folder(market)
        sync_folder(folder)
    if not holds(market, last):
        raise StorageError(f"{market} does not hold what was copied into it")
    return market.name


def restore_market(market: Path, target: Path, last: SegmentRef) -> None:
    """Make `target` a folder of segments from a copy, up to the frame `last`.

    Raises:
        StorageError: the disk did not take it.
    """
    with translated("restore", target):
        target.mkdir(mode=0o700)
        for file in sorted(market.glob("*.seg")):
            if file.name > last.segment:
                continue
            is_last = file.name == last.segment
            end = last.offset + last.length if is_last else file.stat().st_size
            for _ in _append(file, target / file.name, end):
                pass
        sync_folder(target)


def holds(folder: Path, last: SegmentRef) -> bool:
    """Whether a folder of segments has that frame, unchanged."""
    reader = SegmentReader(folder)
    try:
        reader.expect(last)
    except StorageError:
        return False
    finally:
        reader.close()
    return True


def forget_unused(folder: Path, used: Iterable[str]) -> None:
    """Remove the copies that no backup refers to any more."""
    kept = set(used)
    for market in folder.glob(f"{_PREFIX}*"):
        if market.name not in kept:
            shutil.rmtree(market)


def _current(segments: Path, folder: Path) -> Path:
    """The copy that `segments` have only grown beyond; else the name of a new one."""
    copies = sorted(folder.glob(f"{_PREFIX}*"))
    if copies and _is_grown(segments, copies[-1]):
        return copies[-1]
    number = int(copies[-1].name.removeprefix(_PREFIX)) + 1 if copies else 1
    return folder / f"{_PREFIX}{number:04d}"


def _is_grown(segments: Path, market: Path) -> bool:
    copied = sorted(market.glob("*.seg"))
    if not copied:
        return True
    ours = copied[-1]
    theirs = segments / ours.name
    if not theirs.is_file():
        return False
    size = ours.stat().st_size
    start = max(0, size - _COMPARED)
    return _read(ours, start, size) == _read(theirs, start, size)


def _read(path: Path, start: int, end: int) -> bytes:
    with path.open("rb") as file:
        file.seek(start)
        return file.read(end - start)


def _append(source: Path, target: Path, end: int) -> Generator[None, None, None]:
    """Copy what `target` lacks of the first `end` bytes of `source`, and sync it."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(target, flags, 0o600)
    try:
        done = os.fstat(descriptor).st_size
        if done >= end:
            return
        with source.open("rb") as file:
            file.seek(done)
            while done < end:
                chunk = file.read(min(CHUNK, end - done))
                if not chunk:
                    raise StorageError(f"{source} ends before {end}")
                written = 0
                while written < len(chunk):
                    written += os.pwrite(descriptor, chunk[written:], done + written)
                done += len(chunk)
                yield
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
