from __future__ import annotations

import hashlib
import json

import pytest

from trader247.adapters.sqlite.chain import Row, followed, genesis, link
from trader247.domain.errors import ChainBroken

GENESIS = genesis("seed 7", "2026-01-05T00:00:00Z", "0.1.0")


def _rows(count: int) -> list[Row]:
    rows = []
    last = GENESIS
    for seq in range(1, count + 1):
        fields = {
            "seq": seq,
            "v": 1,
            "time": "2026-01-05T00:00:00Z",
            "kind": "alert_raised",
            "ref": "é",
            "payload": f'{{"a":{seq}}}',
        }
        hash = link(last, **fields)  # type: ignore[arg-type]  # named fields
        rows.append(Row(prev_hash=last, hash=hash, **fields))  # type: ignore[arg-type]
        last = hash
    return rows


def test_the_hash_is_that_of_the_previous_one_and_the_canonical_rest() -> None:
    row = _rows(2)[1]
    rest = {
        "seq": row.seq,
        "v": row.v,
        "time": row.time,
        "kind": row.kind,
        "ref": row.ref,
        "payload": json.loads(row.payload),
    }
    text = row.prev_hash + json.dumps(rest, sort_keys=True, separators=(",", ":"))

    assert row.hash == hashlib.sha256(text.encode()).hexdigest()


def test_a_whole_chain_is_followed_to_its_end() -> None:
    rows = _rows(5)

    assert list(followed(rows, seq=0, hash=GENESIS)) == rows


def test_a_chain_is_followed_from_a_place_verified_before() -> None:
    rows = _rows(5)

    assert list(followed(rows[3:], seq=3, hash=rows[2].hash)) == rows[3:]


@pytest.mark.parametrize("field", ["v", "time", "kind", "ref", "payload", "hash", "prev_hash"])
def test_any_field_that_changed_is_found_and_its_row_named(field: str) -> None:
    rows = _rows(5)
    changed = 9 if field == "v" else '{"a":9}'
    rows[2] = rows[2]._replace(**{field: changed})  # type: ignore[arg-type]  # one field by name

    with pytest.raises(ChainBroken, match="event 3"):
        list(followed(rows, seq=0, hash=GENESIS))


def test_a_missing_row_is_found() -> None:
    rows = _rows(5)

    with pytest.raises(ChainBroken, match="event 3 is missing"):
        list(followed(rows[:2] + rows[3:], seq=0, hash=GENESIS))


def test_another_market_is_another_genesis() -> None:
    assert genesis("seed 7") != genesis("seed 8")
    assert genesis("a", "b") != genesis("ab")
