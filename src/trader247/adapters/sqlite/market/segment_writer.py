"""Appending to the segments: one frame a cycle, synced, going on where the journal ends."""

from __future__ import annotations

import os
import sys
from hashlib import sha256
from pathlib import Path

from trader247.adapters.sqlite.market.frames import pack, windows_of
from trader247.adapters.sqlite.market.segment_frames import (
    CHAIN_MAX,
    GROUP,
    Base,
    Kind,
    Place,
    told,
)
from trader247.adapters.sqlite.market.segments import SegmentReader
from trader247.domain.errors import StorageError
from trader247.domain.events.cycles import SegmentRef
from trader247.domain.market import Snapshot


class SegmentWriter:
    """The one writer of a folder of segments; `last` is the last frame that the journal knows."""

    def __init__(self, folder: Path, *, last: SegmentRef | None) -> None:
        self._folder = folder
        self._last = last
        self._place: Place | None = None
        self._name = "" if last is None else last.segment
        self._descriptor: int | None = None
        self._end = 0

    def append(self, snapshot: Snapshot) -> SegmentRef:
        """Store what a cycle saw, synced.

        Raises:
            StorageError: the disk did not take it.
        """
        # Never an earlier month than the last, whatever the clock says: its end is not ours.
        name = max(self._name, f"{str(snapshot.time)[:7]}.seg")
        try:
            if self._descriptor is None or name != self._name:
                self._open(name)
            return self._write(name, snapshot)
        except OSError as error:
            self.close()
            raise StorageError(
                f"cannot write {self._folder / name}: {error.strerror or error}",
                hint="free space or repair the disk, then start again",
            ) from error

    def seen_last(self) -> Snapshot | None:
        """What the last recorded cycle saw; None where none was, or it cannot be read."""
        if self._last is None:
            return None
        if self._place is None:
            self._place = self._resumed(self._last)
        return None if self._place is None else self._place.snapshot

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor = None
        self._place = None

    def _open(self, name: str) -> None:
        """Open a month's file and cut off what the journal does not refer to."""
        known = self._place
        self.close()
        self._folder.mkdir(mode=0o700, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        self._descriptor = os.open(self._folder / name, flags, 0o600)
        self._name = name
        size = os.fstat(self._descriptor).st_size
        self._end = 0
        if self._last is not None and self._last.segment == name:
            self._end = min(size, self._last.offset + self._last.length)
            self._place = self._resumed(self._last) if known is None else known
        if size > self._end:
            os.ftruncate(self._descriptor, self._end)
        _sync_folder(self._folder)

    def _resumed(self, last: SegmentRef) -> Place | None:
        """Where the last process stopped; None where that cannot be read: a keyframe follows."""
        reader = SegmentReader(self._folder)
        try:
            return reader.place_of(last)
        except StorageError:
            return None
        finally:
            reader.close()

    def _write(self, name: str, snapshot: Snapshot) -> SegmentRef:
        start = self._end
        data, place = _framed(name, start, snapshot, self._place)
        assert self._descriptor is not None, "opened before it is written"
        written = 0
        while written < len(data):
            written += os.pwrite(self._descriptor, data[written:], start + written)
        _sync(self._descriptor)
        self._end = start + len(data)
        self._place = place
        ref = SegmentRef(name, start, len(data), sha256(data).hexdigest())
        self._last = ref
        return ref


def _framed(
    segment: str, start: int, snapshot: Snapshot, place: Place | None
) -> tuple[bytes, Place]:
    """The bytes of the next frame, and the place after it."""
    if (
        place is None
        or place.base is None  # what an earlier version wrote is not built upon
        or place.snapshot.time.day_start != snapshot.time.day_start
        or place.count >= CHAIN_MAX
    ):
        kind, key, base, count = Kind.KEY, start, start, 0
        body = pack(snapshot, base=None, before=None)
    elif (place.count + 1) % GROUP == 0:
        kind, key, base, count = Kind.BASE, place.key, place.base.start, place.count + 1
        body = pack(snapshot, base=None, before=windows_of(place.base.snapshot))
    else:
        kind, key, base, count = Kind.PLAIN, place.key, place.base.start, place.count + 1
        body = pack(snapshot, base=place.base.snapshot, before=windows_of(place.snapshot))
    data = told(body, kind, start=start, key=key, base=base, count=count)
    following = place.base if kind is Kind.PLAIN and place is not None else Base(start, snapshot)
    return data, Place(segment, start + len(data), key, count, following, snapshot)


def _sync(descriptor: int) -> None:
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
    else:
        os.fdatasync(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
