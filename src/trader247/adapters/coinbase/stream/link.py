"""One WebSocket connection: bytes below, whole texts above, nothing unbounded in between.

The protocol itself (masks, fragments, pings, closing, compression) is the `websockets` library's
own, without its sockets, threads and loops: bytes go in, events come out.
"""

from __future__ import annotations

from contextlib import suppress

from websockets.client import ClientProtocol
from websockets.datastructures import Headers
from websockets.exceptions import WebSocketException
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.protocol import State
from websockets.uri import parse_uri

from trader247.adapters.coinbase.stream.errors import StreamBroken
from trader247.adapters.coinbase.stream.parse import TEXT_MAX
from trader247.adapters.coinbase.stream.tls import Bytes

AGENT = "trader247"


class Link:
    """A connection over `carrier` to `url`. It is open once `is_open` says so."""

    def __init__(self, carrier: Bytes, url: str) -> None:
        """Ask for the upgrade. Raises StreamBroken."""
        self._carrier = carrier
        self._protocol = ClientProtocol(
            parse_uri(url),
            extensions=[ClientPerMessageDeflateFactory(client_max_window_bits=True)],
            max_size=TEXT_MAX,
        )
        # One buffer, not a list: a million empty fragments must weigh nothing.
        self._text = bytearray()
        request = self._protocol.connect()
        request.headers.update(Headers({"User-Agent": AGENT}))
        self._protocol.send_request(request)
        self._flush()

    @property
    def is_open(self) -> bool:
        """Whether the server agreed to speak the protocol."""
        return self._protocol.state is State.OPEN

    def receive(self, seconds: float) -> list[str]:
        """The whole texts that have come; none if nothing does within `seconds`.

        Raises:
            StreamBroken: the connection is over, however it ended.
        """
        data = self._carrier.receive(seconds)
        if data is None:
            self._expect_alive()
            return []
        if data:
            self._protocol.receive_data(data)
        else:
            self._protocol.receive_eof()
        texts = [text for event in self._protocol.events_received() if (text := self._take(event))]
        self._flush()
        # What came before a close is told before it.
        if not texts:
            self._expect_alive()
        return texts

    def say(self, text: str) -> None:
        """Send one text. Raises StreamBroken."""
        self._expect_alive()
        self._protocol.send_text(text.encode())
        self._flush()

    def ping(self) -> None:
        """Ask the other side for a sign of life. Raises StreamBroken."""
        self._expect_alive()
        self._protocol.send_ping(b"")
        self._flush()

    def close(self) -> None:
        """Say goodbye if that can be said at once, and let go."""
        if self.is_open:
            with suppress(WebSocketException, StreamBroken):
                self._protocol.send_close(1000)
                self._flush()
        self._carrier.close()

    def _take(self, event: object) -> str | None:
        if isinstance(event, Response):
            return None
        if not isinstance(event, Frame) or event.opcode not in (Opcode.TEXT, Opcode.CONT):
            return None
        self._text += event.data
        if len(self._text) > TEXT_MAX:
            raise StreamBroken(f"a message has more than {TEXT_MAX} bytes")
        if not event.fin:
            return None
        whole, self._text = self._text, bytearray()
        try:
            return whole.decode()
        except UnicodeDecodeError:
            raise StreamBroken("a message is no text") from None

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._carrier.send(data)

    def _expect_alive(self) -> None:
        protocol = self._protocol
        if protocol.handshake_exc is not None:
            raise StreamBroken(f"the server does not stream: {protocol.handshake_exc}"[:200])
        if protocol.state in (State.CLOSING, State.CLOSED):
            code = protocol.close_rcvd.code if protocol.close_rcvd is not None else None
            raise StreamBroken(
                "the connection was lost" if code is None else f"the server closed it ({code})"
            )
