from __future__ import annotations

import os
import stat
from contextlib import closing
from pathlib import Path

import apsw
import pytest
from tests.planned import plans_made

from trader247.adapters.sqlite.database import (
    PAGE_BYTES,
    Durability,
    durability,
    filesystem_of,
    open_reader,
    open_writer,
    refuse_remote,
    translated,
)
from trader247.domain.errors import ChainBroken, LedgerError, StorageError, UnsafePermission


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ("3.37.0", Durability.DELETE_EXTRA),
        ("3.40.1", Durability.DELETE_EXTRA),
        ("3.44.5", Durability.DELETE_EXTRA),
        ("3.44.6", Durability.WAL_FULL),
        ("3.45.0", Durability.DELETE_EXTRA),
        ("3.50.6", Durability.DELETE_EXTRA),
        ("3.50.7", Durability.WAL_FULL),
        ("3.51.0", Durability.DELETE_EXTRA),
        ("3.51.2", Durability.DELETE_EXTRA),
        ("3.51.3", Durability.WAL_FULL),
        ("3.52.1", Durability.WAL_FULL),
        ("3.53.0", Durability.WAL_FULL),
        ("3.54.1", Durability.WAL_FULL),
        ("4.0.0", Durability.WAL_FULL),
    ],
)
def test_wal_is_used_only_where_sqlite_loses_nothing(version: str, mode: Durability) -> None:
    assert durability(version) is mode


@pytest.mark.parametrize("version", ["3.52.0", "3.36.0", "3.7.0"])
def test_a_version_that_cannot_be_trusted_is_refused(version: str) -> None:
    with pytest.raises(StorageError, match=version):
        durability(version)


def test_a_new_file_has_pages_that_hold_several_cycles(tmp_path: Path) -> None:
    connection = open_writer(tmp_path / "new.db")
    connection.execute("CREATE TABLE anything(value)")
    assert connection.pragma("page_size") == PAGE_BYTES
    connection.close()


def test_a_writer_reads_its_promises_back(tmp_path: Path) -> None:
    connection = open_writer(tmp_path / "a.db")

    assert connection.pragma("journal_mode") == "wal"
    assert connection.pragma("synchronous") == 2
    assert connection.pragma("foreign_keys") == 1
    assert connection.pragma("trusted_schema") == 0
    assert connection.pragma("busy_timeout") == 5_000
    connection.close()


def test_a_question_with_another_limit_is_not_planned_anew(tmp_path: Path) -> None:
    connection = open_writer(tmp_path / "a.db")
    connection.execute("CREATE TABLE t (seq INTEGER PRIMARY KEY)")
    assert plans_made(connection, "SELECT seq FROM t ORDER BY seq LIMIT ?", (1, 2, 3)) == 1
    connection.close()


def test_an_old_sqlite_gets_the_rollback_journal_with_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: "3.40.1")

    connection = open_writer(tmp_path / "a.db")

    assert connection.pragma("journal_mode") == "delete"
    assert connection.pragma("synchronous") == 3
    connection.close()


def test_every_file_of_a_database_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        connection = open_writer(tmp_path / "a.db")
        connection.execute("CREATE TABLE t(x)")
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    finally:
        os.umask(before)
    connection.close()

    assert set(modes) == {"a.db", "a.db-wal", "a.db-shm"}
    assert set(modes.values()) == {0o600}


def test_a_link_in_place_of_the_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.db").touch()
    (tmp_path / "a.db").symlink_to(tmp_path / "other.db")

    with pytest.raises(StorageError):
        open_writer(tmp_path / "a.db")


def test_a_folder_in_place_of_the_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.db").mkdir()

    with pytest.raises((StorageError, UnsafePermission)):
        open_writer(tmp_path / "a.db")


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    writer = open_writer(tmp_path / "a.db")
    writer.execute("CREATE TABLE t(x)")
    reader = open_reader(tmp_path / "a.db")

    with pytest.raises(apsw.ReadOnlyError):
        reader.execute("INSERT INTO t VALUES(1)")
    reader.close()
    writer.close()


def test_a_reader_looks_at_a_disk_that_takes_no_writes_where_nothing_is_left_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.db"
    with closing(open_writer(path)) as writer:
        writer.execute("CREATE TABLE t (x)")
    # The log's index cannot be made: as on such a disk, also for root.
    Path(f"{path}-shm").symlink_to(tmp_path / "nowhere" / "x")
    with pytest.raises(StorageError, match="unable to open"):
        open_reader(path)
    monkeypatch.setattr("os.access", lambda *_: False)
    with closing(open_reader(path)) as reader:
        assert reader.execute("SELECT count(*) FROM t").fetchall() == [(0,)]
    Path(f"{path}-wal").write_bytes(b"what only the log has")
    with pytest.raises(StorageError, match="unable to open"):
        open_reader(path)


def test_a_reader_of_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="there is no journal"):
        open_reader(tmp_path / "a.db")


def test_a_file_that_is_no_database_is_damage(tmp_path: Path) -> None:
    (tmp_path / "a.db").write_bytes(b"not a database, but long enough to be looked at" * 100)

    with pytest.raises(ChainBroken, match="damaged"):
        open_writer(tmp_path / "a.db")
    with pytest.raises(ChainBroken, match="damaged"):
        open_reader(tmp_path / "a.db")


@pytest.mark.parametrize(
    ("error", "ours"),
    [
        (apsw.FullError("x"), StorageError),
        (apsw.IOError("x"), StorageError),
        (apsw.ReadOnlyError("x"), StorageError),
        (apsw.BusyError("x"), StorageError),
        (apsw.LockedError("x"), StorageError),
        (apsw.NoMemError("x"), StorageError),
        (apsw.CorruptError("x"), ChainBroken),
        (apsw.NotADBError("x"), ChainBroken),
        (apsw.ConstraintError("x"), LedgerError),
        (OSError(28, "No space left on device"), StorageError),
    ],
)
def test_each_of_sqlites_errors_becomes_one_of_ours(
    error: Exception, ours: type[Exception], tmp_path: Path
) -> None:
    with pytest.raises(ours) as caught, translated("write", tmp_path):
        raise error

    assert type(caught.value) is ours


def test_the_file_system_is_that_of_the_nearest_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    place = tmp_path / "far"
    (place / "deep").mkdir(parents=True)
    mounts.write_text(
        f"/dev/x / ext4 rw 0 0\nserver:/x {place} nfs4 rw 0 0\nbroken\nnone /proc proc rw 0 0\n"
    )

    assert filesystem_of(place / "deep", mounts) == "nfs4"
    assert filesystem_of(tmp_path, mounts) == "ext4"
    assert filesystem_of(tmp_path, tmp_path / "absent") is None


@pytest.mark.parametrize("kind", ["nfs", "nfs4", "cifs", "fuse.sshfs", "9p"])
def test_a_network_file_system_is_refused(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trader247.adapters.sqlite.database.filesystem_of", lambda folder: kind)

    with pytest.raises(StorageError, match=kind):
        refuse_remote(tmp_path)
