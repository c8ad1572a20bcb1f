"""The protocol over bytes, against the library's own server side; no socket, no time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.frames import OP_PING, OP_PONG, Frame
from websockets.http11 import Request
from websockets.server import ServerProtocol

from trader247.adapters.coinbase.stream import link as module
from trader247.adapters.coinbase.stream.errors import StreamBroken
from trader247.adapters.coinbase.stream.link import Link


class Peer:
    """A server in memory: what is sent to it is answered at once, in pieces of any size."""

    def __init__(self, *, piece: int = 1 << 20, accepts: bool = True) -> None:
        self.server = ServerProtocol(
            extensions=[ServerPerMessageDeflateFactory()], max_size=1 << 20
        )
        self.piece = piece
        self.accepts = accepts
        self.waiting = b""
        self.heard: list[Frame] = []
        self.request: Request | None = None
        self.is_closed = False

    def send(self, data: bytes) -> None:
        self.server.receive_data(data)
        for event in self.server.events_received():
            if isinstance(event, Request):
                self.request = event
                response = self.server.accept(event)
                if not self.accepts:
                    response = self.server.reject(403, "no")
                self.server.send_response(response)
            elif isinstance(event, Frame):
                self.heard.append(event)
        self.act(lambda server: None)

    def act(self, deed: Callable[[ServerProtocol], None]) -> None:
        deed(self.server)
        self.waiting += b"".join(self.server.data_to_send())

    def receive(self, seconds: float) -> bytes | None:
        del seconds
        if not self.waiting:
            return b"" if self.is_closed else None
        data, self.waiting = self.waiting[: self.piece], self.waiting[self.piece :]
        return data

    def close(self) -> None:
        self.is_closed = True


def opened(peer: Peer) -> Link:
    link = Link(peer, "wss://example.org:8443")
    for _ in range(5_000):
        if link.is_open:
            return link
        link.receive(1)
    raise AssertionError("never opened")


def heard(link: Link, rounds: int = 5_000) -> list[str]:
    texts: list[str] = []
    for _ in range(rounds):
        texts += link.receive(1)
    return texts


@pytest.mark.parametrize("piece", [1, 7, 1 << 20])
def test_texts_arrive_whole_however_the_bytes_are_cut_and_however_they_are_fragmented(
    piece: int,
) -> None:
    peer = Peer(piece=piece)
    link = opened(peer)
    assert peer.request is not None
    assert peer.request.headers["User-Agent"] == "trader247"
    peer.act(lambda server: server.send_text(b'{"a":1}'))
    peer.act(lambda server: server.send_text("grün ".encode()[:3], fin=False))
    peer.act(lambda server: server.send_ping(b"there?"))
    peer.act(lambda server: server.send_continuation("grün ".encode()[3:], fin=True))
    assert heard(link) == ['{"a":1}', "grün "]
    assert [each.opcode for each in peer.heard] == [OP_PONG]


def test_what_is_said_arrives_and_a_ping_is_one() -> None:
    peer = Peer()
    link = opened(peer)
    link.say('{"type":"subscribe"}')
    link.ping()
    assert peer.heard[0].data == b'{"type":"subscribe"}'
    assert peer.heard[1].opcode == OP_PING


@pytest.mark.parametrize("code", [1000, 1001, 1009, 1011])
def test_every_close_is_an_end_and_what_came_before_it_is_told(code: int) -> None:
    peer = Peer()
    link = opened(peer)
    peer.act(lambda server: server.send_text(b"last words"))
    peer.act(lambda server: server.send_close(code))
    assert link.receive(1) == ["last words"]
    with pytest.raises(StreamBroken, match=str(code)):
        link.receive(1)
    with pytest.raises(StreamBroken):
        link.say("anyone?")


def test_a_connection_that_ends_without_a_word_is_broken() -> None:
    peer = Peer()
    link = opened(peer)
    peer.is_closed = True
    with pytest.raises(StreamBroken, match="lost"):
        link.receive(1)


def test_a_server_that_does_not_stream_is_broken() -> None:
    link = Link(Peer(accepts=False), "wss://example.org")
    with pytest.raises(StreamBroken, match="does not stream"):
        heard(link, 3)


def test_bytes_that_are_no_protocol_are_broken() -> None:
    peer = Peer()
    link = opened(peer)
    peer.waiting = b"\xff" * 64
    with pytest.raises(StreamBroken):
        heard(link, 3)


def test_a_message_of_many_fragments_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    peer = Peer()
    link = opened(peer)
    monkeypatch.setattr(module, "TEXT_MAX", 100)
    peer.act(lambda server: server.send_text(b"x" * 60, fin=False))
    peer.act(lambda server: server.send_continuation(b"x" * 60, fin=True))
    with pytest.raises(StreamBroken, match="more than"):
        heard(link, 3)


def test_letting_go_says_goodbye_and_closes() -> None:
    peer = Peer()
    link = opened(peer)
    link.close()
    assert peer.is_closed
    assert [each.opcode.name for each in peer.heard] == ["CLOSE"]
