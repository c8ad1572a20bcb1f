"""One connection of the served exchange: the server's own, made quicker, and able to be reset."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Gathering:
    """A transport that sends what is written in one go together, not piece by piece.

    The server writes the head of an answer and its body apart: over TLS that is two records, two
    calls of the system and two wakings of the client. Everything else is the transport's own.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> None:
        """Send this, with what else is written before the loop turns."""
        if not self._parts:
            self._loop.call_soon(self._send)
        self._parts.append(data)

    def close(self) -> None:
        """Send what was written, and close."""
        self._send()
        self._transport.close()

    def abort(self) -> None:
        """Send nothing more."""
        self._parts.clear()
        self._transport.abort()

    def _send(self) -> None:
        if self._parts:
            written, self._parts = b"".join(self._parts), []
            self._transport.write(written)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class Connection(HttpToolsProtocol):
    """A connection whose transport the application can reach, to reset it."""

    def connection_made(
        self,
        transport: asyncio.Transport,  # type: ignore[override] # a socket's is all it ever gets
    ) -> None:
        super().connection_made(Gathering(transport))  # type: ignore[arg-type]  # one in all it does

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {"trader247": {"transport": self.transport}}
