"""A piece of the backups: the events of a span, compressed, written once and never changed.

A chunk is a gzip file of JSON lines, so that `zcat` reads it: one event a line, `[seq, v, time,
kind, ref, payload]`, in order. Hashes are left out: they follow from the one before the chunk, and
the manifest that names a chunk says to which they must come. It gets its name, which tells its span
and its content, by a rename once it was synced and read again; until then it ends in `.writing`.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from trader247.adapters.files import TEMPORARY, sync_folder
from trader247.adapters.sqlite.chain import Row, canonical, link
from trader247.adapters.sqlite.database import translated
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import ChainBroken
from trader247.domain.milestones import Milestone, Passing

FOLDER = "chunks"
"""The folder, beside the backups, of what they consist of."""

ENDING = ".gz"

TEXT_MAX = 16 * 1024 * 1024
"""Bytes of text in one chunk, about: a first backup of an old ledger takes many."""

FANOUT = 24
"""So many chunks of one size become one of the next: a year of hours is some sixty files."""

HELP = "restore an older one (trader247 state restore --list), or one from another machine"

_STEP = 64
"""Events written or read by one step: some ten milliseconds."""

_PIECE = 4 * 1024 * 1024
"""Bytes copied or compared by one step."""

_GZIP = 31
"""What tells zlib to read and write gzip's form."""

_LEVEL = 6
"""How hard gzip tries: 9 takes 40 % more of a backup's processor time, for 5 % of its size."""

_LINE_MAX = 128 * 1024 * 1024
"""Bytes of one line, at the most: what damaged ones may cost."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk as a manifest names it: what must be in it, and what its file must be."""

    first: int
    last: int
    hash: str
    """The hash of its last event."""
    size: int
    sha256: str
    level: int
    """How often chunks became one in it."""

    @property
    def name(self) -> str:
        """What its file is called: no other content has this name."""
        return f"{self.first:09d}-{self.last:09d}.{self.sha256[:16]}{ENDING}"


class _Writing:
    """A file that counts once it has its name; with its length and its hash so far."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / f"{os.getpid()}{TEMPORARY}"
        with suppress(FileNotFoundError):
            self.path.unlink()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        self._descriptor = os.open(self.path, flags, 0o600)
        self._hash = sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        """Append to it."""
        written = 0
        while written < len(data):
            written += os.write(self._descriptor, data[written:])
        self._hash.update(data)
        self.size += len(data)

    def sync(self) -> str:
        """Make it last; answers its content's SHA-256."""
        os.fsync(self._descriptor)
        return self._hash.hexdigest()

    def drop(self) -> None:
        """Let go of it, and of the file where it has no name yet."""
        os.close(self._descriptor)
        with suppress(OSError):
            self.path.unlink()


def writing(
    rows: Iterable[Row], folder: Path, *, prev_hash: str, passing: Passing
) -> Generator[None, None, Chunk]:
    """Write the next chunk from `rows`, of which there is one at least, a step at a time.

    The rows beyond its size stay where they are, for the next one.

    Raises:
        StorageError: the disk did not take it, or gave something else back.
    """
    with translated("back up into", folder):
        target = _Writing(folder)
        try:
            deflating = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
            first, last, length = 0, None, 0
            for count, row in enumerate(rows, 1):
                first, last = first or row.seq, row
                line = canonical([row.seq, row.v, row.time, row.kind, row.ref, row.payload])
                target.write(deflating.compress(f"{line}\n".encode("ascii")))
                length += len(line)
                if length >= TEXT_MAX:
                    break
                if count % _STEP == 0:
                    passing(Milestone.BACKING_UP)
                    yield
            assert last is not None, "a chunk has an event"
            target.write(deflating.flush())
            passing(Milestone.BACKING_UP)
            chunk = Chunk(first, last.seq, last.hash, target.size, target.sync(), 0)
            yield from checking(chunk, target.path)
            for row in reading(chunk, target.path, prev_hash=prev_hash):
                if row.seq % _STEP == 0:
                    yield
            _name(target, folder, chunk, passing)
            return chunk
        finally:
            target.drop()


def merging(
    chunks: Sequence[Chunk], folder: Path, *, passing: Passing
) -> Generator[None, None, tuple[Chunk, ...]]:
    """Let many small chunks at the end become one, a step at a time; the small ones stay.

    Raises:
        ChainBroken: one of them is not what was written.
        StorageError: the disk did not take it.
    """
    found = tuple(chunks)
    while len(found) >= FANOUT and len({each.level for each in found[-FANOUT:]}) == 1:
        found = (*found[:-FANOUT], (yield from _merged(found[-FANOUT:], folder, passing)))
    return found


def _merged(
    chunks: Sequence[Chunk], folder: Path, passing: Passing
) -> Generator[None, None, Chunk]:
    """One chunk of several: gzip's form lets them simply follow each other."""
    with translated("back up into", folder):
        target = _Writing(folder)
        try:
            for each in chunks:
                for piece in _pieces(each, folder / each.name):
                    target.write(piece)
                    yield
            passing(Milestone.BACKING_UP)
            first, last = chunks[0], chunks[-1]
            digest, level = target.sync(), first.level + 1
            chunk = Chunk(first.first, last.last, last.hash, target.size, digest, level)
            yield from checking(chunk, target.path)
            _name(target, folder, chunk, passing)
            return chunk
        finally:
            target.drop()


def _name(target: _Writing, folder: Path, chunk: Chunk, passing: Passing) -> None:
    passing(Milestone.BACKING_UP)
    target.path.replace(folder / chunk.name)
    sync_folder(folder)
    passing(Milestone.BACKING_UP)


def checking(chunk: Chunk, path: Path) -> Generator[None, None, None]:
    """Read a chunk's file whole, a step at a time: is it, to the byte, what was written?

    Raises:
        ChainBroken: it is not, or it is gone.
        StorageError: it cannot be read.
    """
    for _ in _pieces(chunk, path):
        yield


def expect_there(chunk: Chunk, path: Path) -> None:
    """See whether a chunk is there and of its size, without reading it.

    Raises:
        ChainBroken: it is not.
    """
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        raise _damaged(path, "it is gone") from None
    except OSError as error:
        raise _damaged(path, error.strerror or str(error)) from error
    if size != chunk.size:
        raise _damaged(path, f"it has {size} bytes, not {chunk.size}")


def reading(chunk: Chunk, path: Path, *, prev_hash: str) -> Iterator[Row]:
    """The events of a chunk whose file was checked, chained to the hash before them.

    Raises:
        ChainBroken: they do not come to the hash that the manifest tells.
        StorageError: the file cannot be read.
    """
    seq, hash = chunk.first - 1, prev_hash
    for line in _lines(path):
        try:
            number, v, time, kind, ref, payload = json.loads(line)
            following = link(hash, seq=number, v=v, time=time, kind=kind, ref=ref, payload=payload)
        except (ValueError, TypeError, KeyError) as error:
            raise _damaged(path, f"after event {seq}: {error}") from error
        if number != seq + 1:
            raise _damaged(path, f"event {number} follows event {seq}")
        yield Row(number, v, time, kind, ref, payload, hash, following)
        seq, hash = number, following
    if (seq, hash) != (chunk.last, chunk.hash):
        raise _damaged(path, f"its events do not come to event {chunk.last} as it was")


def _lines(path: Path) -> Iterator[bytes]:
    """The lines of gzip members that follow each other."""
    inflating, rest = zlib.decompressobj(_GZIP), b""
    try:
        with translated("read", path), path.open("rb") as file:
            while data := file.read(65_536):
                while data:
                    text = rest + inflating.decompress(data, _LINE_MAX)
                    *whole, rest = text.split(b"\n")
                    yield from whole
                    data = inflating.unconsumed_tail or inflating.unused_data
                    if inflating.eof:
                        inflating = zlib.decompressobj(_GZIP)
    except zlib.error as error:
        raise _damaged(path, str(error)) from error
    if rest:
        raise _damaged(path, "it ends in the middle of an event")


def _pieces(chunk: Chunk, path: Path) -> Iterator[bytes]:
    """A chunk's bytes; after the last one they were all that was written."""
    digest = sha256()
    expect_there(chunk, path)
    with translated("read", path), path.open("rb") as file:
        while data := file.read(_PIECE):
            digest.update(data)
            yield data
    if digest.hexdigest() != chunk.sha256:
        raise _damaged(path, "its content is not what was written")


def _damaged(path: Path, what: str) -> ChainBroken:
    return ChainBroken(f"{path}, a part of backups, is damaged: {what}", hint=HELP)


def forget_unused(folder: Path, used: Iterable[str]) -> None:
    """Remove the chunks that no backup refers to any more.

    Raises:
        StorageError: one cannot be removed.
    """
    kept = set(used)
    with translated("remove from", folder):
        for path in folder.glob(f"*{ENDING}"):
            if path.name not in kept:
                path.unlink()
