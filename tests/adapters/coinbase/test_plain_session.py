"""A read that is sent at once is, byte for byte, the one that requests itself would send."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from trader247.adapters.coinbase.plain_session import PlainSession

HEADERS = {
    "User-Agent": "coinbase-advanced-py/1.8.2",
    "Content-Type": "application/json",
    "Accept": "*/*",
    "Authorization": "Bearer a.b.c",
}
BASE = "https://api.coinbase.com/api/v3/brokerage"


class Recording(BaseAdapter):
    """Keeps what it is given to send, and answers nothing in particular."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[object, ...]] = []

    def send(self, request: requests.PreparedRequest, *_: Any, **options: Any) -> requests.Response:
        made = request
        self.sent.append((made.method, made.url, dict(made.headers), made.body, made.hooks))
        self.sent.append(tuple(sorted(options.items(), key=str)))
        response = requests.Response()
        response.status_code, response.url, response.request = 200, made.url or "", made
        response.raw = BytesIO(b"{}")
        return response

    def close(self) -> None:
        pass


def sent(session: requests.Session, method: str, url: str, **more: Any) -> object:
    """What reaches the transport, and how; and what comes back, read whole."""
    session.trust_env = False
    session.headers = None  # type: ignore[assignment] # as the client has it
    session.params = None  # type: ignore[assignment] # as the client has it
    session.proxies = None  # type: ignore[assignment] # as the client has it
    recording = Recording()
    session.mount("https://", recording)
    answer = session.request(method, url, headers=HEADERS, timeout=(3.0, 10.0), **more)
    return *recording.sent, answer.status_code, answer._content, answer.history


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/time", {}),
        ("/products", {"product_ids": ["BTC-USD", "ETH-USD"], "product_type": "SPOT"}),
        ("/products/BTC-USD/candles", {"start": "1", "end": "61", "granularity": "ONE_MINUTE"}),
        ("/product_book", {"product_id": "BTC-USD", "limit": 50}),
        ("/product_book", {"product_id": "BTC-USD", "limit": "50"}),
        (
            "/orders/historical/batch",
            {"start_date": "2026-01-05T00:00:00.5Z", "cursor": "a b/+=&%"},
        ),
        ("/orders/historical/fills", {"cursor": "ü", "order_ids": ["a", "b"]}),
        ("/orders/historical/3f0c~1", {"x": "~-._"}),
    ],
)
def test_a_plain_read_is_the_one_that_requests_would_send(
    path: str, params: dict[str, object]
) -> None:
    asked = {"params": params, "json": {}}
    assert sent(PlainSession(), "GET", BASE + path, **asked) == sent(
        requests.Session(), "GET", BASE + path, **asked
    )


@pytest.mark.parametrize(
    ("method", "url", "more"),
    [
        ("GET", f"{BASE}/orders/historical/a b", {"params": {}, "json": {}}),
        ("GET", f"{BASE}/orders?x=1", {"params": {"y": "2"}, "json": {}}),
        ("GET", f"{BASE}/time", {"params": {}, "json": {"a": 1}}),
        ("POST", f"{BASE}/orders", {"params": None, "json": {"client_order_id": "x"}}),
        ("DELETE", f"{BASE}/orders", {"params": {}, "json": {}}),
    ],
)
def test_whatever_is_not_plain_goes_the_general_way(
    method: str, url: str, more: dict[str, object]
) -> None:
    assert sent(PlainSession(), method, url, **more) == sent(
        requests.Session(), method, url, **more
    )
