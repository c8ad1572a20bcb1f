"""The hash chain: each event vouches for the one before it.

`hash` is the SHA-256, in hexadecimal, of the text `prev_hash` followed by the canonical JSON of
the event's other fields: kind, payload, ref, seq, time, v. Canonical JSON has sorted keys, no
spaces, and every character above ASCII escaped. Anyone can check it with ten lines of script.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import NamedTuple

from trader247.domain.errors import ChainBroken

canonical = json.JSONEncoder(
    sort_keys=True,
    separators=(",", ":"),
    ensure_ascii=True,
    allow_nan=False,
    # What is stored was made for it: none of it is its own part. Looking takes as long as writing.
    check_circular=False,
).encode
"""Plain values as canonical JSON."""

_text = json.encoder.encode_basestring_ascii


class Row(NamedTuple):
    """An event as it is stored; `payload` is canonical JSON, `time` RFC 3339."""

    seq: int
    v: int
    time: str
    kind: str
    ref: str
    payload: str
    prev_hash: str
    hash: str


def genesis(*parts: str) -> str:
    """The hash from which a journal's chain starts: that of what the journal is bound to."""
    return sha256(canonical(list(parts)).encode()).hexdigest()


def link(prev_hash: str, *, seq: int, v: int, time: str, kind: str, ref: str, payload: str) -> str:
    """The hash of an event that follows `prev_hash`."""
    # Spliced rather than encoded anew: the payload is canonical already, and long.
    rest = (
        f'{prev_hash}{{"kind":{_text(kind)},"payload":{payload},"ref":{_text(ref)},'
        f'"seq":{seq},"time":{_text(time)},"v":{v}}}'
    )
    return sha256(rest.encode("ascii")).hexdigest()


def followed(rows: Iterable[Row], *, seq: int, hash: str) -> Iterator[Row]:
    """The rows again, each checked to follow the one before; the first follows (`seq`, `hash`).

    Raises:
        ChainBroken: it names the first row that does not hold, and how.
    """
    for row in rows:
        if row.seq != seq + 1:
            raise _broken(f"event {seq + 1} is missing: {row.seq} follows {seq}")
        if row.prev_hash != hash:
            raise _broken(f"event {row.seq} does not follow event {seq}: its prev_hash differs")
        try:
            expected = link(
                row.prev_hash,
                seq=row.seq,
                v=row.v,
                time=row.time,
                kind=row.kind,
                ref=row.ref,
                payload=row.payload,
            )
        except UnicodeEncodeError:
            raise _broken(f"event {row.seq} was changed: its text is not canonical") from None
        if row.hash != expected:
            raise _broken(f"event {row.seq} was changed: its hash does not hold")
        seq, hash = row.seq, row.hash
        yield row


def _broken(what: str) -> ChainBroken:
    return ChainBroken(what, hint="do not trade on it; a backup: trader247 state restore")
