"""How the exchange's file is opened, and what it means when it cannot be written or read."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from trader247.simex.errors import StoreFailed

_BUSY_MS = 5_000
_INDEX_BYTES = 32_768
"""What the least index of a log takes; it is there, whole, before anybody writes."""
# In these versions a checkpoint racing a commit cannot lose it; 3.52.0 was withdrawn.
_SAFE_BACKPORTS = ("3.44.6", "3.50.7")


def is_wal_safe(version: str) -> bool:
    """Whether this SQLite may use a write-ahead log with more than one connection."""
    numbers = tuple(int(part) for part in version.split("."))
    return version in _SAFE_BACKPORTS or (numbers >= (3, 51, 3) and numbers[:3] != (3, 52, 0))


def connect(path: str | Path, flags: int) -> apsw.Connection:
    connection = apsw.Connection(str(path), flags=flags)
    connection.set_busy_timeout(_BUSY_MS)
    # Else each listing is planned anew for its own limit, which takes longer than to read it.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def connect_reader(path: str | Path) -> apsw.Connection:
    """Open a file to look at, also on a disk that takes no writes any more, or is full."""
    connection = connect(path, apsw.SQLITE_OPEN_READONLY)
    try:
        connection.pragma("user_version")
    except (apsw.CantOpenError, apsw.IOError) as error:
        connection.close()
        if not _is_still(Path(path), error):
            raise
        # A log's index cannot be made there, and none is needed: nobody can write to it.
        still = f"{Path(path).resolve().as_uri()}?immutable=1"
        return connect(still, apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)
    return connection


def _is_still(path: Path, error: apsw.Error) -> bool:
    """Whether all of a file is in it, and nobody changes that: a writer has a whole index."""
    log, undo, index = (_size(Path(f"{path}{end}")) for end in ("-wal", "-journal", "-shm"))
    if log or undo:
        return False
    disk = os.statvfs(path.parent)
    is_full = getattr(error, "extendedresult", 0) == apsw.SQLITE_IOERR_SHMSIZE or (
        disk.f_files and not disk.f_favail
    )
    return bool(is_full and index < _INDEX_BYTES) or not os.access(path.parent, os.W_OK)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def make_durable(connection: apsw.Connection, *, is_file: bool) -> None:
    wanted = ("wal", 2) if is_wal_safe(apsw.sqlite_lib_version()) else ("delete", 3)
    if not is_file:
        return
    connection.execute(f"PRAGMA journal_mode = {wanted[0]}")
    connection.execute(f"PRAGMA synchronous = {wanted[1]}")
    found = connection.pragma("journal_mode"), connection.pragma("synchronous")
    if found != wanted:
        raise StoreFailed(f"SQLite took journal mode and synchronous {found}, asked was {wanted}")


@contextmanager
def sound(path: str | Path) -> Iterator[None]:
    """Read what a commit of ours wrote; anything else was done to the file from outside.

    Raises:
        StoreFailed: what stands there is none of ours.
    """
    try:
        yield
    except (ValueError, LookupError, TypeError, ArithmeticError, struct.error) as error:
        raise StoreFailed(
            f"the simulated exchange's file {path} is damaged: {type(error).__name__}: {error}"
        ) from error


@contextmanager
def failures(path: str | Path) -> Iterator[None]:
    try:
        yield
    except apsw.Error as error:
        # A full disk ends a transaction by itself; that its rollback then fails is not the news.
        first = error.__context__ if isinstance(error.__context__, apsw.Error) else error
        raise StoreFailed(f"the simulated exchange's file {path}: {first}") from error
    except OSError as error:
        reason = error.strerror or error
        raise StoreFailed(f"the simulated exchange's file {path}: {reason}") from error
