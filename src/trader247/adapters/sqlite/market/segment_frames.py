"""The frames of a segment file: a header each, which says where what it builds on lies.

Three kinds. A keyframe, the first of a file and of a UTC day, needs nothing before it. A base, one
in `GROUP` frames, tells its windows from the base before it, and all else by itself. The others
tell their windows from the frame before, and all else from their base. So a snapshot of any moment
takes a keyframe's windows, those of at most `CHAIN_MAX / GROUP` bases and of `GROUP` frames, and
two frames of all else.
"""

from __future__ import annotations

import struct
from enum import Enum
from zlib import crc32

from trader247.adapters.sqlite.market.frames import Body
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import StorageError
from trader247.domain.market import Snapshot

GROUP = 32
"""Frames from one base to the next."""

CHAIN_MAX = 1_440
"""Frames from one keyframe to the next at most: what rebuilding one snapshot may cost."""

BODY_MAX = 64 * 1024 * 1024

HEADER = struct.Struct("<4sIIIIIII")
"""Kind; lengths of windows, columns, rest; bytes back to the keyframe; bytes back to the base, or
of a base to the base before; frames since the keyframe; checksum of the body."""


class Kind(bytes, Enum):
    """What a frame needs before it; the bytes that it begins with."""

    KEY = b"t24k"
    BASE = b"t24b"
    PLAIN = b"t24f"


_KINDS = {kind.value: kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame as read: `start` and `end` in its file, and what is before it in its chain."""

    kind: Kind
    start: int
    end: int
    key: int
    base: int
    count: int
    body: Body


@dataclass(frozen=True, slots=True)
class Base:
    """What the frames of a group build on: a frame's place and its snapshot."""

    start: int
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Place:
    """A snapshot and its place: where its frame ends, and what the next one may build on.

    `base` is None where the next frame must be a keyframe.
    """

    segment: str
    end: int
    key: int
    count: int
    base: Base | None
    snapshot: Snapshot


def told(body: Body, kind: Kind, *, start: int, key: int, base: int, count: int) -> bytes:
    """A frame's bytes."""
    data = body.windows + body.columns + body.rest
    lengths = len(body.windows), len(body.columns), len(body.rest)
    return HEADER.pack(kind, *lengths, start - key, start - base, count, crc32(data)) + data


def size_of(header: bytes, *, segment: str, start: int) -> int:
    """How many bytes follow a header. Raises StorageError: it is none."""
    mark, windows, columns, rest, key, base, _, _ = HEADER.unpack(header)
    size = int(windows + columns + rest)
    is_sound = size <= BODY_MAX and base <= key <= start
    if mark not in _KINDS or not is_sound or (key > 0) != (_KINDS[mark] is not Kind.KEY):
        raise StorageError(f"{segment} has no frame at {start}")
    if _KINDS[mark] is not Kind.KEY and base == 0:
        raise StorageError(f"{segment} has a frame at {start} that builds on itself")
    return size


def framed(header: bytes, data: bytes, *, segment: str, start: int) -> Frame:
    """The frame of a header and the bytes that follow it. Raises StorageError: it is damaged."""
    mark, windows, columns, _, key, base, count, checksum = HEADER.unpack(header)
    if crc32(data) != checksum:
        raise StorageError(f"{segment} is damaged at {start}")
    body = Body(data[:windows], data[windows : windows + columns], data[windows + columns :])
    end = start + HEADER.size + len(data)
    return Frame(_KINDS[mark], start, end, start - key, start - base, count, body)
