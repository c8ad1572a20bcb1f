"""A disk that breaks on command, under the journal alone: full, failing to write, or to sync."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from functools import partial

import apsw
import pytest

from trader247.adapters.sqlite.journal import SqliteJournal

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


@contextmanager
def breakable(patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put every journal opened from here on, on a disk that can be broken; mended at the end."""
    vfs = BrokenDisk()
    patch.setattr(SqliteJournal, "open", partial(SqliteJournal.open, vfs=NAME))
    try:
        yield
    finally:
        BrokenFile.breakage, BrokenFile.touches = None, 0
        vfs.unregister()
