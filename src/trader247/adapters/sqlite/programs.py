"""What each tenure ran on, in the journal's table `meta`: a row where it differs from before.

It stands beside the chain, which is the same for the same seed on every machine.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import apsw

_PROGRAMS = "programs_"
"""How the rows of `meta` begin that tell what a tenure ran on; its epoch follows."""


def programs_of(connection: apsw.Connection) -> str:
    """What the latest tenure that kept it ran on; empty where none did."""
    rows = sorted(_kept(connection))
    return rows[-1][1].partition(" ")[2] if rows else ""


def keep_programs(connection: apsw.Connection, epoch: int, told: str) -> None:
    """Keep what this tenure runs on, inside the caller's transaction."""
    connection.execute(
        "INSERT OR REPLACE INTO meta(key, value) VALUES(?,?)",
        (f"{_PROGRAMS}{epoch}", f"{_digest(epoch, told)} {told}"),
    )


def misplaced_programs(connection: apsw.Connection) -> Iterator[str]:
    """Such rows that are not as they were written."""
    for epoch, value in _kept(connection):
        digest, _, told = value.partition(" ")
        if digest != _digest(epoch, told):
            yield f"table meta, row {_PROGRAMS}{epoch}: it is not what was kept"


def _kept(connection: apsw.Connection) -> list[tuple[int, str]]:
    rows = connection.execute(
        "SELECT key, value FROM meta WHERE key GLOB ?", (f"{_PROGRAMS}[0-9]*",)
    )
    return [(_epoch(str(key).removeprefix(_PROGRAMS)), str(value)) for key, value in rows]


def _epoch(text: str) -> int:
    return int(text) if text.isdecimal() else 0


def _digest(epoch: int, told: str) -> str:
    return sha256(f"{epoch} {told}".encode()).hexdigest()[:16]
