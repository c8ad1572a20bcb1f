"""A disk that breaks on command, under the journal alone: full, failing to write, or to sync."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum
from functools import wraps
from typing import ParamSpec, TypeVar

import apsw
import pytest

from trader247.adapters.sqlite.journal import SqliteJournal

P = ParamSpec("P")
T = TypeVar("T")

NAME = "broken-disk"


class Breakage(Enum):
    """How a disk fails."""

    FULL = "no space"
    WRITE = "write error"
    SYNC = "sync error"


class BrokenFile(apsw.VFSFile):
    """The journal's file or one of its companions."""

    breakage: Breakage | None = None
    """What is wrong with the disk now; nothing while None."""
    touches = 0
    """How often the broken disk was asked to do what it cannot."""

    def xWrite(self, data: bytes, offset: int) -> None:
        if BrokenFile.breakage is Breakage.FULL:
            BrokenFile.touches += 1
            raise apsw.FullError("injected: no space left")
        if BrokenFile.breakage is Breakage.WRITE:
            BrokenFile.touches += 1
            raise apsw.IOError("injected: write failed")
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:
        if BrokenFile.breakage is not None:
            BrokenFile.touches += 1
            raise apsw.IOError("injected: sync failed")
        super().xSync(flags)


class BrokenDisk(apsw.VFS):
    """What the journal is put on."""

    def __init__(self) -> None:
        super().__init__(NAME, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> BrokenFile:
        return BrokenFile("", name, flags)


def on_this_disk(opened: Callable[P, T]) -> Callable[P, T]:
    """The same, on the disk that can be broken, whichever disk the caller names."""

    @wraps(opened)
    def open_here(*args: P.args, **kwargs: P.kwargs) -> T:
        kwargs["vfs"] = NAME
        return opened(*args, **kwargs)

    return open_here


@contextmanager
def breakable(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put every journal opened from here on, on a disk that can be broken; mended at the end."""
    vfs = BrokenDisk()
    patch.setattr(SqliteJournal, "open", on_this_disk(SqliteJournal.open))
    try:
        yield
    finally:
        BrokenFile.breakage, BrokenFile.touches = None, 0
        vfs.unregister()
