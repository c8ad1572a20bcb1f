"""A signal that all is well, to a service that calls a person when it stops coming.

It is sent by a thread of its own, and only while what it asks says that trading really goes on:
that thread knows nothing by itself, so that it cannot report a trader well that hangs.
"""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable
from dataclasses import field

from trader247.adapters.channels import parts_of, refuse_odd, status_of
from trader247.adapters.public_hosts import public_only
from trader247.domain.dataclass import dataclass

EVERY_SECONDS = 60.0
AGAIN_SECONDS = 10.0
"""After a ping that failed; the service waits longer than one of them."""
_LOOK_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class PingTarget:
    """The address; it is a secret. Raises ChannelRefused for one that may not be used."""

    url: str = field(repr=False)
    is_private_allowed: bool = False

    def __post_init__(self) -> None:
        refuse_odd(parts_of(self.url), is_private_allowed=self.is_private_allowed)

    def ping(self) -> str:
        """Ping once; answers why it failed, or nothing."""
        try:
            with public_only(is_needed=not self.is_private_allowed):
                status = status_of("GET", parts_of(self.url), b"", {})
        except (OSError, ValueError, http.client.HTTPException) as error:
            return type(error).__name__
        return "" if 200 <= status < 300 else f"it answered {status}"


class OutboundPing:
    """Pings each minute while `is_well`; `serve` is to be run in a thread."""

    def __init__(
        self,
        ping: Callable[[], str],
        *,
        is_well: Callable[[], bool],
        log: Callable[[str], None],
        monotonic: Callable[[], float],
    ) -> None:
        """`ping` answers why it failed; `log` is told when failing begins, and when it ends."""
        self._ping = ping
        self._is_well = is_well
        self._log = log
        self._monotonic = monotonic
        self._closing = threading.Event()
        self._due = 0.0
        self._failure = ""

    def look(self) -> bool:
        """Ping if one is due and all is well; whether it was tried."""
        now = self._monotonic()
        if now < self._due or not self._is_well():
            return False
        failure = self._ping()
        self._due = now + (AGAIN_SECONDS if failure else EVERY_SECONDS)
        if failure != self._failure:
            self._log(f"heartbeat fails: {failure}" if failure else "heartbeat is sent again")
        self._failure = failure
        return True

    def serve(self) -> None:
        """Look until closed, and once more then."""
        while True:
            is_last = self._closing.wait(_LOOK_SECONDS)
            self.look()
            if is_last:
                return

    def close(self) -> None:
        """Let `serve` end."""
        self._closing.set()
