"""Connections that keep what they promise: durable, strict, local, and read back to be sure.

An order whose intent vanished in a power cut is the one loss that nothing repairs, so every
connection that writes runs with `synchronous=FULL` in WAL mode. SQLite before 3.51.3 (3.50.7 and
3.44.6 carry the repair) can lose commits in WAL mode when a checkpoint races a commit: there the
slower rollback journal with EXTRA is used. 3.52.0 was withdrawn and is refused.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

import apsw

from trader247.adapters.files import remedy
from trader247.domain.errors import ChainBroken, LedgerError, StorageError, UnsafePermission

APPLICATION_ID = 0x74323437
"""`t247`: what `file` and SQLite see in the header of a journal of ours."""

BUSY_MS_MAX = 5_000
"""How long a connection waits for another one's lock before it gives up."""

_FULL = 2
_EXTRA = 3
_OLDEST = (3, 37, 0)
_WITHDRAWN = ((3, 52, 0),)
_REPAIRED = (3, 51, 3)
_BACKPORTS = {(3, 44): 6, (3, 50): 7}

_REMOTE = frozenset(
    {"9p", "afs", "ceph", "cifs", "coda", "fuse", "glusterfs", "lustre", "ncpfs", "nfs", "nfs4"}
    | {"beegfs", "gpfs", "smb3", "smbfs"}
)
"""File systems whose locks or syncs cannot be relied on."""


PAGE_BYTES = 8192
"""A cycle's event is a little over 2 kB: on SQLite's usual page of 4 kB every other half page
stays empty, which was 40 % of a journal of 10,000 cycles."""


_INDEX_BYTES = 32_768
"""What the least index of a log takes, written whole before anything is read or written by it."""


class Durability(Enum):
    """How a database is kept: SQLite's journal mode and the least `synchronous` with it."""

    WAL_FULL = ("wal", _FULL)
    DELETE_EXTRA = ("delete", _EXTRA)


def durability(version: str) -> Durability:
    """The mode in which this version of SQLite loses nothing.

    Raises:
        StorageError: a version that must not be trusted with a ledger.
    """
    number = tuple(int(part) for part in version.split(".")[:3])
    if number in _WITHDRAWN:
        raise StorageError(
            f"SQLite {version} was withdrawn by its authors",
            hint="install another version of apsw",
        )
    if number < _OLDEST:
        raise StorageError(
            f"SQLite {version} has no strict tables; 3.37.0 is the least", hint="upgrade apsw"
        )
    if number >= _REPAIRED:
        return Durability.WAL_FULL
    backport = _BACKPORTS.get((number[0], number[1]))
    if backport is not None and number[2] >= backport:
        return Durability.WAL_FULL
    return Durability.DELETE_EXTRA


def open_writer(path: Path, *, vfs: str | None = None) -> apsw.Connection:
    """Open or create the database at `path` for its one writer; the file is 0600.

    Raises:
        StorageError: it cannot be opened, is not local, or does not take the durable mode.
        UnsafePermission: it is not a plain file of this user's.
    """
    refuse_remote(path.parent)
    _secure(path)
    mode = durability(apsw.sqlite_lib_version())
    with translated("open", path):
        flags = apsw.SQLITE_OPEN_READWRITE
        connection = apsw.Connection(str(path), flags=flags, vfs=vfs)
        try:
            _prepare(connection)
            _settle(connection, mode)
            if sys.platform == "darwin":
                connection.execute("PRAGMA fullfsync=1; PRAGMA checkpoint_fullfsync=1")
        except BaseException:
            connection.close(force=True)
            raise
    return connection


def open_reader(path: Path) -> apsw.Connection:
    """Open an existing database to look at, beside its writer. It never writes a row.

    Raises:
        StorageError: there is none, or it cannot be read.
    """
    if not path.is_file():
        raise StorageError(f"there is no journal at {path}", hint="run `trader247 run` first")
    with translated("open", path):
        try:
            return _reader(str(path), apsw.SQLITE_OPEN_READONLY)
        except (apsw.CantOpenError, apsw.IOError) as error:
            if not _is_still(path, error):
                raise
        # The log's index cannot be made there, and none is needed: nobody can write to it.
        still = f"{path.resolve().as_uri()}?immutable=1"
        return _reader(still, apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI)


def _reader(name: str, flags: int) -> apsw.Connection:
    connection = apsw.Connection(name, flags=flags)
    try:
        _prepare(connection)
        connection.execute("PRAGMA query_only=1")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchall()
    except BaseException:
        connection.close(force=True)
        raise
    return connection


def _is_still(path: Path, error: apsw.Error) -> bool:
    """Whether all of a database is in its file, and nobody writes to it.

    The disk takes no writes, or has no room for the log's index: whoever writes has a whole one.
    """
    log, undo, index = (_size(Path(f"{path}{end}")) for end in ("-wal", "-journal", "-shm"))
    if log or undo:
        return False
    is_full = getattr(error, "extendedresult", 0) == apsw.SQLITE_IOERR_SHMSIZE or _takes_no_files(
        path.parent
    )
    return (is_full and index < _INDEX_BYTES) or not os.access(path.parent, os.W_OK)


def _takes_no_files(folder: Path) -> bool:
    """Whether a disk has no place for one file more, where it says how many it has."""
    found = os.statvfs(folder)
    return found.f_files > 0 and not found.f_favail


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


@contextmanager
def translated(act: str, path: Path) -> Iterator[None]:
    """Turn SQLite's errors, and the disk's, into ours; `act` is what was being done.

    Raises:
        ChainBroken: the file is damaged, or no database.
        LedgerError: a constraint of the ledger forbids it: nothing was written.
        StorageError: everything else.
    """
    try:
        yield
    except (apsw.CorruptError, apsw.NotADBError) as error:
        raise ChainBroken(
            f"cannot {act} {path}: the file is damaged ({error})",
            hint="do not trade on it; a backup: trader247 state restore",
        ) from error
    except apsw.ConstraintError as error:
        raise LedgerError(f"cannot {act} {path}: the ledger forbids it ({error})") from error
    except (apsw.FullError, apsw.IOError) as error:
        raise StorageError(
            f"cannot {act} {path}: the disk is full or failing ({error})",
            hint="free space or repair the disk, then start again",
        ) from error
    except apsw.BusyError as error:
        raise StorageError(
            f"cannot {act} {path}: another process has it locked ({error})",
            hint="see who holds it: trader247 unlock",
        ) from error
    except apsw.Error as error:
        raise StorageError(f"cannot {act} {path}: {error}") from error
    except OSError as error:
        raise StorageError(
            f"cannot {act} {path}: {error.strerror or error}",
            hint=remedy(error),
        ) from error


def refuse_remote(folder: Path) -> None:
    """Refuse a folder on a network file system, where the system tells.

    Raises:
        StorageError: its locks and syncs cannot be relied on.
    """
    kind = filesystem_of(folder)
    if kind is not None and (kind in _REMOTE or kind.startswith("fuse.")):
        raise StorageError(
            f"{folder} is on a network file system ({kind}), where a journal is not safe",
            hint="choose a local folder with --data",
        )


def filesystem_of(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> str | None:
    """The type of the file system that holds `folder`; None where it cannot be told."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    place = folder.resolve()
    best: tuple[int, str] | None = None
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        mount = Path(fields[1].replace("\\040", " "))
        # A later mount on the same place covers an earlier one, hence `>=`.
        if place.is_relative_to(mount) and (best is None or len(mount.parts) >= best[0]):
            best = (len(mount.parts), fields[2])
    return None if best is None else best[1]


def _secure(path: Path) -> None:
    """Create the file 0600 if it is new; SQLite gives its companions the same mode."""
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    with translated("open", path):
        descriptor = os.open(path, flags, 0o600)
        try:
            facts = os.fstat(descriptor)
            if not stat.S_ISREG(facts.st_mode) or facts.st_uid != os.geteuid():
                raise UnsafePermission(
                    f"{path} is not a plain file of this user's", hint=f"look at: ls -l {path}"
                )
            os.fchmod(descriptor, 0o600)
        finally:
            os.close(descriptor)


def _prepare(connection: apsw.Connection) -> None:
    connection.set_busy_timeout(BUSY_MS_MAX)
    # Else a question with a limit is planned anew each time, for that limit alone.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    connection.execute("PRAGMA foreign_keys=1; PRAGMA trusted_schema=0; PRAGMA cell_size_check=1")
    _expect(connection, "foreign_keys", 1)
    _expect(connection, "trusted_schema", 0)


def _settle(connection: apsw.Connection, mode: Durability) -> None:
    name, level = mode.value
    # Counts for a new file alone.
    connection.execute(f"PRAGMA page_size={PAGE_BYTES}")
    connection.execute(f"PRAGMA journal_mode={name}").fetchall()
    connection.execute(f"PRAGMA synchronous={level}")
    connection.execute("PRAGMA journal_size_limit=67108864; PRAGMA cache_size=-2048")
    _expect(connection, "journal_mode", name)
    _expect(connection, "synchronous", level)


def _expect(connection: apsw.Connection, pragma: str, value: str | int) -> None:
    found = connection.pragma(pragma)
    if found != value:
        raise StorageError(f"SQLite answers {pragma}={found} where {value} is needed")
