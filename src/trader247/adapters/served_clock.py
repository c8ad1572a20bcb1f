"""The clock of a served simulation: read once, then led by this process alone.

The simulation stands still between two of our requests and moves when it is told to, so that a
trader whose own time is simulated and an exchange in another process keep one time.
"""

from __future__ import annotations

import http.client
import json
import ssl
from pathlib import Path
from typing import Any

from trader247.domain.dataclass import dataclass
from trader247.domain.errors import TapeEnded, VenueError, VenueUnreachable
from trader247.domain.time import HOUR, MINUTE, SECOND, Instant

_PATH = "/sim/clock"
_ATTEMPTS = 3
_BYTES_MAX = 65_536
_SECONDS_MAX = 60.0
"""Leading a market on by weeks takes the simulation a while."""


_AHEAD = (SECOND, 10 * SECOND, MINUTE, 10 * MINUTE, HOUR)


class _NotBackwards(VenueError):
    """The time asked for is past there already."""


@dataclass(frozen=True, slots=True)
class _Told:
    market: str
    book: str
    now: Instant
    is_led: bool
    is_in_step: bool
    is_over: bool


class ServedClock:
    """Reads and leads the clock of the simulation at `host`, with its operator's token."""

    def __init__(self, host: str, *, ca_file: Path | None, token: str) -> None:
        """Read the clock.

        Raises:
            VenueUnreachable: it does not answer, or nobody can be trusted there.
            VenueError: it does not take the token, or is no simulation of ours.
        """
        self._host = host
        self._ca_file = ca_file
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self._connection: http.client.HTTPSConnection | None = None
        told = self._asked("GET", None)
        self._now = told.now
        self.market = told.market
        """The exact name of its market."""
        self.book = told.book
        """What tells it from other exchanges on that market."""
        self.is_in_step = told.is_in_step
        """Whether its time is the machine's, as long as nobody leads it."""

    def now(self) -> Instant:
        """Where the simulation's clock stands since it was last led."""
        return self._now

    def take_the_lead(self) -> None:
        """Make it stand still until it is led on: from here on its time is ours.

        While it keeps a pace of its own it moves between our reading and our request, the faster
        its speed the further; a little ahead of that it can be caught. At a whole second, so that
        what follows does not depend on how quickly this machine asked.

        Raises:
            VenueError: it does not answer, or cannot be caught.
        """
        for ahead in _AHEAD:
            told = self._asked("GET", None)
            self._now = told.now
            if told.is_led:
                return
            try:
                self.advance(Instant.from_seconds((told.now + ahead).seconds + 1))
            except _NotBackwards:
                continue
            return
        raise VenueError(
            f"the simulated exchange at {self._host} runs too fast to be led",
            hint="serve it with a lower --speed",
        )

    def advance(self, when: Instant) -> None:
        """Lead the simulation on to `when`.

        Raises:
            TapeEnded: its market ends before that.
            VenueError: it does not answer, or does not do it.
        """
        told = self._asked("POST", json.dumps({"to": str(when)}))
        if (told.market, told.book) != (self.market, self.book):
            raise VenueError(
                f"another exchange answers at {self._host}: {told.book} on {told.market}, where "
                f"{self.book} on {self.market} did",
                hint="serve the one of before there again, or start anew",
            )
        self._now = told.now
        if told.is_over and told.now < when:
            raise TapeEnded("the tape has ended")

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _asked(self, method: str, body: str | None) -> _Told:
        """One request and its answer; asked again where the connection was lost on the way.

        Asking twice is asking once: a clock that stands at `to` is not moved by it.
        """
        cause = ""
        for _ in range(_ATTEMPTS):
            try:
                return self._answered(method, body)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                cause = f"{type(error).__name__}: {error}"
        raise VenueUnreachable(
            f"the simulated exchange at {self._host} does not answer: {cause}",
            hint="start it with `trader247 sim serve`; sim.endpoint in app.yaml says where it is",
        )

    def _answered(self, method: str, body: str | None) -> _Told:
        if self._connection is None:
            context = ssl.create_default_context(cafile=self._ca_file)
            self._connection = http.client.HTTPSConnection(
                self._host, timeout=_SECONDS_MAX, context=context
            )
        self._connection.request(method, _PATH, body=body, headers=self._headers)
        response = self._connection.getresponse()
        content = response.read(_BYTES_MAX)
        if response.status == 400:
            raise _NotBackwards(f"the simulation's clock answers 400: {content[:200]!r}")
        if response.status != 200:
            raise VenueError(
                f"the simulation's clock answers {response.status}: {content[:200]!r}",
                hint="is the admin.token in sim.tls_dir the one of this `sim serve`?",
            )
        return _told(content)


def _told(content: bytes) -> _Told:
    """Raises VenueError: the answer is none of a clock's."""
    try:
        body: Any = json.loads(content)
        market, book = (body[name] for name in ("market", "book"))
        if not (isinstance(market, str) and isinstance(book, str) and market and book):
            raise TypeError("no name of an exchange")
        led, in_step, over = (body[name] for name in ("is_led", "is_in_step", "is_over"))
        if not all(isinstance(each, bool) for each in (led, in_step, over)):
            raise TypeError("not a bool")
        return _Told(market, book, Instant.parse(body["now"]), led, in_step, over)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise VenueError(f"the simulation's clock answers with something else: {error}") from None
