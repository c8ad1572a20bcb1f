"""What each cycle saw of the market, in one file a month beside the ledger.

A file is frames, one after the other: a header, then a packed difference to the frame before. The
first frame of a file and of a UTC day is a keyframe, which needs nothing before it; the header
says how far back it lies. A frame is synced before the event that refers to it is written, so a
torn or unreferenced tail is what a crash left, and is cut off at the next start. The writer then
goes on from the last referenced frame: a run in many pieces writes the same bytes as one in one.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

from trader247.adapters.sqlite.frames import unpack
from trader247.domain.errors import StorageError
from trader247.domain.events import SegmentRef
from trader247.domain.market import Snapshot

CHAIN_MAX = 1_440
"""Frames from one keyframe to the next at most: what rebuilding one snapshot may cost."""

BODY_MAX = 64 * 1024 * 1024

HEADER = struct.Struct("<4sIQII")
"""Mark, length of the body, bytes back to the keyframe, frames since it, checksum of the body."""

MARK = b"t247"


@dataclass(frozen=True, slots=True)
class _Frame:
    """A frame as read: `start` and `end` in its file, and what is before it in its chain."""

    start: int
    end: int
    back: int
    count: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Place:
    """A snapshot and its place: where its frame ends, where its keyframe is, how many since."""

    segment: str
    end: int
    key: int
    count: int
    snapshot: Snapshot


class SegmentReader:
    """Rebuilds snapshots from a folder of segments; reading in order costs one frame each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._place: Place | None = None
        self._file: BinaryIO | None = None
        self._name = ""

    def snapshot_of(self, ref: SegmentRef) -> Snapshot:
        """The snapshot that was stored there, equal to the original in every part.

        Raises:
            StorageError: the segment is missing, or is not what the journal refers to.
        """
        return self.place_of(ref).snapshot

    def snapshots(self, refs: Iterable[SegmentRef]) -> Iterator[Snapshot]:
        """One snapshot for each reference, in their order."""
        return map(self.snapshot_of, refs)

    def place_of(self, ref: SegmentRef) -> Place:
        """The snapshot stored there, with its place in its chain of frames."""
        self.expect(ref)
        place = self._place
        if place is None or place.segment != ref.segment or place.end != ref.offset:
            target = self._frame(ref.segment, ref.offset)
            place = self._step(ref.segment, target.start - target.back, None)
            while place.end <= ref.offset:
                place = self._step(ref.segment, place.end, place)
        else:
            place = self._step(ref.segment, ref.offset, place)
        if place.end != ref.offset + ref.length:
            raise StorageError(f"{ref.segment} has no frame at {ref.offset}")
        self._place = place
        return place

    def expect(self, ref: SegmentRef) -> None:
        """Refuse a frame that is not the one that was recorded.

        Raises:
            StorageError: it is missing or was changed.
        """
        if not 0 < ref.length <= BODY_MAX + HEADER.size:
            raise StorageError(f"{ref.segment} cannot have a frame of {ref.length} bytes")
        if sha256(self._read(ref.segment, ref.offset, ref.length)).hexdigest() != ref.sha256:
            raise StorageError(f"{ref.segment} was changed at {ref.offset}: its hash does not hold")

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
        self._file = self._place = None
        self._name = ""

    def _step(self, segment: str, start: int, before: Place | None) -> Place:
        frame = self._frame(segment, start)
        old = None
        if frame.back:
            if before is None:
                raise StorageError(f"{segment} has no keyframe at {start}")
            old = before.snapshot
        snapshot = unpack(frame.body, old)
        return Place(segment, frame.end, frame.start - frame.back, frame.count, snapshot)

    def _frame(self, segment: str, start: int) -> _Frame:
        header = self._read(segment, start, HEADER.size)
        mark, length, back, count, checksum = HEADER.unpack(header)
        if mark != MARK or length > BODY_MAX or back > start:
            raise StorageError(f"{segment} has no frame at {start}")
        body = self._read(segment, start + HEADER.size, length)
        if crc32(body) != checksum:
            raise StorageError(f"{segment} is damaged at {start}")
        return _Frame(start, start + HEADER.size + length, back, count, body)

    def _read(self, segment: str, start: int, length: int) -> bytes:
        try:
            if self._file is None or self._name != segment:
                self.close()
                if Path(segment).name != segment:
                    raise StorageError(f"{segment!r} is no name of a segment")
                self._file = (self._folder / segment).open("rb", buffering=0)
                self._name = segment
            data = os.pread(self._file.fileno(), length, start)
        except OSError as error:
            raise StorageError(f"cannot read {self._folder / segment}: {error.strerror}") from error
        if len(data) != length:
            raise StorageError(f"{segment} ends before {start + length}")
        return data
