"""This user's running traders, wherever their data folders are: one small file each.

A kill switch that was raised in the wrong folder stops nothing; this is how `kill on` can name the
right one. The files are only hints: whoever reads them asks the system whether the process lives.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from trader247.adapters.files import private_folder, read_small, write_atomically
from trader247.adapters.holder import HOLDER, Holder, is_guarded, read_holder
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import StorageError, UnsafePermission

_COUNT_MAX = 1_000
_SIZE_MAX = 16_384


@dataclass(frozen=True, slots=True)
class RunningTrader:
    """A trader that lives, and the folder of its book; None where that is not known."""

    holder: Holder
    data: Path | None


def registry() -> Path:
    """The folder of these files: this user's, whatever data folder a command is about.

    Raises:
        StorageError: this user has no folder of their own.
    """
    return state_folder() / "running"


def state_folder() -> Path:
    """What is kept for this user, whatever data folder a command is about.

    Raises:
        StorageError: there is no such place: a user of a container may have no home.
    """
    state = os.environ.get("XDG_STATE_HOME", "")
    try:
        # The specification wants a relative path ignored.
        base = Path(state) if state.startswith("/") else Path.home() / ".local" / "state"
    except RuntimeError as error:
        raise StorageError(
            f"this user has no folder of their own: {error}",
            hint="XDG_STATE_HOME names one, as /var/lib/trader247",
        ) from error
    return base / "trader247"


@contextmanager
def registered(holder: Holder, data: Path) -> Iterator[str]:
    """Be listed while the context lasts.

    Yields a sentence where that cannot be done, else an empty text: trading goes on without it.
    """
    try:
        folder = registry()
        private_folder(folder)
        path = folder / f"{holder.pid}.json"
        body = {**asdict(holder), "data": str(data.resolve())}
        write_atomically(path, json.dumps(body).encode())
    except (StorageError, UnsafePermission, OSError) as error:
        yield f"not listed among this user's running traders: {error}"
        return
    for each in _files(folder):
        _forget_if_dead(each)
    try:
        yield ""
    finally:
        # Left over, it names a process that has ended, and is seen through.
        with suppress(OSError):
            path.unlink()


def running() -> tuple[RunningTrader, ...]:
    """This user's traders that live on this machine, the oldest first."""
    try:
        folder = registry()
    except StorageError:
        return ()  # nobody's home: no trader of this user could have been listed
    found = [
        RunningTrader(holder, data)
        for path in _files(folder)
        if (holder := read_holder(path)) is not None
        and holder.is_alive
        and (data := _data_of(path)) is not None
    ]
    return tuple(sorted(found, key=lambda each: (each.holder.since, each.holder.pid)))


def _files(folder: Path) -> list[Path]:
    try:
        names = [name for name in os.listdir(folder) if name.endswith(".json")]
    except OSError:
        return []
    return [folder / name for name in sorted(names)[:_COUNT_MAX]]


def _data_of(path: Path) -> Path | None:
    try:
        return Path(json.loads(read_small(path, bytes_max=_SIZE_MAX))["data"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _forget_if_dead(path: Path) -> None:
    holder = read_holder(path)
    if holder is not None and holder.is_alive is False:
        with suppress(OSError):
            path.unlink()


def trader_of(data: Path) -> Holder | None:
    """The process that works on a folder, if the one that the holder's file names lives and does.

    In a copy of a folder the file names the trader of the folder that was copied.
    """
    holder = read_holder(data / HOLDER)
    if holder is None or not holder.is_alive:
        return None
    return holder if works_on(holder, data) else None


def works_on(holder: Holder, data: Path) -> bool:
    """Whether a living process that a folder's files name works on that very folder.

    It does where the folder cannot be asked: what it may do is then to be reckoned with.
    """
    try:
        if is_guarded(data):
            return True
    except OSError:
        return True
    # Who removed the file of its lock has not ended it.
    return any(
        each.data == data.resolve() and each.holder.is_same_process(holder) for each in running()
    )
