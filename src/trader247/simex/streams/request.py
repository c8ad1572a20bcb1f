"""What a client says on a stream: that it subscribes to one channel, or no longer."""

from __future__ import annotations

import json
from dataclasses import dataclass


class NotUnderstood(Exception):
    """The message is no request that exists."""


@dataclass(frozen=True, slots=True)
class StreamRequest:
    """One channel, of some products, with the token that came along, if any."""

    is_subscribing: bool
    channel: str
    products: tuple[str, ...]
    token: str | None


def read_request(text: str) -> StreamRequest:
    """Raises NotUnderstood."""
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        raise NotUnderstood("no JSON") from None
    if not isinstance(body, dict):
        raise NotUnderstood("no object")
    kind, channel = body.get("type"), body.get("channel")
    products, token = body.get("product_ids") or [], body.get("jwt")
    if kind not in ("subscribe", "unsubscribe") or not isinstance(channel, str):
        raise NotUnderstood("no such request")
    if not isinstance(products, list) or not all(isinstance(each, str) for each in products):
        raise NotUnderstood("product_ids is no list of ids")
    if token is not None and not isinstance(token, str):
        raise NotUnderstood("jwt is no text")
    return StreamRequest(kind == "subscribe", channel, tuple(products), token)
