"""What a server does with a delivery: waits, sends in drops, falls silent, resets."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from trader247.simex.faults.delivery import Delivery
from trader247.simex.wire.request import Reply

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Head = Callable[[Reply], Message]

SILENT_S_MAX = 300
"""Whoever has not given up by then is cut off."""

_DROPS = 20
_FLUSH_S = 0.01
_NO_LINGER = struct.pack("ii", 1, 0)


async def wait_us(span_us: int) -> None:
    """Let so much of the machine's time pass."""
    if span_us > 0:
        await asyncio.sleep(span_us / 1_000_000)


async def carry_out(
    delivery: Delivery, *, head: Head, scope: Message, receive: Receive, send: Send
) -> None:
    """Bring an answer to its client, or not; `head` begins it."""
    await wait_us(delivery.wait_us)
    reply = delivery.reply
    if reply is not None:
        await send(head(reply))
        body = reply.body if delivery.cut is None else reply.body[: delivery.cut]
        is_whole = delivery.cut is None
        if delivery.drip_us and body:
            await _drip(body, delivery.drip_us, send, is_whole=is_whole)
        else:
            await send({"type": "http.response.body", "body": body, "more_body": not is_whole})
        if is_whole:
            return
    if delivery.is_reset:
        await _reset(scope, receive)
    else:
        await _fall_silent(scope, receive)


async def _drip(body: bytes, over_us: int, send: Send, *, is_whole: bool) -> None:
    size = max(1, -(-len(body) // _DROPS))
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    for number, part in enumerate(parts, start=1):
        more = number < len(parts) or not is_whole
        await send({"type": "http.response.body", "body": part, "more_body": more})
        if number < len(parts):
            await wait_us(over_us // len(parts))


async def _fall_silent(scope: Message, receive: Receive) -> None:
    """Say nothing until the client has gone, or has waited for too long."""
    try:
        await asyncio.wait_for(_gone(receive), SILENT_S_MAX)
    except TimeoutError:
        await _reset(scope, receive)


async def _reset(scope: Message, receive: Receive) -> None:
    """End the TCP connection at once, without a word of TLS."""
    transport = scope["extensions"]["trader247"]["transport"]
    # What was said so far leaves the machine first.
    await asyncio.sleep(_FLUSH_S)
    raw = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()
    await _gone(receive)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
