"""Orders that wait for a price: when they wake, what they hold, how they end."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from coinbase.rest import RESTClient
from tests.simex.scripted import ScriptedFeed, bar, flat
from tests.simex.stand import Stand

from trader247.simex.exchange import Exchange

BTC = "BTC-USD"
UP, DOWN = "STOP_DIRECTION_STOP_UP", "STOP_DIRECTION_STOP_DOWN"


def falling(minute: int) -> dict[str, Any]:
    """60,000 for two minutes, then a fall to 59,000 in the third, and quiet there."""
    if minute < 2:
        return {BTC: flat(6_000_000)}
    if minute == 2:
        return {BTC: bar(6_000_000, 6_000_000, 5_900_000, 5_900_000)}
    return {BTC: flat(5_900_000)}


@pytest.fixture
def stand() -> Iterator[Stand]:
    made = Stand(ScriptedFeed(falling), usd=100_000)
    made.wait(30)
    made.exchange.deposit("BTC", Decimal(1))
    yield made
    made.exchange.store.close()


@pytest.fixture
def client(stand: Stand) -> RESTClient:
    return stand.client()


def stop_sell(client: RESTClient, stop: str, limit: str, size: str = "0.5") -> Any:
    return client.stop_limit_order_gtc_sell(f"{stop} {limit}", BTC, size, limit, stop, DOWN)


def id_of(answer: Any) -> str:
    assert answer.success is True, answer.to_dict()
    found: str = answer.success_response["order_id"]
    return found


def hold(client: RESTClient, currency: str) -> str:
    return next(
        str(each.hold["value"])
        for each in client.get_accounts().accounts
        if each.currency == currency
    )


def preview_reason(answer: Any) -> str:
    assert answer.success is False, answer.to_dict()
    reason: str = answer.error_response["preview_failure_reason"]
    return reason


def test_a_stop_sleeps_until_the_last_trade_reaches_it_and_sells_then(
    stand: Stand, client: RESTClient
) -> None:
    order_id = id_of(stop_sell(client, "59500", "58000"))
    order = client.get_order(order_id).order
    assert (order.status, order.trigger_status) == ("OPEN", "STOP_PENDING")
    assert (order.order_type, order.time_in_force) == ("STOP_LIMIT", "GOOD_UNTIL_CANCELLED")
    assert hold(client, "BTC") == "0.5"
    book = client.get_product_book(BTC).pricebook
    assert "59500" not in [each["price"] for each in book["asks"]]
    stand.wait(60)
    assert client.get_order(order_id).order.trigger_status == "STOP_PENDING"
    stand.wait(90)
    order = client.get_order(order_id).order
    assert (order.status, order.trigger_status) == ("FILLED", "STOP_TRIGGERED")
    fills = client.get_fills(order_ids=[order_id]).fills
    assert {each.liquidity_indicator for each in fills} == {"TAKER"}
    assert all(58_000 <= Decimal(each.price) < 59_500 for each in fills)
    assert hold(client, "BTC") == "0"


def test_a_stop_whose_limit_was_jumped_over_rests_and_holds(
    stand: Stand, client: RESTClient
) -> None:
    order_id = id_of(stop_sell(client, "59999", "59990"))
    stand.wait(180)
    order = client.get_order(order_id).order
    # It was awake while the price fell through its limit, or it rests above the market.
    assert order.trigger_status == "STOP_TRIGGERED"
    assert Decimal(order.outstanding_hold_amount) == Decimal("0.5") - Decimal(order.filled_size)
    assert client.cancel_orders([order_id]).results[0].success is (order.status == "OPEN")
    assert hold(client, "BTC") == "0"


def test_a_buy_stop_holds_what_it_costs_at_its_limit_as_a_taker(client: RESTClient) -> None:
    placed = client.stop_limit_order_gtc_buy("a", BTC, "0.1", "62000", "61000", UP)
    assert hold(client, "USD") == "6255.8"
    client.cancel_orders([id_of(placed)])
    assert hold(client, "USD") == "0"


@pytest.mark.parametrize(
    ("side", "stop", "limit", "direction", "reason"),
    [
        ("SELL", "60001", "59000", DOWN, "PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE"),
        ("SELL", "60000", "59000", DOWN, "PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE"),
        ("BUY", "59999", "61000", UP, "PREVIEW_STOP_PRICE_BELOW_LAST_TRADE_PRICE"),
        ("BUY", "60000", "61000", UP, "PREVIEW_STOP_PRICE_BELOW_LAST_TRADE_PRICE"),
        ("BUY", "61000", "60500", UP, "PREVIEW_STOP_PRICE_ABOVE_LIMIT_PRICE"),
        ("SELL", "59000", "59500", DOWN, "PREVIEW_STOP_PRICE_BELOW_LIMIT_PRICE"),
        ("SELL", "59000.001", "58000", DOWN, "PREVIEW_INVALID_STOP_PRICE_PRECISION"),
        ("SELL", "0", "58000", DOWN, "PREVIEW_INVALID_STOP_PRICE"),
        ("SELL", "59000", "58000", "SIDEWAYS", "PREVIEW_INVALID_ORDER_CONFIG"),
    ],
)
def test_c39_a_stop_on_the_wrong_side_is_refused(
    client: RESTClient, side: str, stop: str, limit: str, direction: str, reason: str
) -> None:
    answer = client.stop_limit_order_gtc("x", BTC, side, "0.1", limit, stop, direction)
    assert preview_reason(answer) == reason
    terms = {"base_size": "0.1", "limit_price": limit, "stop_price": stop}
    configuration = {"stop_limit_stop_limit_gtc": {**terms, "stop_direction": direction}}
    assert client.preview_order(BTC, side, configuration).errs == [reason]


def test_a_dated_stop_expires_and_lets_go(stand: Stand, client: RESTClient) -> None:
    end = "2026-01-05T00:01:00Z"
    placed = client.stop_limit_order_gtd_sell("a", BTC, "0.5", "50000", "51000", end, DOWN)
    stand.wait(29)
    assert client.get_order(id_of(placed)).order.status == "OPEN"
    stand.wait(1)
    order = client.get_order(id_of(placed)).order
    assert (order.status, order.trigger_status) == ("EXPIRED", "STOP_PENDING")
    assert hold(client, "BTC") == "0"


def test_a_bracket_takes_its_profit_or_its_loss_never_both(
    stand: Stand, client: RESTClient
) -> None:
    placed = id_of(client.trigger_bracket_order_gtc_sell("a", BTC, "0.5", "61000", "59500"))
    order = client.get_order(placed).order
    assert (order.order_type, order.trigger_status) == ("BRACKET", "STOP_PENDING")
    book = client.get_product_book(BTC).pricebook
    assert "61000" in [each["price"] for each in book["asks"]]
    assert hold(client, "BTC") == "0.5"
    stand.wait(150)
    order = client.get_order(placed).order
    assert (order.status, order.trigger_status) == ("FILLED", "STOP_TRIGGERED")
    assert Decimal(order.filled_size) == Decimal("0.5")
    book = client.get_product_book(BTC).pricebook
    assert "61000" not in [each["price"] for each in book["asks"]]
    assert hold(client, "BTC") == "0"


def test_a_bracket_whose_profit_is_reached_is_no_loss_later() -> None:
    def rising(minute: int) -> dict[str, Any]:
        price = 6_000_000 if minute < 1 else 5_900_000
        if minute == 1:
            return {BTC: bar(6_000_000, 6_200_000, 5_900_000, 5_900_000, volume=10**10)}
        return {BTC: flat(price)}

    stand = Stand(ScriptedFeed(rising))
    stand.wait(1)
    stand.exchange.deposit("BTC", Decimal(1))
    client = stand.client()
    placed = id_of(client.trigger_bracket_order_gtc_sell("a", BTC, "0.5", "61000", "59500"))
    stand.wait(180)
    order = client.get_order(placed).order
    assert (order.status, order.trigger_status) == ("FILLED", "STOP_PENDING")
    assert order.average_filled_price == "61000"


@pytest.mark.parametrize(
    ("limit", "stop"), [("59000", "58000"), ("61000", "60000"), ("60000", "5")]
)
def test_a_bracket_lies_around_the_last_trade(client: RESTClient, limit: str, stop: str) -> None:
    answer = client.trigger_bracket_order_gtc_sell("a", BTC, "0.5", limit, stop)
    assert answer.error_response["error"] == "INVALID_BRACKET_PRICES"


def test_a_stop_s_limit_can_be_edited_while_it_sleeps(stand: Stand, client: RESTClient) -> None:
    order_id = id_of(stop_sell(client, "59500", "59000"))
    assert client.edit_order(order_id, size="0.25", price="58000").to_dict()["success"] is True
    assert hold(client, "BTC") == "0.25"
    answer = client.edit_order(order_id, size="0.25", price="59600").to_dict()
    assert answer["errors"][0]["preview_failure_reason"] == "PREVIEW_STOP_PRICE_BELOW_LIMIT_PRICE"
    stand.wait(150)
    order = client.get_order(order_id).order
    assert (order.status, order.filled_size) == ("FILLED", "0.25")


def test_what_waits_waits_on_after_a_restart(stand: Stand, client: RESTClient) -> None:
    stop = id_of(stop_sell(client, "59500", "58000", "0.4"))
    bracket = id_of(client.trigger_bracket_order_gtc_sell("b", BTC, "0.4", "61000", "59400"))
    store = stand.exchange.store
    again = Exchange(store, ScriptedFeed(falling), {})
    again.advance(again.now_us + 180_000_000)
    for order_id in (stop, bracket):
        order = store.order(order_id)
        assert order is not None
        assert (order.status.value, order.is_triggered) == ("FILLED", True)


def test_a_switch_says_whether_spot_takes_them() -> None:
    feed = ScriptedFeed(falling)
    stand = Stand(feed, "stop_limit_on_spot=refused", "bracket_on_spot=refused")
    stand.exchange.deposit("BTC", Decimal(1))
    client = stand.client()
    for answer in (
        stop_sell(client, "59500", "58000"),
        client.trigger_bracket_order_gtc_sell("a", BTC, "0.5", "61000", "59500"),
    ):
        assert answer.error_response["error"] == "UNSUPPORTED_ORDER_CONFIGURATION"


def test_a_halted_product_wakes_nobody_until_it_trades_again(
    stand: Stand, client: RESTClient
) -> None:
    order_id = id_of(stop_sell(client, "59500", "58000"))
    stand.do("halt", product_id=BTC)
    stand.wait(170)
    assert client.get_order(order_id).order.trigger_status == "STOP_PENDING"
    stand.do("resume", product_id=BTC)
    stand.wait(60)
    assert client.get_order(order_id).order.status == "FILLED"


def test_orders_are_listed_by_their_kind(client: RESTClient) -> None:
    id_of(stop_sell(client, "59500", "58000", "0.1"))
    id_of(client.trigger_bracket_order_gtc_sell("b", BTC, "0.1", "61000", "59400"))
    id_of(client.limit_order_gtc_buy("c", BTC, "0.01", "50000"))
    id_of(client.limit_order_gtd_buy("d", BTC, "0.01", "50000", "2026-01-06T00:00:00Z"))
    id_of(client.market_order_sell("e", BTC, "0.01"))

    def kinds(**asked: Any) -> list[str]:
        return [each.order_type for each in client.list_orders(**asked).orders]

    for kind in ("STOP_LIMIT", "BRACKET", "MARKET"):
        assert kinds(order_types=[kind]) == [kind]
    assert kinds(order_types=["LIMIT", "MARKET"]) == ["MARKET", "LIMIT", "LIMIT"]
    assert kinds(time_in_forces=["GOOD_UNTIL_DATE_TIME"]) == ["LIMIT"]
    assert kinds(order_side="BUY") == ["LIMIT", "LIMIT"]
    assert kinds(asset_filters=["ETH"]) == kinds(product_type="FUTURE") == []
    assert len(kinds(asset_filters=["BTC"])) == len(kinds(product_type="SPOT")) == 5
    assert kinds(order_placement_source="RETAIL_SIMPLE") == []
