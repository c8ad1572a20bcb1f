"""The checklist of what faithful streams do, item by item: C48 to C59, on a clock that tests turn.

The requests are the official client's, and its own class reads every message. What needs a socket
(C55's drops, C58) is in the tests of the served streams.
"""

from __future__ import annotations

import json
import time
from decimal import Decimal
from itertools import pairwise
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from requests import HTTPError
from tests.simex.conftest import market
from tests.simex.listener import Listener, events
from tests.simex.scripted import ScriptedFeed, listing
from tests.simex.stand import FILES, TRADE, VIEW, Stand

from trader247.simex.changes import Changes
from trader247.simex.errors import StoreFailed
from trader247.simex.exchange import Exchange
from trader247.simex.store import Store
from trader247.simex.streams.faults import Connection, NoFaults

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


@pytest.mark.parametrize(("value", "code"), [("abort", None), ("normal", 1000)])
def test_c48_who_asks_nothing_for_five_seconds_is_put_out(
    feed: ScriptedFeed, value: str, code: int | None
) -> None:
    stand = Stand(feed, f"stream_close={value}")
    silent, asking = Listener(stand), Listener(stand)
    asking.subscribe("heartbeats")
    stand.wait(4.9)
    assert (silent.heard(), silent.ended) == ([], [])
    stand.wait(0.2)
    assert (silent.heard(), silent.ended) == ([], [code])
    assert len(asking.heard()) == 2
    assert asking.ended == []


@pytest.mark.parametrize(("value", "code"), [("abort", None), ("normal", 1000)])
def test_c53_a_silent_connection_is_closed_unless_its_heart_beats(
    feed: ScriptedFeed, value: str, code: int | None
) -> None:
    stand = Stand(feed, f"stream_close={value}")
    idle, beating = Listener(stand), Listener(stand)
    idle.subscribe("user")
    beating.subscribe("user")
    beating.subscribe("heartbeats")
    waited = 0
    while not idle.ended:
        stand.wait(1)
        waited += 1
        assert waited <= 90
        idle.heard()
    assert waited >= 60
    assert idle.ended == [code]
    assert beating.heard()
    assert beating.ended == []


def test_c53_the_patience_can_be_shortened(feed: ScriptedFeed) -> None:
    stand = Stand(feed, "stream_idle_ms=500", "subscribe_within_ms=200")
    silent, idle = Listener(stand), Listener(stand)
    idle.subscribe("user")
    stand.wait(0.2)
    silent.heard()
    stand.wait(0.3)
    idle.heard()
    assert (silent.ended, idle.ended) == ([None], [None])


def test_c53_nobody_is_put_out_while_time_itself_stands_still(feed: ScriptedFeed) -> None:
    stand = Stand(feed)
    silent, beating = Listener(stand), Listener(stand)
    beating.subscribe("heartbeats")
    stand.pace.lead(stand.exchange.now_us + 1_000_000)
    stand.wait(200)
    assert (silent.heard(), silent.ended) == ([], [])
    assert len(events(beating.heard(), "heartbeats")) == 1
    assert beating.ended == []


def test_c49_products_are_added_and_taken_away_one_channel_at_a_time(stand: Stand) -> None:
    listener = Listener(stand)
    listener.subscribe("ticker", BTC)
    listener.subscribe("ticker", ETH)
    (told,) = events(listener.unsubscribe("ticker", BTC), "subscriptions")
    assert told == {"subscriptions": {"ticker": [ETH]}}
    stand.wait(60)
    assert {
        row["product_id"] for each in events(listener.heard(), "ticker") for row in each["tickers"]
    } == {ETH}
    (told,) = events(listener.unsubscribe("ticker", ETH), "subscriptions")
    assert told == {"subscriptions": {}}
    stand.wait(60)
    assert listener.heard() == []


def test_c49_sequence_numbers_may_count_by_product(feed: ScriptedFeed) -> None:
    listener = Listener(stand := Stand(feed, "sequence_scope=product"))
    heard = listener.subscribe("market_trades", BTC, ETH)
    stand.wait(60)
    heard += listener.heard()
    numbers: dict[str, list[int]] = {}
    for each in heard:
        trades = each["events"][0].get("trades")
        product = trades[0]["product_id"] if trades else ""
        numbers.setdefault(product, []).append(each["sequence_num"])
    assert numbers.keys() == {"", BTC, ETH}
    assert all(found == list(range(len(found))) for found in numbers.values())


@pytest.mark.parametrize(
    "request_",
    [
        "no json", "[]", "[[[[", {}, {"type": "subscribe"}, {"type": "nope", "channel": "ticker"},
        {"type": "subscribe", "channel": "nope", "product_ids": [BTC]},
        {"type": "subscribe", "channel": "ticker", "product_ids": ["NOPE-USD"]},
        {"type": "subscribe", "channel": "ticker", "product_ids": [BTC, "NOPE-USD"]},
        {"type": "subscribe", "channel": "ticker", "product_ids": []},
        {"type": "subscribe", "channel": "ticker", "product_ids": BTC},
        {"type": "subscribe", "channel": "ticker", "product_ids": [1]},
        {"type": "subscribe", "channel": "ticker", "product_ids": [BTC], "jwt": 1},
        {"type": "subscribe", "channel": ["ticker"], "product_ids": [BTC]},
    ],
)  # fmt: skip
def test_c49_what_is_not_understood_is_an_error_and_changes_nothing(
    stand: Stand, request_: object
) -> None:
    listener = Listener(stand)
    assert listener.say(request_) == []
    assert len(listener.errors) == 1
    assert events(listener.subscribe("ticker", BTC), "subscriptions") == [
        {"subscriptions": {"ticker": [BTC]}}
    ]


def claimed(key: str = TRADE, *, header_kid: str | None = None, **claims: Any) -> str:
    """A token of a key with some of its claims changed; None takes one away.

    A time that is changed is in seconds from now: tests are collected minutes before they run.
    """
    content = next(json.loads(each.content) for each in FILES if each.key.name == key)
    private = load_pem_private_key(content["privateKey"].encode(), None)
    now = int(time.time())
    all_claims: dict[str, Any] = {"sub": key, "iss": "cdp", "nbf": 0, "exp": 120, **claims}
    for name in ("nbf", "exp"):
        seconds = all_claims[name]
        all_claims[name] = None if seconds is None else now + seconds
    return jwt.encode(
        {name: value for name, value in all_claims.items() if value is not None},
        private,  # type: ignore[arg-type]  # an EC key
        algorithm="ES256",
        headers={"kid": header_kid or key, "nonce": "0" * 64},
    )


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "nobody"}, {"iss": None}, {"sub": VIEW}, {"sub": None}, {"header_kid": VIEW},
        {"header_kid": "unknown", "sub": "unknown"}, {"nbf": -300, "exp": -180},
        {"nbf": 180, "exp": 300}, {"exp": 1000}, {"exp": None},
    ],
)  # fmt: skip
def test_c50_a_token_out_of_order_is_an_authentication_failure(
    stand: Stand, claims: dict[str, Any]
) -> None:
    listener = Listener(stand)
    request = {"type": "subscribe", "channel": "user", "product_ids": []}
    assert listener.say({**request, "jwt": claimed(**claims)}) == []
    assert listener.errors == ["authentication failure"]
    assert listener.ended == []
    assert len(listener.say({**request, "jwt": claimed()})) == 2


@pytest.mark.parametrize(
    "claims", [{}, {"uri": "GET localhost:8443/api/v3/brokerage/orders"}, {"iss": "coinbase-cloud"}]
)
def test_c50_the_token_of_a_rest_request_is_taken(stand: Stand, claims: dict[str, Any]) -> None:
    request = {"type": "subscribe", "channel": "user", "jwt": claimed(**claims)}
    assert len(Listener(stand).say(request)) == 2


@pytest.mark.parametrize(("value", "messages"), [("refused", 0), ("ignored", 2)])
def test_c50_a_bad_token_on_a_public_channel(feed: ScriptedFeed, value: str, messages: int) -> None:
    stand = Stand(feed, f"stray_bearer={value}")
    request = {"type": "subscribe", "channel": "ticker", "product_ids": [BTC], "jwt": "bad"}
    assert len(Listener(stand).say(request)) == messages


def test_c50_public_channels_need_no_key(stand: Stand) -> None:
    listener = Listener(stand, key=None)
    for channel in ("ticker", "ticker_batch", "level2", "market_trades", "candles", "status"):
        heard = listener.subscribe(channel, BTC)
        assert [each["events"][0].get("type") for each in heard] == [None, "snapshot"]
    assert len(listener.subscribe("heartbeats")) == 1


def test_c52_the_counter_may_be_text_and_the_heart_may_stop(feed: ScriptedFeed) -> None:
    class Stopping(NoFaults):
        def is_silent(self, connection: Connection, channel: str, product: str) -> bool:
            return channel == "heartbeats" and made.passed_us > 3_000_000

    made = Stand(feed, "heartbeat_counter=text", faults=Stopping())
    listener = Listener(made)
    listener.subscribe("heartbeats")
    listener.subscribe("ticker", BTC)
    for _ in range(60):
        made.wait(1)
    heard = listener.heard()
    assert [each["heartbeat_counter"] for each in events(heard, "heartbeats")] == ["1", "2", "3"]
    numbers = [each["sequence_num"] for each in heard]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert len(events(heard, "ticker")) >= 3


def test_c54_the_last_updates_may_be_heard_again_by_a_new_connection(feed: ScriptedFeed) -> None:
    for value, updates in (("off", 0), ("on", 2)):
        stand = Stand(feed, f"user_replay={value}")
        client = stand.client()
        order_id = client.limit_order_gtc_buy("a", BTC, "0.001", "50000").success_response[
            "order_id"
        ]
        client.cancel_orders([order_id])
        told = events(Listener(stand).subscribe("user"), "user")
        assert [each["type"] for each in told] == ["snapshot"] + ["update"] * updates
        stand.exchange.store.close()


def test_c54_a_client_order_id_once_more_tells_nothing(stand: Stand) -> None:
    listener, client = Listener(stand), stand.client()
    listener.subscribe("user")
    for _ in range(2):
        client.limit_order_gtc_buy("again", BTC, "0.001", "50000")
    assert len(listener.heard()) == 1


def test_c54_every_kind_of_end_is_told(stand: Stand) -> None:
    listener, client = Listener(stand), stand.client()
    listener.subscribe("user")
    client.market_order_buy("market", BTC, quote_size="50")
    client.limit_order_ioc_buy("ioc", BTC, "0.001", "50000")
    client.limit_order_gtd_buy("gtd", BTC, "0.001", "50000", "2026-01-05T00:00:30Z")
    stand.wait(31)
    rows = [row for event in events(listener.heard(), "user") for row in event["orders"]]
    assert [(each["client_order_id"], each["status"]) for each in rows] == [
        ("market", "FILLED"), ("ioc", "CANCELLED"), ("gtd", "OPEN"), ("gtd", "EXPIRED"),
    ]  # fmt: skip
    by_name = {each["client_order_id"]: each for each in rows}
    assert by_name["market"]["order_type"] == "Market"
    assert by_name["market"]["limit_price"] == "0"
    assert by_name["gtd"]["end_time"] == "2026-01-05T00:00:30Z"
    order = client.get_order(by_name["market"]["order_id"]).order
    assert by_name["market"]["avg_price"] == order.average_filled_price
    assert by_name["market"]["total_value_after_fees"] == order.total_value_after_fees


def test_c56_usdc_is_told_as_usd(stand: Stand) -> None:
    listener = Listener(stand)
    for channel, rows in (
        ("ticker", "tickers"), ("market_trades", "trades"), ("candles", "candles"),
    ):  # fmt: skip
        heard = listener.subscribe(channel, "BTC-USDC", BTC)
        assert heard[0]["events"][0]["subscriptions"][channel] == [BTC]
        (event,) = events(heard, channel)
        assert {row["product_id"] for row in event[rows]} == {BTC}
    (book,) = events(listener.subscribe("level2", "BTC-USDC"), "l2_data")
    assert book["product_id"] == BTC


@pytest.mark.parametrize(("value", "product"), [("named", "BTC-USDC"), ("canonical", BTC)])
def test_c56_an_order_on_usdc_is_told_under_either_name(
    feed: ScriptedFeed, value: str, product: str
) -> None:
    stand = Stand(feed, f"user_product={value}")
    stand.exchange.deposit("USDC", Decimal(100))
    wanted = [Listener(stand), Listener(stand), Listener(stand), Listener(stand)]
    for listener, products in zip(wanted, ([], [BTC], ["BTC-USDC"], [ETH]), strict=True):
        listener.subscribe("user", *products)
    assert stand.client().market_order_buy("a", "BTC-USDC", quote_size="50").success
    told = [events(listener.heard(), "user") for listener in wanted]
    assert [len(each) for each in told] == [1, 1, 1, 0]
    assert told[0][0]["orders"][0]["product_id"] == product


def test_c56_the_client_id_may_be_absent(feed: ScriptedFeed) -> None:
    for value, has in (("on", True), ("off", False)):
        heard = Listener(Stand(feed, f"client_id={value}")).subscribe("heartbeats")
        assert ("client_id" in heard[0]) is has
        assert heard[0].get("client_id", "") == ""


def test_c57_the_ninth_connection_of_a_second_is_refused(feed: ScriptedFeed) -> None:
    stand = Stand(feed)
    made = [stand.streams.connect("10.0.0.1") for _ in range(9)]
    assert [each for each in made if isinstance(each, int)] == [429]
    assert isinstance(made[8], int)
    assert not isinstance(stand.streams.connect("10.0.0.2"), int)
    stand.wait(1)
    assert not isinstance(stand.streams.connect("10.0.0.1"), int)


def test_c57_the_ninth_message_without_a_token_is_refused(feed: ScriptedFeed) -> None:
    stand = Stand(feed)
    keyless, keyed = Listener(stand, key=None), Listener(stand)
    for _ in range(10):
        keyless.subscribe("ticker", BTC)
        keyed.subscribe("ticker", BTC)
    assert keyless.errors == ["rate limit exceeded"] * 2
    assert keyed.errors == []
    assert keyless.ended == []
    stand.wait(1)
    assert len(keyless.subscribe("ticker", ETH)) > 1


def test_c57_a_thousand_connections_are_enough(feed: ScriptedFeed) -> None:
    stand = Stand(feed, "stream_per_s=1000000")
    made = [stand.streams.connect("10.0.0.1") for _ in range(1001)]
    assert made[1000] == 503
    first = made[0]
    assert not isinstance(first, int)
    stand.streams.leave(first)
    assert not isinstance(stand.streams.connect("10.0.0.1"), int)


def script(feed: ScriptedFeed) -> list[str]:
    """What two clients hear, and what REST answers, while something happens."""
    stand = Stand(feed, *FREELY)
    everything, own = Listener(stand), Listener(stand)
    log: list[str] = []

    def note(listener: Listener) -> None:
        while (each := listener.session.take()) is not None:
            log.append(str(each))

    for channel in ("level2", "ticker", "ticker_batch", "market_trades", "candles", "status"):
        stand.streams.hear(
            everything.session, json.dumps(everything._message(channel, (BTC, ETH), "subscribe"))
        )
    for channel in ("heartbeats", "user"):
        stand.streams.hear(own.session, json.dumps(own._message(channel, (), "subscribe")))
    client = stand.client()
    for number in range(5):
        answer = client.limit_order_gtc_buy(str(number), BTC, "0.001", str(59_990 - number))
        log.append(json.dumps(answer.to_dict()))
        stand.wait(17)
        note(everything)
        note(own)
    log.append(json.dumps(client.get_fills().to_dict()))
    stand.exchange.store.close()
    return log


def test_c59_the_same_script_gives_the_same_bytes() -> None:
    first, second = (
        script(ScriptedFeed(market, listing(), listing("ETH-USD"), history=1440)) for _ in range(2)
    )
    assert len(first) > 80
    assert first == second


def test_c54_an_order_that_waits_for_a_price_is_told_when_it_wakes(stand: Stand) -> None:
    listener, client = Listener(stand), stand.client()
    listener.subscribe("user")
    assert client.market_order_buy("buys", BTC, quote_size="500").success
    listener.heard()
    made = client.stop_limit_order_gtc_sell(
        "stops", BTC, "0.001", "59000", "59950", "STOP_DIRECTION_STOP_DOWN"
    )
    assert made.success
    client.trigger_bracket_order_gtc_sell("takes", BTC, "0.001", "90000", "50000")
    stand.wait(60)
    rows = [row for event in events(listener.heard(), "user") for row in event["orders"]]
    stops = [each for each in rows if each["client_order_id"] == "stops"]
    assert {each["order_type"] for each in stops} == {"Stop Limit"}
    assert {(each["limit_price"], each["stop_price"]) for each in stops} == {("59000", "59950")}
    pending, *_, triggered = [each["trigger_status"] for each in stops]
    assert (pending, triggered) == ("STOP_PENDING", "STOP_TRIGGERED")
    (takes,) = [each for each in rows if each["client_order_id"] == "takes"]
    assert (takes["order_type"], takes["limit_price"]) == ("Bracket", "90000")
    assert takes["stop_price"] == "50000"


def test_what_could_not_be_written_down_is_told_to_nobody(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: Store, _changes: Changes) -> None:
        raise StoreFailed("disk full")

    listener = Listener(stand)
    book: dict[str, dict[str, str]] = {"bid": {}, "offer": {}}
    applied(book, events(listener.subscribe("level2", BTC), "l2_data"))
    for channel in ("market_trades", "ticker", "candles", "user"):
        listener.subscribe(channel, *([] if channel == "user" else [BTC]))
    with monkeypatch.context() as patch:
        patch.setattr(Store, "commit", full)
        with pytest.raises(HTTPError, match="503"):
            stand.client().limit_order_gtc_buy("lost", BTC, "0.001", "50000")
        with pytest.raises(StoreFailed):
            stand.wait(40)
        stand.streams.pump()
        assert listener.heard() == []
    assert stand.client().limit_order_gtc_buy("kept", BTC, "0.001", "50000").success
    heard = listener.heard()
    stand.wait(60)
    heard += listener.heard()
    applied(book, events(heard, "l2_data"))
    assert book == rest_book(stand, BTC)
    orders = [row for each in events(heard, "user") for row in each["orders"]]
    assert [each["client_order_id"] for each in orders] == ["kept"]
    trades = [row["trade_id"] for each in events(heard, "market_trades") for row in each["trades"]]
    assert trades
    assert len(trades) == len(set(trades))


def test_candles_are_those_of_rest(stand: Stand) -> None:
    listener, client = Listener(stand), stand.client()
    told = {
        row["start"]: row
        for each in events(listener.subscribe("candles", BTC), "candles")
        for row in each["candles"]
    }
    assert len(told) == 100
    for _ in range(30):
        stand.wait(20)
        for each in events(listener.heard(), "candles"):
            assert len(each["candles"]) <= 2
            told |= {row["start"]: row for row in each["candles"]}
    newest = max(told)
    rest = client.get_candles(BTC, str(int(newest) - 1500), str(int(newest) + 1), "FIVE_MINUTE")
    assert max(each.start for each in rest.candles) == newest
    for candle in rest.candles:
        row = {**candle.to_dict(), "product_id": BTC}
        assert told[candle.start] == row


def test_trades_and_tickers_are_those_of_rest(stand: Stand) -> None:
    listener, client = Listener(stand), stand.client()
    heard = listener.subscribe("market_trades", BTC) + listener.subscribe("ticker", BTC)
    for _ in range(9):
        stand.wait(20)
        heard += listener.heard()
    rest = client.get_market_trades(BTC, 100)
    told = [row for each in events(heard, "market_trades")[::-1] for row in each["trades"]]
    assert [each["trade_id"] for each in told[:100]] == [each.trade_id for each in rest.trades]
    assert [each["side"] for each in told[:100]] == [each.side for each in rest.trades]
    (ticker,) = events(heard, "ticker")[-1]["tickers"]
    assert (ticker["best_bid"], ticker["best_ask"]) == (rest.best_bid, rest.best_ask)
    assert ticker["price"] == rest.trades[0].price
    product = client.get_product(BTC)
    assert ticker["price_percent_chg_24_h"] == product.price_percentage_change_24h
    assert Decimal(ticker["low_52_w"]) <= Decimal(ticker["low_24_h"]) == Decimal(59_900)
    assert Decimal(ticker["high_52_w"]) >= Decimal(ticker["high_24_h"]) == Decimal(60_100)


def test_ticker_batch_speaks_every_five_seconds_where_something_changed(stand: Stand) -> None:
    listener = Listener(stand)
    listener.subscribe("ticker_batch", BTC)
    when = []
    for second in range(60):
        stand.wait(1)
        when += [second for _ in events(listener.heard(), "ticker_batch")]
    assert 3 <= len(when) <= 5
    gaps = [later - earlier for earlier, later in pairwise(when)]
    assert min(gaps) >= 5
    (row,) = events(listener.subscribe("ticker_batch", BTC), "ticker_batch")[0]["tickers"]
    assert not [name for name in row if name.startswith("best_")]


def test_status_is_told_again_and_again(stand: Stand) -> None:
    listener = Listener(stand)
    assert len(events(listener.subscribe("status"), "status")) == len(stand.exchange.markets)
    flags = stand.exchange.markets[BTC].flags
    stand.exchange.set_flags(BTC, flags.with_changes({"status": "offline"}))
    for _ in range(6):
        stand.wait(1)
    rows = [row for each in events(listener.heard(), "status") for row in each["products"]]
    assert {each["id"]: each["status"] for each in rows} == {BTC: "offline", ETH: "online"}


def test_our_own_match_moves_the_ticker(stand: Stand) -> None:
    listener, client = Listener(stand), stand.client()
    listener.subscribe("ticker", BTC, ETH)
    client.limit_order_gtc_buy("rests", BTC, "0.001", "50000")
    assert events(listener.heard(), "ticker") == []
    client.market_order_buy("takes", BTC, quote_size="50")
    (told,) = events(listener.heard(), "ticker")
    assert [row["product_id"] for row in told["tickers"]] == [BTC]


def unreadable(_self: Exchange) -> None:
    raise StoreFailed("the past cannot be read")


def test_a_past_that_cannot_be_read_ends_the_streams_and_not_the_exchange(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    listener = Listener(stand)
    listener.subscribe("candles", BTC)
    client = stand.client()
    with monkeypatch.context() as patch:
        patch.setattr(Exchange, "history", property(unreadable))
        assert client.limit_order_gtc_buy("kept", BTC, "0.001", "50000").success
        stand.wait(20)
        assert (listener.heard(), listener.ended) == ([], [1011])
        late = Listener(stand)
        with pytest.raises(StoreFailed):
            late.subscribe("ticker", BTC)
        assert late.session.subscriptions == {}
        stand.wait(20)
    assert [each.client_order_id for each in client.list_orders().orders] == ["kept"]
    assert len(late.subscribe("candles", BTC)) == 2
