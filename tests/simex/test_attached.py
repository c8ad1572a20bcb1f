"""A buy that brings a bracket along: when it comes, over how much, and what it then does."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from coinbase.rest import RESTClient
from requests import HTTPError
from tests.simex.scripted import ScriptedFeed, bar, flat
from tests.simex.stand import Stand

from trader247.simex.exchange import Exchange

BTC = "BTC-USD"
KIND = "trigger_bracket_gtc"


def falling(minute: int) -> dict[str, Any]:
    """60,000 for two minutes, then a fall to 58,000 in the third, and quiet there."""
    if minute < 2:
        return {BTC: flat(6_000_000)}
    if minute == 2:
        return {BTC: bar(6_000_000, 6_000_000, 5_800_000, 5_800_000, volume=400_000_000)}
    return {BTC: flat(5_800_000)}


def rising(minute: int) -> dict[str, Any]:
    """The same upwards, to 62,500."""
    if minute < 2:
        return {BTC: flat(6_000_000)}
    if minute == 2:
        return {BTC: bar(6_000_000, 6_250_000, 6_000_000, 6_250_000, volume=400_000_000)}
    return {BTC: flat(6_250_000)}


def stand_of(feed: ScriptedFeed, *switches: str) -> Stand:
    made = Stand(feed, *switches, usd=100_000)
    made.wait(30)
    return made


@pytest.fixture
def stand() -> Iterator[Stand]:
    made = stand_of(ScriptedFeed(falling))
    yield made
    made.exchange.store.close()


@pytest.fixture
def client(stand: Stand) -> RESTClient:
    return stand.client()


def along(limit: str = "62000", stop: str = "57000", **fields: str) -> dict[str, Any]:
    bracket = {"limit_price": limit, "stop_trigger_price": stop, **fields}
    return {"attached_order_configuration": {KIND: bracket}}


def attached_id(answer: Any) -> str:
    assert answer.success is True, answer.to_dict()
    return str(answer.success_response["attached_order_id"])


def reason(answer: Any) -> str:
    assert answer.success is False, answer.to_dict()
    return str(answer.error_response["preview_failure_reason"])


def wallet(client: RESTClient, currency: str) -> tuple[str, str]:
    for each in client.get_accounts().accounts:
        if each.currency == currency:
            return str(each.available_balance["value"]), str(each.hold["value"])
    return "0", "0"


def test_a_market_buy_is_bracketed_as_soon_as_it_is_filled(client: RESTClient) -> None:
    answer = client.market_order_buy("a", BTC, base_size="0.5", **along())
    child_id, parent_id = attached_id(answer), answer.success_response["order_id"]
    parent, child = client.get_order(parent_id).order, client.get_order(child_id).order
    assert (parent.status, parent.attached_order_id) == ("FILLED", child_id)
    assert parent.attached_order_configuration == along()["attached_order_configuration"]
    assert (child.status, child.order_type, child.side) == ("OPEN", "BRACKET", "SELL")
    assert child.originating_order_id == parent_id
    assert (child.trigger_status, child.time_in_force) == ("STOP_PENDING", "GOOD_UNTIL_CANCELLED")
    fields = {"base_size": "0.5", "limit_price": "62000", "stop_trigger_price": "57000"}
    assert child.to_dict()["order_configuration"] == {KIND: fields}
    assert wallet(client, "BTC") == ("0", "0.5")
    asks = {each["price"]: each["size"] for each in client.get_product_book(BTC).pricebook["asks"]}
    assert asks["62000"] == "0.5"


def test_a_resting_buy_is_bracketed_when_it_is_filled_and_not_before(
    stand: Stand, client: RESTClient
) -> None:
    answer = client.limit_order_gtc_buy("a", BTC, "0.5", "59000", **along())
    child_id = attached_id(answer)
    with pytest.raises(HTTPError, match="404"):
        client.get_order(child_id)
    assert len(client.list_orders().orders) == 1
    stand.wait(180)
    child = client.get_order(child_id).order
    assert (child.status, child.outstanding_hold_amount) == ("OPEN", "0.5")
    assert wallet(client, "BTC") == ("0", "0.5")


def test_what_was_bought_is_sold_at_the_profit() -> None:
    stand = stand_of(ScriptedFeed(rising))
    client = stand.client()
    child_id = attached_id(client.market_order_buy("a", BTC, base_size="0.5", **along()))
    stand.wait(180)
    child = client.get_order(child_id).order
    assert (child.status, child.average_filled_price) == ("FILLED", "62000")
    assert wallet(client, "BTC") == ("0", "0")


def test_what_was_bought_is_sold_at_the_stop(stand: Stand, client: RESTClient) -> None:
    answer = client.market_order_buy("a", BTC, base_size="0.5", **along(stop="59000"))
    stand.wait(180)
    child = client.get_order(attached_id(answer)).order
    assert (child.status, child.trigger_status) == ("FILLED", "STOP_TRIGGERED")
    assert Decimal(59_000) * Decimal("0.95") <= Decimal(child.average_filled_price) < 59_000
    assert wallet(client, "BTC") == ("0", "0")


def test_a_buy_that_is_cancelled_half_filled_is_bracketed_over_its_half(
    stand: Stand, client: RESTClient
) -> None:
    answer = client.limit_order_gtc_buy("a", BTC, "0.5", "59000", **along())
    parent_id = answer.success_response["order_id"]
    stand.exchange.fill_resting(parent_id, hundredths=40)
    with pytest.raises(HTTPError, match="404"):
        client.get_order(attached_id(answer))
    assert client.cancel_orders([parent_id]).results[0].success is True
    child = client.get_order(attached_id(answer)).order
    assert (child.status, child.outstanding_hold_amount) == ("OPEN", "0.2")


def test_a_buy_that_fills_nothing_brings_nothing_along(client: RESTClient) -> None:
    answer = client.limit_order_gtc_buy("a", BTC, "0.5", "59000", **along())
    client.cancel_orders([answer.success_response["order_id"]])
    (order,) = client.list_orders().orders
    assert (order.status, order.attached_order_id) == ("CANCELLED", attached_id(answer))


def test_what_is_sold_already_has_no_bracket_but_a_failed_one(
    stand: Stand, client: RESTClient
) -> None:
    answer = client.limit_order_gtc_buy("a", BTC, "0.5", "59000", **along())
    stand.exchange.fill_resting(answer.success_response["order_id"], hundredths=50)
    assert client.market_order_sell("b", BTC, "0.25").success is True
    stand.wait(180)
    child = client.get_order(attached_id(answer)).order
    assert (child.status, child.reject_reason) == ("FAILED", "HOLD_FAILURE")
    assert wallet(client, "BTC") == ("0.25", "0")


def test_a_market_that_is_beyond_the_stop_already_sells_at_once(
    stand: Stand, client: RESTClient
) -> None:
    answer = client.limit_order_gtc_buy("a", BTC, "0.5", "59900", **along(stop="59000"))
    stand.wait(180)
    child = client.get_order(attached_id(answer)).order
    # The minute fell through the buy and the stop in one leg.
    assert (child.status, child.trigger_status) == ("FILLED", "STOP_TRIGGERED")
    assert wallet(client, "BTC") == ("0", "0")


def test_the_same_id_once_more_answers_with_the_same_bracket(client: RESTClient) -> None:
    first = client.market_order_buy("a", BTC, base_size="0.5", **along())
    again = client.market_order_buy("a", BTC, base_size="0.5", **along())
    assert attached_id(first) == attached_id(again)
    assert len(client.list_orders().orders) == 2


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (along(limit="60000"), "PREVIEW_INVALID_ATTACHED_TAKE_PROFIT_PRICE"),
        (along(stop="60000"), "PREVIEW_INVALID_ATTACHED_STOP_LOSS_PRICE"),
        (along(limit="62000.001"), "PREVIEW_INVALID_ATTACHED_TAKE_PROFIT_PRICE_PRECISION"),
        (along(stop="0"), "PREVIEW_ATTACHED_ORDER_MUST_HAVE_POSITIVE_PRICES"),
        (along(base_size="0.5"), "PREVIEW_ATTACHED_ORDER_SIZE_MUST_BE_NIL"),
        (
            {"attached_order_configuration": {KIND: {"limit_price": "62000"}}},
            "PREVIEW_SINGLE_LEGGED_TPSL_NOT_ALLOWED",
        ),
        (
            {"attached_order_configuration": {"limit_limit_gtc": {"limit_price": "62000"}}},
            "PREVIEW_INVALID_ORDER_TYPE_FOR_ATTACHED",
        ),
    ],
)
def test_a_bracket_that_cannot_be_attached_refuses_the_buy(
    client: RESTClient, asked: dict[str, Any], expected: str
) -> None:
    assert reason(client.market_order_buy("a", BTC, base_size="0.5", **asked)) == expected
    assert client.preview_market_order_buy(BTC, base_size="0.5", **asked).errs == [expected]
    assert client.list_orders().orders == []


def test_only_a_plain_buy_brings_a_bracket_along(stand: Stand, client: RESTClient) -> None:
    stand.exchange.deposit("BTC", Decimal(1))
    sold = client.market_order_sell("a", BTC, "0.5", **along())
    assert reason(sold) == "PREVIEW_INVALID_ORDER_SIDE_FOR_ATTACHED_TPSL"
    ladder = {"base_size": "0.4", "num_orders": 4, "min_price": "58800", "max_price": "59400"}
    scaled = client.create_order("b", BTC, "BUY", {"scaled_limit_gtc": ladder}, **along())
    assert reason(scaled) == "PREVIEW_ATTACHED_ORDERS_ONLY_ALLOWED_ON_MARKET_LIMIT"
    with pytest.raises(HTTPError, match="attached_order_configuration is invalid"):
        client.market_order_buy("c", BTC, base_size="0.5", attached_order_configuration="along")


def test_where_brackets_are_not_taken_none_is_attached() -> None:
    client = stand_of(ScriptedFeed(falling), "bracket_on_spot=refused").client()
    answer = client.market_order_buy("a", BTC, base_size="0.5", **along())
    assert reason(answer) == "PREVIEW_INVALID_ORDER_CONFIG"


def test_an_edit_keeps_the_bracket_on_both_sides_of_the_price(client: RESTClient) -> None:
    answer = client.limit_order_gtc_buy("a", BTC, "0.5", "59000", **along(limit="59500"))
    order_id = answer.success_response["order_id"]
    refused = client.edit_order(order_id, size="0.5", price="59600")
    told = refused.errors[0]["preview_failure_reason"]
    assert told == "PREVIEW_INVALID_ATTACHED_TAKE_PROFIT_PRICE"
    assert client.edit_order(order_id, size="0.4", price="59100").success is True


def test_a_restart_still_brings_the_bracket_along(stand: Stand, client: RESTClient) -> None:
    answer = client.limit_order_gtc_buy("a", BTC, "0.5", "59000", **along())
    again = Exchange(stand.exchange.store, ScriptedFeed(falling), {})
    assert again.desk.live == stand.exchange.desk.live
    again.advance(again.now_us + 180_000_000)
    (child,) = again.desk.live.values()
    assert child.order_id == attached_id(answer)
    once_more = Exchange(stand.exchange.store, ScriptedFeed(falling), {})
    assert once_more.desk.live == again.desk.live
