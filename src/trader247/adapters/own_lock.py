"""The lock of a data folder as a trader took it: whether its path still leads there.

Files that are open stay where they are if the folder is moved, replaced by a copy or mounted over.
Then the journal would grow in one folder, while the switch, the post and the heartbeat are in
another, which would look well, and which the next start would trade on. Where the lock's file alone
was removed, nothing keeps the next start, or a restored journal, out of the same folder.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from trader247.adapters.holder import LOCK, is_guarded
from trader247.domain.errors import AlreadyRunning, StorageError

_GONE_SECONDS = 1.0
"""Who moves a folder and lays a link to it in its place needs an instant."""
_HINT = (
    "never remove the lock; where the folder is another one, look which has the later journal "
    "(trader247 status), and start on that"
)


class OwnLock:
    """The lock that this process holds, by the disk's own number of it."""

    def __init__(self, data: Path, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        """Of a folder whose guard was just taken.

        Raises:
            StorageError: the lock is gone already.
        """
        self._path = data / LOCK
        self._monotonic = monotonic
        self._gone_since: float | None = None
        try:
            self._number = _number(self._path)
        except OSError as error:
            raise self._gone() from error

    def expect_in_place(self) -> None:
        """What cannot be examined is left to whoever reads or writes there.

        Raises:
            AlreadyRunning: the path leads to another lock, which somebody holds.
            StorageError: it leads to one that nobody holds, or to none for a second.
        """
        try:
            number = _number(self._path)
        except (FileNotFoundError, NotADirectoryError):
            self._expect_back()
            return
        except OSError:
            return
        self._gone_since = None
        if number != self._number:
            raise self._replaced()

    def _replaced(self) -> AlreadyRunning | StorageError:
        """Who else has taken the folder has its orders, too: then this trader ends none of them."""
        try:
            is_taken = is_guarded(self._path.parent)
        except OSError:
            is_taken = False
        if is_taken:
            return AlreadyRunning(
                f"{self._path} was removed, and another process has taken its place",
                hint="trader247 unlock tells which one; never remove the lock",
            )
        return StorageError(
            f"{self._path} is not the lock any more that this trader holds: it, or its folder, "
            "was replaced or mounted over",
            hint=_HINT,
        )

    def _expect_back(self) -> None:
        now = self._monotonic()
        if self._gone_since is None:
            self._gone_since = now
        elif now - self._gone_since > _GONE_SECONDS:
            raise self._gone()

    def _gone(self) -> StorageError:
        return StorageError(
            f"{self._path} is gone: it was removed, or its folder was moved", hint=_HINT
        )


def _number(path: Path) -> tuple[int, int]:
    found = os.stat(path)
    return found.st_dev, found.st_ino
