"""What a trader left on its disk: no secret in any file, no half of a small one, no frame lost."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path

from trader247.simulation.history import Record
from trader247.simulation.journal_reader import Frame


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
        with (segments / each.segment).open("rb") as file:
            file.seek(each.offset)
            if sha256(file.read(each.length)).hexdigest() != each.digest:
                text = f"what was seen, at {each.offset} of {each.segment}"
                yield {"kind": "lost", "text": text}


def torn_files(data: Path) -> Iterator[Record]:
    """Each small file that is neither an old nor a new one, but a part."""
    for path in sorted(data.glob("*.json")):
        try:
            json.loads(path.read_bytes())
        except ValueError:
            yield {"kind": "lost", "text": f"what {path.name} said"}
