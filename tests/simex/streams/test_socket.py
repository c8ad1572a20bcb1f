"""A stream connection as a server would serve it, without a server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from tests.simex.listener import official
from tests.simex.scripted import ScriptedFeed
from tests.simex.stand import PREFIX, Stand
from tests.simex.wire.test_asgi import application, part

from trader247.simex.errors import StoreFailed
from trader247.simex.streams import session as stream_session
from trader247.simex.wire.asgi import Application
from trader247.simex.wire.asgi_message import Message

BTC = "BTC-USD"
WHERE = {"type": "websocket", "path": "/", "headers": [], "client": ("127.0.0.1", 5)}


def asking(channel: str, *products: str) -> Message:
    made = official()._build_subscription_message(
        list(products), channel, "subscribe", channel != "user"
    )
    return {"type": "websocket.receive", "text": json.dumps(made)}


class Peer:
    """One connection's client and server in one."""

    def __init__(self, app: Application) -> None:
        self.sent: list[Message] = []
        self.told: asyncio.Queue[Message] = asyncio.Queue()
        self.may_send = asyncio.Event()
        self.may_send.set()
        self.is_gone = False
        self.told.put_nowait({"type": "websocket.connect"})
        self.serving = asyncio.create_task(app(dict(WHERE), self.told.get, self.send))

    async def send(self, message: Message) -> None:
        await self.may_send.wait()
        if self.is_gone:
            raise OSError("the client is gone")
        self.sent.append(message)

    @property
    def texts(self) -> list[dict[str, object]]:
        return [json.loads(each["text"]) for each in self.sent if "text" in each]

    @property
    def kinds(self) -> list[str]:
        return [each["type"] for each in self.sent]


async def turns() -> None:
    """Let everything happen that can."""
    for _ in range(20):
        await asyncio.sleep(0)


def ran(play: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        await play()

    with asyncio.Runner() as runner:
        runner.run(main())


def test_a_connection_is_accepted_heard_and_forgotten_when_it_is_gone(stand: Stand) -> None:
    async def play() -> None:
        peer = Peer(application(stand))
        peer.told.put_nowait(asking("ticker", BTC))
        await turns()
        assert peer.kinds == ["websocket.accept", "websocket.send", "websocket.send"]
        assert [each["channel"] for each in peer.texts] == ["subscriptions", "ticker"]
        stand.wait(30)
        await turns()
        assert len(peer.texts) > 2
        peer.told.put_nowait({"type": "websocket.disconnect", "code": 1000})
        await peer.serving
        told = len(peer.sent)
        stand.wait(30)
        await turns()
        assert len(peer.sent) == told
        assert stand.streams._sessions == {}

    ran(play)


def test_the_ninth_connection_is_answered_with_429(feed: ScriptedFeed) -> None:
    stand = Stand(feed)

    async def play() -> None:
        app = application(stand)
        peers = [Peer(app) for _ in range(9)]
        await turns()
        assert [each.kinds[0] for each in peers[:8]] == ["websocket.accept"] * 8
        start, body = peers[8].sent
        assert (start["type"], start["status"]) == ("websocket.http.response.start", 429)
        assert body["type"] == "websocket.http.response.body"
        await peers[8].serving

    ran(play)


@pytest.mark.parametrize(("value", "codes"), [("abort", []), ("normal", [1000])])
def test_an_end_is_a_close_or_none(feed: ScriptedFeed, value: str, codes: list[int]) -> None:
    stand = Stand(feed, f"stream_close={value}")

    async def play() -> None:
        peer = Peer(application(stand))
        await turns()
        stand.wait(6)
        await peer.serving
        closes = [each for each in peer.sent if each["type"] == "websocket.close"]
        assert [each["code"] for each in closes] == codes

    ran(play)


def test_a_slow_reader_is_dropped_and_holds_up_nobody(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_session, "WAITING_MAX", 50_000)

    async def play() -> None:
        app = application(stand)
        slow, quick = Peer(app), Peer(app)
        for each in (slow, quick):
            each.told.put_nowait(asking("level2", BTC))
        await turns()
        slow.may_send.clear()
        read = len(slow.sent)
        for _ in range(20):
            stand.wait(30)
            await turns()
        assert slow.serving.done()
        assert slow.serving.exception() is None
        assert len(slow.sent) == read
        assert not quick.serving.done()
        assert len(quick.texts) >= 20
        assert len(stand.streams._sessions) == 1

    ran(play)


def test_a_client_that_vanishes_is_no_error(stand: Stand) -> None:
    async def play() -> None:
        peer = Peer(application(stand))
        peer.is_gone = True
        await peer.serving
        other = Peer(application(stand))
        other.told.put_nowait(asking("ticker", BTC))
        await turns()
        other.is_gone = True
        stand.wait(30)
        await other.serving
        assert stand.streams._sessions == {}

    ran(play)


def test_bytes_are_no_request(stand: Stand) -> None:
    async def play() -> None:
        peer = Peer(application(stand))
        peer.told.put_nowait({"type": "websocket.receive", "bytes": b"{}"})
        await peer.serving
        assert peer.sent[-1] == {"type": "websocket.close", "code": 1003}

    ran(play)


def test_a_store_that_fails_closes_the_connection(stand: Stand) -> None:
    def fail() -> None:
        raise StoreFailed("no disk")

    async def play() -> None:
        peer = Peer(application(stand, keep_time=fail))
        peer.told.put_nowait(asking("ticker", BTC))
        await peer.serving
        assert peer.sent[-1] == {"type": "websocket.close", "code": 1011}

    ran(play)


@pytest.mark.parametrize(("is_told_first", "order"), [(False, "as"), (True, "sa")])
def test_c54_an_order_is_told_before_or_after_its_answer(
    stand: Stand, is_told_first: bool, order: str
) -> None:
    happened: list[str] = []

    async def play() -> None:
        app = application(stand, is_told_first=is_told_first)
        peer = Peer(app)
        peer.told.put_nowait(asking("user"))
        await turns()
        peer.sent.clear()

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start":
                assert message["status"] == 200
                happened.extend("s" * len(peer.sent) + "a")

        client = stand.client()
        path = PREFIX + "/orders"
        body = {
            "client_order_id": "a",
            "product_id": BTC,
            "side": "BUY",
            "order_configuration": {
                "limit_limit_gtc": {"base_size": "0.01", "limit_price": "50000"}
            },
        }
        headers = client.set_headers("POST", path)
        asked = {
            "type": "http",
            "method": "POST",
            "path": path,
            "query_string": b"",
            "headers": [
                (b"host", b"localhost:8443"),
                (b"authorization", headers["Authorization"].encode()),
            ],
            "client": ("127.0.0.1", 5),
        }
        messages = [part(json.dumps(body).encode())]

        async def receive() -> Message:
            return messages.pop(0)

        await app(asked, receive, answered)
        await turns()
        if len(happened) == 1:
            happened.extend("s" * len(peer.sent))

    ran(play)
    assert "".join(happened) == order
