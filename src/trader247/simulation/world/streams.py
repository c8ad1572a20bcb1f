"""The exchange's streams in virtual time: bytes under our own frame parser, a turn each 2 s.

Server and client speak the protocol to each other as they do over sockets; in between lies the
network of the run, which may be cut. Nobody has a thread: each feed takes its next turn when the
timeline comes to it, and a feed of a process that is dead takes none.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from websockets.exceptions import WebSocketException
from websockets.frames import Frame, Opcode
from websockets.http11 import Request
from websockets.server import ServerProtocol

from trader247.adapters.coinbase.stream.errors import StreamBroken
from trader247.adapters.coinbase.stream.feed import Feed
from trader247.adapters.coinbase.stream.listening import Carrier
from trader247.simex.faults.plan import Plan
from trader247.simex.faults.streaming import PlannedFaults
from trader247.simex.streams.faults import Act, Connection, Outgoing
from trader247.simex.streams.hub import Streams
from trader247.simex.streams.session import End, Session
from trader247.simulation.judged.history import Record
from trader247.simulation.world.network import Network
from trader247.simulation.world.timeline import Timeline

_TURN_US = 2_000_000
_PEER = "10.0.0.1"
_BOOK, _CHANNEL = "l2_data", "level2"
_NUMBER = re.compile(r'"sequence_num":([0-9]+)')
_LEVEL = re.compile(r'("price_level":")([0-9.]+)')
_PRODUCT = re.compile(r'"product_id":"([^"]+)"')
_KEPT = 10_000
_UPDATE, _UPDATES = '"type":"update"', '"updates":['


class Said(PlannedFaults):
    """What is planned for the streams, and which book each message was made of.

    By the exchange's own book at that instant: when a message is heard it may have moved on, and a
    connection that ended in between tells of it no more.
    """

    def __init__(
        self, plan: Plan, now_us: Callable[[], int], touch: Callable[[str], Record | None]
    ) -> None:
        super().__init__(plan, now_us)
        self._best = touch
        self._touches: dict[tuple[int, str, int], Record] = {}

    def acts(self, connection: Connection, message: Outgoing) -> tuple[Act, ...]:
        """As it is planned."""
        touch = self._best(message.product) if message.channel == _CHANNEL else None
        if touch is not None and None not in (touch["bid"], touch["ask"]):
            self._touches[connection.number, message.product, message.sequence] = touch
            if len(self._touches) > _KEPT:
                del self._touches[next(iter(self._touches))]
        return super().acts(connection, message)

    def touches(self, connection: int, text: str) -> dict[str, Record]:
        """The best bid and ask that a message of a book tells of; none where it is not known."""
        product, number = _PRODUCT.search(text), _NUMBER.search(text)
        if product is None or number is None:
            return {}
        touch = self._touches.get((connection, product[1], int(number[1])))
        return {} if touch is None else {product[1]: touch}


class Ears:
    """What listens for one process: `is_living` says whether it still does.

    `said` knows the best bid and ask that a message of a connection tells of, and `tell` hears of
    it once that is heard. While `are_still`, messages of books come as ever and change nothing;
    whoever heard those is hung up on when that is over. `lower` says how much lower some books are
    said to be than they are, to whoever connects then. What the network lets come late is told of
    as it comes, by the time at which it was said.
    """

    def __init__(
        self,
        timeline: Timeline,
        network: Network,
        streams: Streams,
        *,
        is_living: Callable[[], bool],
        said: Callable[[int, str], dict[str, Record]],
        tell: Callable[[Record], None],
        monotonic: Callable[[], timedelta],
        are_still: Callable[[], bool],
        lower: Callable[[], Mapping[str, Decimal]],
    ) -> None:
        self._timeline = timeline
        self._network = network
        self._streams = streams
        self._is_living = is_living
        self._said = said
        self.tell = tell
        self.monotonic = monotonic
        self.are_still = are_still
        self.lower = lower
        self._wires: list[_Wire] = []

    def carrier(self, ca_file: Path | None) -> Carrier:
        """Bytes that go through the run's own network."""
        del ca_file

        def connect(host: str, port: int) -> _Wire:
            del host, port
            if self._network.is_cut:
                raise StreamBroken("no connection: it does not answer in time")
            wire = _Wire(self._streams, self)
            self._wires = [each for each in self._wires if not each.is_lost] + [wire]
            return wire

        return connect

    def begin(self, feeds: Sequence[Feed]) -> Callable[[], None]:
        """Let each feed take its turns; what ends that.

        Whoever is dead says no goodbye: its connections are closed for it, and at once. What is
        left of its feeds would do so whenever the collector of garbage came by.
        """
        turns = [feed.turns() for feed in feeds]
        for each in turns:
            self._next(each)

        def finish() -> None:
            if not self._is_living():
                self._hang_up()
            for each in turns:
                each.close()
            self._hang_up()

        return finish

    def _hang_up(self) -> None:
        for wire in self._wires:
            wire.close()
        self._wires.clear()

    def _next(self, turns: Iterator[float]) -> None:
        def turn() -> None:
            if not self._is_living():
                return
            seconds = next(turns, None)
            if seconds is not None:
                self._timeline.after(max(_TURN_US, int(seconds * 1_000_000)), turn)

        self._timeline.after(0, turn)

    @property
    def is_cut(self) -> bool:
        """Whether nothing gets through now."""
        return self._network.is_cut

    def has_come(self, due_us: int) -> bool:
        """Whether what is due then is there."""
        return due_us <= self._timeline.now_us

    def due_us(self) -> int:
        """When what is said now arrives."""
        return self._timeline.now_us + self._network.stream_late_us

    def shown(self, connection: int, text: str) -> Record | None:
        """What a message shows of a book, where it does."""
        now_us = self._timeline.now_us
        touches = {
            product: {**touch, "time_us": now_us}
            for product, touch in self._said(connection, text).items()
        }
        return {"kind": "quotes", "touches": touches} if touches else None


class _Wire:
    """One connection, as its client has it."""

    def __init__(
        self,
        streams: Streams,
        ears: Ears,
    ) -> None:
        self._streams = streams
        self._ears = ears
        self._coming: deque[tuple[str | End, int, Record | None]] = deque()
        """What was said and has not arrived: when it is due, and what it shows."""
        self._was_still = False
        self._lower = ears.lower()
        """What is said too low on this connection, and by how much."""
        self._server = ServerProtocol()
        self._session = streams.connect(_PEER)
        self.is_lost = False

    def send(self, data: bytes) -> None:
        """Send all of `data`. Raises StreamBroken."""
        if self.is_lost:
            raise StreamBroken("sending failed: Connection reset by peer")
        self._server.receive_data(data)
        for event in self._server.events_received():
            if isinstance(event, Request):
                self._agree(event)
            elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                self._hear(event.data.decode())

    def receive(self, seconds: float) -> bytes | None:
        """What has come: all that the server had to say up to now."""
        del seconds
        if self._ears.is_cut:
            return None
        self._streams.pump()
        session = self._session
        if isinstance(session, Session):
            while (each := session.take()) is not None:
                number = session.connection.number
                shows = (
                    self._ears.shown(number, each)
                    if isinstance(each, str) and _product_of(each)
                    else None
                )
                self._coming.append((each, self._ears.due_us(), shows))
        while self._coming and self._ears.has_come(self._coming[0][1]):
            said, _, shows = self._coming.popleft()
            self._say(said, shows)
        data = b"".join(self._server.data_to_send())
        if data:
            return data
        return b"" if self.is_lost else None

    def close(self) -> None:
        """Let go, at once."""
        self.is_lost = True
        if isinstance(self._session, Session):
            self._streams.leave(self._session)

    def _agree(self, request: Request) -> None:
        if isinstance(self._session, int):
            self._server.send_response(self._server.reject(self._session, "refused\n"))
            self.is_lost = True
        else:
            self._server.send_response(self._server.accept(request))

    def _hear(self, text: str) -> None:
        if isinstance(self._session, Session):
            self._streams.hear(self._session, text)

    def _say(self, each: str | End, shows: Record | None) -> None:
        if isinstance(each, End):
            self.is_lost = True
            if each.code is not None:
                self._server.send_close(each.code)
            return
        is_book = bool(_product_of(each))
        is_still = is_book and _UPDATE in each and self._ears.are_still()
        if is_still:
            head, rows, _ = each.partition(_UPDATES)
            each = f"{head}{rows}]}}]}}"
            self._was_still = True
        elif is_book and (self._was_still or self._lower != self._ears.lower()):
            self.is_lost = True
            return
        elif is_book and (less := self._lower.get(_product_of(each))) is not None:
            each = _LEVEL.sub(lambda found: f"{found[1]}{Decimal(found[2]) - less}", each)
            shows = shows and _lowered(shows, less)
        try:
            self._server.send_text(each.encode())
        except WebSocketException:
            self.is_lost = True  # the client has closed it
            return
        if shows is not None and not is_still:
            self._ears.tell(shows)


def _lowered(shows: Record, less: Decimal) -> Record:
    """What a message shows of a book that is said to be so much lower."""
    return {
        **shows,
        "touches": {
            product: {
                **touch,
                **{side: str(Decimal(touch[side]) - less) for side in ("bid", "ask")},
                "is_otherwise": True,
            }
            for product, touch in shows["touches"].items()
        },
    }


def _product_of(each: str | End) -> str:
    """Of which product a message shows the book; of none, it is empty."""
    if isinstance(each, End) or f'"channel":"{_BOOK}"' not in each[:40]:
        return ""
    return each.partition('"product_id":"')[2].partition('"')[0]
