"""A lock that was removed, or whose folder was moved or replaced while somebody works in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from trader247.adapters.holder import LOCK
from trader247.adapters.instance_guard import InstanceGuard
from trader247.adapters.own_lock import OwnLock
from trader247.domain.errors import AlreadyRunning, StorageError


class Seconds:
    """A steady clock by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / LOCK).touch()
    return folder


def test_a_folder_in_its_place_is_well_and_so_is_one_behind_a_new_link(data: Path) -> None:
    seconds = Seconds()
    own = OwnLock(data, monotonic=seconds)
    own.expect_in_place()
    data.rename(data.with_name("larger disk"))
    own.expect_in_place()
    data.symlink_to(data.with_name("larger disk"))
    seconds.now = 10
    own.expect_in_place()
    data.unlink()
    own.expect_in_place()


def test_one_that_is_gone_for_a_second_is_gone(data: Path) -> None:
    seconds = Seconds()
    own = OwnLock(data, monotonic=seconds)
    data.rename(data.with_name("elsewhere"))
    own.expect_in_place()
    seconds.now = 1.1
    with pytest.raises(StorageError, match="is gone"):
        own.expect_in_place()


def test_a_copy_in_its_place_is_another_one(data: Path) -> None:
    own = OwnLock(data)
    shutil.copytree(data, data.with_name("copy"))
    data.rename(data.with_name("old"))
    data.with_name("copy").rename(data)
    with pytest.raises(StorageError, match="not the lock any more"):
        own.expect_in_place()


def test_a_lock_that_is_made_anew_is_another_one(data: Path) -> None:
    own = OwnLock(data)
    (data / LOCK).rename(data / "kept: no number is given twice")
    (data / LOCK).touch()
    with pytest.raises(StorageError, match="not the lock any more"):
        own.expect_in_place()


def test_where_it_is_gone_from_the_start_nobody_begins(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="is gone"):
        OwnLock(tmp_path)


def test_one_whose_place_somebody_has_taken_gives_way(data: Path) -> None:
    own, other = OwnLock(data), InstanceGuard(data)
    with (data / LOCK).open():  # as its holder has it: its number is not given to another file
        (data / LOCK).unlink()
        other.take(since="now")
        with pytest.raises(AlreadyRunning, match="taken its place"):
            own.expect_in_place()
        other.release()
        with pytest.raises(StorageError, match="not the lock any more"):
            own.expect_in_place()
