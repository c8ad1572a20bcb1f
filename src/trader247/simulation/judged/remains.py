"""What a trader left on its disk: no secret in any file, no half of a small one, no frame lost."""

from __future__ import annotations

import contextlib
import gzip
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import apsw

from trader247.simulation.judged.history import Record
from trader247.simulation.judged.journal_reader import Frame

_PIECES = "chunks"


def secrets_in(data: Path, secrets: Iterable[str]) -> Iterator[Record]:
    """Each secret that a file under a folder has in it."""
    for path in sorted(each for each in data.rglob("*") if each.is_file()):
        content = path.read_bytes()
        for secret in secrets:
            if secret.encode() in content:
                yield {"kind": "log", "text": f"{path}: {secret}"}


def lost_frames(segments: Path, frames: Iterable[Frame]) -> Iterator[Record]:
    """Each frame of the market that a cycle says it saw, and that is not there as it said."""
    for each in frames:
        path, seen = segments / each.segment, b""
        if path.exists():
            with path.open("rb") as file:
                file.seek(each.offset)
                seen = file.read(each.length)
        if sha256(seen).hexdigest() != each.digest:
            text = f"what was seen, at {each.offset} of {each.segment}"
            yield {"kind": "lost", "text": text}


def tables_of(journal: Path) -> Record:
    """What people are shown of orders, as the journal's table has it."""
    connection = apsw.Connection(str(journal), flags=apsw.SQLITE_OPEN_READONLY)
    with contextlib.closing(connection):
        rows = connection.execute("SELECT client_order_id, state, filled FROM orders").fetchall()
    names = ("client_order_id", "state", "filled")
    return {"kind": "tables", "orders": [dict(zip(names, row, strict=True)) for row in rows]}


def torn_files(data: Path) -> Iterator[Record]:
    """Each small file that is neither an old nor a new one, but a part."""
    for path in sorted(data.glob("*.json")):
        try:
            json.loads(path.read_bytes())
        except ValueError:
            yield {"kind": "lost", "text": f"what {path.name} said"}


def torn_backups(folder: Path) -> Iterator[Record]:
    """Each backup that counts, by its name, and cannot be gone back to: it, a piece of it or what
    its last cycle saw is not what was written, by the sizes and hashes that it tells.
    """
    known: set[str] = set()
    for path in sorted(folder.glob("*.json")):
        try:
            told = json.loads(path.read_bytes())
            digest = told.pop("sha256")
        except (ValueError, KeyError, TypeError):
            told, digest = {"chunks": []}, ""
        text = json.dumps(told, sort_keys=True, separators=(",", ":"))
        if sha256(text.encode()).hexdigest() != digest:
            yield {"kind": "lost", "text": f"what the backup {path.name} said"}
        pieces = {_name_of(each): each for each in told["chunks"]}
        torn = [
            name for name, each in pieces.items() if name not in known and not _is_so(folder, each)
        ]
        known |= pieces.keys()
        for name in torn:
            yield {"kind": "lost", "text": f"{name}, a piece of the backup {path.name},"}
        seen = None if torn or not told.get("market") else _seen_last(folder, list(pieces))
        if seen is not None:
            yield from lost_frames(folder / told["market"], [seen])


def _name_of(piece: dict[str, Any]) -> str:
    return f"{piece['first']:09d}-{piece['last']:09d}.{piece['sha256'][:16]}.gz"


def _is_so(folder: Path, piece: dict[str, Any]) -> bool:
    path = folder / _PIECES / _name_of(piece)
    content = path.read_bytes() if path.is_file() else b""
    found = len(content), sha256(content).hexdigest()
    return found == (piece["size"], piece["sha256"])


def _seen_last(folder: Path, names: list[str]) -> Frame | None:
    """What the last cycle in these pieces of a backup saw."""
    for name in reversed(names):
        for line in reversed(gzip.decompress((folder / _PIECES / name).read_bytes()).splitlines()):
            seq, _v, _time, kind, _ref, payload = json.loads(line)
            seen = json.loads(payload)["seen"] if kind == "cycle_decided" else None
            if seen is not None:
                where = seen["segment"], seen["offset"], seen["length"]
                return Frame(seq, *where, seen["sha256"])
    return None


def events_in(journal: Path) -> str:
    """What a reader finds of a journal's events, as a hash; or that it finds none.

    It looks at a copy: whoever opens a file may change it.
    """
    with tempfile.TemporaryDirectory(prefix="t247-copy-", dir=journal.parent.parent) as folder:
        for path in journal.parent.glob(f"{journal.name}*"):
            if path.is_file() and not path.name.endswith("-shm"):
                shutil.copyfile(path, Path(folder) / path.name)
        digest = sha256()
        try:
            copy = apsw.Connection(str(Path(folder) / journal.name))
            with contextlib.closing(copy):
                for row in copy.execute("SELECT * FROM events ORDER BY seq"):
                    digest.update(repr(row).encode())
        except (apsw.Error, UnicodeDecodeError) as error:  # SQLite hands out any bytes as text
            return f"unreadable: {type(error).__name__}"
        return digest.hexdigest()


def settle(journal: Path) -> None:
    """Bring what lies in the log into the file, as whoever looks at a journal last does.

    Else an older page of the file is covered by the log's, and nobody ever reads it.
    """
    with (
        contextlib.suppress(apsw.Error),
        contextlib.closing(apsw.Connection(str(journal), apsw.SQLITE_OPEN_READWRITE)) as last,
    ):
        last.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def old_events(journal: Path) -> tuple[int, ...]:
    """Where in the file the hash of each event stands, but for the last ones; none if it is odd."""
    try:
        with contextlib.closing(apsw.Connection(str(journal), apsw.SQLITE_OPEN_READONLY)) as reader:
            hashes = [str(row[0]) for row in reader.execute("SELECT hash FROM events ORDER BY seq")]
    except (apsw.Error, UnicodeDecodeError):  # of another bit, that nobody has noticed yet
        return ()
    content = journal.read_bytes()
    found = (content.find(each.encode()) for each in hashes[: len(hashes) * 3 // 4])
    return tuple(each for each in found if each >= 0)
