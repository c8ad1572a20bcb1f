"""The checklist of what a faithful Coinbase does, item by item, through the official client.

Each test carries its item's number: C1 to C47. C8 and C55 are in faults/, C2 is in the tests of the
entrance, C39 in those of stops. What needs TLS, as C1 does, is in the tests of `sim serve`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal
from typing import Any

import pytest
from coinbase.rest import RESTClient
from requests import HTTPError
from tests.simex.scripted import ScriptedFeed, flat
from tests.simex.stand import PREFIX, VIEW, Stand

from trader247.simex.accounts import Account
from trader247.simex.market import Flags

FREELY = ("private_per_s=1000000", "public_per_s=1000000")
BTC = "BTC-USD"
NOW = 1_767_571_200


@pytest.fixture
def stand(feed: ScriptedFeed) -> Iterator[Stand]:
    """A market whose requests nobody counts."""
    made = Stand(feed, *FREELY)
    yield made
    made.exchange.store.close()


@pytest.fixture
def client(stand: Stand) -> RESTClient:
    return stand.client()


@pytest.fixture
def thin() -> Stand:
    """A market that never moves, with 0.03 BTC within reach on each side."""
    feed = ScriptedFeed(lambda _: {BTC: flat(6_000_000, depth=1_000_000)})
    return Stand(feed, *FREELY, usd=1_000_000)


def order_id_of(answer: Any) -> str:
    assert answer.success is True, answer.to_dict()
    found: str = answer.success_response["order_id"]
    return found


def refusal(answer: Any) -> tuple[str, str]:
    assert answer.success is False, answer.to_dict()
    error = answer.error_response
    return error["new_order_failure_reason"], error["preview_failure_reason"]


def rejected(answer: HTTPError) -> tuple[int, str]:
    assert answer.response is not None
    return answer.response.status_code, answer.response.json()["error"]


def test_c3_a_private_path_needs_a_token_and_a_public_one_does_not(stand: Stand) -> None:
    for path, status in (("/time", 200), ("/market/products", 200), ("/accounts", 401)):
        assert stand.ask("GET", path).status == status
    assert stand.client().get_public_products().num_products == 4
    assert stand.ask("GET", "/time", authorization="Bearer garbage").status == 401


def test_c4_a_key_that_only_looks_cannot_order(stand: Stand) -> None:
    with pytest.raises(HTTPError, match="Missing Required Scopes"):
        stand.client(VIEW).market_order_buy("a", BTC, quote_size="50")


def test_c5_what_is_not_there_and_what_cannot_be_read(client: RESTClient) -> None:
    with pytest.raises(HTTPError) as raised:
        client.get(PREFIX + "/nothing")
    assert rejected(raised.value) == (404, "NOT_FOUND")
    with pytest.raises(HTTPError) as raised:
        client.delete(PREFIX + "/orders")
    assert rejected(raised.value)[0] in (404, 405)


def test_c5_malformed_json_is_a_400(stand: Stand) -> None:
    sent = stand.client()
    headers = sent.set_headers("POST", PREFIX + "/orders")
    answer = sent.session.post(
        f"https://{sent.base_url}{PREFIX}/orders", headers=headers, data=b"{", timeout=1
    )
    assert (answer.status_code, answer.json()["error"]) == (400, "INVALID_ARGUMENT")


def test_c6_what_is_left_of_the_limit_is_told_on_private_paths_alone(feed: ScriptedFeed) -> None:
    counting = Stand(feed).client(is_counting=True)
    answer = counting.get_accounts()
    assert (answer.rate_limit_limit, answer.rate_limit_remaining) == ("30", "29")
    assert counting.get_unix_time().rate_limit_limit is None
    silent = Stand(feed, "limit_headers=off").client(is_counting=True)
    assert silent.get_accounts().rate_limit_limit is None


def test_c7_the_thirty_first_request_of_a_second_is_not_processed(feed: ScriptedFeed) -> None:
    stand = Stand(feed)
    client = stand.client()
    for number in range(30):
        order_id_of(client.limit_order_gtc_buy(str(number), BTC, "0.001", "50000"))
    with pytest.raises(HTTPError, match="429"):
        client.limit_order_gtc_buy("30", BTC, "0.001", "50000")
    stand.wait(1)
    assert len(client.list_orders().orders) == 30


def test_c9_products_are_filtered_and_a_single_one_is_bare(client: RESTClient) -> None:
    assert client.get_products(product_ids=[BTC, "ETH-USD"]).num_products == 2
    assert client.get_products(product_ids=[BTC], get_all_products=True).num_products == 1
    assert client.get_product(BTC, get_tradability_status=True).product_id == BTC
    with pytest.raises(HTTPError, match="Product NOPE-USD not supported"):
        client.get_product("NOPE-USD")


def test_c10_a_book_is_sorted_cut_and_measured(client: RESTClient) -> None:
    answer = client.get_product_book(BTC, limit=4)
    bids = [Decimal(each.price) for each in answer.pricebook.bids]
    asks = [Decimal(each.price) for each in answer.pricebook.asks]
    assert len(bids) == len(asks) == 4
    assert bids == sorted(bids, reverse=True)
    assert asks == sorted(asks)
    assert Decimal(answer.mid_market) == (bids[0] + asks[0]) / 2
    spread = asks[0] - bids[0]
    assert Decimal(answer.spread_absolute) == spread
    expected = spread / Decimal(answer.mid_market) * 10_000
    assert abs(Decimal(answer.spread_bps) - expected) < Decimal("1e-9")


def test_c11_the_best_of_two_products_is_two_books_of_a_level(client: RESTClient) -> None:
    books = client.get_best_bid_ask([BTC, "ETH-USD"]).pricebooks
    assert [each.product_id for each in books] == [BTC, "ETH-USD"]
    assert all(len(each.bids) == len(each.asks) == 1 for each in books)


def test_c12_candles_are_text_newest_first_with_gaps_and_capped(client: RESTClient) -> None:
    def asked(product: str, first: int, last: int, step: str = "ONE_MINUTE") -> list[Any]:
        found: list[Any] = client.get_candles(product, str(first), str(last), step).candles
        return found

    starts = [int(each.start) for each in asked("ETH-USD", NOW - 600, NOW)]
    assert starts == sorted(starts, reverse=True)
    assert 0 < len(starts) < 10
    assert all(isinstance(each.volume, str) for each in asked(BTC, NOW - 600, NOW))
    with pytest.raises(HTTPError, match="number of candles requested should be less than 350"):
        asked(BTC, NOW - 351 * 60, NOW)
    for wrong in ((NOW, NOW - 60, "ONE_MINUTE"), (NOW - 60, NOW, "TWO_MINUTE")):
        with pytest.raises(HTTPError) as raised:
            asked(BTC, *wrong)
        assert rejected(raised.value) == (400, "INVALID_ARGUMENT")


def test_c13_trades_are_newest_first_with_the_best_prices(client: RESTClient) -> None:
    answer = client.get_market_trades(BTC, 1000)
    times = [each.time for each in answer.trades]
    assert 0 < len(times) <= 100
    assert times == sorted(times, reverse=True)
    assert {each.side for each in answer.trades} <= {"BUY", "SELL"}
    assert Decimal(answer.best_bid) < Decimal(answer.best_ask)


def test_c15_time_is_the_exchange_s_in_three_texts(stand: Stand, client: RESTClient) -> None:
    stand.wait(1.5)
    told = client.get_unix_time()
    assert told.epoch_seconds == str(NOW + 1)
    assert told.epoch_millis == str(NOW * 1000 + 1500)
    assert told.iso.startswith("2026-01-05T00:00:01")


def test_c16_wallets_come_in_pages_of_49_and_are_all_there(
    stand: Stand, client: RESTClient
) -> None:
    for number in range(120):
        stand.exchange.desk.ledger.fund(f"X{number}", Decimal(1), stand.exchange.now_us)
    seen: list[str] = []
    page = client.get_accounts()
    assert (page.size, page.has_next) == (49, True)
    while True:
        seen += [each.currency for each in page.accounts]
        if not page.has_next:
            break
        page = client.get_accounts(cursor=page.cursor)
    assert page.cursor == ""
    assert len(seen) == len(set(seen)) == 121
    assert client.get_accounts(limit=1000).size == 121


def wallets(stand: Stand) -> list[Account]:
    return list(stand.exchange.desk.accounts)


def check_holds(stand: Stand) -> None:
    """What wallets hold is what live orders hold, and nobody owes anything."""
    for account in wallets(stand):
        assert account.available >= 0
        held = sum(
            (
                order.held
                for order in stand.exchange.desk.live.values()
                if account.currency == ("USD" if order.terms.side.value == "BUY" else "BTC")
            ),
            Decimal(0),
        )
        assert account.hold == held


def test_c17_holds_are_those_of_live_orders_after_every_event(
    stand: Stand, client: RESTClient
) -> None:
    order_id_of(client.market_order_buy("a", BTC, quote_size="500"))
    check_holds(stand)
    first = order_id_of(client.limit_order_gtc_buy("b", BTC, "0.01", "59950"))
    order_id_of(client.limit_order_gtc_sell("c", BTC, "0.004", "60050"))
    check_holds(stand)
    client.edit_order(first, size="0.02", price="59900")
    check_holds(stand)
    for _ in range(6):
        stand.wait(20)
        check_holds(stand)
    client.cancel_orders([first])
    check_holds(stand)


def test_c18_a_hold_is_the_rest_with_its_fee_and_comes_back(client: RESTClient) -> None:
    maker = order_id_of(client.limit_order_gtc_buy("a", BTC, "0.001", "50000", post_only=True))
    taker = order_id_of(client.limit_order_gtc_buy("b", BTC, "0.001", "50000"))
    held = [client.get_order(each).order.outstanding_hold_amount for each in (maker, taker)]
    assert held == ["50.25", "50.45"]
    assert client.get_accounts().accounts[0].hold["value"] == "100.7"
    client.cancel_orders([maker, taker])
    assert client.get_accounts().accounts[0].hold["value"] == "0"


@pytest.mark.parametrize(
    ("setting", "post_only", "plain"),
    [("role", "60.3", "60.54"), ("maker", "60.3", "60.3"), ("taker", "60.54", "60.54")],
)
def test_c18_whose_fee_is_held_is_a_switch(
    feed: ScriptedFeed, setting: str, post_only: str, plain: str
) -> None:
    client = Stand(feed, *FREELY, f"hold_fee={setting}").client()
    for name, is_post_only, expected in (("a", True, post_only), ("b", False, plain)):
        placed = client.limit_order_gtc_buy(name, BTC, "0.0012", "50000", post_only=is_post_only)
        order = client.get_order(order_id_of(placed)).order
        assert order.outstanding_hold_amount == expected


def test_c18_a_hold_of_the_maker_s_fee_covers_what_is_taken_at_once() -> None:
    bars = {BTC: flat(6_000_000, depth=1_000_000)}
    stand = Stand(ScriptedFeed(lambda _: bars), *FREELY, "hold_fee=maker", usd=0)
    stand.do("deposit", currency="USD", amount="6050")
    client = stand.client()
    size, limit = "0.1", "60200"
    refused = client.limit_order_gtc_buy("a", BTC, size, limit)
    assert refusal(refused)[0] == "INSUFFICIENT_FUND"
    stand.do("deposit", currency="USD", amount="20")
    order = client.get_order(order_id_of(client.limit_order_gtc_buy("b", BTC, size, limit))).order
    assert order.status in ("OPEN", "FILLED")
    accounts = {each.currency: each for each in client.get_accounts().accounts}
    assert Decimal(accounts["USD"].available_balance["value"]) >= 0


def test_c19_fills_cost_what_was_advertised(client: RESTClient) -> None:
    tier = client.get_transaction_summary().fee_tier
    order_id_of(client.market_order_buy("a", BTC, quote_size="500"))
    for each in client.get_fills().fills:
        value = Decimal(each.price) * Decimal(each.size)
        assert Decimal(each.commission) == value * Decimal(tier["taker_fee_rate"])
    summary = client.get_transaction_summary()
    assert isinstance(summary.total_volume, float)
    assert isinstance(summary.total_balance, str)


def test_c20_the_key_belongs_to_the_portfolio_that_is_listed(client: RESTClient) -> None:
    told = client.get_api_key_permissions()
    assert (told.can_view, told.can_trade, told.can_transfer) == (True, True, False)
    assert [each.uuid for each in client.get_portfolios().portfolios] == [told.portfolio_uuid]


def test_c21_an_unknown_product(client: RESTClient) -> None:
    answer = client.limit_order_gtc_buy("a", "NOPE-USD", "1", "1")
    assert refusal(answer) == ("INVALID_PRODUCT_ID", "PREVIEW_INVALID_PRODUCT_ID")


@pytest.mark.parametrize(
    ("size", "price", "expected"),
    [
        ("0.001", "50000.001", ("INVALID_PRICE_PRECISION", "PREVIEW_INVALID_PRICE_PRECISION")),
        ("0.000000001", "50000", ("INVALID_SIZE_PRECISION", "PREVIEW_INVALID_SIZE_PRECISION")),
        ("abc", "50000", ("UNKNOWN_FAILURE_REASON", "PREVIEW_NON_NUMERIC_ORDER_SIZE")),
        ("1e-3", "50000", ("UNKNOWN_FAILURE_REASON", "PREVIEW_NON_NUMERIC_ORDER_SIZE")),
    ],
)
def test_c22_nothing_is_rounded_into_shape(
    client: RESTClient, size: str, price: str, expected: tuple[str, str]
) -> None:
    assert refusal(client.limit_order_gtc_buy("a", BTC, size, price)) == expected


def test_c22_a_quote_size_off_its_step(client: RESTClient) -> None:
    answer = client.market_order_buy("a", BTC, quote_size="100.001")
    assert refusal(answer)[1] == "PREVIEW_INVALID_QUOTE_SIZE_PRECISION"


@pytest.mark.parametrize(
    ("size", "price", "preview"),
    [
        ("0.00001", "50000", "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL"),
        ("0", "50000", "PREVIEW_INVALID_BASE_SIZE_TOO_SMALL"),
        ("3401", "50000", "PREVIEW_INVALID_BASE_SIZE_TOO_LARGE"),
        ("3400", "60000", "PREVIEW_INVALID_QUOTE_SIZE_TOO_LARGE"),
    ],
)
def test_c23_sizes_have_bounds(client: RESTClient, size: str, price: str, preview: str) -> None:
    assert refusal(client.limit_order_gtc_buy("a", BTC, size, price))[1] == preview


def test_c24_what_the_wallet_does_not_cover(client: RESTClient) -> None:
    before = client.get_accounts().to_dict()
    answer = client.limit_order_gtc_buy("a", BTC, "1", "50000")
    assert refusal(answer) == ("INSUFFICIENT_FUND", "PREVIEW_INSUFFICIENT_FUND")
    assert answer.error_response["error"] == "INSUFFICIENT_FUND"
    assert answer.error_response["message"] == "Insufficient balance in source account"
    assert client.get_accounts().to_dict() == before


def test_c25_post_only_never_takes_equality_included(client: RESTClient) -> None:
    ask = client.get_product_book(BTC, limit=1).pricebook.asks[0].price
    answer = client.limit_order_gtc_buy("a", BTC, "0.001", ask, post_only=True)
    assert refusal(answer)[0] == "INVALID_LIMIT_PRICE_POST_ONLY"


def test_c26_configurations_that_spot_does_not_take(client: RESTClient) -> None:
    answer = client.market_order_sell("a", BTC, base_size=None, quote_size="50")
    assert refusal(answer) == ("UNSUPPORTED_ORDER_CONFIGURATION", "PREVIEW_INVALID_ORDER_CONFIG")
    assert "Market sells must be parameterized in base currency" in str(answer.error_response)
    size = {"quote_size": "50"}
    for configuration in (
        {},
        {"market_market_fok": size},
        {"market_market_ioc": size, "limit_limit_gtc": {"base_size": "1", "limit_price": "1"}},
    ):
        answer = client.create_order("b", BTC, "BUY", configuration)
        assert refusal(answer)[0] == "UNSUPPORTED_ORDER_CONFIGURATION"


def test_c26_an_order_in_parts_needs_its_parts(client: RESTClient) -> None:
    for kind in ("twap_limit_gtd", "scaled_limit_gtc"):
        assert client.create_order("b", BTC, "BUY", {kind: {}}).success is False
    assert client.list_orders().orders == []


def test_c27_an_end_in_the_past_and_none_at_all(client: RESTClient) -> None:
    answer = client.limit_order_gtd_buy("a", BTC, "0.001", "50000", "2026-01-04T00:00:00Z")
    assert refusal(answer)[0] == "END_TIME_IS_IN_THE_PAST"
    answer = client.limit_order_gtd_buy("a", BTC, "0.001", "50000", None)
    assert refusal(answer)[0] == "GTD_ORDERS_MUST_HAVE_END_TIME"


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        (Flags(trading_disabled=True), "TRADING_DISABLED"),
        (Flags(status="offline"), "TRADING_DISABLED"),
        (Flags(cancel_only=True), "ORDER_ENTRY_DISABLED"),
        (Flags(limit_only=True), "UNSUPPORTED_ORDER_CONFIGURATION"),
        (Flags(post_only=True), "INVALID_LIMIT_PRICE_POST_ONLY"),
    ],
)
def test_c28_a_product_s_flags_bind(
    stand: Stand, client: RESTClient, flags: Flags, reason: str
) -> None:
    resting = order_id_of(client.limit_order_gtc_buy("r", BTC, "0.001", "50000"))
    stand.exchange.set_flags(BTC, flags)
    assert client.get_product(BTC).limit_only is flags.limit_only
    assert refusal(client.market_order_buy("a", BTC, quote_size="50"))[0] == reason
    assert client.cancel_orders([resting]).results[0].success is True


def test_c29_one_open_order_too_many_fails(client: RESTClient) -> None:
    for number in range(500):
        order_id_of(client.limit_order_gtc_buy(str(number), BTC, "0.0001", "10000"))
    order = client.get_order(
        order_id_of(client.limit_order_gtc_buy("x", BTC, "0.0001", "10000"))
    ).order
    assert (order.status, order.reject_reason) == ("FAILED", "TOO_MANY_OPEN_ORDERS")


def test_c29_or_it_is_refused(feed: ScriptedFeed) -> None:
    client = Stand(feed, *FREELY, "one_too_many=refused", usd=100_000).client()
    for number in range(500):
        client.limit_order_gtc_buy(str(number), BTC, "0.001", "50000")
    assert refusal(client.limit_order_gtc_buy("last", BTC, "0.001", "50000")) == (
        "COMMANDER_REJECTED_NEW_ORDER",
        "UNKNOWN_PREVIEW_FAILURE_REASON",
    )


def test_c28_the_reason_of_a_halt_is_a_switch(feed: ScriptedFeed) -> None:
    for reason in ("TRADING_DISABLED", "ORDER_ENTRY_DISABLED", "PRODUCT_TRADING_HALTED"):
        stand = Stand(feed, *FREELY, f"halted={reason}")
        stand.do("halt", product_id=BTC)
        assert refusal(stand.client().market_order_buy("a", BTC, "50"))[0] == reason


@pytest.mark.parametrize("missing", ["client_order_id", "side", "product_id"])
def test_c30_what_is_needed_and_not_there_is_a_400(client: RESTClient, missing: str) -> None:
    body = {
        "client_order_id": "a",
        "product_id": BTC,
        "side": "BUY",
        "order_configuration": {"market_market_ioc": {"quote_size": "50"}},
    }
    del body[missing]
    with pytest.raises(HTTPError) as raised:
        client.post(PREFIX + "/orders", data=body)
    assert rejected(raised.value) == (400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("shape", ["modern", "legacy"])
def test_c31_an_order_is_seen_once_it_is_accepted(feed: ScriptedFeed, shape: str) -> None:
    stand = Stand(feed, f"create_body={shape}", "order_lag_ms=1500")
    client = stand.client()
    order_id = order_id_of(client.limit_order_gtc_buy("a", BTC, "0.001", "50000"))
    stand.wait(1.5)
    assert client.get_order(order_id).order.status in ("PENDING", "OPEN")


def test_c32_a_client_order_id_makes_one_order(feed: ScriptedFeed) -> None:
    client = Stand(feed).client()
    first = order_id_of(client.limit_order_gtc_buy("a", BTC, "0.001", "50000"))
    assert order_id_of(client.limit_order_gtc_buy("a", BTC, "0.005", "1000")) == first
    assert client.get_accounts().accounts[0].hold["value"] == "50.45"
    strict = Stand(feed, "duplicate_id=error").client()
    order_id_of(strict.limit_order_gtc_buy("a", BTC, "0.001", "50000"))
    answer = strict.limit_order_gtc_buy("a", BTC, "0.001", "50000")
    assert refusal(answer)[0] == "DUPLICATE_CLIENT_ORDER_ID"


def test_c33_an_answer_that_never_came_is_asked_for_again(feed: ScriptedFeed) -> None:
    stand = Stand(feed, "create_body=null")
    client = stand.client()
    for _ in range(2):
        with pytest.raises(TypeError):
            client.limit_order_gtc_buy("a", BTC, "0.001", "50000")
    assert len(client.list_orders().orders) == 1
    assert client.get_accounts().accounts[0].hold["value"] == "50.45"


def test_c34_a_limit_that_crosses_takes_at_resting_prices_and_rests(thin: Stand) -> None:
    client = thin.client()
    asks = client.get_product_book(BTC).pricebook.asks
    order_id = order_id_of(client.limit_order_gtc_buy("a", BTC, "1", "60060"))
    order = client.get_order(order_id).order
    fills = client.get_fills(order_ids=[order_id]).fills
    assert order.status == "OPEN"
    assert {each.price for each in fills} <= {each.price for each in asks}
    assert {each.liquidity_indicator for each in fills} == {"TAKER"}
    nothing = Decimal(0)
    size = sum((Decimal(each.size) for each in fills), nothing)
    value = sum((Decimal(each.size) * Decimal(each.price) for each in fills), nothing)
    assert Decimal(order.filled_size) == size
    assert Decimal(order.filled_value) == value
    assert int(order.number_of_fills) == len(fills)
    assert abs(Decimal(order.average_filled_price) - value / size) < Decimal("1e-9")
    assert Decimal(order.completion_percentage) == (100 * size).quantize(Decimal("0.01"))


def test_c34_what_rests_fills_at_its_limit_as_maker(stand: Stand, client: RESTClient) -> None:
    order_id = order_id_of(client.limit_order_gtc_buy("a", BTC, "0.001", "59950"))
    stand.wait(60)
    (fill,) = client.get_fills(order_ids=[order_id]).fills
    assert (fill.price, fill.liquidity_indicator) == ("59950", "MAKER")


def test_c35_a_market_buy_spends_no_more_than_it_may(client: RESTClient) -> None:
    order = client.get_order(order_id_of(client.market_order_buy("a", BTC, quote_size="100"))).order
    assert (order.status, order.size_in_quote, order.size_inclusive_of_fees) == (
        "FILLED",
        True,
        True,
    )
    assert Decimal("99.99") < Decimal(order.total_value_after_fees) <= 100


def test_c35_the_numbers_of_a_market_buy_floored_and_exact() -> None:
    bars = {BTC: flat(6_000_000)}
    orders = {}
    for setting in ("floor", "exact"):
        stand = Stand(ScriptedFeed(lambda _: bars), *FREELY, f"quote_buy={setting}")
        client = stand.client()
        order_id = order_id_of(client.market_order_buy("a", BTC, quote_size="100"))
        order = orders[setting] = client.get_order(order_id).order
        assert (order.size_in_quote, order.size_inclusive_of_fees) == (True, True)
        assert (order.status, order.outstanding_hold_amount) == ("FILLED", "0")
        (fill,) = client.get_fills(order_ids=[order_id]).fills
        assert (fill.price, fill.size) == ("60000.01", order.filled_size)
        held = {each.currency: each for each in client.get_accounts().accounts}
        assert held["BTC"].available_balance["value"] == order.filled_size
        spent = 10_000 - Decimal(held["USD"].available_balance["value"])
        assert spent == Decimal(order.total_value_after_fees)
    floor, exact = orders["floor"], orders["exact"]
    assert (floor.filled_size, floor.filled_value) == ("0.0016518", "99.108016518")
    assert (floor.total_fees, floor.total_value_after_fees) == ("0.891972148662", "99.999988666662")
    assert (exact.filled_size, exact.filled_value) == ("0.001651800187204", "99.10802775024777")
    assert (exact.total_fees, exact.total_value_after_fees) == ("0.89197224975223", "100")


def test_c17_wallets_of_ten_decimals_never_owe(feed: ScriptedFeed) -> None:
    stand = Stand(feed, *FREELY, "wallet_digits=ten", "quote_buy=exact", usd=100)
    client = stand.client()
    assert client.market_order_buy("a", BTC, quote_size="100").success is True
    accounts = client.get_accounts().accounts
    held = {each.currency: each.available_balance["value"] for each in accounts}
    assert held["USD"] == "0"
    places = Decimal(held["BTC"]).as_tuple().exponent
    assert isinstance(places, int)
    assert places >= -10
    sold = client.market_order_sell("b", BTC, base_size="0.00123457")
    money = Decimal(client.get_accounts().accounts[0].available_balance["value"])
    order = client.get_order(order_id_of(sold)).order
    assert 0 <= Decimal(order.total_value_after_fees) - money < Decimal("1e-10")


def test_a_commission_of_eight_decimals_is_never_more_than_was_held(feed: ScriptedFeed) -> None:
    stand = Stand(feed, *FREELY, usd=100)
    stand.exchange.rules = replace(stand.exchange.rules, rounds_fees=True)
    client = stand.client()
    assert client.market_order_buy("a", BTC, quote_size="50").success is True
    sold = client.market_order_sell("b", BTC, base_size="0.00033333")
    order = client.get_order(order_id_of(sold)).order
    exactly = Decimal(order.filled_value) * Decimal("0.009")
    charged = Decimal(order.total_fees)
    assert charged == exactly.quantize(Decimal("1e-8"), rounding=ROUND_FLOOR) < exactly
    (fill,) = client.get_fills(order_ids=[order.order_id]).fills
    assert Decimal(fill.commission) == charged


def test_c36_what_the_book_does_not_hold_is_cancelled(thin: Stand) -> None:
    client = thin.client()
    limit = client.get_product_book(BTC, limit=1).pricebook.asks[0].price
    ioc = client.get_order(order_id_of(client.limit_order_ioc_buy("a", BTC, "1", limit))).order
    assert ioc.status == "CANCELLED"
    assert Decimal(ioc.filled_size) > 0
    fok = client.get_order(order_id_of(client.limit_order_fok_buy("b", BTC, "1", limit))).order
    assert (fok.status, fok.filled_size, fok.number_of_fills) == ("CANCELLED", "0", "0")


def spread_out(spread: int) -> Stand:
    """A market that never moves, whose best prices lie `spread` cents apart."""
    bars = {BTC: flat(6_000_000, depth=1_000_000, spread=spread)}
    return Stand(ScriptedFeed(lambda _: bars), *FREELY, usd=1_000_000)


def test_c37_nobody_trades_beyond_the_price_band() -> None:
    # The best ask is 1.8 % above the middle; what lies beyond 2 % is not for takers.
    client = spread_out(216_000).client()
    mid = Decimal(client.get_product_book(BTC).mid_market)
    bought = client.get_order(order_id_of(client.market_order_buy("a", BTC, base_size="1"))).order
    assert (bought.status, bought.filled_size != "0") == ("CANCELLED", True)
    prices = [Decimal(each.price) for each in client.get_fills(order_ids=[bought.order_id]).fills]
    assert mid * Decimal("1.019") < max(prices) <= mid * Decimal("1.02")
    limit = client.limit_order_gtc_buy("b", BTC, "1", "66000")
    cut = client.get_order(order_id_of(limit)).order
    assert (cut.status, cut.outstanding_hold_amount) == ("CANCELLED", "0")
    rests = client.get_order(order_id_of(client.limit_order_gtc_buy("c", BTC, "1", "60500"))).order
    assert rests.status == "OPEN", "a limit within the band rests"


def test_c37_beyond_the_band_there_is_nothing_and_a_switch_lifts_it() -> None:
    far = spread_out(300_000)
    order = far.client().get_order(order_id_of(far.client().market_order_buy("a", BTC, "50"))).order
    assert (order.status, order.number_of_fills) == ("CANCELLED", "0")
    bars = {BTC: flat(6_000_000, depth=1_000_000, spread=300_000)}
    free = Stand(ScriptedFeed(lambda _: bars), *FREELY, "price_band=off").client()
    assert (
        free.get_order(order_id_of(free.market_order_buy("a", BTC, "50"))).order.status == "FILLED"
    )


def test_c38_a_dated_order_expires_and_lets_go(stand: Stand, client: RESTClient) -> None:
    order_id = order_id_of(
        client.limit_order_gtd_buy("a", BTC, "0.001", "50000", "2026-01-05T00:01:00Z")
    )
    stand.wait(59)
    assert client.get_order(order_id).order.status == "OPEN"
    stand.wait(1)
    order = client.get_order(order_id).order
    assert (order.status, order.outstanding_hold_amount) == ("EXPIRED", "0")
    assert client.get_accounts().accounts[0].hold["value"] == "0"


def test_c40_an_edit_changes_what_rests_and_says_what_it_was(client: RESTClient) -> None:
    order_id = order_id_of(client.limit_order_gtc_buy("a", BTC, "0.001", "50000"))
    assert client.edit_order(order_id, size="0.002", price="49000").success is True
    order = client.get_order(order_id).order
    assert order.outstanding_hold_amount == "98.882"
    assert len(order.edit_history) == 1
    same = client.edit_order(order_id, size="0.002", price="49000")
    assert same.errors[0].edit_failure_reason == "EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST"


def test_c41_each_cancel_has_its_own_answer(client: RESTClient) -> None:
    live = order_id_of(client.limit_order_gtc_buy("a", BTC, "0.001", "50000"))
    filled = order_id_of(client.market_order_buy("b", BTC, quote_size="50"))
    results = client.cancel_orders([live, "unknown", filled, live]).results
    assert [(each.success, each.failure_reason) for each in results] == [
        (True, "UNKNOWN_CANCEL_FAILURE_REASON"),
        (False, "UNKNOWN_CANCEL_ORDER"),
        (False, "ORDER_IS_FULLY_FILLED"),
        (False, "DUPLICATE_CANCEL_REQUEST"),
    ]
    with pytest.raises(HTTPError, match="Too many orderIDs entered, limit is 100"):
        client.cancel_orders([str(number) for number in range(101)])


def test_c41_a_cancel_takes_its_time_and_a_fill_may_win(feed: ScriptedFeed) -> None:
    stand = Stand(feed, *FREELY, "cancel_delay_ms=2000")
    client = stand.client()
    slow = order_id_of(client.limit_order_gtc_buy("a", BTC, "0.001", "50000"))
    assert client.cancel_orders([slow]).results[0].success is True
    order = client.get_order(slow).order
    assert (order.status, order.pending_cancel) == ("CANCEL_QUEUED", True)
    assert order.outstanding_hold_amount == "50.45"
    assert client.list_orders(order_status=["OPEN"]).orders == []
    assert client.cancel_orders([slow]).results[0].failure_reason == "DUPLICATE_CANCEL_REQUEST"
    edit = client.edit_order(slow, size="0.002", price="50000").to_dict()["errors"][0]
    assert edit["edit_failure_reason"] == "CANNOT_EDIT_ORDER_PENDING_CANCEL"
    stand.wait(1.9)
    assert client.get_order(slow).order.status == "CANCEL_QUEUED"
    stand.wait(0.1)
    order = client.get_order(slow).order
    assert (order.status, order.pending_cancel, order.outstanding_hold_amount) == (
        "CANCELLED",
        False,
        "0",
    )
    # The market dips to 59,900 in each minute: the fill is there before the cancel.
    stand.wait(8)
    raced = order_id_of(client.limit_order_gtc_buy("b", BTC, "0.001", "59950"))
    found = {"CANCEL_QUEUED"}
    stand.exchange.rules = replace(stand.exchange.rules, cancel_delay_us=60_000_000)
    client.cancel_orders([raced])
    stand.wait(50)
    found.add(client.get_order(raced).order.status)
    assert found == {"CANCEL_QUEUED", "FILLED"}


def test_c41_a_cancelled_order_may_still_be_shown(feed: ScriptedFeed) -> None:
    stand = Stand(feed, *FREELY, "cancel_lag_ms=5000")
    client = stand.client()
    order_id = order_id_of(client.limit_order_gtc_buy("a", BTC, "0.001", "50000"))
    client.cancel_orders([order_id])
    assert client.get_order(order_id).order.status == "OPEN"
    assert [each.order_id for each in client.list_orders(order_status=["OPEN"]).orders] == [
        order_id
    ]
    assert client.list_orders(order_status=["CANCELLED"]).orders == []
    stand.wait(5)
    assert client.get_order(order_id).order.status == "CANCELLED"
    assert client.list_orders(order_status=["OPEN"]).orders == []


def test_c42_orders_are_listed_newest_first_in_stable_pages(
    stand: Stand, client: RESTClient
) -> None:
    ids = []
    for number in range(5):
        ids.append(order_id_of(client.limit_order_gtc_buy(str(number), BTC, "0.001", "50000")))
        stand.wait(1)
    page = client.list_orders(limit=2)
    assert (page.sequence, page.has_next) == ("0", True)
    order_id_of(client.limit_order_gtc_buy("late", BTC, "0.001", "50000"))
    second = client.list_orders(limit=2, cursor=page.cursor)
    found = [each.order_id for each in (*page.orders, *second.orders)]
    assert found == ids[:0:-1]
    between = client.list_orders(
        start_date="2026-01-05T00:00:01Z", end_date="2026-01-05T00:00:03Z"
    ).orders
    assert [each.order_id for each in between] == [ids[2], ids[1]]
    client.cancel_orders([ids[0]])
    assert len(client.list_orders(order_status=["OPEN"]).orders) == 5
    both = client.list_orders(order_status=["OPEN", "CANCELLED"], product_ids=[BTC, "ETH-USD"])
    assert len(both.orders) == 6
    assert len(client.list_orders(product_id="ETH-USD", nonsense="1").orders) == 6
    assert client.list_orders(product_ids=["ETH-USD"]).orders == []


def test_c43_fills_add_up_to_their_orders(client: RESTClient) -> None:
    orders = [
        client.get_order(
            order_id_of(client.market_order_buy(str(each), BTC, quote_size="90"))
        ).order
        for each in range(4)
    ]
    fills, cursor = [], ""
    while True:
        page = client.get_fills(limit=1, cursor=cursor)
        assert not hasattr(page, "has_next")
        fills += page.fills
        cursor = page.cursor
        if not cursor:
            break
    assert len({each.entry_id for each in fills}) == len(fills)
    for order in orders:
        own = [each for each in fills if each.order_id == order.order_id]
        assert len(own) == int(order.number_of_fills)
        assert sum(Decimal(each.size) for each in own) == Decimal(order.filled_size)
        assert sum(Decimal(each.commission) for each in own) == Decimal(order.total_fees)
    assert client.get_fills(order_ids=["nope"]).fills == []


def test_c42_orders_and_fills_come_sorted_as_asked(stand: Stand, client: RESTClient) -> None:
    placed = [("a", BTC, "0.001", "40000"), ("b", "ETH-USD", "0.1", "2000")]
    ids = {
        name: order_id_of(client.limit_order_gtc_buy(name, product, size, price))
        for name, product, size, price in (*placed, ("c", BTC, "0.001", "50000"))
    }
    client.market_order_buy("m", BTC, quote_size="50")
    stand.wait(1)
    client.edit_order(ids["a"], size="0.001", price="40001")

    def listed(**asked: Any) -> list[str]:
        return [each.client_order_id for each in client.list_orders(**asked).orders]

    assert listed() == ["m", "c", "b", "a"]
    assert listed(sort_by="LIMIT_PRICE", order_types=["LIMIT"]) == ["c", "a", "b"]
    assert listed(sort_by="LAST_FILL_TIME")[0] == "m"
    assert listed(sort_by="LAST_UPDATE_TIME")[0] == "a"
    first = client.list_orders(sort_by="LIMIT_PRICE", limit=2)
    rest = client.list_orders(sort_by="LIMIT_PRICE", limit=2, cursor=first.cursor)
    pages = [each.client_order_id for each in [*first.orders, *rest.orders]]
    assert (pages[:3], first.has_next, rest.has_next) == (["c", "a", "b"], True, False)
    stand.wait(10)
    client.market_order_sell("s", BTC, base_size="0.0001")
    prices = [Decimal(each.price) for each in client.get_fills(sort_by="PRICE").fills]
    assert prices == sorted(prices, reverse=True)
    assert len(prices) == 2


def test_c10_a_book_is_shown_in_steps(client: RESTClient) -> None:
    whole = client.get_product_book(BTC).pricebook
    stepped = client.get_product_book(BTC, aggregation_price_increment="10").pricebook
    for fine, coarse in ((whole.bids, stepped.bids), (whole.asks, stepped.asks)):
        assert all(Decimal(each.price) % 10 == 0 for each in coarse)
        assert sum(Decimal(each.size) for each in fine) == sum(Decimal(x.size) for x in coarse)
    assert Decimal(stepped.bids[0].price) <= Decimal(whole.bids[0].price)
    assert Decimal(stepped.asks[0].price) >= Decimal(whole.asks[0].price)
    with pytest.raises(HTTPError, match="400"):
        client.get_product_book(BTC, aggregation_price_increment="0.001")


def test_c44_an_unknown_order_is_a_404(client: RESTClient) -> None:
    with pytest.raises(HTTPError, match="order with this orderID was not found") as raised:
        client.get_order("nope")
    assert rejected(raised.value) == (404, "NOT_FOUND")


def test_c45_a_preview_is_what_happens_then_and_changes_nothing(client: RESTClient) -> None:
    before = client.get_accounts().to_dict()
    preview = client.preview_market_order_buy(BTC, quote_size="100")
    assert client.get_accounts().to_dict() == before
    assert client.list_orders().orders == []
    order = client.get_order(order_id_of(client.market_order_buy("a", BTC, quote_size="100"))).order
    assert preview.order_total == order.total_value_after_fees
    assert preview.commission_total == order.total_fees
    assert preview.base_size == order.filled_size
    errors = client.preview_limit_order_gtc_buy(BTC, "1", "50000").errs
    assert errors == ["PREVIEW_INSUFFICIENT_FUND"]


def test_c46_there_is_no_position_to_close_on_spot(client: RESTClient) -> None:
    assert client.close_position("a", BTC).success is False


def test_c47_nothing_is_made_or_lost_in_trading(stand: Stand, client: RESTClient) -> None:
    for number in range(5):
        order_id_of(client.market_order_buy(f"b{number}", BTC, quote_size="300"))
        order_id_of(client.limit_order_gtc_sell(f"s{number}", BTC, "0.002", "60060"))
        order_id_of(client.limit_order_gtc_buy(f"r{number}", BTC, "0.002", "59930"))
        stand.wait(60)
    bought = spent = Decimal(0)
    for each in client.get_fills(limit=1000).fills:
        sign = 1 if each.side == "BUY" else -1
        size = Decimal(each.size)
        bought += sign * size
        spent += sign * size * Decimal(each.price) + Decimal(each.commission)
    totals = {each.currency: each.total for each in wallets(stand)}
    assert totals == {"USD": 10_000 - spent, "BTC": bought}


def test_c47_no_one_trades_with_himself(client: RESTClient) -> None:
    order_id_of(client.market_order_buy("a", BTC, quote_size="500"))
    ask = client.get_product_book(BTC, limit=1).pricebook.asks[0].price
    resting = order_id_of(client.limit_order_gtc_sell("b", BTC, "0.004", ask))
    order_id_of(client.limit_order_gtc_buy("c", BTC, "0.001", ask))
    assert client.get_order(resting).order.status == "CANCELLED"
