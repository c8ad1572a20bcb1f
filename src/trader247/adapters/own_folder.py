"""The data folder as it was when a trader took it: whether its path still leads there.

Files that are open stay where they are if the folder is moved, replaced by a copy or mounted over.
Then the journal would grow in one folder, while the switch, the post and the heartbeat are in
another, which would look well, and which the next start would trade on.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from trader247.domain.errors import StorageError

_GONE_SECONDS = 1.0
"""Who moves a folder and lays a link to it in its place needs an instant."""
_HINT = (
    "bring back the folder in which it began, or look which one has the later journal "
    "(trader247 state verify), then start on that one"
)


class OwnFolder:
    """The folder that a process works in, by the disk's own number of it."""

    def __init__(self, data: Path, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Raises OSError: there is no such folder."""
        self._data = data
        self._monotonic = monotonic
        self._number = _number(data)
        self._gone_since: float | None = None

    def expect_in_place(self) -> None:
        """What cannot be examined is left to whoever reads or writes there.

        Raises:
            StorageError: the path leads to another folder now, or to none for a second.
        """
        try:
            number = _number(self._data)
        except (FileNotFoundError, NotADirectoryError):
            self._expect_back()
            return
        except OSError:
            return
        self._gone_since = None
        if number != self._number:
            raise StorageError(
                f"{self._data} is not the folder any more in which this trader began: it was "
                "replaced or mounted over",
                hint=_HINT,
            )

    def _expect_back(self) -> None:
        now = self._monotonic()
        if self._gone_since is None:
            self._gone_since = now
        elif now - self._gone_since > _GONE_SECONDS:
            raise StorageError(f"the data folder {self._data} is gone", hint=_HINT)


def _number(data: Path) -> tuple[int, int]:
    found = os.stat(data)
    return found.st_dev, found.st_ino
