"""Whether a journal's file has the form in which it was made, beyond what its chain vouches for.

Tables, indexes and triggers must be ours, all of them and no other: a file without its triggers is
not append-only any more, and a foreign trigger could write. What stands beside the chain can only
be checked for what it refers to and how it is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

import apsw

from trader247.adapters.sqlite import schema
from trader247.adapters.sqlite.programs import misplaced_programs
from trader247.adapters.sqlite.rows import meta
from trader247.domain.time import Instant

_HEX = re.compile(r"[0-9a-f]{6,64}\Z")


def misshapen(connection: apsw.Connection) -> Iterator[str]:
    """Tables, indexes and triggers that are missing, foreign or changed."""
    ours, found = _ours(), _objects(connection)
    for name, text in ours.items():
        if name not in found:
            yield f"{name} is missing from the file"
        elif found[name] != text:
            yield f"{name} was changed"
    for name in found.keys() - ours.keys():
        yield f"{name} is none of ours"


def misplaced(connection: apsw.Connection) -> Iterator[str]:
    """Rows beside the chain that refer to nothing in it, or are not written as we write."""
    yield from _of_meta(connection)
    yield from _of_anchor(connection)
    yield from _of_lease(connection)
    yield from _of_deliveries(connection)
    for seq, hash in connection.execute("SELECT seq, hash FROM portfolios ORDER BY seq"):
        if _hash_of(connection, seq) != hash:
            yield f"table portfolios, row {seq}: its hash is not that of event {seq}"


@cache
def _ours() -> Mapping[str, str]:
    """Those of a journal that is made now."""
    blank = apsw.Connection(":memory:")
    try:
        schema.create(blank)
        return MappingProxyType(_objects(blank))
    finally:
        blank.close()


def _objects(connection: apsw.Connection) -> dict[str, str]:
    return {
        f"{kind} {name}": str(text)
        for kind, name, text in connection.execute(
            "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'"
        )
    }


def _of_meta(connection: apsw.Connection) -> Iterator[str]:
    if _HEX.match(meta(connection, "install_id")) is None:
        yield "table meta, row install_id: it is no id of an installation"
    for key in ("created", "holder_since"):
        if not _is_time(meta(connection, key)):
            yield f"table meta, row {key}: it is no time"
    if not meta(connection, "holder_pid").isdecimal():
        yield "table meta, row holder_pid: it is no number of a process"
    yield from misplaced_programs(connection)


def _of_anchor(connection: apsw.Connection) -> Iterator[str]:
    for seq, hash, checked in connection.execute("SELECT seq, hash, checked FROM anchor"):
        known = meta(connection, "genesis") if seq == 0 else _hash_of(connection, seq)
        if known != hash:
            yield f"table anchor: its hash is not that of event {seq}"
        if not _is_time(str(checked)):
            yield "table anchor: the time of its check is none"


def _of_lease(connection: apsw.Connection) -> Iterator[str]:
    row = connection.execute("SELECT epoch FROM lease").fetchone()
    last = connection.execute("SELECT max(epoch) FROM intents").fetchone()
    if row is None:
        yield "table lease: its one row is missing"
    elif last is not None and last[0] is not None and int(str(row[0])) < int(str(last[0])):
        yield f"table lease: epoch {row[0]} is before epoch {last[0]}, which sent orders"


def _of_deliveries(connection: apsw.Connection) -> Iterator[str]:
    for alert, channel, time in connection.execute(
        "SELECT alert, channel, time FROM deliveries ORDER BY alert, channel"
    ):
        where = f"table deliveries, row {alert} {channel}"
        if connection.execute("SELECT 1 FROM alerts WHERE seq = ?", (alert,)).fetchone() is None:
            yield f"{where}: there is no such alert"
        if not _is_time(str(time)):
            yield f"{where}: its time is none"


def _hash_of(connection: apsw.Connection, seq: object) -> object:
    row = connection.execute("SELECT hash FROM events WHERE seq = ?", (seq,)).fetchone()
    return None if row is None else row[0]


def _is_time(text: str) -> bool:
    try:
        Instant.parse(text)
    except ValueError:
        return False
    return True
