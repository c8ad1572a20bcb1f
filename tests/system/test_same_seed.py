"""Same seed, same journal: byte for byte, in any process, in one piece or in several."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import apsw
import pytest
from tests.app.busy_books import restless

pytestmark = pytest.mark.slow

BOOK = "paper-sim"


def run(data: Path, config: Path, *, cycles: int, seed: int, hash_seed: int) -> None:
    """A run in a process of its own, whose sets and dicts hash as `hash_seed` has it."""
    command = [sys.executable, "-m", "trader247", "run", "--mode", "paper", "--speed", "max"]
    options = ["--cycles", str(cycles), "--seed", str(seed)]
    places = ["--data", str(data), "--config", str(config)]
    environment = {**os.environ, "PYTHONHASHSEED": str(hash_seed)}
    done = subprocess.run(
        [*command, *options, *places],
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


def test_two_processes_on_one_seed_write_the_same_bytes(tmp_path: Path) -> None:
    """Each run goes on in a second process; other hash seeds, other folders, the same journal."""
    config = tmp_path / "config"
    restless(config)
    for hash_seed in (1, 2):
        for cycles in (30, 12):
            data = tmp_path / f"data{hash_seed}"
            run(data, config, cycles=cycles, seed=11, hash_seed=hash_seed)
    first, second = events(tmp_path / "data1"), events(tmp_path / "data2")
    assert {"fill_booked", "intent_recorded", "session_ended"} <= {row[3] for row in first}
    assert first == second
    assert segments(tmp_path / "data1") == segments(tmp_path / "data2")


def test_another_seed_is_another_journal(tmp_path: Path) -> None:
    config = tmp_path / "config"
    restless(config)
    for seed in (11, 12):
        run(tmp_path / f"data{seed}", config, cycles=2, seed=seed, hash_seed=1)
    assert events(tmp_path / "data11")[-1] != events(tmp_path / "data12")[-1]
    assert segments(tmp_path / "data11") != segments(tmp_path / "data12")
