"""What is scheduled happens at its time: maintenance, jumps; and fills that are revised."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from coinbase.rest import RESTClient
from requests import HTTPError
from tests.simex.scripted import ScriptedFeed, flat
from tests.simex.stand import Stand

from trader247.simex.exchange import Exchange

BTC, ETH = "BTC-USD", "ETH-USD"
AT = "2026-01-05T00:{:02d}:{:02d}Z"


def still(_: int) -> dict[str, Any]:
    return {BTC: flat(6_000_000), ETH: flat(300_000)}


def feed() -> ScriptedFeed:
    from tests.simex.scripted import listing

    return ScriptedFeed(still, listing(), listing(ETH))


@pytest.fixture
def stand() -> Iterator[Stand]:
    made = Stand(feed(), "private_per_s=1000000")
    made.wait(1)
    yield made
    made.exchange.store.close()


@pytest.fixture
def client(stand: Stand) -> RESTClient:
    return stand.client()


def reason(client: RESTClient, name: str, product: str = BTC) -> str:
    answer = client.market_order_buy(name, product, quote_size="50")
    return "" if answer.success else str(answer.error_response["error"])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("offline", "TRADING_DISABLED"),
        ("trading_disabled", "TRADING_DISABLED"),
        ("cancel_only", "ORDER_ENTRY_DISABLED"),
        ("view_only", "ORDER_ENTRY_DISABLED"),
        ("limit_only", "UNSUPPORTED_ORDER_CONFIGURATION"),
        ("post_only", "INVALID_LIMIT_PRICE_POST_ONLY"),
    ],
)
def test_maintenance_comes_and_goes_at_its_time(
    stand: Stand, client: RESTClient, kind: str, expected: str
) -> None:
    window = {"from": AT.format(1, 0), "to": AT.format(3, 0)}
    status, _ = stand.do("maintain", kind=kind, products=[BTC], **window)
    assert status == 200
    stand.wait(58)
    assert reason(client, "before") == ""
    stand.wait(1)
    assert reason(client, "meanwhile") == expected
    assert reason(client, "another", ETH) == ""
    again = Exchange(stand.exchange.store, feed(), {})
    assert again.markets[BTC].flags == stand.exchange.markets[BTC].flags
    stand.wait(120)
    assert reason(client, "after") == ""
    assert stand.do("show")[1]["maintenance"] == []


def test_a_flag_of_its_own_outlasts_the_maintenance(stand: Stand, client: RESTClient) -> None:
    stand.do("maintain", kind="offline", for_s=60)
    stand.do("set", product_id=BTC, flags={"cancel_only": True})
    assert client.get_product(BTC).status == "offline"
    stand.wait(61)
    product = client.get_product(BTC)
    assert (product.status, product.cancel_only) == ("online", True)


def test_a_closed_exchange_answers_nobody(stand: Stand, client: RESTClient) -> None:
    placed = client.limit_order_gtc_buy("a", BTC, "0.001", "60100").success
    assert placed is True
    stand.do("maintain", kind="closed", for_s=120)
    with pytest.raises(HTTPError) as raised:
        client.get_accounts()
    assert raised.value.response.status_code == 503
    assert raised.value.response.text.startswith("<!DOCTYPE html>")
    with pytest.raises(HTTPError, match="503"):
        client.get_unix_time()
    stand.wait(121)
    assert client.get_accounts().accounts


def test_what_is_halted_does_not_trade_and_has_no_candle(stand: Stand, client: RESTClient) -> None:
    stand.wait(29)
    stand.do("halt", product_id=BTC)
    stand.wait(150)
    stand.do("resume", product_id=BTC)
    stand.wait(120)
    start = stand.exchange.now_us // 1_000_000 // 60 * 60 - 300
    candles = client.get_candles(BTC, str(start), str(start + 300), "ONE_MINUTE").candles
    minutes = [(int(each["start"]) - start) // 60 for each in candles]
    assert minutes == [4, 0]
    assert len(client.get_candles(ETH, str(start), str(start + 300), "ONE_MINUTE").candles) == 5


def test_a_crash_for_a_while(stand: Stand, client: RESTClient) -> None:
    assert stand.do("jump", product_id=BTC, percent="-20", for_s=120)[0] == 200
    assert Decimal(client.get_product(BTC).price) == 60_000
    stand.wait(60)
    assert Decimal(client.get_product(BTC).price) == 48_000
    again = Exchange(stand.exchange.store, feed(), {})
    again.advance(again.now_us + 60_000_000)
    assert again.markets[BTC].last == 4_800_000
    assert Decimal(client.get_product(ETH).price) == 3_000


def test_a_jump_ends_or_is_cleared(stand: Stand, client: RESTClient) -> None:
    stand.do("jump", product_id=BTC, percent="10.5", for_s=60)
    stand.do("jump", product_id=ETH, percent="50")
    stand.wait(60)
    assert client.get_product(BTC).price == "66300"
    stand.wait(60)
    assert (client.get_product(BTC).price, client.get_product(ETH).price) == ("60000", "4500")
    stand.do("clear")
    stand.wait(60)
    assert client.get_product(ETH).price == "3000"


def test_what_cannot_be_scheduled_is_refused(stand: Stand) -> None:
    past = {"from": AT.format(0, 0), "to": AT.format(0, 1)}
    for action, fields in (
        ("maintain", {"kind": "dance", "for_s": 60}),
        ("maintain", {"kind": "offline"}),
        ("maintain", {"kind": "offline", "for_s": 0}),
        ("maintain", {"kind": "offline", "for_s": True}),
        ("maintain", {"kind": "offline", **past}),
        ("maintain", {"kind": "offline", "from": "soon", "for_s": 1}),
        ("jump", {"product_id": BTC, "percent": "0"}),
        ("jump", {"product_id": BTC, "percent": "-91"}),
        ("jump", {"product_id": BTC, "percent": "1.001"}),
    ):
        assert stand.do(action, **fields)[0] == 400, (action, fields)
    assert stand.do("jump", product_id="NOPE-USD", percent="5")[0] == 409
    assert stand.do("maintain", kind="offline", for_s=1, products=["NOPE-USD"])[0] == 409


def wallets(client: RESTClient) -> dict[str, Decimal]:
    accounts = client.get_accounts().accounts
    return {each.currency: Decimal(each.available_balance["value"]) for each in accounts}


def test_a_fill_is_taken_back_and_comes_again(stand: Stand, client: RESTClient) -> None:
    before = wallets(client)["USD"]
    order_id = client.market_order_buy("a", BTC, base_size="0.1").success_response["order_id"]
    (fill,) = client.get_fills(order_ids=[order_id]).fills
    price = str(Decimal(fill.price) - 100)
    status, body = stand.do("correct", entry_id=fill.entry_id, price=price)
    assert (status, [each["type"] for each in body["entries"]]) == (200, ["REVERSAL", "CORRECTION"])
    rows = client.get_fills(order_ids=[order_id]).fills
    assert [each.trade_type for each in rows] == ["CORRECTION", "REVERSAL", "FILL"]
    assert len({each.entry_id for each in rows}) == 3
    assert {each.trade_id for each in rows} == {fill.trade_id}
    order = client.get_order(order_id).order
    assert (order.average_filled_price, order.number_of_fills) == (price, "1")
    spent = Decimal(order.total_value_after_fees)
    assert wallets(client) == {"USD": before - spent, "BTC": Decimal("0.1")}
    assert spent == Decimal(price) / 10 * Decimal("1.009")
    assert stand.do("reverse", entry_id=fill.entry_id)[0] == 409


def test_a_fill_is_taken_back_for_good_unless_it_is_spent(stand: Stand, client: RESTClient) -> None:
    before = wallets(client)
    order_id = client.market_order_buy("a", BTC, base_size="0.1").success_response["order_id"]
    (fill,) = client.get_fills(order_ids=[order_id]).fills
    client.limit_order_gtc_sell("b", BTC, "0.1", "70000")
    held = wallets(client)
    assert "spent" in stand.do("reverse", entry_id=fill.entry_id)[1]["message"]
    assert wallets(client) == held
    stand.do("cancel", all=True)
    assert stand.do("reverse", entry_id=fill.entry_id)[0] == 200
    assert wallets(client) == {**before, "BTC": 0}
    assert client.get_order(order_id).order.filled_size == "0"


def test_a_synthetic_row_moves_nothing(stand: Stand, client: RESTClient) -> None:
    order_id = client.market_order_buy("a", BTC, quote_size="50").success_response["order_id"]
    (fill,) = client.get_fills(order_ids=[order_id]).fills
    held = wallets(client)
    assert stand.do("synthetic", entry_id=fill.entry_id)[0] == 200
    rows = client.get_fills(order_ids=[order_id]).fills
    assert [each.trade_type for each in rows] == ["SYNTHETIC", "FILL"]
    assert wallets(client) == held
    assert stand.do("synthetic", entry_id="nothing")[0] == 409
