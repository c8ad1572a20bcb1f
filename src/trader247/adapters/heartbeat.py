"""DATA/heartbeat.json: what a running trader last did, for whoever looks from outside."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from trader247.adapters.files import read_small, write_atomically
from trader247.domain.time import SECOND, Instant

FILE = "heartbeat.json"
_SIZE_MAX = 65_536

_NOTHING = 0 * SECOND


class Heartbeat:
    """Writes the file, at most once a second by the machine's clock."""

    def __init__(self, data: Path, wall: Callable[[], Instant]) -> None:
        self._path = data / FILE
        self._wall = wall
        self._last: Instant | None = None

    def beat(self, body: Mapping[str, object], *, is_forced: bool = False) -> None:
        """Write `body` with the time and the process, unless one was written just now.

        Raises:
            StorageError: the disk did not take it.
        """
        now = self._wall()
        # A clock that was set back says nothing of how long ago the last one was.
        is_just_now = self._last is not None and _NOTHING <= now - self._last < SECOND
        if is_just_now and not is_forced:
            return
        self._last = now
        whole = {"wall_time": str(now), "pid": os.getpid(), **body}
        write_atomically(self._path, json.dumps(whole, sort_keys=True).encode())


def last_beat(data: Path) -> Mapping[str, object] | None:
    """The last heartbeat, or None where there is none that can be read."""
    try:
        body = json.loads(read_small(data / FILE, bytes_max=_SIZE_MAX))
    except (OSError, ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
