"""The official client on the simulated wire, with tokens dated by the exchange's clock."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from coinbase.rest import RESTClient

from trader247.simex.embedded import Embedded
from trader247.simex.wire.request import Reply, Request

HOST = "api.coinbase.com"
PREFIX = "/api/v3/brokerage"
KEY = "organizations/o/apiKeys/k"


def token(
    method: str,
    path: str,
    now_s: int,
    header: Mapping[str, object] | None = None,
    claims: Mapping[str, object] | None = None,
) -> str:
    """A token of the right form; its signature is none."""
    head = {"alg": "ES256", "kid": KEY, "nonce": "0" * 64, "typ": "JWT", **(header or {})}
    body = {
        "sub": KEY,
        "iss": "cdp",
        "nbf": now_s,
        "exp": now_s + 120,
        "uri": f"{method} {HOST}{path}",
        **(claims or {}),
    }
    return ".".join([_part(head), _part(body), "c2lnbmF0dXJl"])


def _part(value: Mapping[str, object]) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def ask(
    exchange: Embedded,
    method: str,
    path: str,
    query: str = "",
    body: Mapping[str, Any] | bytes | None = None,
) -> Reply:
    """A private request with a token in order."""
    full = PREFIX + path
    raw = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
    bearer = "Bearer " + token(method, full, exchange.now_us // 1_000_000)
    return exchange.answer(Request(method, HOST, full, query, raw, bearer))


def asked(exchange: Embedded, method: str, path: str, query: str = "", body: Any = None) -> Any:
    """The JSON of a request that is answered with 200."""
    reply = ask(exchange, method, path, query, body)
    assert reply.status == 200, reply.body
    return json.loads(reply.body)


class Client(RESTClient):  # type: ignore[misc]  # the official client has no types
    """The official client, whose tokens are those of simulated time."""

    def __init__(self, exchange: Embedded) -> None:
        super().__init__(api_key=KEY, api_secret="unused")
        self._exchange = exchange
        self.session.trust_env = False
        self.session.mount("https://", exchange.adapter())

    def set_headers(self, method: str, path: str) -> dict[str, str]:
        bearer = token(method, path, self._exchange.now_us // 1_000_000)
        return {"Content-Type": "application/json", "Authorization": f"Bearer {bearer}"}
