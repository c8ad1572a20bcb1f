"""One backup: which chunks it consists of, what stood beside the chain, and to what it must come.

A manifest names every chunk from the first event on, so it needs no other backup; it is written
whole or not at all, and vouches for itself by a checksum. What is derived from events is not in it:
going back derives it anew, and compares how many rows there are.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Generator
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import apsw

from trader247.adapters.files import read_small
from trader247.adapters.sqlite.backups.chunks import FOLDER, HELP, Chunk, checking, reading
from trader247.adapters.sqlite.chain import canonical
from trader247.adapters.sqlite.packed import NAME as PACKING
from trader247.adapters.sqlite.rows import Head, head, meta, rows_of
from trader247.adapters.sqlite.schema import PROJECTIONS
from trader247.adapters.sqlite.tenure import lease
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import ChainBroken, StorageError

ENDING = ".json"

_FORM = 1
_SIZE_MAX = 64 * 1024 * 1024
_DELIVERIES_MAX = 20_000
"""Of what became of alerts, the newest so many are kept."""

_STEP = 64


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a journal is not in its chain, and the chain's end, under one view of it."""

    genesis: str
    head: Head
    meta: dict[str, str]
    epoch: int
    deliveries: tuple[tuple[Any, ...], ...]
    """The rows of that table, as they are."""
    rows: dict[str, int]
    """How many each derived table has."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """One backup."""

    book: str
    feed: str
    time: str
    """That of its last event."""
    market: str
    """The folder, beside it, of what its cycles saw; empty where there is none."""
    standing: Standing
    chunks: tuple[Chunk, ...]

    @property
    def size(self) -> int:
        """The bytes of its chunks."""
        return sum(each.size for each in self.chunks)


def standing_of(connection: apsw.Connection) -> Standing:
    """Look at a journal, under one view and for a moment only.

    Raises:
        ChainBroken: someone took its lease away.
    """
    connection.execute("BEGIN")
    try:
        epoch, _ = lease(connection)
        facts = connection.execute("SELECT key, value FROM meta ORDER BY key")
        deliveries = connection.execute(
            "SELECT alert, channel, is_delivered, attempts, time, detail FROM deliveries "
            "ORDER BY alert DESC, channel LIMIT ?",
            (_DELIVERIES_MAX,),
        )
        return Standing(
            genesis=meta(connection, "genesis"),
            head=head(connection),
            meta={str(key): str(value) for key, value in facts if key != PACKING},
            epoch=epoch,
            deliveries=tuple(tuple(row) for row in deliveries),
            rows={table: rows_of(connection, table) for table in PROJECTIONS},
        )
    finally:
        connection.execute("ROLLBACK")


def told(manifest: Manifest) -> bytes:
    """A manifest as it is stored."""
    standing = manifest.standing
    body = {
        "form": _FORM,
        "book": manifest.book,
        "feed": manifest.feed,
        "time": manifest.time,
        "market": manifest.market,
        "genesis": standing.genesis,
        "seq": standing.head.seq,
        "hash": standing.head.hash,
        "meta": standing.meta,
        "epoch": standing.epoch,
        "deliveries": _packed(standing.deliveries),
        "rows": standing.rows,
        "chunks": [asdict(each) for each in manifest.chunks],
    }
    return f"{canonical({**body, 'sha256': _checksum(body)})}\n".encode("ascii")


def read(path: Path) -> Manifest:
    """The backup at `path`.

    Raises:
        ChainBroken: it is not what was written.
        StorageError: it cannot be read, or a newer version wrote it.
    """
    try:
        content = read_small(path, bytes_max=_SIZE_MAX)
    except OSError as error:
        raise StorageError(f"cannot read {path}: {error.strerror or error}", hint=HELP) from error
    try:
        body = json.loads(content)
        checksum = body.pop("sha256")
        if _checksum(body) != checksum:
            raise ChainBroken(f"{path} is damaged: its checksum does not hold", hint=HELP)
        if body["form"] != _FORM:
            raise StorageError(
                f"{path} is a backup of form {body['form']}; this program knows {_FORM}",
                hint="a newer trader247 wrote it: use that one",
            )
        standing = Standing(
            genesis=body["genesis"],
            head=Head(body["seq"], body["hash"]),
            meta=body["meta"],
            epoch=body["epoch"],
            deliveries=_unpacked(body["deliveries"]),
            rows=body["rows"],
        )
        chunks = tuple(Chunk(**each) for each in body["chunks"])
        return Manifest(body["book"], body["feed"], body["time"], body["market"], standing, chunks)
    except (ValueError, KeyError, TypeError, AttributeError, zlib.error) as error:
        raise ChainBroken(f"{path} is damaged: {error}", hint=HELP) from error


def checking_parts(manifest: Manifest, folder: Path) -> Generator[None, None, None]:
    """Read all of a backup in `folder`, a step at a time: its files, and the chain in them.

    Raises:
        ChainBroken: it names the first file that does not hold.
        StorageError: one cannot be read.
    """
    hash, seq = manifest.standing.genesis, 0
    for each in manifest.chunks:
        path = folder / FOLDER / each.name
        yield from checking(each, path)
        if each.first != seq + 1:
            raise ChainBroken(f"event {seq + 1} is in no chunk of the backup", hint=HELP)
        for row in reading(each, path, prev_hash=hash):
            seq, hash = row.seq, row.hash
            if seq % _STEP == 0:
                yield
    if Head(seq, hash) != manifest.standing.head:
        raise ChainBroken(
            f"the chunks of the backup end with event {seq}, not as it tells", hint=HELP
        )


def _checksum(body: dict[str, Any]) -> str:
    return sha256(canonical(body).encode("ascii")).hexdigest()


def _packed(rows: tuple[tuple[Any, ...], ...]) -> str:
    text = canonical([list(row) for row in rows])
    return base64.b64encode(zlib.compress(text.encode("ascii"), 9)).decode("ascii")


def _unpacked(text: str) -> tuple[tuple[Any, ...], ...]:
    rows = json.loads(zlib.decompress(base64.b64decode(text, validate=True)))
    return tuple(tuple(row) for row in rows)
