"""What `kill on` needs to reach the venue when the trader cannot: one small file, no secret.

A trader that sends real orders writes DATA/emergency.json as it starts, and the time of each
sending in place, before the order's first byte: one write of 27 bytes into a block that the disk
already gave, so that it works on a full disk and costs a microsecond or two. Light to import.

A second copy, outside of the folder, is written as the trader starts and as it ends: it says where
and with which key when the folder is lost. Of the last sending it knows nothing meanwhile.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

from trader247.adapters.files import private_folder, read_small, remedy, write_atomically
from trader247.adapters.holder import Holder
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import StorageError
from trader247.domain.time import Instant

EMERGENCY = "emergency.json"
_SIZE_MAX = 16_384
_TIME_WIDTH = 27
"""Characters of a moment in microseconds, `2026-01-05T00:00:00.000000Z`."""
_LAST_SEND = '"last_send": '


@dataclass(frozen=True, slots=True)
class Emergency:
    """Where a trader's orders are, with which key they are reached, and when the last one left.

    `host` is `name` or `name:port`; `ca_file` is empty where the world's authorities are trusted.
    `portfolio` is the one that the key is pinned to, empty where that is not known. `last_send` is
    by the machine's clock, None while this book has sent nothing. `is_cleared` says that the trader
    ended and had proven that nothing of ours rests.
    """

    host: str
    ca_file: str
    key_file: str
    portfolio: str
    token_seconds: int
    holder: Holder
    last_send: Instant | None = None
    is_cleared: bool = False

    @property
    def book(self) -> str:
        return self.holder.book


class EmergencyFile:
    """The file in the hands of the trader that keeps it true."""

    def __init__(
        self,
        data: Path,
        emergency: Emergency,
        *,
        now: Callable[[], Instant],
        second: Path | None = None,
    ) -> None:
        """Write it; what an earlier tenure of the same book sent last is kept. `now` is the
        machine's time, whatever clock the market has. `second` is where a copy goes.

        Raises:
            StorageError: the disk did not take it: nothing may be sent.
        """
        self._path = data / EMERGENCY
        self._second = second
        self._now = now
        known = read_emergency(data)
        if known is not None and known.book == emergency.book and emergency.last_send is None:
            emergency = replace(emergency, last_send=known.last_send)
        self._emergency = emergency
        self._descriptor = -1
        self._write()

    def sending(self) -> None:
        """An order is about to leave: keep the moment. Call it before the first byte.

        Raises:
            StorageError: it could not be kept: the order must not leave.
        """
        moment = _fixed(self._now())
        try:
            written = os.pwrite(self._descriptor, moment.encode(), self._offset)
        except OSError as error:
            raise _failed(self._path, error) from error
        if written != _TIME_WIDTH:
            raise StorageError(f"{self._path} could not be written: the disk took a part of it")

    def close(self, *, is_cleared: bool) -> None:
        """The trader ends; `is_cleared` says that it has proven that nothing of ours rests."""
        known = read_emergency(self._path.parent)
        last = self._emergency.last_send if known is None else known.last_send
        self._emergency = replace(self._emergency, last_send=last, is_cleared=is_cleared)
        try:
            self._write()
        finally:
            self._let_go()

    def _let_go(self) -> None:
        """Close the file once: its number may be another's by then."""
        if self._descriptor >= 0:
            descriptor, self._descriptor = self._descriptor, -1
            os.close(descriptor)

    def _write(self) -> None:
        text = _text(self._emergency)
        if self._second is not None:
            private_folder(self._second.parent)
            write_atomically(self._second, text.encode())
        write_atomically(self._path, text.encode())
        self._offset = len(text[: text.index(_LAST_SEND)].encode()) + len(_LAST_SEND) + 1
        self._let_go()
        try:
            flags = os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
            self._descriptor = os.open(self._path, flags)
        except OSError as error:
            raise _failed(self._path, error) from error


def read_emergency(data: Path) -> Emergency | None:
    """What the folder's last trader left; None where there is nothing that can be read."""
    return emergency_in(data / EMERGENCY)


def emergency_in(path: Path) -> Emergency | None:
    """What such a file says; None where there is nothing that can be read."""
    try:
        body = json.loads(read_small(path, bytes_max=_SIZE_MAX))
        holder = {name: str(body[name]) for name in ("boot", "started", "host_name", "command")}
        return Emergency(
            host=str(body["host"]),
            ca_file=str(body["ca_file"]),
            key_file=str(body["key_file"]),
            portfolio=str(body["portfolio"]),
            token_seconds=int(body["token_seconds"]),
            holder=Holder(
                pid=int(body["pid"]),
                boot=holder["boot"],
                started=holder["started"],
                host=holder["host_name"],
                command=holder["command"],
                since=str(body["since"]),
                book=str(body["book"]),
            ),
            last_send=_moment(str(body["last_send"]).strip(), path),
            is_cleared=body["is_cleared"] is True,
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError, AttributeError):
        return None


def _moment(text: str, path: Path) -> Instant | None:
    """When the last order left; a time that cannot be read is the moment at which it was written.

    Raises:
        OSError: the file went away meanwhile.
    """
    try:
        return Instant.parse(text) if text else None
    except ValueError:
        return Instant(os.lstat(path).st_mtime_ns // 1_000)


def quiet_at(last_send: Instant, *, token_seconds: int, is_over: bool) -> Instant:
    """From when on a listing proves that no order of ours is still on its way.

    A token that was made before the last send lives so long. `is_over` says that the trader is dead
    or has acknowledged the stop: then nothing but the bytes under way can still arrive.
    """
    wait = timedelta(seconds=10 if is_over else token_seconds + 10)
    return last_send + wait


def _text(emergency: Emergency) -> str:
    holder = asdict(emergency.holder)
    host_name = holder.pop("host")
    last = emergency.last_send
    body = {
        "host": emergency.host,
        "ca_file": emergency.ca_file,
        "key_file": emergency.key_file,
        "portfolio": emergency.portfolio,
        "token_seconds": emergency.token_seconds,
        # Blanks where nothing was sent yet: the place that is written later must be there.
        "last_send": " " * _TIME_WIDTH if last is None else _fixed(last),
        **holder,
        "host_name": host_name,
        "is_cleared": emergency.is_cleared,
    }
    return json.dumps(body, indent=1) + "\n"


def _fixed(moment: Instant) -> str:
    """A moment in a text of always the same width."""
    text = str(moment).removesuffix("Z")
    whole, _, part = text.partition(".")
    fixed = f"{whole}.{part:0<6}Z"
    assert len(fixed) == _TIME_WIDTH, "years have four digits"
    return fixed


def _failed(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{path} could not be written: {error.strerror or error}",
        hint=remedy(error),
    )
