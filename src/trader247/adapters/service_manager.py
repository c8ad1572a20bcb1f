"""What systemd is told: that the trader is ready, that it lives, that it ends.

One datagram each, to the socket that the manager named; where there is none, nothing is said.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

_SHARE = 4
"""So many times within the manager's patience it is told that all is well."""


class ServiceManager:
    """The manager that started this process, if one did and wants to hear."""

    def __init__(
        self,
        environment: Mapping[str, str] = os.environ,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address = _address(environment.get("NOTIFY_SOCKET", ""))
        self._every = _patience(environment) / _SHARE
        self._monotonic = monotonic
        self._last = float("-inf")

    @property
    def is_listening(self) -> bool:
        """Whether anybody is told."""
        return bool(self._address)

    def ready(self, words: str) -> None:
        """The start is over: trading begins."""
        self._tell(f"READY=1\nSTATUS={_line(words)}")

    def alive(self) -> None:
        """Whoever trades turned round: told only as often as the manager needs."""
        if not self._address or not self._every:
            return
        now = self._monotonic()
        if now - self._last >= self._every:
            self._last = now
            self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """It ends in order."""
        self._tell("STOPPING=1")

    def _tell(self, words: str) -> None:
        if not self._address:
            return
        # A manager that cannot be told restarts us in the end: trading does not wait for it.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.setblocking(False)
            line.sendto(words.encode(), self._address)


def _address(named: str) -> str:
    """The socket's address; a leading @ is an abstract one. Others are none that we know."""
    if named.startswith("@"):
        return f"\0{named[1:]}"
    return named if named.startswith("/") else ""


def _patience(environment: Mapping[str, str]) -> float:
    """How many seconds of silence the manager takes; 0 where it does not watch this process."""
    micros, pid = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", "")
    if not (micros.isascii() and micros.isdigit()) or pid not in ("", str(os.getpid())):
        return 0.0
    return int(micros) / 1e6


def _line(words: str) -> str:
    return " ".join(words.split())[:200]
