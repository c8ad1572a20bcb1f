"""A person's stop: a file in the data folder. Any content counts, and so does none.

Raising it needs the folder alone: no configuration, no database, no network, and of the disk only
one small file. A switch that cannot be examined counts as raised. Light to import: `kill on` must
feel instant.
"""

from __future__ import annotations

import json
import os
import time as clock
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from trader247.adapters.files import read_small, sync_folder, write_atomically
from trader247.adapters.holder import Holder
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import StorageError
from trader247.domain.texts import one_line
from trader247.domain.time import Instant

SWITCH = "KILL_SWITCH"
ACKNOWLEDGEMENT = "KILL_SWITCH.ack"
_CONTENT_MAX = 16_384
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Raised:
    """What the switch's file says; texts are empty where it was touched by hand.

    `keeps_sales` is the wish that resting sales stay, since they only reduce.
    """

    reason: str
    operator: str
    time: str
    keeps_sales: bool = False


@dataclass(frozen=True, slots=True)
class Raising:
    """How a switch was raised: whether it was on before, and whether it says who, when and why."""

    was_on: bool
    is_told: bool


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A trader's word on a raised switch: it saw it, and whether nothing of ours rests.

    `kept` are the sales that still rest, as the switch wished; all else is gone if it is clear.
    """

    pid: int
    is_clear: bool
    switch_id: str
    time: str
    kept: int = 0


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

    def raising(self) -> str:
        """What tells this raising from every other one; empty while it is off.

        A file that was removed and made again may get its old number back; its time of change it
        does not. Whoever touches it raises it anew, and is answered anew.
        """
        try:
            found = os.lstat(self._path)
        except FileNotFoundError:
            return ""
        except OSError:
            return "unexamined"
        return f"{found.st_dev}.{found.st_ino}.{found.st_ctime_ns}"

    def is_there(self) -> bool:
        """Whether the file was seen: a folder that nobody may look into proves no stop."""
        try:
            os.lstat(self._path)
        except OSError:
            return False
        return True

    def cause(self) -> str:
        """Why it is on: the words of whoever raised it, or that it is on where there are none."""
        return self.said().reason or "the kill switch is on"

    def keeps_sales(self) -> bool:
        """Whether whoever raised it wants resting sales left alone.

        Only a file that says so in full counts: one that was touched, or is damaged, keeps nothing.
        """
        return self.said().keeps_sales

    def raise_(
        self, *, reason: str, operator: str, time: str, keeps_sales: bool = False
    ) -> Raising:
        """Turn it on, and read it back. On already, the first word stands, but for one thing: it
        no longer keeps sales once somebody raises it who does not want them kept.

        The file itself comes first: it is the stop, its content is only for people. Where it keeps
        sales, it appears whole or not at all: half of it would have them cancelled.

        Raises:
            StorageError: not even an empty file could be made.
        """
        was_on = self.is_there()
        said = self.said()
        if was_on and said.time and (keeps_sales or not said.keeps_sales):
            return Raising(was_on=True, is_told=True)
        # A word on an earlier raising, or on a milder one, says nothing of this one.
        if not was_on or said.keeps_sales:
            self.forget_acknowledgement()
        if said.time:
            reason, operator, time = said.reason, said.operator, said.time
        keeps_sales = keeps_sales and not was_on
        body = {"reason": reason[:1000], "operator": operator[:200], "time": time}
        if keeps_sales:
            body_whole = json.dumps({**body, "keeps_sales": True}).encode()
            with suppress(StorageError):
                write_atomically(self._path, body_whole)
                return Raising(was_on=False, is_told=True)
        try:
            is_told = self._write(json.dumps(body).encode())
        except OSError as error:
            if not self.is_there():
                raise StorageError(
                    f"{self._path} could not be made: {error.strerror or error}",
                    hint="end the trader instead: trader247 unlock --force, or kill its process",
                ) from error
            is_told = False
        assert self.is_there(), "a file that was just made is there"
        # What the disk did not take is a wish untold: then everything goes.
        return Raising(was_on, is_told and not keeps_sales)

    def _write(self, content: bytes) -> bool:
        """Make the file, then fill it. Answers whether it was filled.

        Raises:
            OSError: it cannot be made.
        """
        # Neither a link nor a pipe in its place may lead it astray or make it wait.
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(self._path, flags, 0o600)
        try:
            # Whatever it said goes first, so that no wish outlives a disk that takes nothing more.
            os.ftruncate(descriptor, 0)
            written = os.write(descriptor, content)
            os.fsync(descriptor)
            sync_folder(self._path.parent)
        except OSError:
            return False
        finally:
            os.close(descriptor)
        return written == len(content)

    def lower(self) -> bool:
        """Turn it off. Answers whether it was on.

        Raises:
            StorageError: the file cannot be removed.
        """
        self.forget_acknowledgement()
        try:
            self._path.unlink()
            sync_folder(self._path.parent)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StorageError(
                f"{self._path} could not be removed: {error.strerror or error}",
                hint="remove it by hand, then trader247 kill off",
            ) from error
        return True

    def said(self) -> Raised:
        """What the file says, as far as it can be read."""
        try:
            body = json.loads(read_small(self._path, bytes_max=_CONTENT_MAX))
        except (OSError, ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            return Raised("", "", "")
        reason, operator, time = (
            one_line(str(body.get(key, ""))) for key in ("reason", "operator", "time")
        )
        return Raised(reason, operator, time, body.get("keeps_sales") is True)

    def since(self) -> Instant | None:
        """When the file was made or last touched; None where it is off or cannot be examined."""
        try:
            return Instant(os.lstat(self._path).st_mtime_ns // 1_000)
        except OSError:
            return None

    def id(self) -> str:
        """What tells this file from an earlier one, touched since or not; empty while it is off.

        A number that the disk used again is harmless: whoever raises or lowers the switch forgets
        the word on the one before.
        """
        try:
            found = os.lstat(self._path)
        except OSError:
            return ""
        return f"{found.st_dev}.{found.st_ino}"

    def acknowledge(self, *, at: Instant, is_clear: bool, kept: int = 0) -> None:
        """Say, as the trader, that the switch was seen, and whether nothing of ours rests but
        `kept` sales that it wished to keep; `at` is what time it is by the trader's clock.

        Raises:
            StorageError: the disk did not take it; whoever waits is told that nothing is proven.
        """
        body = {
            "pid": os.getpid(),
            "is_clear": is_clear,
            "switch_id": self.id(),
            "time": str(at),
            "kept": kept,
        }
        write_atomically(self._ack, json.dumps(body).encode())

    def acknowledgement(self) -> Acknowledgement | None:
        """The last trader's word on this very switch, once it has been given."""
        try:
            body = json.loads(read_small(self._ack, bytes_max=_CONTENT_MAX))
            word = Acknowledgement(
                int(body["pid"]),
                body["is_clear"] is True,
                str(body["switch_id"]),
                str(body["time"]),
                int(body.get("kept", 0)),
            )
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            return None
        if not self.is_raised() or word.switch_id != self.id():
            return None
        return None if word.kept and not self.keeps_sales() else word

    def acknowledged_by(
        self,
        holder: Holder,
        *,
        seconds_max: float,
        sleep: Callable[[float], None] = clock.sleep,
        monotonic: Callable[[], float] = clock.monotonic,
    ) -> bool:
        """Wait for this trader's word that nothing of ours rests, as long as it lives.

        False if it did not come within `seconds_max`: it may have seen the switch, or not.
        """
        end = monotonic() + seconds_max
        while True:
            # Whether it lives is asked first: its last word may come just before its end.
            is_over = monotonic() >= end or not holder.is_alive
            word = self.acknowledgement()
            if word is not None and word.pid == holder.pid and word.is_clear:
                return True
            if is_over:
                return False
            sleep(_POLL_SECONDS)

    def forget_acknowledgement(self) -> None:
        """Take back a word that is not true any more; a missing one only makes people wait."""
        with suppress(OSError):
            self._ack.unlink()
