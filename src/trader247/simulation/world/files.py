"""The plain files of a simulated trader: switch, heartbeat, emergency, inbox, segments, backups.

Whatever the trader does to files in its folder it does through a dozen functions of `os`. While a
simulation runs they go through here, as they would through a library loaded before the system's
own: each is counted, may fail, may be where the process dies, and lasts only once it was synced.
The log for people alone is not: no decision is made on it, and nothing is promised of it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any

from trader247.simulation.world.dice import Dice
from trader247.simulation.world.disk import Disk

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_WHOLE_MAX = 65_536
"""Larger files are appended to alone: of them the length that was synced is known."""
_CHANGING = ("open", "write", "pwrite", "ftruncate", "fsync", "fdatasync", "close")
_NAMING = ("replace", "rename", "unlink", "remove")
_BLOCK, _MEGABYTE, _MANY = 4_096, 1_000_000, 1_000_000
_MUCH = 50_000
"""Megabytes that are free where nothing is told of it, whatever machine simulates."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A file as it was last synced: its content, or of a large one how long it was."""

    size: int
    content: bytes | None


_EMPTY = _Kept(0, b"")
"""A file that was made, and never synced."""


def number_of(found: os.stat_result) -> tuple[int, int]:
    """What tells a file from every other one."""
    return found.st_dev, found.st_ino


class Files:
    """What of a folder's plain files would be there after a power cut."""

    def __init__(self, folder: Path, disk: Disk, dice: Dice) -> None:
        self._disk = disk
        self._dice = dice
        self._roots = (f"{folder}{os.sep}", f"{folder.absolute()}{os.sep}")
        self._folder = str(folder.absolute())
        disk.on_folder_synced = lambda path: self._folder_synced(self._named(path))
        self.room: Callable[[], int | None] = lambda: _MUCH
        """How many megabytes are free there; None where that cannot be told."""
        self.unseen = ""
        """The name of a file at which nobody can look: the disk fails where it is tried."""
        self._open: dict[int, str] = {}
        self._kept: dict[str, _Kept] = {}
        self._real: dict[str, Callable[..., Any]] = {}
        self._unnamed: dict[str, _Kept | None] = {}
        """Names that were given or taken since their folder was synced, with what was there."""

    @contextmanager
    def between(self) -> Iterator[None]:
        """Stand between the trader and the system while the context lasts."""
        names = (*_CHANGING, *_NAMING, "statvfs", "lstat")
        real = self._real = {name: getattr(os, name) for name in names}
        os.statvfs = self._measured(real["statvfs"])
        os.lstat = self._looked_at(real["lstat"])
        for name in _CHANGING:
            setattr(os, name, self._on_descriptor(name, real[name]))
        for name in _NAMING:
            setattr(os, name, self._on_name(name, real[name]))
        try:
            yield
        finally:
            for name, function in real.items():
                setattr(os, name, function)

    @contextmanager
    def apart(self) -> Iterator[set[tuple[int, int]]]:
        """Let somebody else than the trader write while the context lasts: which files he synced,
        by what the system numbers them with.
        """
        synced: set[tuple[int, int]] = set()
        between = {name: getattr(os, name) for name in self._real}
        for name, function in self._real.items():
            setattr(os, name, function)
        sync = os.fsync

        def noted(fd: Any) -> None:
            sync(fd)
            synced.add(number_of(os.fstat(fd)))

        os.fsync = noted
        try:
            yield synced
        finally:
            os.fsync = sync
            for name, function in between.items():
                setattr(os, name, function)

    def is_named(self, path: Path) -> bool:
        """Whether a power cut leaves what stands there now under that name."""
        return self._named(str(path)) not in self._unnamed

    def settle(self) -> None:
        """All that is there now is on the disk: somebody saw to it."""
        self._unnamed.clear()
        there = {path: Path(path) for path in self._kept}
        self._kept = {
            path: self._seen(path, found.stat().st_size)
            for path, found in there.items()
            if found.is_file() and not path.endswith(".db")
        }

    def fail_power(self) -> int:
        """Let what was not synced be lost, as the seed draws. Answers how much was."""
        lost = 0
        for path, before in self._unnamed.items():
            if self._dice.chance(500_000):
                lost += 1
                if before is None:
                    with suppress(FileNotFoundError):
                        self._real["unlink"](path)
                    self._kept.pop(path, None)
                elif before.content is not None:
                    Path(path).write_bytes(before.content)
                    self._kept[path] = before
        self._unnamed.clear()
        for path, kept in self._kept.items():
            if Path(path).exists() and self._dice.chance(500_000):
                lost += self._cut(Path(path), kept)
        return lost

    def _cut(self, path: Path, kept: _Kept) -> int:
        if kept.content is not None:
            found = path.read_bytes()
            if found != kept.content:
                path.write_bytes(kept.content)
            return found != kept.content
        size = path.stat().st_size
        if size > kept.size:
            # Of what was appended, a part may have come to the disk.
            os.truncate(path, kept.size + self._dice.below(size - kept.size + 1))
        return size > kept.size

    def _looked_at(self, real: Callable[..., os.stat_result]) -> Callable[..., os.stat_result]:
        def looked(path: Any, **more: Any) -> os.stat_result:
            if self.unseen and os.path.basename(os.fspath(path)) == self.unseen:
                raise OSError(errno.EIO, os.strerror(errno.EIO), path)
            return real(path, **more)

        return looked

    def _is_ours(self, path: str) -> bool:
        return path.startswith(self._roots) and not path.endswith(("-wal", "-shm", ".lock", ".log"))

    def _named(self, path: str) -> str:
        return os.path.abspath(path)  # no file is looked at

    def _on_descriptor(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def opened(path: Any, flags: int, *rest: Any, **more: Any) -> Any:
            text = os.fspath(path)
            is_ours = isinstance(text, str) and not more and self._is_ours(text)
            if is_ours and flags & _WRITING and self._disk.is_dead:
                return real(os.devnull, os.O_WRONLY)
            whole = self._named(str(text))
            if is_ours and flags & _WRITING:
                self._touch("open", text)
                if flags & os.O_CREAT and not os.path.lexists(text):
                    self._unnamed.setdefault(whole, None)
                    if not text.endswith(".db"):  # which SQLite writes, by the other disk
                        self._kept[whole] = _EMPTY
            descriptor = real(path, flags, *rest, **more)
            self._open.pop(descriptor, None)
            if is_ours or whole == self._folder:
                self._open[descriptor] = whole
            return descriptor

        def changed(descriptor: int, *rest: Any, **more: Any) -> Any:
            path = self._open.get(descriptor)
            if path is None:
                return real(descriptor, *rest, **more)
            if self._disk.is_dead:
                return len(rest[0]) if name in ("write", "pwrite") else None
            self._touch(name, path)
            return real(descriptor, *rest, **more)

        def synced(descriptor: int) -> None:
            path = self._open.get(descriptor)
            if path is None:
                real(descriptor)
                return
            if self._disk.is_dead:
                return
            self._touch("sync", path)
            found = os.fstat(descriptor)
            if stat.S_ISDIR(found.st_mode):
                self._folder_synced(path)
                return
            self._kept[path] = self._seen(path, found.st_size)

        def closed(descriptor: int) -> None:
            self._open.pop(descriptor, None)
            real(descriptor)

        if name == "open":
            return opened
        if name == "close":
            return closed
        return synced if name in ("fsync", "fdatasync") else changed

    def _measured(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def measured(path: Any) -> Any:
            if isinstance(path, int) or not self._is_there(os.fspath(path)):
                return real(path)
            megabytes = self.room()
            if megabytes is None:
                raise OSError(errno.EIO, os.strerror(errno.EIO), path)
            free = megabytes * _MEGABYTE // _BLOCK
            room = (_BLOCK, _BLOCK, free + _MANY, free, free)
            return os.statvfs_result((*room, _MANY, _MANY, _MANY, 0, 255))

        return measured

    def _is_there(self, path: str) -> bool:
        whole = self._named(path)
        return whole == self._folder or whole.startswith(f"{self._folder}{os.sep}")

    def _on_name(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def named(path: Any, *rest: Any, **more: Any) -> Any:
            text = os.fspath(path)
            if not isinstance(text, str) or not self._is_ours(text):
                return real(path, *rest, **more)
            if self._disk.is_dead:
                return None
            self._touch(name, text)
            source = self._named(text)
            before = self._kept.get(source)
            result = real(path, *rest, **more)
            if name in ("unlink", "remove"):
                if source in self._unnamed and self._unnamed[source] is None:
                    del self._unnamed[source]
                elif before is not None:
                    self._unnamed.setdefault(source, before)
                self._kept.pop(source, None)
                return result
            target = self._named(os.fspath(rest[0]))
            self._unnamed.setdefault(target, self._kept.get(target))
            self._unnamed.pop(source, None)
            self._kept.pop(source, None)
            if before is not None:
                self._kept[target] = before
            return result

        return named

    def _folder_synced(self, folder: str) -> None:
        for each in [one for one in self._unnamed if os.path.dirname(one) == folder]:
            del self._unnamed[each]

    def _touch(self, act: str, path: str) -> None:
        number = self._disk.on_touch(act, path)
        if number:
            raise OSError(number, os.strerror(number), path)

    def _seen(self, path: str, size: int) -> _Kept:
        if size > _WHOLE_MAX:
            return _Kept(size, None)
        # By no path of objects: after each sync, that took ten times as long as the reading.
        with suppress(OSError), FileIO(path) as file:
            return _Kept(size, file.readall())
        return _Kept(size, None)
