"""Finding what version 1 wrote: a header, then a difference to the frame before."""

from __future__ import annotations

import struct
from zlib import crc32

from trader247.adapters.sqlite.market.old_frames import unpack
from trader247.adapters.sqlite.market.segment_file import SegmentFile
from trader247.adapters.sqlite.market.segment_frames import BODY_MAX, Place
from trader247.domain.errors import StorageError
from trader247.domain.events.cycles import SegmentRef

_HEADER = struct.Struct("<4sIQII")
"""Mark, length of the body, bytes back to the keyframe, frames since it, checksum of the body."""

_MARK = b"t247"


def is_old(header: bytes) -> bool:
    """Whether a frame begins as version 1 began it."""
    return header[:4] == _MARK


def old_place(file: SegmentFile, ref: SegmentRef, place: Place | None) -> Place:
    """The snapshot of an old frame, from the one before it or from its keyframe on.

    Raises:
        StorageError: it is missing or damaged.
    """
    if place is None or place.base is not None or place.end != ref.offset:
        back = _header(file, ref.segment, ref.offset)[2]
        place = _step(file, ref.segment, ref.offset - back, None)
        if not back:
            return place
    while place.end <= ref.offset:
        place = _step(file, ref.segment, place.end, place)
    return place


def _step(file: SegmentFile, segment: str, start: int, before: Place | None) -> Place:
    _, length, back, count, checksum = _header(file, segment, start)
    body = file.read(segment, start + _HEADER.size, length)
    if crc32(body) != checksum:
        raise StorageError(f"{segment} is damaged at {start}")
    if back and before is None:
        raise StorageError(f"{segment} has no keyframe at {start}")
    old = before.snapshot if back and before is not None else None
    snapshot = unpack(body, old)
    return Place(segment, start + _HEADER.size + length, start - back, count, None, snapshot)


def _header(file: SegmentFile, segment: str, start: int) -> tuple[bytes, int, int, int, int]:
    mark, length, back, count, checksum = _HEADER.unpack(file.read(segment, start, _HEADER.size))
    if mark != _MARK or length > BODY_MAX or back > start:
        raise StorageError(f"{segment} has no frame at {start}")
    return mark, length, back, count, checksum
