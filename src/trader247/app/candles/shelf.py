"""What backtests worked out of candles, beside the candles' own cache: files that may be deleted.

A file is named by what it follows from and by the code that made it, and begins with the sha256 of
the rest: one that was cut short or changed is not there.
"""

from __future__ import annotations

import contextlib
import os
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np

import trader247
from trader247.app.candles.store import CACHE
from trader247.backtest.kept import Arrays

BYTES_MAX = 300_000_000
"""The latest ones are kept: a year of minutes is half a megabyte, ten where all of it triggers."""
_DIGEST = 32
_MAKERS = ("backtest", "core", "domain", "simex")
"""The packages whose code makes what is kept."""


class ReadingsShelf:
    """The folder beside some candles."""

    def __init__(self, candles: Path) -> None:
        self._folder = candles / CACHE / "readings"

    def take(self, name: str) -> Arrays | None:
        """What is kept under a name; None for nothing, and for what is not whole."""
        path = self._path(name)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        body = memoryview(content)[_DIGEST:]
        if sha256(body).digest() != content[:_DIGEST]:
            return None
        with contextlib.suppress(OSError):  # it is only not the latest then
            os.utime(path)
        with np.load(BytesIO(body), allow_pickle=False) as known:
            return dict(known)

    def put(self, name: str, arrays: Arrays) -> None:
        """Keep arrays; where that cannot be done, they are worked out again the next time."""
        buffer = BytesIO()
        np.savez(buffer, allow_pickle=False, **arrays)
        body = buffer.getbuffer()
        path = self._path(name)
        # Whole or not there, by its digest: it need not be on the disk before the run goes on.
        partial = path.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            partial.write_bytes(sha256(body).digest() + body)
            partial.replace(path)
            self._let_go()

    def _let_go(self) -> None:
        """Keep the files that were used last, as many as there is room for."""
        found = [(each.stat(), each) for each in self._folder.iterdir()]
        room = BYTES_MAX
        for known, path in sorted(found, key=lambda each: each[0].st_mtime_ns, reverse=True):
            room -= known.st_size
            if room < 0:
                path.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        return self._folder / sha256(f"{name} {_code()}".encode()).hexdigest()


@cache
def _code() -> str:
    """One name for the code of all that makes what is kept."""
    root = Path(trader247.__file__).parent
    found = sha256()
    for package in _MAKERS:
        for path in sorted((root / package).rglob("*.py")):
            found.update(f"{path.relative_to(root)} ".encode() + path.read_bytes())
    return found.hexdigest()
