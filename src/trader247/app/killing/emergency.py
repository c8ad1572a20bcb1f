"""Cancelling at the venue without the trader: where it is, which key, and how sure the end is."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from trader247.adapters.clock import SystemClock
from trader247.adapters.coinbase.auth import Credentials, Signer
from trader247.adapters.coinbase.key_content import credentials_in
from trader247.adapters.coinbase.urgent import UrgentClient
from trader247.adapters.emergency import Emergency, quiet_at, read_emergency
from trader247.adapters.files import read_small
from trader247.app.keys.files import BYTES_MAX, NAME_VARIABLE, KeySource
from trader247.app.killing.clearing import (
    HISTORY_SILENCE_MAX,
    SILENCE_MAX,
    Cleared,
    Clearing,
    Wanted,
)
from trader247.app.wiring.emergency import Crew
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import UnsafePermission
from trader247.domain.time import Instant
from trader247.ports import Clock

CONNECTIONS = 16
"""Opened as they are needed: a healthy venue needs two or three."""
TOKEN_SECONDS_MAX = 120
"""How long a token may live at most: what counts where nobody says how long ours do."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to cancel and with which key. `emergency` is what the trader left, if it is about it.

    `portfolio` is the one that our orders are in, empty where that is not known.
    """

    host: str
    ca_file: str
    key_file: Path
    emergency: Emergency | None

    @property
    def portfolio(self) -> str:
        return "" if self.emergency is None else self.emergency.portfolio

    @property
    def book(self) -> str:
        return "" if self.emergency is None else self.emergency.book


def clear(
    target: Target,
    wanted: Wanted,
    *,
    data: Path,
    is_over: Callable[[], bool],
    is_stopped: bool,
    is_proof_awaited: bool,
    on_news: Callable[[str], None],
    silence_max: timedelta | None = None,
) -> Cleared:
    """Cancel what is `wanted` there, and prove that it is gone.

    `is_over` says whether the trader is dead or has acknowledged the stop; with `is_stopped` the
    switch is on, so that one which lives sends nothing more. `silence_max` is how long a venue may
    give no answer at all before it is given up.

    Raises:
        UsageError, KeyRejected: the key file cannot be used.
    """
    clock = SystemClock()
    signer = Signer(_credentials(target.key_file, on_news), now=clock.now)
    crew = Crew(
        [
            UrgentClient(target.host, signer, ca_file=target.ca_file, monotonic=clock.monotonic)
            for _ in range(CONNECTIONS)
        ],
        monotonic=clock.monotonic,
    )
    return cleared_by(
        crew,
        clock,
        target,
        wanted,
        data=data,
        is_over=is_over,
        is_stopped=is_stopped,
        is_proof_awaited=is_proof_awaited,
        on_news=on_news,
        silence_max=silence_max,
    )


def cleared_by(
    crew: Crew,
    clock: Clock,
    target: Target,
    wanted: Wanted,
    *,
    data: Path,
    is_over: Callable[[], bool],
    is_stopped: bool,
    is_proof_awaited: bool,
    on_news: Callable[[str], None],
    silence_max: timedelta | None = None,
) -> Cleared:
    """The same by connections that are there, and by a clock of one's own."""
    # A clock that is set meanwhile would make the proof too early, or hours late.
    clock = _Unset(clock)
    began = clock.now()
    sends = _Sends(target.emergency, data, clock)

    def quiet() -> Instant | None:
        over = is_over()
        if not over and not is_stopped:
            return None
        last = sends.last()
        # Nothing was ever sent: nothing is on its way.
        if last is None:
            return began
        return quiet_at(last, token_seconds=sends.token_seconds, is_over=over)

    is_history = target.emergency is not None and target.emergency.is_cleared
    clearing = Clearing(
        crew,
        wanted,
        clock=clock,
        quiet_at=quiet,
        portfolio=target.portfolio,
        on_news=on_news,
        silence_max=silence_max or (HISTORY_SILENCE_MAX if is_history else SILENCE_MAX),
    )
    return clearing.run(is_proof_awaited=is_proof_awaited)


class _Unset:
    """A clock that tells the time of when it was made, and goes on from there steadily."""

    def __init__(self, clock: Clock) -> None:
        self._began, self._steady = clock.now(), clock.monotonic()
        self.monotonic, self.wait_until = clock.monotonic, clock.wait_until

    def now(self) -> Instant:
        return self.at(self.monotonic())

    def at(self, steady: timedelta) -> Instant:
        """When it was, or will be, so late by the steady clock."""
        return self._began + (steady - self._steady)


class _Sends:
    """When the trader last sent an order, as it says; the moment of asking where nothing says."""

    def __init__(self, emergency: Emergency | None, data: Path, clock: _Unset) -> None:
        self._known = emergency
        self._data = data
        self._clock = clock
        self._began = self._seen = clock.now()
        self._is_sending = False

    @property
    def token_seconds(self) -> int:
        return TOKEN_SECONDS_MAX if self._known is None else self._known.token_seconds

    def last(self) -> Instant | None:
        if self._known is None:
            return self._began
        # A living trader writes it until it has seen the stop.
        latest = read_emergency(self._data)
        if latest is not None and latest.book == self._known.book:
            if latest.last_send != self._known.last_send:
                self._seen, self._is_sending = self._clock.now(), True
            self._known = latest
        if self._is_sending:
            return self._seen
        told = self._told(self._known)
        # What was read was sent before it, whatever a clock that was ahead says of it.
        return None if told is None else min(told, self._seen)

    def _told(self, known: Emergency) -> Instant | None:
        """The later of what the two clocks say, where the steady one is still the same."""
        if known.last_send is None or known.sent_steady is None:
            return known.last_send
        if not known.holder.is_of_this_boot:
            return known.last_send
        return max(known.last_send, self._clock.at(known.sent_steady))


def _credentials(path: Path, on_news: Callable[[str], None]) -> Credentials:
    source = KeySource(path, "for the emergency", is_from_root=True)
    try:
        return source.credentials()
    except UnsafePermission as error:
        # Whoever could read it has read it by now; orders that stay are the greater harm.
        on_news(f"the key is used all the same: {error}")
        text = read_small(path, bytes_max=BYTES_MAX).decode("utf-8-sig")
        return credentials_in(text, name=os.environ.get(NAME_VARIABLE) or None)
