"""A client of the streams without a socket: what it asks is the official client's own message."""

from __future__ import annotations

import json
from typing import Any

from coinbase.websocket import WebsocketResponse, WSClient
from tests.simex.stand import FILES, TRADE, Stand

from trader247.simex.streams.session import End, Session


def official(key: str | None = TRADE) -> WSClient:
    """The official client, not connected to anything."""
    if key is None:
        return WSClient(on_message=print)
    content = next(json.loads(each.content) for each in FILES if each.key.name == key)
    return WSClient(api_key=key, api_secret=content["privateKey"], on_message=print)


class Listener:
    """One connection; every message that it hears is read by the official client's own class."""

    def __init__(self, stand: Stand, *, key: str | None = TRADE, peer: str = "127.0.0.1") -> None:
        self._stand = stand
        self._client = official(key)
        connected = stand.streams.connect(peer)
        assert isinstance(connected, Session), f"refused with {connected}"
        self.session = connected
        self.errors: list[str] = []
        self.ended: list[int | None] = []
        """The closing code, once it is closed: None where there was none."""

    def subscribe(self, channel: str, *products: str) -> list[dict[str, Any]]:
        """Subscribe as the official client would; what is heard since the last time."""
        return self.say(self._message(channel, products, "subscribe"))

    def unsubscribe(self, channel: str, *products: str) -> list[dict[str, Any]]:
        return self.say(self._message(channel, products, "unsubscribe"))

    def say(self, message: object) -> list[dict[str, Any]]:
        """Say anything."""
        text = message if isinstance(message, str) else json.dumps(message)
        self._stand.streams.hear(self.session, text)
        return self.heard()

    def heard(self) -> list[dict[str, Any]]:
        """Every message since the last time; errors and ends are kept apart."""
        messages = []
        while (each := self.session.take()) is not None:
            if isinstance(each, End):
                self.ended.append(each.code)
                continue
            message = json.loads(each)
            if message.get("type") == "error":
                assert message.keys() == {"type", "message"}
                self.errors.append(message["message"])
                continue
            if "client_id" in message:
                WebsocketResponse(json.loads(each))
            messages.append(message)
        return messages

    def leave(self) -> None:
        self._stand.streams.leave(self.session)

    def _message(self, channel: str, products: tuple[str, ...], kind: str) -> dict[str, Any]:
        is_public = channel != "user"
        made: dict[str, Any] = self._client._build_subscription_message(
            list(products), channel, kind, is_public
        )
        return made


def events(messages: list[dict[str, Any]], channel: str) -> list[dict[str, Any]]:
    """The events of one channel, in order."""
    return [event for each in messages if each["channel"] == channel for event in each["events"]]
