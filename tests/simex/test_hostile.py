"""What a client may send by mistake or by malice is answered, and nothing breaks."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from tests.simex.scripted import ScriptedFeed
from tests.simex.stand import PREFIX, Stand

LONE = "\ud800"


def status(stand: Stand, method: str, path: str, body: bytes) -> int:
    client = stand.client()
    bearer = client.set_headers(method, PREFIX + path)["Authorization"]
    return stand.ask(method, path, body=body, authorization=bearer).status


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"\xff\xfe",
        b"null",
        b"[]",
        b'"text"',
        b'{"client_order_id": 1}',
        json.dumps({"order_ids": [LONE], "order_id": LONE}).encode(),
        json.dumps(
            {
                "client_order_id": LONE,
                "product_id": "BTC-USD",
                "side": "BUY",
                "order_configuration": {"market_market_ioc": {"quote_size": "50"}},
            }
        ).encode(),
    ],
)
@pytest.mark.parametrize("path", ["/orders", "/orders/batch_cancel", "/orders/edit"])
def test_a_body_that_is_none_is_a_400(feed: ScriptedFeed, path: str, body: bytes) -> None:
    stand = Stand(feed)
    assert status(stand, "POST", path, body) == 400
    assert list(stand.exchange.desk.live) == []


@pytest.mark.parametrize("value", [None, 1, 1.5, True, [], {}, "", " 1", "1 ", "-1", "NaN", "٣"])
@pytest.mark.parametrize("field", ["base_size", "limit_price"])
def test_a_figure_that_is_none_is_refused(stand: Stand, field: str, value: Any) -> None:
    fields = {"base_size": "0.001", "limit_price": "50000", field: value}
    answer = stand.client().create_order("a", "BTC-USD", "BUY", {"limit_limit_gtc": fields})
    assert answer.success is False
    assert stand.exchange.desk.orders == 0


@pytest.mark.parametrize("bearer", ["Bearer " + "A" * 9000 + ".e30.AA", "Bearer W1tb.W1tb.AA", "é"])
def test_a_token_that_is_none_is_a_401(stand: Stand, bearer: str) -> None:
    assert stand.ask("GET", "/accounts", authorization=bearer).status == 401


def test_a_token_nested_without_end_is_a_401(stand: Stand) -> None:
    deep = urlsafe_b64encode(b"[" * 100_000).decode()
    assert stand.ask("GET", "/accounts", authorization=f"Bearer {deep}.{deep}.AA").status == 401
