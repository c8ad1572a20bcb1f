"""The simulated folder: what was synced outlives a power cut, what was not may be gone."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from trader247.adapters.emergency import EMERGENCY, Emergency, EmergencyFile, read_emergency
from trader247.adapters.files import free_bytes, write_atomically
from trader247.adapters.holder import Holder
from trader247.domain.errors import StorageError
from trader247.domain.time import Instant
from trader247.simulation.world.dice import Dice
from trader247.simulation.world.disk import Disk
from trader247.simulation.world.files import Files

SEEDS = range(12)


def powerless(folder: Path, seed: int, *, is_synced: bool) -> bytes | None:
    """What a file says that was replaced just before the power failed."""
    disk = Disk(Dice(seed, "disk"))
    files = Files(folder, disk, Dice(seed, "files"))
    path = folder / "state.json"
    with files.between():
        write_atomically(path, b"old")
        if is_synced:
            write_atomically(path, b"new")
        else:
            part = folder / "state.json.part"
            descriptor = os.open(part, os.O_WRONLY | os.O_CREAT, 0o600)
            os.write(descriptor, b"new")
            os.close(descriptor)
            os.replace(part, path)
        files.fail_power()
    return path.read_bytes() if path.exists() else None


def test_a_file_that_was_synced_before_it_took_its_name_is_whole(tmp_path: Path) -> None:
    found = set()
    for seed in SEEDS:
        folder = tmp_path / str(seed)
        folder.mkdir()
        found.add(powerless(folder, seed, is_synced=True))
    assert found == {b"new"}


def test_one_that_was_not_may_be_empty_under_its_name(tmp_path: Path) -> None:
    found = set()
    for seed in SEEDS:
        folder = tmp_path / str(seed)
        folder.mkdir()
        found.add(powerless(folder, seed, is_synced=False))
    assert b"" in found
    assert b"new" in found


def test_a_disk_that_fails_fails_what_is_written_to_it(tmp_path: Path) -> None:
    disk = Disk(Dice(1, "disk"))
    disk.on_touch = lambda act, _: errno.EIO if act == "sync" else 0
    files = Files(tmp_path, disk, Dice(1, "files"))
    with files.between(), pytest.raises(StorageError, match="Input/output error"):
        write_atomically(tmp_path / "state.json", b"new")
    assert not (tmp_path / "state.json").exists()


def test_a_disk_that_fills_up_as_a_trader_ends_is_no_second_error(tmp_path: Path) -> None:
    """The last word is written, and its file cannot be opened again: it is closed once."""
    disk = Disk(Dice(1, "disk"))
    files = Files(tmp_path, disk, Dice(1, "files"))
    holder = Holder.this_process(since="2026-01-05T00:00:00Z", book="live-sim")
    left = Emergency("localhost", "", "key.json", "", token_seconds=30, holder=holder)

    def full(act: str, path: str) -> int:
        return errno.ENOSPC if act == "open" and path.endswith(EMERGENCY) else 0

    with files.between():
        file = EmergencyFile(tmp_path, left, now=lambda: Instant(0))
        disk.on_touch = full
        with pytest.raises(StorageError, match="No space left"):
            file.close(is_cleared=True)
    found = read_emergency(tmp_path)
    assert found is not None
    assert found.is_cleared


def test_room_is_what_is_told_of_it_and_elsewhere_what_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    disk = Disk(Dice(1, "disk"))
    files = Files(folder, disk, Dice(1, "files"))
    elsewhere = os.statvfs(tmp_path).f_blocks
    with files.between():
        assert (free_bytes(folder) or 0) > 40_000_000_000
        files.room = lambda: 400
        assert 399_000_000 < (free_bytes(folder) or 0) <= 400_000_000
        files.room = lambda: None
        assert free_bytes(folder) is None
        assert os.statvfs(tmp_path).f_blocks == elsewhere
    assert free_bytes(folder) is not None
