"""Scaled orders and TWAPs: one order on the wire, whatever rests of it in the book."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from coinbase.rest import RESTClient
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.simex.listener import Listener
from tests.simex.scripted import ScriptedFeed, bar, flat, listing
from tests.simex.stand import Stand

from trader247.simex.book import Side
from trader247.simex.exchange import Exchange
from trader247.simex.market import Market
from trader247.simex.matching import owner, place, rung
from trader247.simex.orders.ladder import read_ladder
from trader247.simex.orders.order import Terms
from trader247.simex.orders.schedule import read_schedule
from trader247.simex.wire import times
from trader247.simex.wire.refusal import Refused

BTC = "BTC-USD"


def falling(minute: int) -> dict[str, Any]:
    """60,000 for two minutes, then a fall to 59,000 in the third, and quiet there."""
    if minute < 2:
        return {BTC: flat(6_000_000)}
    if minute == 2:
        return {BTC: bar(6_000_000, 6_000_000, 5_900_000, 5_900_000, volume=400_000_000)}
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


def scaled(client: RESTClient, side: str = "BUY", **fields: Any) -> Any:
    asked = {"base_size": "0.4", "num_orders": 4, "min_price": "58800", "max_price": "59400"}
    asked = {name: value for name, value in {**asked, **fields}.items() if value is not None}
    return client.create_order("s", BTC, side, {"scaled_limit_gtc": asked})


def twap(stand: Stand, client: RESTClient, side: str = "BUY", **fields: Any) -> Any:
    now_us = stand.exchange.now_us
    asked = {
        "base_size": "0.4",
        "start_time": times.text(now_us + 10_000_000),
        "end_time": times.text(now_us + 130_000_000),
        "limit_price": "60100",
        "number_buckets": "4",
        "bucket_size": "0.1",
        "bucket_duration": "30s",
    }
    asked = {name: value for name, value in {**asked, **fields}.items() if value is not None}
    return client.create_order("t", BTC, side, {"twap_limit_gtd": asked})


def id_of(answer: Any) -> str:
    assert answer.success is True, answer.to_dict()
    return str(answer.success_response["order_id"])


def reason(answer: Any) -> str:
    assert answer.success is False, answer.to_dict()
    return str(answer.error_response["preview_failure_reason"])


def hold(client: RESTClient, currency: str) -> str:
    accounts = client.get_accounts().accounts
    return next(str(each.hold["value"]) for each in accounts if each.currency == currency)


def book(client: RESTClient, side: str) -> dict[str, str]:
    levels = client.get_product_book(BTC).pricebook[side]
    return {each["price"]: each["size"] for each in levels}


def test_a_ladder_rests_as_limits_under_one_order(client: RESTClient) -> None:
    before = book(client, "bids")
    order_id = id_of(scaled(client))
    now = book(client, "bids")
    grown = {
        price: Decimal(size) - Decimal(before.get(price, 0))
        for price, size in now.items()
        if before.get(price) != size
    }
    assert grown == dict.fromkeys(("58800", "59000", "59200", "59400"), Decimal("0.1"))
    (order,) = client.list_orders(order_types="SCALED").orders
    assert (order.order_id, order.order_type, order.status) == (order_id, "SCALED", "OPEN")
    assert order.time_in_force == "GOOD_UNTIL_CANCELLED"
    # 0.1 at each of the four, with the taker's fee: a rung may yet take.
    assert order.outstanding_hold_amount == hold(client, "USD") == "23852.76"
    assert client.cancel_orders([order_id]).results[0].success is True
    assert hold(client, "USD") == "0"
    assert book(client, "bids") == before


def test_fills_of_rungs_count_on_the_order_and_release_what_they_held(
    stand: Stand, client: RESTClient
) -> None:
    order_id = id_of(scaled(client, post_only=True))
    # The maker's fee alone: none of it can take.
    assert hold(client, "USD") == "23758.2"
    stand.wait(180)
    order = client.get_order(order_id).order
    fills = client.get_fills(order_ids=[order_id]).fills
    assert {each.price for each in fills} == {"59400", "59200", "59000"}
    assert {each.liquidity_indicator for each in fills} == {"MAKER"}
    assert (order.filled_size, order.completion_percentage) == ("0.3", "75")
    assert order.number_of_fills == str(len(fills))
    value = sum(Decimal(each.price) * Decimal(each.size) for each in fills)
    assert Decimal(order.filled_value) == value == 17760
    assert Decimal(order.total_fees) == value * Decimal("0.005")
    assert order.outstanding_hold_amount == hold(client, "USD") == "5909.4"
    assert order.average_filled_price == "59200"


def test_a_rung_that_crosses_takes_and_the_others_rest(client: RESTClient) -> None:
    order_id = id_of(scaled(client, max_price="60400", min_price="59200"))
    order = client.get_order(order_id).order
    fills = client.get_fills(order_ids=[order_id]).fills
    assert {each.liquidity_indicator for each in fills} == {"TAKER"}
    assert order.filled_size == "0.1"
    assert all(Decimal("60000") < Decimal(each.price) < Decimal("60100") for each in fills)
    # What the rung did not spend of its limit is free again.
    assert order.outstanding_hold_amount == hold(client, "USD") == "18040.92"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"post_only": True, "max_price": "60400"}, "PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY"),
        ({"num_orders": 1}, "PREVIEW_SCALED_PARAM_INFEASIBLE"),
        ({"num_orders": 101}, "PREVIEW_SCALED_PARAM_INFEASIBLE"),
        ({"num_orders": None}, "PREVIEW_SCALED_PARAM_INFEASIBLE"),
        ({"min_price": "59400"}, "PREVIEW_SCALED_PARAM_INFEASIBLE"),
        ({"min_price": "59399.99"}, "PREVIEW_SCALED_PARAM_INFEASIBLE"),
        ({"base_size": "0.00006"}, "PREVIEW_SCALED_MIN_ORDER_VIOLATION"),
        ({"base_size": None}, "PREVIEW_INVALID_ORDER_CONFIG"),
        ({"quote_size": "100"}, "PREVIEW_INVALID_ORDER_CONFIG"),
        ({"price_distribution": "WILD"}, "PREVIEW_INVALID_ORDER_CONFIG"),
        ({"size_distribution": "CUSTOM_SIZE_DISTRIBUTION"}, "PREVIEW_INVALID_ORDER_CONFIG"),
        (
            {"size_distribution": "INCREASING", "size_diff": "0.1"},
            "PREVIEW_SCALED_PARAM_INFEASIBLE",
        ),
        (
            {"size_distribution": "INCREASING", "size_diff": "0.01", "size_ratio": "2"},
            "PREVIEW_SCALED_PARAM_DISCREPANCY",
        ),
        ({"base_size": "9"}, "PREVIEW_INSUFFICIENT_FUND"),
        ({"max_price": "59400.001"}, "PREVIEW_INVALID_PRICE_PRECISION"),
    ],
)
def test_a_ladder_that_cannot_stand_is_refused(
    client: RESTClient, fields: dict[str, Any], expected: str
) -> None:
    assert reason(scaled(client, **fields)) == expected
    assert client.list_orders().orders == []


def test_a_ladder_whose_rungs_are_named_is_what_they_say(client: RESTClient) -> None:
    rungs = [
        {"base_size": "0.02", "limit_price": "59000", "post_only": True},
        {"base_size": "0.01", "limit_price": "58000", "post_only": True},
    ]
    bare: dict[str, Any] = dict.fromkeys(("base_size", "num_orders", "min_price", "max_price"))
    assert reason(scaled(client, **bare, orders=[*rungs, rungs[0]])).endswith("DISCREPANCY")
    assert reason(scaled(client, orders=rungs)) == "PREVIEW_SCALED_PARAM_DISCREPANCY"
    mixed = [rungs[0], {**rungs[1], "post_only": False}]
    assert reason(scaled(client, **bare, orders=mixed)) == "PREVIEW_INVALID_ORDER_CONFIG"
    order_id = id_of(scaled(client, **bare, orders=rungs))
    # (0.02 * 59,000 + 0.01 * 58,000) * 1.005
    assert client.get_order(order_id).order.outstanding_hold_amount == "1768.8"


def test_a_ladder_is_not_edited_and_its_rungs_count_as_open_orders(
    stand: Stand, client: RESTClient
) -> None:
    order_id = id_of(scaled(client, num_orders=100))
    edited = client.edit_order(order_id, size="0.5", price="59000")
    assert edited.errors[0]["edit_failure_reason"] == "ONLY_LIMIT_ORDER_EDITS_SUPPORTED"
    stand.exchange.deposit("BTC", Decimal(1))
    asked = {"base_size": "0.4", "min_price": "70000", "max_price": "71000"}
    for number, count in enumerate((100, 100, 100, 98, 3, 2)):
        fields = {**asked, "num_orders": count}
        client.create_order(f"{number}", BTC, "SELL", {"scaled_limit_gtc": fields})
    orders = client.list_orders(order_side="SELL").orders[::-1]
    assert [each.status for each in orders] == [*["OPEN"] * 4, "FAILED", "OPEN"]
    assert orders[4].reject_reason == "TOO_MANY_OPEN_ORDERS"
    assert hold(client, "BTC") == "2"


def test_a_sale_meets_no_rung_of_its_own_account(stand: Stand, client: RESTClient) -> None:
    order_id = id_of(scaled(client, max_price="59999.99", min_price="59990"))
    sold = client.market_order_sell("m", BTC, "0.5")
    assert sold.success is True
    order = client.get_order(order_id).order
    assert (order.status, order.cancel_message) == ("CANCELLED", "Self trade prevented")
    assert hold(client, "USD") == "0"


def test_a_twap_comes_due_bucket_by_bucket(stand: Stand, client: RESTClient) -> None:
    order_id = id_of(twap(stand, client))
    order = client.get_order(order_id).order
    assert (order.order_type, order.time_in_force) == ("TWAP", "GOOD_UNTIL_DATE_TIME")
    assert (order.status, order.filled_size) == ("OPEN", "0")
    # All of it is held from the start: 0.4 * 60,100 * 1.009.
    assert order.outstanding_hold_amount == hold(client, "USD") == "24256.36"
    sizes = []
    for seconds in (15, 30, 30, 30):
        stand.wait(seconds)
        sizes.append(client.get_order(order_id).order.filled_size)
    assert sizes == ["0.1", "0.2", "0.3", "0.4"]
    order = client.get_order(order_id).order
    assert (order.status, order.completion_percentage) == ("FILLED", "100")
    assert hold(client, "USD") == "0"
    fills = client.get_fills(order_ids=[order_id]).fills
    assert sum(Decimal(each.size) for each in fills) == Decimal("0.4")
    assert len({each.trade_time for each in fills}) == 4


def test_what_a_bucket_leaves_rests_at_the_limit_and_expires_at_the_end(
    stand: Stand, client: RESTClient
) -> None:
    order_id = id_of(twap(stand, client, limit_price="59500"))
    stand.wait(15)
    assert book(client, "bids")["59500"] == "0.1"
    stand.wait(30)
    bids = book(client, "bids")
    assert bids["59500"] == "0.2"
    stand.wait(90)
    # The fall to 59,000 went through it: what had come due was filled, as a maker.
    order = client.get_order(order_id).order
    assert order.status in ("FILLED", "EXPIRED")
    again = id_of(client.create_order("u", BTC, "SELL", {"twap_limit_gtd": {
        "base_size": "0.4", "limit_price": "70000", "number_buckets": "3",
        "start_time": times.text(stand.exchange.now_us - 1_000_000),
        "end_time": times.text(stand.exchange.now_us + 60_000_000),
    }}))  # fmt: skip
    assert hold(client, "BTC") == "0.4"
    stand.wait(61)
    order = client.get_order(again).order
    assert (order.status, order.filled_size, hold(client, "BTC")) == ("EXPIRED", "0", "0")


def test_a_bucket_joins_the_next_one_while_nothing_is_taken(
    stand: Stand, client: RESTClient
) -> None:
    order_id = id_of(twap(stand, client))
    stand.do("set", product_id=BTC, flags={"post_only": True})
    stand.wait(45)
    assert client.get_order(order_id).order.filled_size == "0"
    stand.do("set", product_id=BTC, flags={"post_only": False})
    stand.wait(30)
    assert client.get_order(order_id).order.filled_size == "0.3"


def test_a_twap_of_a_sum_counts_it_at_the_limit(stand: Stand, client: RESTClient) -> None:
    asked: dict[str, Any] = {"base_size": None, "bucket_size": "3005", "quote_size": "12020"}
    order_id = id_of(twap(stand, client, **asked))
    assert client.get_order(order_id).order.outstanding_hold_amount == "12128.18"
    stand.wait(15)
    assert client.get_order(order_id).order.filled_size == "0.05"
    assert client.cancel_orders([order_id]).results[0].success is True
    assert hold(client, "USD") == "0"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"start_time": None}, "PREVIEW_START_TIME_MUST_BE_SPECIFIED"),
        ({"start_time": "soon"}, "PREVIEW_INVALID_ORDER_CONFIG"),
        ({"end_time": None}, "PREVIEW_INVALID_END_TIME"),
        ({"end_time": "2026-01-04T00:00:00Z"}, "PREVIEW_END_TIME_IS_IN_THE_PAST"),
        ({"start_time": "2026-01-05T01:00:00Z"}, "PREVIEW_DURATION_TOO_SMALL"),
        ({"number_buckets": "0"}, "PREVIEW_INVALID_ORDER_CONFIG"),
        ({"number_buckets": "8", "bucket_size": "0.05"}, "PREVIEW_INVALID_ORDER_CONFIG"),
        ({"bucket_size": "0.2"}, "PREVIEW_INVALID_ORDER_CONFIG"),
        ({"bucket_duration": "half a minute"}, "PREVIEW_INVALID_ORDER_CONFIG"),
        ({"base_size": None}, "PREVIEW_INVALID_ORDER_CONFIG"),
        (
            {"base_size": "0.00004", "bucket_size": None},
            "PREVIEW_BUCKET_SIZE_SMALLER_THAN_QUOTE_MIN",
        ),
        (
            {"base_size": "0.00000003", "bucket_size": None},
            "PREVIEW_BUCKET_SIZE_SMALLER_THAN_BASE_MIN",
        ),
        ({"base_size": "4", "bucket_size": "1"}, "PREVIEW_INSUFFICIENT_FUND"),
    ],
)
def test_a_twap_that_cannot_be_worked_off_is_refused(
    stand: Stand, client: RESTClient, fields: dict[str, Any], expected: str
) -> None:
    assert reason(twap(stand, client, **fields)) == expected


def test_a_restart_finds_rungs_and_buckets_where_they_were(
    stand: Stand, client: RESTClient
) -> None:
    scaled(client, post_only=True)
    twap(stand, client, limit_price="59500")
    stand.wait(45)
    again = Exchange(stand.exchange.store, ScriptedFeed(falling), {})
    assert again.desk.live == stand.exchange.desk.live
    resting = stand.exchange.markets[BTC].matching.resting
    assert again.markets[BTC].matching.resting == resting
    assert len(resting) == 5
    # The new process goes on where the old one stopped.
    again.advance(again.now_us + 180_000_000)
    (left,) = again.desk.live.values()
    assert [each.lots for each in left.rungs] == [10_000_000, 0, 0, 0]
    held = again.desk.accounts.find("USD")
    assert held is not None
    assert held.hold == left.held == Decimal("5909.4")


def test_the_same_orders_give_the_same_fills() -> None:
    seen = []
    for _ in range(2):
        stand = Stand(ScriptedFeed(falling), usd=100_000)
        stand.wait(30)
        client = stand.client()
        scaled(client)
        twap(stand, client)
        stand.wait(200)
        fills = client.get_fills(limit=500).to_dict()
        seen.append((fills, client.get_accounts().to_dict(), client.list_orders().to_dict()))
        stand.exchange.store.close()
    assert seen[0] == seen[1]
    assert seen[0][0]["fills"]


def test_a_preview_tells_what_a_ladder_and_a_twap_come_to(stand: Stand, client: RESTClient) -> None:
    ladder = {"base_size": "0.4", "num_orders": 4, "min_price": "58800", "max_price": "59400"}
    told = client.preview_order(BTC, "BUY", {"scaled_limit_gtc": ladder})
    assert (told.errs, told.base_size, told.quote_size) == ([], "0.4", "23640")
    assert client.preview_order(BTC, "BUY", {"scaled_limit_gtc": {**ladder, "num_orders": 0}}).errs
    asked = {
        "base_size": "0.4", "limit_price": "59000", "number_buckets": "4",
        "start_time": times.text(stand.exchange.now_us),
        "end_time": times.text(stand.exchange.now_us + 60_000_000),
    }  # fmt: skip
    told = client.preview_order(BTC, "BUY", {"twap_limit_gtd": asked})
    assert (told.errs, told.quote_size) == ([], "23600")


def test_the_user_channel_tells_of_one_order_as_it_fills(stand: Stand, client: RESTClient) -> None:
    listener = Listener(stand)
    listener.subscribe("user")
    scaled(client, post_only=True)
    twap(stand, client)
    stand.wait(200)
    told: dict[str, list[dict[str, str]]] = {}
    for message in listener.heard():
        for event in message["events"]:
            for row in event.get("orders", ()):
                told.setdefault(row["order_type"], []).append(row)
    assert set(told) == {"Scaled", "Twap"}
    for rows in told.values():
        order = client.get_order(rows[-1]["order_id"]).order
        assert [row["status"] for row in rows][-1] == order.status
        assert rows[-1]["cumulative_quantity"] == order.filled_size
        assert rows[-1]["outstanding_hold_amount"] == order.outstanding_hold_amount
        filled = [Decimal(row["cumulative_quantity"]) for row in rows]
        assert filled == sorted(filled)
        left = {
            Decimal(row["leaves_quantity"]) + each for row, each in zip(rows, filled, strict=True)
        }
        assert left == {Decimal("0.4")}
    assert told["Scaled"][-1]["leaves_quantity"] == "0.1"
    assert [row["cumulative_quantity"] for row in told["Twap"]] == ["0", "0.1", "0.2", "0.3", "0.4"]
    assert told["Twap"][0]["start_time"] < told["Twap"][0]["end_time"]


def market() -> Market:
    made = Market(listing(BTC))
    made.begin(flat(6_000_000, volume=0, depth=100))
    made.pass_point(0)
    return made


def taken(read: Callable[[], Terms], *reasons: str) -> Terms | None:
    """What is asked for, or None where it is refused for one of these reasons."""
    try:
        return read()
    except Refused as refused:
        if not any(each in refused.rejection.preview for each in reasons):
            raise
        return None


@given(
    side=st.sampled_from(list(Side)),
    lots=st.integers(1, 10**10),
    count=st.integers(2, 100),
    low=st.integers(1, 10**7),
    width=st.integers(1, 10**6),
    prices=st.sampled_from(("FLAT", "LINEAR_INCREASING", "LINEAR_DECREASING")),
    sizes=st.sampled_from(("EVENLY_SPLIT", "INCREASING", "DECREASING")),
    ratio=st.sampled_from((None, "1", "1.1", "3")),
)
@settings(max_examples=60, deadline=None)
def test_a_ladder_is_all_of_its_size_between_its_prices(
    side: Side, lots: int, count: int, low: int, width: int, prices: str, sizes: str, ratio: Any
) -> None:
    made = market()
    asked = {
        "base_size": made.size.text(lots),
        "num_orders": str(count),
        "min_price": made.price.text(low),
        "max_price": made.price.text(low + width),
        "price_distribution": prices,
        "size_distribution": sizes,
        "size_ratio": ratio,
    }
    terms = taken(lambda: read_ladder(made, side, asked), "SCALED", "TOO_SMALL", "TOO_LARGE")
    if terms is None:
        return
    limits = [price for price, _ in terms.ladder]
    assert sum(each for _, each in terms.ladder) == lots == terms.lots
    assert len(limits) == count
    assert limits == sorted(set(limits))
    assert (limits[0], limits[-1]) == (low, low + width)
    own = [each for _, each in terms.ladder]
    rising = own[:-1] if sizes == "INCREASING" else own[:-1][::-1]
    assert sizes == "EVENLY_SPLIT" or rising == sorted(rising)


@given(lots=st.integers(1, 10**9), buckets=st.integers(1, 1000), seconds=st.integers(1, 10**6))
@settings(max_examples=40, deadline=None)
def test_a_schedule_makes_all_of_its_size_due_and_never_less_than_before(
    lots: int, buckets: int, seconds: int
) -> None:
    made = market()
    asked = {
        "base_size": made.size.text(lots),
        "limit_price": "60000",
        "start_time": times.text(0),
        "end_time": times.text(seconds * 1_000_000),
        "number_buckets": buckets,
    }
    terms = taken(lambda: read_schedule(made, Side.BUY, asked, now_us=-1), "SMALL", "LARGE")
    if terms is None:
        return
    assert terms.schedule is not None
    assert terms.lots == lots
    due = [terms.schedule.due(each, lots) for each in range(buckets + 1)]
    assert (due[0], due[-1]) == (0, lots)
    assert due == sorted(due)
    assert terms.schedule.begun(-1) == 0
    assert terms.schedule.begun(seconds * 1_000_000) == buckets
    for each in range(min(buckets, 5)):
        begins_us = terms.schedule.begins_us(each)
        assert begins_us is not None
        assert terms.schedule.begun(begins_us) == each + 1
    assert terms.schedule.begins_us(buckets) is None


@given(number=st.integers(1, 2**40 - 1), at=st.integers(0, 99))
def test_a_rung_is_named_by_its_order(number: int, at: int) -> None:
    assert (owner(place(number, at)), rung(place(number, at))) == (number, at)
    assert place(number, 0) == number
