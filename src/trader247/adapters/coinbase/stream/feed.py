"""One stream kept up: connected, subscribed, watched, and connected again when anything is wrong.

A gap in the numbers, a close, a refusal, silence and a message that cannot be read are one case:
the connection ends, everything that was built from it is forgotten, and a new one is subscribed
whole. So no state survives of which nobody can say whether it is true.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
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
from trader247.adapters.coinbase.stream.session import OPEN_MAX, Session, Wanted
from trader247.domain.errors import VenueError
from trader247.domain.ids import ProductId
from trader247.domain.time import SECOND

SLICE = 0.25
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


class Feed:
    """Keeps one stream up until `is_over`; its whole work is `run`, in a thread of its own.

    Whoever has no thread for it takes its `turns` one by one.
    """

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
        on_refused: Callable[[Sequence[ProductId]], None] = lambda _: None,
    ) -> None:
        """`pause` waits so many seconds at most; `jitter` is a fraction from 0 to 1, seeded.

        `on_change` hears why the stream went down, once, and nothing when it came up; `on_refused`
        of products that the venue does not stream, while the others are.
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
        self._on_refused = on_refused
        self._is_singly = False
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
        for seconds in self.turns():
            if seconds > 0:
                self._pause(seconds)

    def turns(self) -> Generator[float, None, None]:
        """The same, turn by turn: each answers how many seconds the next one may be put off."""
        while not self._is_over():
            begun = self._monotonic()
            try:
                yield from self._once()
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
            yield from self._wait()

    def _say(self, cause: str) -> None:
        """Tell of a change: down, or up again; that it stays down is no news."""
        is_news = self._said is None or bool(cause) != bool(self._said)
        if is_news and not self._is_over():
            self._said = cause
            self._on_change(cause)

    def _wait(self) -> Iterator[float]:
        """Full jitter under a ceiling that doubles: many clients do not come back at once."""
        ceiling = min(_BACKOFF_MAX, _BACKOFF_FIRST * 2 ** min(self._failures, 10))
        left = ceiling * self._jitter()
        while left > 0 and not self._is_over():
            yield min(left, SLICE)
            left -= SLICE

    def _once(self) -> Iterator[float]:
        """One connection, from its beginning to its end.

        Raises:
            StreamBroken, VenueError: it is of no use any more.
        """
        connection = self._connect()
        session = None
        try:
            yield from self._open(connection)
            session = Session(self._wanted, self._monotonic, is_singly=self._is_singly)
            is_up = False
            while not self._is_over():
                for want in session.requests():
                    connection.say(want.message())
                for text in connection.receive(SLICE):
                    self._hear(session, text)
                session.expect_life()
                if not is_up and session.is_confirmed:
                    is_up = True
                    self._board.up(self._name, session.heard)
                    self._say("")
                if is_up:
                    self._board.alive(self._name, session.heard)
                if refused := session.take_refused():
                    self._on_refused(refused)
                yield 0.0
        finally:
            # A product is asked for singly only as long as one of them is refused.
            self._is_singly = session is not None and session.refusals > 0
            connection.close()

    def _open(self, connection: Connection) -> Iterator[float]:
        until = self._monotonic() + OPEN_MAX
        while not connection.is_open:
            # Nothing but the server's agreement can come before anything was asked.
            connection.receive(SLICE)
            if self._is_over() or self._monotonic() >= until:
                raise StreamBroken("the server did not agree to stream in time")
            yield 0.0

    def _hear(self, session: Session, text: str) -> None:
        envelope = parse(text)
        if session.is_old(envelope):
            return
        for message in envelope.messages:
            self._take(session, message, envelope)

    def _take(self, session: Session, message: Message, envelope: Envelope) -> None:
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
                session.refused(text)
            case Heartbeat() | Unused():
                pass
            case _:
                assert_never(message)
