"""The exchange's bodies and messages beside recorded ones: all fields, each of its type."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.simex.client import asked
from tests.simex.listener import Listener
from tests.simex.scripted import ScriptedFeed
from tests.simex.stand import Stand

from trader247.simex.embedded import Embedded

SHARED = Path(os.environ.get("TRADER247_SHARED", Path(__file__).parents[2].parent / "shared"))
SAMPLES = SHARED / "samples" / "coinbase"
pytestmark = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason=f"the recorded bodies are not in {SAMPLES}"
)

# A value that is null in one recording may be text in another.
NULLABLE = {"last_fill_time", "deleted_at", "pagination", "fcm_trading_session_details"}


def traded(exchange: Embedded) -> str:
    """Trade once and rest once; the id of an order."""
    for name, configuration in (
        ("m", {"market_market_ioc": {"quote_size": "100"}}),
        ("l", {"limit_limit_gtc": {"base_size": "0.01", "limit_price": "45000"}}),
    ):
        body = {
            "client_order_id": name,
            "product_id": "BTC-USD",
            "side": "BUY",
            "order_configuration": configuration,
        }
        answer = asked(exchange, "POST", "/orders", body=body)
    return str(answer["success_response"]["order_id"])


def candles_query(exchange: Embedded) -> str:
    now = exchange.now_us // 1_000_000
    return f"start={now - 7200}&end={now}&granularity=ONE_HOUR"


ASKED: dict[str, Callable[[Embedded], Any]] = {
    "http_accounts": lambda x: asked(x, "GET", "/accounts"),
    "http_candles": lambda x: asked(x, "GET", "/products/BTC-USD/candles", candles_query(x)),
    "http_fills": lambda x: asked(x, "GET", "/orders/historical/fills"),
    "http_order": lambda x: asked(x, "GET", f"/orders/historical/{traded(x)}"),
    "http_orders_list": lambda x: asked(x, "GET", "/orders/historical/batch"),
    "http_product": lambda x: asked(x, "GET", "/products/BTC-USD"),
    "http_product_book": lambda x: asked(x, "GET", "/product_book", "product_id=BTC-USD"),
    "http_products": lambda x: asked(x, "GET", "/products"),
    "http_ticker": lambda x: asked(x, "GET", "/products/BTC-USD/ticker", "limit=9"),
}


def test_every_recorded_http_body_is_compared() -> None:
    assert {path.stem for path in SAMPLES.glob("http_*.json")} == ASKED.keys()


@pytest.mark.parametrize("name", sorted(ASKED))
def test_a_body_has_the_fields_and_types_of_the_recorded_one(exchange: Embedded, name: str) -> None:
    if name != "http_order":
        traded(exchange)
    sample = json.loads((SAMPLES / f"{name}.json").read_text())
    compare(ASKED[name](exchange), sample, name)


def told(feed: ScriptedFeed) -> list[dict[str, Any]]:
    """What one connection to every channel hears in a minute with a trade."""
    stand = Stand(feed, "stream_per_s=1000000")
    listener, client = Listener(stand), stand.client()
    client.limit_order_gtc_buy("rests", "BTC-USD", "0.001", "50000")
    heard: list[dict[str, Any]] = []
    for channel in ("level2", "market_trades", "ticker", "candles", "heartbeats"):
        heard += listener.subscribe(channel, "BTC-USD")
    heard += listener.subscribe("user")
    client.market_order_buy("takes", "BTC-USD", quote_size="50")
    stand.wait(61)
    return heard + listener.heard()


STREAMED = {
    "ws_candles": ("candles", "update"),
    "ws_heartbeats": ("heartbeats", None),
    "ws_l2_data_snapshot": ("l2_data", "snapshot"),
    "ws_l2_data_update": ("l2_data", "update"),
    "ws_market_trades": ("market_trades", "update"),
    "ws_subscriptions": ("subscriptions", None),
    "ws_ticker": ("ticker", "snapshot"),
    "ws_user": ("user", "snapshot"),
}


def test_every_recorded_message_is_compared() -> None:
    assert {path.stem for path in SAMPLES.glob("ws_*.json")} == STREAMED.keys()


@pytest.mark.parametrize("name", sorted(STREAMED))
def test_a_message_has_the_fields_and_types_of_the_recorded_one(
    feed: ScriptedFeed, name: str
) -> None:
    sample = json.loads((SAMPLES / f"{name}.json").read_text())
    channel, kind = STREAMED[name]
    ours = [
        each
        for each in told(feed)
        if each["channel"] == channel and each["events"][0].get("type") == kind
    ]
    assert ours
    for each in ours:
        if channel == "subscriptions":
            # Which channels there are is the client's business.
            (event,) = each["events"]
            (recorded,) = sample["events"]
            recorded["subscriptions"] = event["subscriptions"]
        compare(each, sample, name)


def compare(ours: Any, sample: Any, where: str) -> None:
    """Fail on a field that we lack, or whose type differs."""
    if where.rpartition(".")[2] in NULLABLE and (ours is None or sample is None):
        return
    assert type(ours) is type(sample), where
    if isinstance(sample, dict) and not where.endswith("order_configuration"):
        assert sample.keys() <= ours.keys(), f"{where} lacks {sample.keys() - ours.keys()}"
        for name in sample:
            compare(ours[name], sample[name], f"{where}.{name}")
    elif isinstance(sample, list) and sample and isinstance(sample[0], dict):
        assert ours, f"{where} is empty"
        for each in ours:
            compare(each, sample[0], where)
