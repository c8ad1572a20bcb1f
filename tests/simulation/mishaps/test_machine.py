"""What goes wrong with the machine goes right again, once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import apsw
import pytest

from trader247.simulation.mishaps.machine import MachineMishaps
from trader247.simulation.world.clock import MachineClock
from trader247.simulation.world.dice import Dice
from trader247.simulation.world.timeline import Timeline

HOUR_US = 3_600_000_000
Deed = Callable[[MachineMishaps], None]


@dataclass
class Still:
    """A market in which time passes, and nothing else."""

    now_us: int = HOUR_US

    def drift(self, to_us: int) -> None:
        self.now_us = to_us


@pytest.mark.parametrize("meanwhile", [MachineMishaps.mend, MachineMishaps.wander])
@pytest.mark.parametrize("seed", range(4))
def test_a_clock_that_was_set_right_meanwhile_is_not_set_back_as_well(
    seed: int, meanwhile: Deed, tmp_path: Path
) -> None:
    timeline = Timeline(Still())
    clock = MachineClock(timeline, on_wait=lambda: None)
    machine = MachineMishaps(
        Dice(seed, "machine"),
        timeline,
        clock,
        tmp_path / "none.db",
        pass_by=lambda _: None,
        tell=lambda _: None,
    )
    machine.jump()
    assert clock.ahead_us != 0
    meanwhile(machine)
    timeline.run_to(6 * HOUR_US)
    assert clock.now().us == timeline.now_us


@pytest.mark.parametrize("seed", range(3))
def test_a_bit_that_flips_is_one_of_an_old_event_though_the_log_covered_it(
    seed: int, tmp_path: Path
) -> None:
    told: list[dict[str, object]] = []
    path = tmp_path / "data" / "live.db"
    path.parent.mkdir()
    rows = _journal(path)
    timeline = Timeline(Still())
    machine = MachineMishaps(
        Dice(seed, "machine"),
        timeline,
        MachineClock(timeline, on_wait=lambda: None),
        path,
        pass_by=lambda _: None,
        tell=told.append,
    )
    machine.is_flip_due = True
    unflip = machine.flipped()
    assert unflip is not None
    assert [each["matters"] for each in told] == [True]
    assert _rows(path) != rows
    unflip()
    assert _rows(path) == rows


def _journal(path: Path) -> object:
    """A journal whose writer died: most of it lies in the log."""
    writer = apsw.Connection(str(path))
    writer.execute("PRAGMA journal_mode=WAL; CREATE TABLE events(seq INTEGER PRIMARY KEY, "
        "payload, prev_hash, hash)").fetchall()  # fmt: skip
    for seq in range(40):
        before, own = (sha256(str(each).encode()).hexdigest() for each in (seq, seq + 1))
        row = (seq, f'{{"cash":"{seq}17.25"}}', before, own)
        writer.execute("INSERT INTO events VALUES(?,?,?,?)", row)
    rows = _rows(path)
    copy = {each: each.read_bytes() for each in path.parent.iterdir() if each.suffix != ".db-shm"}
    writer.close()
    for each, content in copy.items():
        each.write_bytes(content)
    return rows


def _rows(path: Path) -> object:
    with contextlib.closing(apsw.Connection(str(path))) as reader:
        try:
            return reader.execute("SELECT * FROM events").fetchall()
        except (apsw.Error, UnicodeDecodeError) as error:
            return [str(error)]


def test_room_is_told_of_as_it_changes_and_there_again_once_all_is_mended(tmp_path: Path) -> None:
    timeline = Timeline(Still())
    told: list[object] = []
    machine = MachineMishaps(
        Dice(1, "machine"),
        timeline,
        MachineClock(timeline, on_wait=lambda: None),
        tmp_path / "none.db",
        pass_by=lambda _: None,
        tell=lambda record: told.append(record["megabytes"]),
    )
    much = machine.room()
    machine.leave(None)
    assert machine.room() is None
    machine.mend()
    machine.mend()
    assert machine.room() == much
    machine.fill_up()
    assert machine.room() == 0, "a full disk has none"
    machine.mend()
    assert machine.room() == much
    assert told == [None, much]
