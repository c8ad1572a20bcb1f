"""A person's stop: a file in the data folder. Any content counts, and so does none.

Raising it needs the folder alone: no configuration, no database, no network, and of the disk only
one small file. A switch that cannot be examined counts as raised. Light to import: `kill on` must
feel instant.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from trader247.adapters.files import read_small, sync_folder, write_atomically
from trader247.domain.errors import StorageError

SWITCH = "KILL_SWITCH"
ACKNOWLEDGEMENT = "KILL_SWITCH.ack"
_CONTENT_MAX = 16_384


@dataclass(frozen=True, slots=True)
class Raised:
    """What the switch's file says; texts are empty where it was touched by hand."""

    reason: str
    operator: str
    time: str


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A trader's word on a raised switch: it saw it, and whether nothing of ours rests."""

    pid: int
    is_clear: bool
    switch_id: str


class KillSwitch:
    """The switch of one data folder."""

    def __init__(self, data: Path) -> None:
        self._path = data / SWITCH
        self._ack = data / ACKNOWLEDGEMENT

    @property
    def path(self) -> Path:
        return self._path

    def is_raised(self) -> bool:
        """Whether the switch is on; one that cannot be examined is."""
        try:
            os.lstat(self._path)
        except FileNotFoundError:
            return False
        except OSError:
            return True
        return True

    def raise_(self, *, reason: str, operator: str, time: str) -> bool:
        """Turn it on, and read it back. Answers whether the reason could be written, too.

        The file itself comes first: it is the stop, its content is only for people.

        Raises:
            StorageError: not even an empty file could be made.
        """
        try:
            # Neither a link nor a pipe in its place may lead it astray or make it wait.
            flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            descriptor = os.open(self._path, flags, 0o600)
        except OSError as error:
            if self.is_raised():
                return False
            raise StorageError(
                f"{self._path} could not be made: {error.strerror or error}",
                hint="end the trader instead: trader247 unlock --force, or kill its process",
            ) from error
        body = {"reason": reason[:1000], "operator": operator[:200], "time": time}
        content = json.dumps(body).encode()
        try:
            os.write(descriptor, content)
            os.ftruncate(descriptor, len(content))
            os.fsync(descriptor)
            sync_folder(self._path.parent)
        except OSError:
            return False
        finally:
            os.close(descriptor)
        assert self.is_raised(), "a file that was just made is there"
        return True

    def lower(self) -> bool:
        """Turn it off. Answers whether it was on.

        Raises:
            StorageError: the file cannot be removed.
        """
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StorageError(
                f"{self._path} could not be removed: {error.strerror or error}",
                hint="remove it by hand",
            ) from error
        with suppress(OSError):
            self._ack.unlink()
        return True

    def said(self) -> Raised:
        """What the file says, as far as it can be read."""
        try:
            body = json.loads(read_small(self._path, bytes_max=_CONTENT_MAX))
        except (OSError, ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            return Raised("", "", "")
        texts = [str(body.get(key, ""))[:1000] for key in ("reason", "operator", "time")]
        return Raised(*texts)

    def id(self) -> str:
        """What tells this raising from an earlier one; empty while it is off."""
        try:
            found = os.lstat(self._path)
        except OSError:
            return ""
        return f"{found.st_ino}.{found.st_mtime_ns}"

    def acknowledge(self, *, is_clear: bool) -> None:
        """Say, as the trader, that the switch was seen, and whether nothing of ours rests.

        Raises:
            StorageError: the disk did not take it; whoever waits is told that nothing is proven.
        """
        body = {"pid": os.getpid(), "is_clear": is_clear, "switch_id": self.id()}
        write_atomically(self._ack, json.dumps(body).encode())

    def acknowledgement(self) -> Acknowledgement | None:
        """The trader's word on this very raising, once it has been given."""
        try:
            body = json.loads(read_small(self._ack, bytes_max=_CONTENT_MAX))
            word = Acknowledgement(
                int(body["pid"]), body["is_clear"] is True, str(body["switch_id"])
            )
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        return word if word.switch_id == self.id() else None
