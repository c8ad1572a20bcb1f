"""A stream connection over ASGI: what is said goes out in order, what comes in is heard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from trader247.simex.errors import StoreFailed
from trader247.simex.streams.hub import Streams
from trader247.simex.streams.session import Session
from trader247.simex.wire.asgi_message import Message, Receive, Send

_FAILED = 1011
_UNSUPPORTED = 1003


class StreamSocket:
    """The connections of one exchange's streams; `keep_time` is called before each request."""

    def __init__(self, streams: Streams, keep_time: Callable[[], None]) -> None:
        self._streams = streams
        self._keep_time = keep_time

    async def serve(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection, until either side ends it.

        To return is to end the connection, with no closing frame where none was sent.
        """
        await receive()
        client = scope.get("client")
        session = self._streams.connect(client[0] if client else "")
        if isinstance(session, int):
            await _refuse(session, send)
            return
        try:
            await send({"type": "websocket.accept"})
            await self._talk(session, receive, send)
        except OSError:
            # The client is gone: there is nobody to tell.
            return
        finally:
            self._streams.leave(session)

    async def _talk(self, session: Session, receive: Receive, send: Send) -> None:
        news = asyncio.Event()
        dropped = asyncio.Event()

        def wake() -> None:
            (dropped if session.is_overrun else news).set()

        session.wake = wake
        wake()
        tasks = [
            asyncio.create_task(self._listen(session, receive)),
            asyncio.create_task(_speak(session, news, send)),
            asyncio.create_task(dropped.wait()),
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
                with suppress(asyncio.CancelledError, OSError):
                    await task
        for task in done:
            task.result()

    async def _listen(self, session: Session, receive: Receive) -> None:
        """Hear the client, until it is gone."""
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            if text is None:
                session.end(_UNSUPPORTED)
                continue
            try:
                self._keep_time()
                self._streams.hear(session, text)
            except StoreFailed:
                session.end(_FAILED)
            self._streams.pump()


async def _speak(session: Session, news: asyncio.Event, send: Send) -> None:
    """Send what waits, until the connection is to end."""
    while True:
        await news.wait()
        news.clear()
        while (each := session.take()) is not None:
            if isinstance(each, str):
                await send({"type": "websocket.send", "text": each})
                continue
            if each.code is not None:
                await send({"type": "websocket.close", "code": each.code})
            return


async def _refuse(status: int, send: Send) -> None:
    body = b"Too many requests\n" if status == 429 else b""
    await send(
        {
            "type": "websocket.http.response.start",
            "status": status,
            "headers": [(b"content-type", b"text/plain; charset=utf-8")],
        }
    )
    await send({"type": "websocket.http.response.body", "body": body})
