from __future__ import annotations

import os
from pathlib import Path

import pytest

from trader247.adapters.heartbeat import Heartbeat, last_beat
from trader247.domain.time import DAY, SECOND, Instant

START = Instant.parse("2026-01-05T00:00:00Z")


def test_a_beat_says_when_who_and_what(tmp_path: Path) -> None:
    Heartbeat(tmp_path, lambda: START).beat({"cycle": 7})

    assert last_beat(tmp_path) == {
        "wall_time": "2026-01-05T00:00:00Z",
        "pid": os.getpid(),
        "cycle": 7,
    }


def test_it_beats_at_most_once_a_second_unless_it_must(tmp_path: Path) -> None:
    now = [START]
    heartbeat = Heartbeat(tmp_path, lambda: now[0])

    def cycle() -> object:
        return (last_beat(tmp_path) or {})["cycle"]

    heartbeat.beat({"cycle": 1})
    heartbeat.beat({"cycle": 2})
    assert cycle() == 1
    heartbeat.beat({"cycle": 3}, is_forced=True)
    assert cycle() == 3
    now[0] += SECOND
    heartbeat.beat({"cycle": 4})
    assert cycle() == 4


def test_it_goes_on_beating_where_the_clock_was_set_back(tmp_path: Path) -> None:
    now = [START]
    heartbeat = Heartbeat(tmp_path, lambda: now[0])
    heartbeat.beat({"cycle": 1})

    now[0] -= 2 * DAY
    heartbeat.beat({"cycle": 2})
    assert last_beat(tmp_path) == {"wall_time": str(now[0]), "pid": os.getpid(), "cycle": 2}
    heartbeat.beat({"cycle": 3})
    assert (last_beat(tmp_path) or {})["cycle"] == 2, "and at most once a second from there"


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{" * 70_000])
def test_what_is_no_heartbeat_is_none(content: bytes, tmp_path: Path) -> None:
    assert last_beat(tmp_path) is None
    (tmp_path / "heartbeat.json").write_bytes(content)
    assert last_beat(tmp_path) is None
