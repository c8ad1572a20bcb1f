"""One stream kept up: connected, subscribed, watched, and connected again when anything is wrong.

A gap in the numbers, a close, a refusal, silence and a message that cannot be read are one case:
the connection ends, everything that was built from it is forgotten, and a new one is subscribed
whole. So no state survives of which nobody can say whether it is true.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, assert_never

from trader247.adapters.coinbase.errors import clean
from trader247.adapters.coinbase.stream.board import Board
from trader247.adapters.coinbase.stream.errors import StreamBroken
from trader247.adapters.coinbase.stream.messages import (
    BookChanged,
    Envelope,
    Heartbeat,
    Message,
    OrdersChanged,
    Refused,
    Subscriptions,
    Unused,
)
from trader247.adapters.coinbase.stream.parse import parse
from trader247.adapters.coinbase.stream.sequence import Sequence as Numbers
from trader247.adapters.coinbase.stream.sequence import Step
from trader247.domain.errors import VenueError
from trader247.domain.ids import ProductId
from trader247.domain.time import SECOND

SLICE = 0.25
OPEN_MAX = 5 * SECOND
"""For the server's agreement, and then again for its confirmation of each subscription."""
SILENCE_MAX = 3 * SECOND
"""Heartbeats come each second; a connection silent for longer is dead, whatever TCP says."""
STARTING = 10 * SECOND
"""While the first snapshots come, megabytes each, a heartbeat may wait behind them."""
HEARTBEATS = "heartbeats"
BOOK = "level2"
USER = "user"
_BACKOFF_FIRST = 0.5
_BACKOFF_MAX = 30.0
STABLE = 60 * SECOND
"""A connection that lasted this long was a good one: the next begins without a long wait."""


class Connection(Protocol):
    """What a feed needs of a `Link`."""

    @property
    def is_open(self) -> bool: ...

    def receive(self, seconds: float) -> list[str]: ...

    def say(self, text: str) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to subscribe to on one connection, heartbeats apart.

    `token` makes a fresh one for each subscription; None subscribes without.
    """

    channel: str
    products: tuple[ProductId, ...]
    token: Callable[[], str] | None = None

    def message(self) -> str:
        """The request, one channel a message."""
        body: dict[str, object] = {
            "type": "subscribe",
            "product_ids": [str(each) for each in self.products],
            "channel": self.channel,
        }
        if self.token is not None:
            body["jwt"] = self.token()
        return json.dumps(body, separators=(",", ":"))


class Feed:
    """Keeps one stream up until `is_over`; its whole work is `run`, in a thread of its own."""

    def __init__(
        self,
        name: str,
        wanted: Sequence[Wanted],
        board: Board,
        *,
        connect: Callable[[], Connection],
        monotonic: Callable[[], timedelta],
        pause: Callable[[float], object],
        jitter: Callable[[], float],
        is_over: Callable[[], bool],
        on_change: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`pause` waits so many seconds at most; `jitter` is a fraction from 0 to 1, seeded.

        `on_change` hears why the stream went down, once, and nothing when it came up.
        """
        self._name = name
        self._wanted = (Wanted(HEARTBEATS, ()), *wanted)
        self._board = board
        self._connect = connect
        self._monotonic = monotonic
        self._pause = pause
        self._jitter = jitter
        self._is_over = is_over
        self._on_change = on_change
        self._failures = 0
        self._said: str | None = None

    @property
    def products(self) -> tuple[ProductId, ...]:
        """Whose books this stream tells."""
        return tuple(
            each for want in self._wanted if want.channel == BOOK for each in want.products
        )

    def run(self) -> None:
        """Stay connected until it is over."""
        while not self._is_over():
            begun = self._monotonic()
            try:
                self._once()
                cause = "it was ended"
            except (StreamBroken, VenueError) as error:
                cause = clean(str(error))
            except BaseException as error:
                # A thread that dies in silence leaves a feed that is open and says nothing.
                self._board.down(
                    self._name, f"internal error: {type(error).__name__}", self.products
                )
                raise
            self._board.down(self._name, cause, self.products)
            self._say(cause)
            self._failures = 0 if self._monotonic() - begun >= STABLE else self._failures + 1
            self._wait()

    def _say(self, cause: str) -> None:
        """Tell of a change: down, or up again; that it stays down is no news."""
        is_news = self._said is None or bool(cause) != bool(self._said)
        if is_news and not self._is_over():
            self._said = cause
            self._on_change(cause)

    def _wait(self) -> None:
        """Full jitter under a ceiling that doubles: many clients do not come back at once."""
        ceiling = min(_BACKOFF_MAX, _BACKOFF_FIRST * 2 ** min(self._failures, 10))
        left = ceiling * self._jitter()
        while left > 0 and not self._is_over():
            self._pause(min(left, SLICE))
            left -= SLICE

    def _once(self) -> None:
        """One connection, from its beginning to its end.

        Raises:
            StreamBroken, VenueError: it is of no use any more.
        """
        connection = self._connect()
        try:
            session = _Session(self._wanted, self._monotonic)
            self._open(connection)
            for want in self._wanted:
                connection.say(want.message())
            is_up = False
            while not self._is_over():
                for text in connection.receive(SLICE):
                    self._hear(session, text)
                session.expect_life()
                if not is_up and session.is_confirmed:
                    is_up = True
                    self._board.up(self._name, session.heard)
                    self._say("")
                if is_up:
                    self._board.alive(self._name, session.heard)
        finally:
            connection.close()

    def _open(self, connection: Connection) -> None:
        until = self._monotonic() + OPEN_MAX
        while not connection.is_open:
            # Nothing but the server's agreement can come before anything was asked.
            connection.receive(SLICE)
            if self._is_over() or self._monotonic() >= until:
                raise StreamBroken("the server did not agree to stream in time")

    def _hear(self, session: _Session, text: str) -> None:
        envelope = parse(text)
        if session.is_old(envelope):
            return
        for message in envelope.messages:
            self._take(session, message, envelope)

    def _take(self, session: _Session, message: Message, envelope: Envelope) -> None:
        match message:
            case Subscriptions(channels):
                session.subscribed(channels)
            case BookChanged():
                if envelope.time is None:
                    raise StreamBroken("a change of the book does not say when")
                self._board.changed(message, envelope.time, session.heard)
            case OrdersChanged():
                self._board.orders_changed()
            case Refused(text):
                raise StreamBroken(f"the venue refused: {text}")
            case Heartbeat() | Unused():
                pass
            case _:
                assert_never(message)


class _Session:
    """What one connection has said so far."""

    def __init__(self, wanted: Sequence[Wanted], monotonic: Callable[[], timedelta]) -> None:
        self._wanted = wanted
        self._monotonic = monotonic
        self._numbers = Numbers()
        self._asked = monotonic()
        self.heard = self._asked
        self.is_confirmed = False

    def is_old(self, envelope: Envelope) -> bool:
        """Whether a message tells nothing new.

        Raises:
            StreamBroken: messages before it were lost.
        """
        self.heard = self._monotonic()
        if envelope.sequence is None:
            return False
        step = self._numbers.take(envelope.sequence, envelope.product)
        if step is Step.GAP:
            raise StreamBroken(f"messages were lost before number {envelope.sequence}")
        return step is Step.OLD

    def subscribed(self, channels: Mapping[str, Sequence[str]]) -> None:
        """Compare what the venue says we are subscribed to with what was asked for."""
        self.is_confirmed = all(channels.get(want.channel) for want in self._wanted)

    def expect_life(self) -> None:
        """Raises StreamBroken: nothing is heard, or what was asked for is not confirmed."""
        now = self._monotonic()
        silence = now - self.heard
        if silence > (STARTING if now - self._asked < STARTING else SILENCE_MAX):
            raise StreamBroken(f"nothing was heard for {silence // SECOND} s")
        if not self.is_confirmed and now - self._asked > OPEN_MAX:
            raise StreamBroken("the subscription was not confirmed in time")
