"""The checklist of what faithful streams do, item by item: C48 to C57, on a clock that tests turn.

The requests are the official client's, and its own class reads every message. What needs a socket
(C55's drops, C58) is in the tests of the served streams.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from tests.simex.listener import Listener, events
from tests.simex.scripted import ScriptedFeed
from tests.simex.stand import VIEW, Stand

FREELY = ("private_per_s=1000000", "public_per_s=1000000", "stream_per_s=1000000")
BTC, ETH = "BTC-USD", "ETH-USD"


@pytest.fixture
def stand(feed: ScriptedFeed) -> Stand:
    return Stand(feed, *FREELY)


def test_c49_a_subscription_is_confirmed_then_begun_then_kept_up(stand: Stand) -> None:
    listener = Listener(stand)
    heard = listener.subscribe("level2", BTC) + listener.subscribe("market_trades", BTC, ETH)
    stand.wait(60)
    heard += listener.heard()
    assert [each["sequence_num"] for each in heard] == list(range(len(heard)))
    assert [each["channel"] for each in heard[:2]] == ["subscriptions", "l2_data"]
    told = events(heard, "subscriptions")
    assert told == [
        {"subscriptions": {"level2": [BTC]}},
        {"subscriptions": {"level2": [BTC], "market_trades": [BTC, ETH]}},
    ]
    for channel in ("l2_data", "market_trades"):
        kinds = [each["type"] for each in events(heard, channel)]
        assert kinds == sorted(kinds)
        assert {"snapshot", "update"} == set(kinds)


def rest_book(stand: Stand, product: str) -> dict[str, dict[str, str]]:
    pricebook = stand.client().get_product_book(product).to_dict()["pricebook"]
    return {
        side: {level["price"]: level["size"] for level in pricebook[name]}
        for side, name in (("bid", "bids"), ("offer", "asks"))
    }


def applied(book: dict[str, dict[str, str]], told: list[dict[str, Any]]) -> None:
    for event in told:
        for update in event["updates"]:
            levels = book[update["side"]]
            if Decimal(update["new_quantity"]) == 0:
                del levels[update["price_level"]]
            else:
                levels[update["price_level"]] = update["new_quantity"]


def test_c51_applying_every_update_gives_the_book_of_rest(stand: Stand) -> None:
    listener, client = Listener(stand), stand.client()
    book: dict[str, dict[str, str]] = {"bid": {}, "offer": {}}
    applied(book, events(listener.subscribe("level2", BTC), "l2_data"))
    assert book == rest_book(stand, BTC)
    rested = client.limit_order_gtc_buy("rests", BTC, "0.01", "50000").success_response["order_id"]
    for act in (
        lambda: client.market_order_buy("takes", BTC, quote_size="5000"),
        lambda: stand.wait(15),
        lambda: stand.wait(30),
        lambda: client.cancel_orders([rested]),
        lambda: stand.wait(120),
    ):
        act()
        applied(book, events(listener.heard(), "l2_data"))
        assert book == rest_book(stand, BTC)


def test_c52_a_heart_beats_once_a_second(stand: Stand) -> None:
    listener = Listener(stand)
    listener.subscribe("heartbeats")
    for _ in range(20):
        stand.wait(0.25)
    beats = events(listener.heard(), "heartbeats")
    assert len(beats) == 5
    first = beats[0]["heartbeat_counter"]
    assert [each["heartbeat_counter"] for each in beats] == list(range(first, first + 5))
    assert beats[0]["current_time"].startswith("2026-01-05 00:00:01.000000000 +0000 UTC m=+1.0")


@pytest.mark.parametrize(("orders", "batches"), [(0, 1), (49, 1), (50, 2), (51, 2), (100, 3)])
def test_c54_open_orders_come_in_batches_of_fifty(stand: Stand, orders: int, batches: int) -> None:
    client = stand.client()
    for number in range(orders):
        assert client.limit_order_gtc_buy(str(number), BTC, "0.0001", "50000").success
    told = events(Listener(stand).subscribe("user"), "user")
    assert [each["type"] for each in told] == ["snapshot"] * batches
    assert sum(len(each["orders"]) for each in told) == orders
    assert len(told[-1]["orders"]) < 50


def test_c54_each_change_of_an_order_is_told_once_in_text_alone(stand: Stand) -> None:
    listener, client = Listener(stand), stand.client()
    listener.subscribe("user", BTC)
    made = client.limit_order_gtc_buy("mine", BTC, "0.001", "59950", post_only=True)
    stand.wait(60)
    client.limit_order_gtc_buy("other", ETH, "0.001", "1000")
    told = [row for event in events(listener.heard(), "user") for row in event["orders"]]
    assert {each["order_id"] for each in told} == {made.success_response["order_id"]}
    assert [each["status"] for each in told] == ["OPEN", "FILLED"]
    assert {type(value) for each in told for value in each.values()} == {str}
    opened, filled = told
    assert (opened["leaves_quantity"], opened["cumulative_quantity"]) == ("0.001", "0")
    assert (filled["leaves_quantity"], filled["cumulative_quantity"]) == ("0", "0.001")
    assert (filled["order_type"], filled["post_only"]) == ("Limit", "true")
    assert filled["end_time"] == filled["start_time"] == "0001-01-01T00:00:00Z"


@pytest.mark.parametrize("key", [None, "stranger"])
def test_c50_the_user_channel_needs_a_token_and_keeps_the_connection(
    stand: Stand, key: str | None
) -> None:
    listener = Listener(stand, key=None)
    request: dict[str, Any] = {"type": "subscribe", "channel": "user", "product_ids": []}
    if key:
        request["jwt"] = "not.a.token"
    assert listener.say(request) == []
    assert listener.errors == ["authentication failure"]
    assert len(listener.subscribe("ticker", BTC)) == 2
    assert listener.ended == []


def test_c50_a_key_that_may_look_hears_the_user_channel(stand: Stand) -> None:
    assert len(Listener(stand, key=VIEW).subscribe("user")) == 2
