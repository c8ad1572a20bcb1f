from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from tests.simex.client import HOST, PREFIX, ask, asked

from trader247.simex.embedded import Embedded
from trader247.simex.wire.request import Request

MINUTE = 60_000_000


def create(
    exchange: Embedded, name: str, configuration: dict[str, Any], side: str = "BUY", **body: Any
) -> Any:
    asked_for = {
        "client_order_id": name,
        "product_id": "BTC-USD",
        "side": side,
        "order_configuration": configuration,
        **body,
    }
    return asked(exchange, "POST", "/orders", body=asked_for)


def limit(price: str = "59950", size: str = "0.001", **fields: Any) -> dict[str, Any]:
    return {"limit_limit_gtc": {"base_size": size, "limit_price": price, **fields}}


def gtd(end_time: str | None) -> dict[str, Any]:
    fields = {"base_size": "0.001", "limit_price": "59950", "end_time": end_time}
    return {"limit_limit_gtd": fields}


def market(**size: str) -> dict[str, Any]:
    return {"market_market_ioc": size}


def test_private_paths_need_a_token_and_say_so_in_plain_text(exchange: Embedded) -> None:
    for path, status in (("/time", 200), ("/market/products", 200), ("/accounts", 401)):
        reply = exchange.answer(Request("GET", HOST, PREFIX + path, "", b"{}", None))
        assert reply.status == status
    assert (reply.body, reply.content_type.split(";")[0]) == (b"Unauthorized\n", "text/plain")


def test_a_token_that_is_not_in_order_is_refused_on_public_paths_too(exchange: Embedded) -> None:
    reply = exchange.answer(Request("GET", HOST, PREFIX + "/time", "", b"{}", "Bearer a.b.c"))
    assert reply.status == 401


@pytest.mark.parametrize(
    ("configuration", "side", "error", "preview"),
    [
        (limit("59950.001"), "BUY", "INVALID_PRICE_PRECISION", "PREVIEW_INVALID_PRICE_PRECISION"),
        (limit(size="0.000000001"), "BUY", "INVALID_SIZE_PRECISION", None),
        (limit(size="abc"), "BUY", "UNKNOWN_FAILURE_REASON", "PREVIEW_NON_NUMERIC_ORDER_SIZE"),
        (limit(size="1e-3"), "BUY", "UNKNOWN_FAILURE_REASON", "PREVIEW_NON_NUMERIC_ORDER_SIZE"),
        (limit(size="0.00001"), "BUY", None, "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL"),
        (limit(size="0"), "BUY", None, "PREVIEW_INVALID_BASE_SIZE_TOO_SMALL"),
        (limit(size="3401"), "BUY", None, "PREVIEW_INVALID_BASE_SIZE_TOO_LARGE"),
        (limit("60000.01", post_only=True), "BUY", "INVALID_LIMIT_PRICE_POST_ONLY", None),
        (limit(size="1"), "BUY", "INSUFFICIENT_FUND", "PREVIEW_INSUFFICIENT_FUND"),
        (limit("70000"), "SELL", "INVALID_LEDGER_BALANCE", "PREVIEW_INVALID_LEDGER_BALANCE"),
        (limit(), "HOLD", "INVALID_SIDE", "PREVIEW_INVALID_SIDE"),
        (market(quote_size="100.001"), "BUY", None, "PREVIEW_INVALID_QUOTE_SIZE_PRECISION"),
        (market(quote_size="0.99"), "BUY", None, "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL"),
        (market(quote_size="100"), "SELL", "UNSUPPORTED_ORDER_CONFIGURATION", None),
        (market(), "BUY", "UNSUPPORTED_ORDER_CONFIGURATION", "PREVIEW_INVALID_ORDER_CONFIG"),
        ({**limit(), **market(quote_size="9")}, "BUY", "UNSUPPORTED_ORDER_CONFIGURATION", None),
        ({}, "BUY", "UNSUPPORTED_ORDER_CONFIGURATION", None),
        (
            {"market_market_fok": {"quote_size": "9"}},
            "BUY",
            "UNSUPPORTED_ORDER_CONFIGURATION",
            None,
        ),
        (gtd("2026-01-05T00:00:00Z"), "BUY", "END_TIME_IS_IN_THE_PAST", None),
        (gtd(None), "BUY", "GTD_ORDERS_MUST_HAVE_END_TIME", None),
    ],
)
def test_an_order_that_cannot_be_taken_is_a_200_that_says_why(
    exchange: Embedded,
    configuration: dict[str, Any],
    side: str,
    error: str | None,
    preview: str | None,
) -> None:
    before = exchange.accounts_json()
    body = create(exchange, "a", configuration, side)
    assert body["success"] is False
    assert error in (None, body["error_response"]["error"])
    assert preview in (None, body["error_response"]["preview_failure_reason"])
    assert exchange.accounts_json() == before
    assert exchange.orders_json()["orders"] == []


def test_the_message_for_a_missing_balance_is_coinbase_s(exchange: Embedded) -> None:
    body = create(exchange, "a", limit(size="1"))
    assert body["error_response"]["message"] == "Insufficient balance in source account"
    assert body["error_response"]["new_order_failure_reason"] == "INSUFFICIENT_FUND"


def test_an_unknown_product_is_refused(exchange: Embedded) -> None:
    body = create(exchange, "a", limit(), product_id="NOPE-USD")
    assert body["error_response"]["error"] == "INVALID_PRODUCT_ID"


@pytest.mark.parametrize(
    ("flags", "configuration", "error"),
    [
        ({"trading_disabled": True}, limit(), "TRADING_DISABLED"),
        ({"status": "offline"}, limit(), "TRADING_DISABLED"),
        ({"cancel_only": True}, limit(), "ORDER_ENTRY_DISABLED"),
        ({"limit_only": True}, market(quote_size="9"), "UNSUPPORTED_ORDER_CONFIGURATION"),
        ({"post_only": True}, limit(), "INVALID_LIMIT_PRICE_POST_ONLY"),
    ],
)
def test_a_closed_product_takes_no_order_and_shows_it(
    exchange: Embedded, flags: dict[str, Any], configuration: dict[str, Any], error: str
) -> None:
    exchange.do({"action": "set", "product_id": "BTC-USD", "flags": flags})
    assert create(exchange, "a", configuration)["error_response"]["error"] == error
    product = asked(exchange, "GET", "/products/BTC-USD")
    assert {name: product[name] for name in flags} == flags


def test_a_listing_tells_of_each_product_what_is_told_of_it_alone(exchange: Embedded) -> None:
    told = []
    for flags in ({}, {}, {"view_only": True}, {"view_only": False, "status": "offline"}):
        if flags:
            exchange.do({"action": "set", "product_id": "BTC-USD", "flags": flags})
        exchange.advance(exchange.now_us + 3 * MINUTE)
        listed = ask(exchange, "GET", "/products").body
        products = json.loads(listed)["products"]
        singly = [ask(exchange, "GET", f"/products/{each['product_id']}") for each in products]
        assert b",".join(each.body for each in singly) in listed
        told.append(listed)
    assert len(set(told)) == len(told)


@pytest.mark.parametrize("missing", ["client_order_id", "side", "product_id"])
def test_a_missing_field_is_a_400(exchange: Embedded, missing: str) -> None:
    body = {
        "client_order_id": "a",
        "product_id": "BTC-USD",
        "side": "BUY",
        "order_configuration": limit(),
    }
    del body[missing]
    reply = ask(exchange, "POST", "/orders", body=body)
    assert reply.status == 400
    assert json.loads(reply.body)["error"] == "INVALID_ARGUMENT"


@pytest.mark.parametrize("raw", [b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_object_is_a_400(exchange: Embedded, raw: bytes) -> None:
    assert ask(exchange, "POST", "/orders", body=raw).status == 400


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/nothing"), ("GET", "/orders"), ("DELETE", "/accounts"), ("GET", "/market/accounts")],
)
def test_an_unknown_endpoint_is_a_404(exchange: Embedded, method: str, path: str) -> None:
    assert ask(exchange, method, path).status == 404


def test_an_unknown_order_is_a_404_in_coinbase_s_words(exchange: Embedded) -> None:
    reply = ask(exchange, "GET", "/orders/historical/00000000-0000-0000-0000-000000000000")
    assert reply.status == 404
    assert json.loads(reply.body)["message"] == "order with this orderID was not found"


def test_an_order_sent_again_answers_with_the_first(exchange: Embedded) -> None:
    first = create(exchange, "a", limit())
    again = create(exchange, "a", limit("40000", "0.002"))
    assert again == first
    assert len(exchange.orders_json()["orders"]) == 1


def test_each_cancel_has_its_own_answer(exchange: Embedded) -> None:
    live = create(exchange, "a", limit())["success_response"]["order_id"]
    taken = create(exchange, "b", market(quote_size="10"))["success_response"]["order_id"]
    ids = [live, "nope", taken, live]
    results = asked(exchange, "POST", "/orders/batch_cancel", body={"order_ids": ids})["results"]
    assert [result["order_id"] for result in results] == ids
    assert [result["success"] for result in results] == [True, False, False, False]
    assert [result["failure_reason"] for result in results] == [
        "UNKNOWN_CANCEL_FAILURE_REASON",
        "UNKNOWN_CANCEL_ORDER",
        "ORDER_IS_FULLY_FILLED",
        "DUPLICATE_CANCEL_REQUEST",
    ]
    order = asked(exchange, "GET", f"/orders/historical/{live}")["order"]
    assert (order["status"], order["outstanding_hold_amount"]) == ("CANCELLED", "0")


def test_more_than_100_cancels_are_refused_whole(exchange: Embedded) -> None:
    live = create(exchange, "a", limit())["success_response"]["order_id"]
    body = {"order_ids": [live, *map(str, range(100))]}
    reply = ask(exchange, "POST", "/orders/batch_cancel", body=body)
    assert reply.status == 400
    assert b"Too many orderIDs entered, limit is 100" in reply.body
    assert exchange.orders_json()["orders"][0]["status"] == "OPEN"


def test_a_preview_foretells_a_market_order_and_changes_nothing(exchange: Embedded) -> None:
    wanted = {
        "product_id": "BTC-USD",
        "side": "BUY",
        "order_configuration": market(quote_size="500"),
    }
    preview = asked(exchange, "POST", "/orders/preview", body=wanted)
    assert preview["errs"] == []
    assert exchange.orders_json()["orders"] == []
    create(exchange, "a", market(quote_size="500"))
    order = exchange.orders_json()["orders"][0]
    assert order["total_value_after_fees"] == preview["order_total"]
    assert order["total_fees"] == preview["commission_total"]
    assert order["filled_size"] == preview["base_size"]


def test_a_preview_names_what_is_wrong_as_text(exchange: Embedded) -> None:
    body = {"product_id": "BTC-USD", "side": "BUY", "order_configuration": limit(size="1")}
    preview = asked(exchange, "POST", "/orders/preview", body=body)
    assert preview["errs"] == ["PREVIEW_INSUFFICIENT_FUND"]


def test_orders_page_newest_first_and_stay_stable_under_new_ones(exchange: Embedded) -> None:
    for number in range(5):
        create(exchange, str(number), limit())
    first = asked(exchange, "GET", "/orders/historical/batch", "limit=2")
    create(exchange, "late", limit())
    second = asked(exchange, "GET", "/orders/historical/batch", f"limit=2&cursor={first['cursor']}")
    third = asked(exchange, "GET", "/orders/historical/batch", f"limit=2&cursor={second['cursor']}")
    pages = [[order["client_order_id"] for order in page["orders"]] for page in (first, second)]
    assert pages == [["4", "3"], ["2", "1"]]
    assert [order["client_order_id"] for order in third["orders"]] == ["0"]
    assert (first["has_next"], third["has_next"], third["cursor"]) == (True, False, "")


def test_a_listing_that_was_asked_before_tells_what_changed_since(exchange: Embedded) -> None:
    order_id = create(exchange, "a", limit())["success_response"]["order_id"]

    def seen() -> tuple[str, str, dict[str, Any]]:
        (listed,) = asked(exchange, "GET", "/orders/historical/batch")["orders"]
        alone = asked(exchange, "GET", f"/orders/historical/{order_id}")["order"]
        assert listed == alone  # one is told from what was told before, the other is made anew
        wallets = {
            each["currency"]: each for each in asked(exchange, "GET", "/accounts")["accounts"]
        }
        assert wallets["USD"]["hold"]["value"] == listed["outstanding_hold_amount"]
        return listed["status"], listed["outstanding_hold_amount"], listed

    status, held, first = seen()
    assert (status, held != "0", first) == ("OPEN", True, seen()[2])
    asked(exchange, "POST", "/orders/batch_cancel", body={"order_ids": [order_id]})
    assert seen()[:2] == ("CANCELLED", "0")


def test_orders_are_filtered_and_the_end_is_exclusive(exchange: Embedded) -> None:
    create(exchange, "a", limit("50000"))
    exchange.advance(exchange.now_us + MINUTE)
    create(exchange, "b", market(quote_size="10"))

    def names(query: str) -> list[str]:
        orders = asked(exchange, "GET", "/orders/historical/batch", query)["orders"]
        return [order["client_order_id"] for order in orders]

    assert names("order_status=OPEN") == ["a"]
    assert names("order_status=OPEN&order_status=FILLED") == ["b", "a"]
    assert names("product_ids=ETH-USD") == []
    assert names("product_id=ETH-USD") == ["b", "a"]
    assert names("order_types=MARKET") == ["b"]
    assert names("start_date=2026-01-05T00:01:00Z") == ["b"]
    assert names("end_date=2026-01-05T00:01:00Z") == ["a"]
    assert ask(exchange, "GET", "/orders/historical/batch", "start_date=today").status == 400


def test_fills_page_by_cursor_and_know_no_has_next(exchange: Embedded) -> None:
    for number in range(5):
        create(exchange, str(number), market(quote_size="10"))
        exchange.advance(exchange.now_us + MINUTE)
    seen, cursor = [], ""
    for _ in range(3):
        query = f"limit=2&cursor={cursor}"
        page = asked(exchange, "GET", "/orders/historical/fills", query)
        assert page.keys() == {"fills", "cursor"}
        seen += [fill["entry_id"] for fill in page["fills"]]
        cursor = page["cursor"]
    assert cursor == ""
    assert len(set(seen)) == len(seen) == 5
    since = "start_sequence_timestamp=2026-01-05T00:03:00Z"
    assert len(asked(exchange, "GET", "/orders/historical/fills", since)["fills"]) == 2


def test_orders_and_accounts_are_the_sums_of_the_fills(exchange: Embedded) -> None:
    create(exchange, "a", limit("59999.99", "0.03", post_only=True))
    create(exchange, "b", market(quote_size="123.45"))
    exchange.advance(exchange.now_us + 5 * MINUTE)
    create(exchange, "c", {"sor_limit_ioc": {"base_size": "0.02", "limit_price": "59000"}}, "SELL")
    fills = exchange.fills_json()["fills"]
    cash, base = Decimal(10_000), Decimal(0)
    for fill in fills:
        sign = 1 if fill["side"] == "BUY" else -1
        value = Decimal(fill["price"]) * Decimal(fill["size"])
        rate = Decimal("0.005" if fill["liquidity_indicator"] == "MAKER" else "0.009")
        assert Decimal(fill["commission"]) == value * rate
        cash -= sign * value + Decimal(fill["commission"])
        base += sign * Decimal(fill["size"])
    accounts = {account["currency"]: account for account in exchange.accounts_json()["accounts"]}
    assert Decimal(accounts["USD"]["available_balance"]["value"]) == cash
    assert Decimal(accounts["BTC"]["available_balance"]["value"]) == base
    for order in exchange.orders_json()["orders"]:
        mine = [fill for fill in fills if fill["order_id"] == order["order_id"]]
        assert order["number_of_fills"] == str(len(mine))
        assert Decimal(order["total_fees"]) == sum(Decimal(fill["commission"]) for fill in mine)
        assert Decimal(order["filled_size"]) == sum(Decimal(fill["size"]) for fill in mine)


def test_accounts_page_completely(exchange: Embedded) -> None:
    for number in range(55):
        exchange.deposit(f"C{number}", Decimal(1))
    first = asked(exchange, "GET", "/accounts")
    assert (len(first["accounts"]), first["has_next"], first["size"]) == (49, True, 49)
    second = asked(exchange, "GET", "/accounts", f"cursor={first['cursor']}")
    assert (len(second["accounts"]), second["has_next"], second["cursor"]) == (7, False, "")
    uuid = second["accounts"][0]["uuid"]
    assert asked(exchange, "GET", f"/accounts/{uuid}")["account"] == second["accounts"][0]


def candles(exchange: Embedded, minutes: int, granularity: str, product: str = "BTC-USD") -> Any:
    now = exchange.now_us // 1_000_000
    query = f"start={now - 60 * minutes}&end={now + 60}&granularity={granularity}"
    return asked(exchange, "GET", f"/products/{product}/candles", query)["candles"]


def test_candles_are_newest_first_and_leave_out_what_did_not_trade(exchange: Embedded) -> None:
    exchange.advance(exchange.now_us + 2 * MINUTE)
    starts = [int(candle["start"]) for candle in candles(exchange, 9, "ONE_MINUTE")]
    assert starts == sorted(starts, reverse=True)
    assert len(starts) == 10
    assert len(candles(exchange, 9, "ONE_MINUTE", "ETH-USD")) == 3


def test_the_newest_candle_holds_only_what_has_happened(exchange: Embedded) -> None:
    opened = candles(exchange, 1, "ONE_MINUTE")[0]
    assert opened["low"] == opened["high"] == opened["close"] == "60000"
    exchange.advance(exchange.now_us + MINUTE - 1)
    assert candles(exchange, 1, "ONE_MINUTE")[0]["low"] == "59900"


@pytest.mark.parametrize(
    ("granularity", "minutes"),
    [
        ("FIVE_MINUTE", 5),
        ("FIFTEEN_MINUTE", 15),
        ("THIRTY_MINUTE", 30),
        ("ONE_HOUR", 60),
        ("TWO_HOUR", 120),
        ("SIX_HOUR", 360),
        ("ONE_DAY", 1440),
    ],
)
def test_every_granularity_is_the_sum_of_its_minutes(
    exchange: Embedded, granularity: str, minutes: int
) -> None:
    exchange.advance(exchange.now_us + 7 * MINUTE + 30_000_000)
    bucket = candles(exchange, 2 * minutes, granularity)[0]
    ones = [
        candle
        for candle in candles(exchange, min(minutes, 340), "ONE_MINUTE")
        if int(candle["start"]) >= int(bucket["start"])
    ]
    assert Decimal(bucket["volume"]) == sum(Decimal(candle["volume"]) for candle in ones)
    assert bucket["open"] == ones[-1]["open"]
    assert bucket["close"] == ones[0]["close"]
    assert Decimal(bucket["high"]) == max(Decimal(candle["high"]) for candle in ones)
    assert Decimal(bucket["low"]) == min(Decimal(candle["low"]) for candle in ones)


def test_more_than_350_candles_are_refused_not_cut(exchange: Embedded) -> None:
    now = exchange.now_us // 1_000_000
    path = "/products/BTC-USD/candles"
    for minutes, status in ((350, 200), (351, 400)):
        query = f"start={now - 60 * minutes}&end={now}&granularity=ONE_MINUTE"
        reply = ask(exchange, "GET", path, query)
        assert reply.status == status
    assert b"number of candles requested should be less than 350" in reply.body
    assert ask(exchange, "GET", path, f"start={now}&end={now}&granularity=DAY").status == 400
    assert ask(exchange, "GET", path, f"start={now}&end=1&granularity=ONE_MINUTE").status == 400


def test_24_h_volumes_are_those_of_the_minutes(exchange: Embedded) -> None:
    exchange.advance(exchange.now_us + 3 * MINUTE)
    product = asked(exchange, "GET", "/products/BTC-USD")
    assert Decimal(product["volume_24h"]) == 1440 * Decimal("0.04")
    quote = Decimal(product["approximate_quote_24h_volume"])
    assert quote == (1440 * Decimal("0.04") * Decimal("60000.01")).quantize(Decimal("0.01"))


def test_prints_are_newest_first_with_the_maker_s_side(exchange: Embedded) -> None:
    exchange.advance(exchange.now_us + 59_000_000)
    body = asked(exchange, "GET", "/products/BTC-USD/ticker", "limit=4")
    assert [trade["price"] for trade in body["trades"]] == ["60000.01", "60100", "59900", "60000"]
    assert [trade["side"] for trade in body["trades"][:3]] == ["BUY", "SELL", "BUY"]
    assert Decimal(body["best_bid"]) < Decimal(body["best_ask"])
    assert len(asked(exchange, "GET", "/products/BTC-USD/ticker", "limit=900")["trades"]) == 100


def test_the_book_is_sorted_and_its_figures_agree(exchange: Embedded) -> None:
    body = asked(exchange, "GET", "/product_book", "product_id=BTC-USD&limit=5")
    bids, asks = body["pricebook"]["bids"], body["pricebook"]["asks"]
    assert len(bids) == len(asks) == 5
    bid, ask_price = Decimal(bids[0]["price"]), Decimal(asks[0]["price"])
    assert Decimal(body["mid_market"]) == (bid + ask_price) / 2
    assert Decimal(body["spread_absolute"]) == ask_price - bid
    assert Decimal(body["spread_bps"]) == round(
        (ask_price - bid) / Decimal(body["mid_market"]) * 10_000, 12
    )
    assert ask(exchange, "GET", "/product_book", "product_id=NOPE-USD").status == 404


def test_best_bid_ask_has_one_level_a_side(exchange: Embedded) -> None:
    query = "product_ids=ETH-USD&product_ids=BTC-USD"
    books = asked(exchange, "GET", "/best_bid_ask", query)["pricebooks"]
    assert [book["product_id"] for book in books] == ["ETH-USD", "BTC-USD"]
    assert all(len(book["bids"]) == len(book["asks"]) == 1 for book in books)
    assert len(asked(exchange, "GET", "/best_bid_ask")["pricebooks"]) == 2


def test_time_is_the_exchange_s_and_does_not_pass_in_requests(exchange: Embedded) -> None:
    before = asked(exchange, "GET", "/time")
    create(exchange, "a", limit())
    assert asked(exchange, "GET", "/time") == before
    assert before == {
        "iso": "2026-01-05T00:00:00Z",
        "epochSeconds": "1767571200",
        "epochMillis": "1767571200000",
    }


def test_there_are_no_positions_to_close_on_spot(exchange: Embedded) -> None:
    body = {"client_order_id": "a", "product_id": "BTC-USD"}
    assert asked(exchange, "POST", "/orders/close_position", body=body)["success"] is False
