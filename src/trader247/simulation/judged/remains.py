"""What a trader left on its disk: no secret in any file, no half of a small one, no frame lost."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

import apsw

from trader247.simulation.judged.history import Record
from trader247.simulation.judged.journal_reader import Frame


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
