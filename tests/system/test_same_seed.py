"""Same seed, same journal: byte for byte, in any process, in one piece or in several."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import apsw
import pytest
from tests import starting
from tests.app.busy_books import restless

from trader247.adapters.sqlite.reader import JournalReader
from trader247.domain.events.cycles import CycleDecided

pytestmark = pytest.mark.slow

BOOK = "paper-sim"


def words(data: Path, config: Path, *, cycles: int, seed: int) -> list[str]:
    """What runs so many cycles of a seed's market."""
    options = ["--mode", "paper", "--speed", "max", "--cycles", str(cycles), "--seed", str(seed)]
    return ["run", *options, "--data", str(data), "--config", str(config)]


def run(told: list[str], *, hash_seed: int) -> None:
    """A run in a process of its own, whose sets and dicts hash as `hash_seed` has it."""
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    done = subprocess.run(
        [sys.executable, "-m", "trader247", *told],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def events(data: Path) -> list[tuple[object, ...]]:
    connection = apsw.Connection(str(data / f"{BOOK}.db"), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return connection.execute("SELECT * FROM events ORDER BY seq").fetchall()
    finally:
        connection.close()


def segments(data: Path) -> dict[str, str]:
    folder = data / f"{BOOK}.segments"
    found = {path.name: sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}
    assert found, "the market is kept"
    return found


def first_seen(data: Path) -> str:
    """The hash of the market as the first cycle saw it."""
    with JournalReader.open(data / f"{BOOK}.db") as journal:
        events = (each.event for each in journal.recorded())
        return next(each for each in events if isinstance(each, CycleDecided)).seen.sha256


def test_the_seed_decides_every_byte_and_nothing_else_does(tmp_path: Path) -> None:
    """Each run goes on in a second process; other hash seeds, other folders, the same journal."""
    config = tmp_path / "config"
    restless(config)
    for hash_seed in (1, 2):
        for cycles in (16, 8):
            data = tmp_path / f"data{hash_seed}"
            run(words(data, config, cycles=cycles, seed=11), hash_seed=hash_seed)
    first, second = events(tmp_path / "data1"), events(tmp_path / "data2")
    assert {"fill_booked", "intent_recorded", "session_ended"} <= {row[3] for row in first}
    assert first == second
    assert segments(tmp_path / "data1") == segments(tmp_path / "data2")

    other = words(tmp_path / "other", config, cycles=2, seed=12)
    assert starting.run(other, environ=os.environ, seconds_max=300).returncode == 0
    assert first_seen(tmp_path / "data1") != first_seen(tmp_path / "other")
