"""The wire as an ASGI application: what any server of that kind can run.

Everything happens on the server's one event loop, a request at a time: an exchange has one book,
and whoever came first is served first. While nobody asks, time passes all the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from email.utils import formatdate
from functools import lru_cache

from trader247.simex.deeds import admin as operator
from trader247.simex.deeds.admin import Admin
from trader247.simex.errors import StoreFailed
from trader247.simex.faults.carrying import carry_out, wait_us
from trader247.simex.faults.line import Line
from trader247.simex.streams.hub import Streams
from trader247.simex.streams.socket import StreamSocket
from trader247.simex.wire.asgi_message import Message, Receive, Send
from trader247.simex.wire.dialect import Wire
from trader247.simex.wire.request import Reply, Request, failure

_BODY_MAX = 1 << 20
TICK_S = 0.25
_DEFAULT_HOST = "localhost"


class Application:
    """One wire, and the time of its exchange.

    `keep_time` lets the exchange's time pass, `close` lets go of it, `warn` tells a person; `admin`
    answers what only its operator may ask. What a request changed, `streams` tell after its answer,
    or before it if `is_told_first`. `line` is what may go wrong on the way, `date_s` the time that
    answers are dated with.
    """

    def __init__(
        self,
        wire: Wire,
        streams: Streams,
        *,
        keep_time: Callable[[], None],
        close: Callable[[], None],
        warn: Callable[[str], None],
        admin: Admin | None = None,
        is_told_first: bool = False,
        line: Line | None = None,
        date_s: Callable[[], int] | None = None,
    ) -> None:
        self._wire = wire
        self._streams = streams
        self._socket = StreamSocket(streams, keep_time)
        self._is_told_first = is_told_first
        self._admin = admin
        self._line = line
        self._date_s = date_s
        self._keep_time = keep_time
        self._close = close
        self._warn = warn

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection's request, or the server's own life."""
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
        else:
            await self._socket.serve(scope, receive, send)

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        if body is None:
            reply = failure(413, "INVALID_ARGUMENT", "the body is too large").reply
        elif self._admin is not None and scope["path"].startswith(operator.PREFIX):
            reply = await self._admin.answer(_request(scope, body))
        elif self._line is not None and not self._line.is_sound:
            request = _request(scope, body)
            await wait_us(self._line.late_us(request))
            delivery = self._line.carry(request, self._wire.answer)
            await self._tell()
            await carry_out(delivery, head=self._head, scope=scope, receive=receive, send=send)
            return
        else:
            reply = self._wire.answer(_request(scope, body))
        await self._tell()
        await send(self._head(reply))
        await send({"type": "http.response.body", "body": reply.body})

    async def _tell(self) -> None:
        """Let the streams tell what a request has changed."""
        self._streams.pump()
        if self._is_told_first:
            # The streams' own tasks have been woken, and go first.
            await asyncio.sleep(0)

    def _head(self, reply: Reply) -> Message:
        fields = [
            ("content-type", reply.content_type),
            ("content-length", str(len(reply.body))),
            *reply.headers,
        ]
        if self._date_s is not None:
            fields.append(("date", _date(self._date_s())))
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields]
        return {"type": "http.response.start", "status": reply.status, "headers": headers}

    async def _live(self, receive: Receive, send: Send) -> None:
        ticking = asyncio.create_task(self._tick())
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                ticking.cancel()
                with suppress(asyncio.CancelledError):
                    await ticking
                self._close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _tick(self) -> None:
        is_well = True
        while True:
            await asyncio.sleep(TICK_S)
            try:
                self._keep_time()
            except StoreFailed as error:
                if is_well:
                    self._warn(f"time stands still: {error}")
                is_well = False
            else:
                is_well = True
            self._streams.pump()


async def _body(receive: Receive) -> bytes | None:
    """A request's whole body; None where it is too large."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        part = message.get("body", b"")
        size += len(part)
        if size <= _BODY_MAX:
            parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts) if size <= _BODY_MAX else None


def _request(scope: Message, body: bytes) -> Request:
    headers: dict[bytes, bytes] = dict(scope["headers"])
    authorization = headers.get(b"authorization")
    client = scope.get("client")
    return Request(
        method=scope["method"],
        host=headers.get(b"host", _DEFAULT_HOST.encode()).decode("latin-1"),
        path=scope["path"],
        raw_query=scope["query_string"].decode("latin-1"),
        raw_body=body,
        authorization=None if authorization is None else authorization.decode("latin-1"),
        peer=client[0] if client else "",
    )


@lru_cache(maxsize=4)
def _date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)
