from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from trader247.adapters.files import (
    folder_for,
    private_folder,
    read_small,
    remedy,
    remove_stale_temporaries,
    write_atomically,
)
from trader247.domain.errors import StorageError, UnsafePermission


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_is_replaced_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    before = os.umask(0)
    try:
        write_atomically(path, b"one")
        write_atomically(path, b"two")
    finally:
        os.umask(before)

    assert path.read_bytes() == b"two"
    assert mode(path) == 0o600
    assert os.listdir(tmp_path) == ["a.json"]


@pytest.mark.parametrize("step", ["fsync", "write"])
def test_a_failure_leaves_the_old_file_and_nothing_else(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    write_atomically(path, b"one")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    if step == "fsync":
        monkeypatch.setattr(os, "fsync", fail)
    else:
        monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(StorageError, match="No space left"):
        write_atomically(path, b"two")

    assert path.read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["a.json"]


def test_a_file_that_a_crash_left_half_written_is_removed(tmp_path: Path) -> None:
    (tmp_path / "a.json.123.writing").write_bytes(b"half")
    (tmp_path / "kept.json").write_bytes(b"whole")

    assert remove_stale_temporaries(tmp_path) == 1
    assert os.listdir(tmp_path) == ["kept.json"]


def test_a_small_file_is_read_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"12345")
    (tmp_path / "link").symlink_to(path)
    os.mkfifo(tmp_path / "pipe")

    assert read_small(path, bytes_max=5) == b"12345"
    with pytest.raises(OSError, match="small plain file"):
        read_small(path, bytes_max=4)
    for name in ("link", "pipe", "absent", ""):
        with pytest.raises(OSError, match=str(tmp_path)):
            read_small(tmp_path / name, bytes_max=5)


def test_a_folder_is_made_private_and_an_open_one_is_closed_and_said(tmp_path: Path) -> None:
    new, old = tmp_path / "x" / "new", tmp_path / "old"
    old.mkdir()
    old.chmod(0o755)

    assert private_folder(new) == ""
    assert "0755" in private_folder(old)
    assert private_folder(old) == ""
    assert mode(new) == mode(old) == 0o700


def test_a_folder_that_somebody_names_for_what_is_written_stays_as_open_as_it_was(
    tmp_path: Path,
) -> None:
    old, new, file = tmp_path / "public", tmp_path / "x" / "new", tmp_path / "file"
    old.mkdir()
    old.chmod(0o755)
    file.touch()
    folder_for(old)
    folder_for(new)
    assert (mode(old), mode(new)) == (0o755, 0o700)
    with pytest.raises(StorageError, match="cannot be used"):
        folder_for(file)


def test_a_folder_that_others_own_or_may_write_to_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(0o777)

    with pytest.raises(UnsafePermission, match="everyone may write"):
        private_folder(folder)
    folder.chmod(0o700)
    monkeypatch.setattr(os, "geteuid", lambda: 12_345)
    with pytest.raises(UnsafePermission, match="another user"):
        private_folder(folder)


def test_a_file_in_place_of_the_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "data").touch()

    with pytest.raises(StorageError):
        private_folder(tmp_path / "data")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "free the disk"),
        (errno.EDQUOT, "free the disk"),
        (errno.EROFS, "mount it again"),
        (errno.EACCES, "owner"),
        (errno.EPERM, "owner"),
        (errno.EFBIG, "ulimit -f"),
        (errno.EIO, "check the disk"),
        (None, "check the disk"),
    ],
)
def test_a_disk_that_fails_is_to_be_mended_and_never_to_be_left(
    number: int | None, said: str
) -> None:
    error = OSError() if number is None else OSError(number, os.strerror(number))
    assert said in remedy(error)
    assert "--data" not in remedy(error), "another folder is another book"


def test_a_file_over_the_limit_of_its_process_is_told_as_that(tmp_path: Path) -> None:
    script = (
        "import resource, signal\n"
        "from pathlib import Path\n"
        "from trader247.adapters.files import write_atomically\n"
        "from trader247.domain.errors import StorageError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10, 10))\n"
        "try:\n"
        f"    write_atomically(Path({str(tmp_path / 'a')!r}), b'x' * 100)\n"
        "except StorageError as error:\n"
        "    print(error.hint)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "ulimit -f" in done.stdout
    assert list(tmp_path.iterdir()) == []
