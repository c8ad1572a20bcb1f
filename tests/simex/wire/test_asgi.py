"""The application as a server would call it, without a server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from tests.simex.stand import PREFIX, Stand

from trader247.simex.errors import StoreFailed
from trader247.simex.wire import asgi
from trader247.simex.wire.asgi import Application
from trader247.simex.wire.asgi_message import Message


def application(stand: Stand, **changes: Any) -> Application:
    calls: dict[str, Any] = {
        "keep_time": stand.pace.keep,
        "close": lambda: None,
        "warn": lambda text: None,
        **changes,
    }
    return Application(stand.wire, stand.streams, **calls)


def scope(path: str = "/time", query: bytes = b"", method: str = "GET") -> Message:
    return {
        "type": "http",
        "method": method,
        "path": PREFIX + path,
        "query_string": query,
        "headers": [(b"host", b"localhost:8443")],
        "client": ("127.0.0.1", 5),
    }


def called(app: Application, given: Message, *messages: Message) -> list[Message]:
    """What the application sends when it is sent `messages`, one after the other."""
    waiting, sent = list(messages), list[Message]()

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    with asyncio.Runner() as runner:
        runner.run(app(given, receive, send))
    return sent


def part(body: bytes = b"{}", *, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


def test_a_request_is_answered_with_lower_case_headers(stand: Stand) -> None:
    start, body = called(application(stand), scope(), part())
    assert start["status"] == 200
    headers = dict(start["headers"])
    assert headers[b"content-type"].startswith(b"application/json")
    assert headers[b"content-length"] == str(len(body["body"])).encode()
    assert all(name == name.lower() for name in headers)
    assert json.loads(body["body"])["epochSeconds"] == "1767571200"


def test_a_body_in_pieces_is_one_body(stand: Stand) -> None:
    query = b"product_ids=BTC-USD"
    given = scope("/market/products", query)
    start, body = called(application(stand), given, part(b"{", more=True), part(b"}"))
    assert (start["status"], json.loads(body["body"])["num_products"]) == (200, 1)


def test_a_body_that_never_ends_is_refused(stand: Stand) -> None:
    huge = [part(b" " * (1 << 19), more=True)] * 2 + [part(b"  ")]
    start, _ = called(application(stand), scope(method="POST"), *huge)
    assert start["status"] == 413


def lived(app: Application, until: Callable[[], bool]) -> None:
    """Start the application, wait for something, and end it."""

    async def life() -> None:
        messages: asyncio.Queue[Message] = asyncio.Queue()
        sent: asyncio.Queue[Message] = asyncio.Queue()
        living = asyncio.create_task(app({"type": "lifespan"}, messages.get, sent.put))
        await messages.put({"type": "lifespan.startup"})
        assert (await sent.get())["type"] == "lifespan.startup.complete"
        for _ in range(1000):
            if until():
                break
            await asyncio.sleep(0)
        await messages.put({"type": "lifespan.shutdown"})
        assert (await sent.get())["type"] == "lifespan.shutdown.complete"
        await living

    with asyncio.Runner() as runner:
        runner.run(life())


def test_time_passes_while_nobody_asks_and_the_exchange_is_closed_at_the_end(
    stand: Stand, monkeypatch: Any
) -> None:
    monkeypatch.setattr(asgi, "TICK_S", 0)
    ticks, closed = list[int](), list[bool]()
    app = application(stand, keep_time=lambda: ticks.append(1), close=lambda: closed.append(True))
    lived(app, lambda: len(ticks) > 3)
    assert len(ticks) > 3
    assert closed == [True]


def test_a_store_that_fails_is_said_once_until_it_is_well_again(
    stand: Stand, monkeypatch: Any
) -> None:
    monkeypatch.setattr(asgi, "TICK_S", 0)
    fails = [True, True, True, False, True, False]
    said: list[str] = []

    def keep() -> None:
        if fails and fails.pop(0):
            raise StoreFailed("no disk")

    lived(application(stand, keep_time=keep, warn=said.append), lambda: not fails)
    assert said == ["time stands still: no disk"] * 2
