"""What `kill on` needs to reach the venue when the trader cannot: one small file, no secret.

A trader that sends real orders writes DATA/emergency.json as it starts, and the time of each
sending in place, before the order's first byte: one write of 64 bytes into a block that the disk
already gave, so that it works on a full disk and costs a microsecond or two. The time is told by
two clocks, since the machine's own may be set before somebody reads it. Light to import.

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
from trader247.domain.time import MICROSECOND, Instant

EMERGENCY = "emergency.json"
_SIZE_MAX = 16_384
_TIME_WIDTH = 27
"""Characters of a moment in microseconds, `2026-01-05T00:00:00.000000Z`."""
_STEADY_WIDTH = 16
"""Digits of a time of the steady clock, in microseconds."""
_LAST_SEND = '"last_send": '
_BETWEEN = '",\n "sent_steady": "'
"""What stands between the two times of a sending."""


@dataclass(frozen=True, slots=True)
class Emergency:
    """Where a trader's orders are, with which key they are reached, and when the last one left.

    `host` is `name` or `name:port`; `ca_file` is empty where the world's authorities are trusted.
    `portfolio` is the one that the key is pinned to, empty where that is not known. `last_send` is
    by the machine's clock, None while this book has sent nothing, and `sent_steady` the same by the
    one that nobody sets, in the boot of the `holder`, None where nobody told. `is_cleared` says
    that the trader ended and had proven that nothing of ours rests.
    """

    host: str
    ca_file: str
    key_file: str
    portfolio: str
    token_seconds: int
    holder: Holder
    last_send: Instant | None = None
    sent_steady: timedelta | None = None
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
        monotonic: Callable[[], timedelta] | None = None,
        second: Path | None = None,
    ) -> None:
        """Write it; what an earlier tenure of the same book sent last is kept. `now` is the
        machine's time, whatever clock the market has, and `monotonic` by the clock of its boot that
        nobody sets. `second` is where a copy goes.

        Raises:
            StorageError: the disk did not take it: nothing may be sent.
        """
        self._path = data / EMERGENCY
        self._second = second
        self._now = now
        self._monotonic = monotonic
        known = read_emergency(data)
        if known is not None and known.book == emergency.book and emergency.last_send is None:
            if known.holder.boot == emergency.holder.boot:
                emergency = replace(emergency, sent_steady=known.sent_steady)
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
        steady = None if self._monotonic is None else self._monotonic()
        told = f"{moment}{_BETWEEN}{_steady(steady)}".encode()
        try:
            written = os.pwrite(self._descriptor, told, self._offset)
        except OSError as error:
            raise _failed(self._path, error) from error
        if written != len(told):
            raise StorageError(f"{self._path} could not be written: the disk took a part of it")

    def close(self, *, is_cleared: bool) -> None:
        """The trader ends; `is_cleared` says that it has proven that nothing of ours rests."""
        known = read_emergency(self._path.parent)
        sent = self._emergency if known is None else known
        last, steady = sent.last_send, replace(self._emergency, sent_steady=sent.sent_steady)
        self._emergency = replace(steady, last_send=last, is_cleared=is_cleared)
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
            sent_steady=_passed(str(body.get("sent_steady", "")).strip()),
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


def _passed(text: str) -> timedelta | None:
    """A time of the steady clock; None where there is none, or none that can be read."""
    return int(text) * MICROSECOND if text.isdecimal() else None


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
        "sent_steady": _steady(emergency.sent_steady),
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


def _steady(passed: timedelta | None) -> str:
    """A time of the steady clock in a text of always the same width; blank where it is unknown."""
    return " " * _STEADY_WIDTH if passed is None else f"{passed // MICROSECOND:0{_STEADY_WIDTH}}"


def _failed(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"{path} could not be written: {error.strerror or error}",
        hint=remedy(error),
    )
