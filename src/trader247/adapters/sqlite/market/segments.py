"""What each cycle saw of the market, in one file a month beside the ledger.

A file is frames, one after the other; `segment_frames` says how they build on each other. A frame
is synced before the event that refers to it is written, so a torn or unreferenced tail is what a
crash left, and is cut off at the next start. The writer then goes on from the last referenced
frame: a run in many pieces writes the same bytes as one in one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from trader247.adapters.sqlite.market.frames import Windows, unpack, unpack_windows, windows_of
from trader247.adapters.sqlite.market.old_segments import is_old, old_place
from trader247.adapters.sqlite.market.segment_file import SegmentFile
from trader247.adapters.sqlite.market.segment_frames import (
    BODY_MAX,
    CHAIN_MAX,
    HEADER,
    Base,
    Frame,
    Kind,
    Place,
    framed,
    size_of,
)
from trader247.domain.errors import StorageError
from trader247.domain.events.cycles import SegmentRef
from trader247.domain.market import Snapshot


class SegmentReader:
    """Rebuilds snapshots from a folder of segments; reading in order costs one frame each."""

    def __init__(self, folder: Path) -> None:
        self._file = SegmentFile(folder)
        self._place: Place | None = None

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
        before = self._place
        if before is not None and (before.segment != ref.segment or before.end != ref.offset):
            before = None
        if is_old(self._file.read(ref.segment, ref.offset, 4)):
            place = old_place(self._file, ref, before)
        else:
            frame = self._frame(ref.segment, ref.offset)
            place = self._rebuilt(ref.segment, frame, before)
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
        if sha256(self._file.read(ref.segment, ref.offset, ref.length)).hexdigest() != ref.sha256:
            raise StorageError(f"{ref.segment} was changed at {ref.offset}: its hash does not hold")

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()
        self._place = None

    def _rebuilt(self, segment: str, frame: Frame, before: Place | None) -> Place:
        """The place of a frame; `before` is the place right before it, where that is known."""
        if frame.kind is not Kind.PLAIN:
            at = before.base if before is not None else None
            if frame.kind is Kind.BASE and at is not None and at.start == frame.base:
                return _based(segment, frame, windows_of(at.snapshot))
            return _based(segment, frame, self._windows_before(segment, frame))
        if before is None or before.base is None or before.base.start != frame.base:
            base = self._frame(segment, frame.base)
            if base.kind is Kind.PLAIN:
                raise StorageError(f"{segment} has no base at {frame.base}")
            before = _based(segment, base, self._windows_before(segment, base))
        assert before.base is not None, "a base has just been found"
        windows = windows_of(before.snapshot)
        at_end = before.end
        while at_end < frame.start:
            between = self._frame(segment, at_end)
            windows, at_end = _windows(between, windows), between.end
        windows = _windows(frame, windows)
        snapshot = unpack(frame.body.rest, windows, base=before.base.snapshot)
        return Place(segment, frame.end, frame.key, frame.count, before.base, snapshot)

    def _windows_before(self, segment: str, frame: Frame) -> Windows | None:
        """The windows that a base's are told from: those of the bases before it, in turn."""
        bases: list[Frame] = []
        while frame.kind is not Kind.KEY:
            frame = self._frame(segment, frame.base)
            if frame.kind is Kind.PLAIN or len(bases) > CHAIN_MAX:
                raise StorageError(f"{segment} has no base at {frame.start}")
            bases.append(frame)
        windows: Windows | None = None
        for each in reversed(bases):
            windows = _windows(each, windows)
        return windows

    def _frame(self, segment: str, start: int) -> Frame:
        header = self._file.read(segment, start, HEADER.size)
        size = size_of(header, segment=segment, start=start)
        data = self._file.read(segment, start + HEADER.size, size)
        return framed(header, data, segment=segment, start=start)


def _based(segment: str, frame: Frame, before: Windows | None) -> Place:
    snapshot = unpack(frame.body.rest, _windows(frame, before), base=None)
    base = Base(frame.start, snapshot)
    return Place(segment, frame.end, frame.key, frame.count, base, snapshot)


def _windows(frame: Frame, before: Windows | None) -> Windows:
    return unpack_windows(frame.body.windows, frame.body.columns, before)
