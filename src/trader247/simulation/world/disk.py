"""The disk under a simulated trader: what was not synced may be lost, torn, or out of order.

SQLite's files lie on a virtual file system that remembers, for each write since the last sync, what
was there before. When the power fails some of that comes back, by sectors, as the seed draws. A
process that is killed loses nothing that it wrote. A dead process writes no more: what its clearing
up would still do never happens.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import apsw

from trader247.simulation.world.dice import Dice

NAME = "t247-simulated"
SECTOR = 4096


@dataclass(slots=True)
class _Unsynced:
    """What a file was before the writes since its last sync, oldest first."""

    size: int
    writes: list[tuple[int, bytes, int]] = field(default_factory=list)


class Disk:
    """The state of one run's disk.

    `on_touch` is asked before each write, sync or removal, by a word for it and the file: the
    answer is the number of the system's error that strikes there, or 0. A process may die in it.
    """

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self.is_dead = False
        """Whether the process that writes has died: nothing of it reaches the disk any more."""
        self.process = 0
        """Which process writes now: what an earlier one had open writes no more."""
        self.open_files = 0
        """Files that some connection of SQLite's holds open."""
        self.on_touch: Callable[[str, str], int] = _nothing
        self.on_folder_synced: Callable[[str], None] = _unheard
        """Hears of each folder whose names SQLite has made last."""
        self._unsynced: dict[str, _Unsynced] = {}

    def written(self, path: str, offset: int, before: bytes, length: int, size: int) -> None:
        """`length` bytes were written where `before` was, in a file that had `size` bytes."""
        found = self._unsynced.setdefault(path, _Unsynced(size))
        found.writes.append((offset, before, length))

    def synced(self, path: str) -> None:
        """All that was written to a file is on the disk now."""
        self._unsynced.pop(path, None)

    def forget(self) -> None:
        """What was written to any file is there, or another file is there."""
        self._unsynced.clear()

    def fail_power(self) -> int:
        """Lose what was not synced, or some sectors of it. Answers how many were lost."""
        lost = 0
        is_all = self._dice.chance(400_000)
        for path, found in self._unsynced.items():
            if not Path(path).exists():
                continue
            with Path(path).open("r+b") as file:
                for offset, before, length in reversed(found.writes):
                    lost += self._undo(file, offset, before, length, is_all=is_all)
                if is_all or self._dice.chance(500_000):
                    file.truncate(found.size)
        self._unsynced.clear()
        return lost

    def _undo(
        self, file: BinaryIO, offset: int, before: bytes, length: int, *, is_all: bool
    ) -> int:
        lost = 0
        for start in range(0, max(length, len(before)), SECTOR):
            if is_all or self._dice.chance(500_000):
                lost += 1
                size = min(SECTOR, max(length, len(before)) - start)
                file.seek(offset + start)
                file.write(before[start : start + size].ljust(size, b"\0"))
        return lost


class _File(apsw.VFSFile):
    """One of SQLite's files."""

    def __init__(self, disk: Disk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self._disk = disk
        disk.open_files += 1
        self._process = disk.process
        self._path = str(name.filename() if isinstance(name, apsw.URIFilename) else name)

    def xWrite(self, data: bytes, offset: int) -> None:
        disk = self._disk
        if self._is_over():
            return
        _refuse(disk.on_touch("write", self._path))
        size = super().xFileSize()
        there = max(0, min(len(data), size - offset))
        before = super().xRead(there, offset) if there else b""
        super().xWrite(data, offset)
        disk.written(self._path, offset, before, len(data), size)

    def xTruncate(self, newsize: int) -> None:
        disk = self._disk
        if self._is_over():
            return
        _refuse(disk.on_touch("truncate", self._path))
        size = super().xFileSize()
        before = super().xRead(size - newsize, newsize) if size > newsize else b""
        super().xTruncate(newsize)
        disk.written(self._path, newsize, before, 0, size)

    def xSync(self, flags: int) -> None:
        del flags
        if self._is_over():
            return
        _refuse(self._disk.on_touch("sync", self._path))
        self._disk.synced(self._path)
        if self._path.endswith(("-wal", "-journal")):
            # As SQLite's own does for a log that it has made.
            self._disk.on_folder_synced(os.path.dirname(self._path))

    def xClose(self) -> None:
        self._disk.open_files -= 1
        super().xClose()

    def _is_over(self) -> bool:
        """Whether the process that opened it is gone, and this is what its memory still holds."""
        return self._disk.is_dead or self._process != self._disk.process


class SimulatedDisk(apsw.VFS):
    """The file system; it stands over the machine's own, whose syncs are not waited for."""

    def __init__(self, disk: Disk) -> None:
        super().__init__(NAME, "")
        self._disk = disk

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> _File:
        return _File(self._disk, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        if self._disk.is_dead:
            return
        _refuse(self._disk.on_touch("remove", filename))
        self._disk.synced(filename)
        super().xDelete(filename, syncdir)
        if syncdir:
            self._disk.on_folder_synced(os.path.dirname(filename))


def memory_folder() -> str | None:
    """A folder of the machine that is no disk, where it has one: a simulation is its own disk."""
    folder = "/dev/shm"  # noqa: S108  # a private folder is made in it
    return folder if os.path.isdir(folder) and os.access(folder, os.W_OK) else None


def _refuse(number: int) -> None:
    """Fail as SQLite's own file system does where the system answers with this error."""
    if number == errno.ENOSPC:
        raise apsw.FullError("simulated: no space left on the disk")
    if number == errno.EROFS:
        raise apsw.ReadOnlyError("simulated: the disk is read-only")
    if number:
        raise apsw.IOError("simulated: the disk fails")


def _unheard(folder: str) -> None:
    """Nobody is told."""
    del folder


def _nothing(act: str, path: str) -> int:
    """All is well."""
    del act, path
    return 0
