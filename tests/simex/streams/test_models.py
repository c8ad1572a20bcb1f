"""What the streams say has the fields of the official client's own classes, and no others."""

from __future__ import annotations

from typing import Any

import pytest
from coinbase.websocket.types.misc_types import (
    L2Update,
    UserOrders,
    WSCandle,
    WSHeartBeats,
    WSHistoricalMarketTrade,
    WSProduct,
    WSTicker,
)
from tests.simex.listener import Listener, events
from tests.simex.scripted import ScriptedFeed
from tests.simex.sdk_models import seen_in
from tests.simex.stand import Stand

BTC, ETH = "BTC-USD", "ETH-USD"
CHANNELS: dict[str, tuple[str, str, type]] = {
    "heartbeats": ("heartbeats", "", WSHeartBeats),
    "ticker": ("ticker", "tickers", WSTicker),
    "ticker_batch": ("ticker_batch", "tickers", WSTicker),
    "level2": ("l2_data", "updates", L2Update),
    "candles": ("candles", "candles", WSCandle),
    "market_trades": ("market_trades", "trades", WSHistoricalMarketTrade),
    "status": ("status", "products", WSProduct),
    "user": ("user", "orders", UserOrders),
}
"""By its name when it is asked for: its name when it speaks, and what it speaks of."""
LEFT_OUT = {"ticker_batch": {"best_bid", "best_bid_quantity", "best_ask", "best_ask_quantity"}}
"""Fields of the class that the venue does not send on a channel."""


@pytest.mark.parametrize("channel", CHANNELS)
def test_what_a_channel_says_is_what_the_client_expects(feed: ScriptedFeed, channel: str) -> None:
    stand = Stand(feed, "private_per_s=1000000", "public_per_s=1000000", "stream_per_s=1000000")
    try:
        listener = Listener(stand)
        heard = listener.subscribe(channel, BTC, ETH)
        stand.client().market_order_buy("filled", BTC, quote_size="50")
        stand.client().limit_order_gtc_buy("rests", BTC, "0.001", "50000")
        stand.wait(90)
        heard += listener.heard()
    finally:
        stand.exchange.store.close()
    spoken, part, cls = CHANNELS[channel]
    told: list[dict[str, Any]] = events(heard, spoken)
    parts = [each for event in told for each in (event[part] if part else [event])]
    assert parts
    for each in seen_in(parts, cls):
        assert not each.unknown, each
        assert each.absent == LEFT_OUT.get(channel, set()), each
    kinds = {event["type"] for event in told if part}
    assert kinds <= {"snapshot", "update"}
    assert not listener.errors
