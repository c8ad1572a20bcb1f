"""Everything through the official client, unmodified: what it cannot read is wrong."""

from __future__ import annotations

import pytest
from coinbase.rest import RESTClient
from requests import HTTPError
from tests.simex.client import Client

from trader247.simex.embedded import Embedded


@pytest.fixture
def client(exchange: Embedded) -> Client:
    return Client(exchange)


def test_the_public_endpoints_need_no_key(exchange: Embedded) -> None:
    keyless = RESTClient()
    keyless.session.mount("https://", exchange.adapter())
    assert keyless.get_unix_time().epoch_seconds == "1767571200"
    assert keyless.get_public_products().num_products == 2
    assert keyless.get_public_product("BTC-USD").price == "60000"
    book = keyless.get_public_product_book("BTC-USD", limit=3)
    assert len(book.pricebook.bids) == 3
    candles = keyless.get_public_candles("BTC-USD", "1767567600", "1767571200", "ONE_MINUTE")
    assert len(candles.candles) == 60
    assert keyless.get_public_market_trades("BTC-USD", 5).trades[0].price == "60000"


def test_an_order_s_whole_life(exchange: Embedded, client: Client) -> None:
    created = client.limit_order_gtd_buy(
        "mine", "BTC-USD", "0.001", "59950", "2026-01-05T00:05:00Z", post_only=True
    )
    assert created.success is True
    order_id = created.success_response["order_id"]
    assert client.get_order(order_id).order.status == "OPEN"
    usd = client.get_accounts().accounts[0]
    assert usd.hold["value"] == "60.24975"
    exchange.advance(exchange.now_us + 60_000_000)
    order = client.get_order(order_id).order
    assert (order.status, order.filled_size, order.total_fees) == ("FILLED", "0.001", "0.29975")
    fills = client.get_fills(order_ids=[order_id]).fills
    assert [fill.liquidity_indicator for fill in fills] == ["MAKER"]
    listed = client.list_orders(order_status=["FILLED"], product_ids=["BTC-USD"]).orders
    assert [each.client_order_id for each in listed] == ["mine"]


def test_every_helper_of_the_client_is_understood(client: Client) -> None:
    assert client.market_order_buy("1", "BTC-USD", quote_size="50").success
    assert client.market_order_sell("2", "BTC-USD", base_size="0.0001").success
    assert client.limit_order_ioc_buy("3", "BTC-USD", "0.0001", "60100").success
    assert client.limit_order_fok_buy("4", "BTC-USD", "0.0001", "60100").success
    resting = client.limit_order_gtc_buy("5", "BTC-USD", "0.001", "50000")
    assert resting.success
    cancelled = client.cancel_orders([resting.success_response["order_id"]])
    assert cancelled.results[0].success is True
    preview = client.preview_market_order_buy("BTC-USD", quote_size="50")
    assert preview.errs == []
    assert client.get_best_bid_ask(["BTC-USD"]).pricebooks[0].product_id == "BTC-USD"
    assert client.get_market_trades("BTC-USD", 5).trades
    assert client.get_products(product_ids=["ETH-USD"]).num_products == 1
    assert client.get_product("ETH-USD", get_tradability_status=True).product_id == "ETH-USD"
    assert client.get_transaction_summary().fee_tier["maker_fee_rate"] == "0.005"
    assert client.get_api_key_permissions().can_transfer is False
    assert len(client.get_portfolios().portfolios) == 1
    assert client.get_account(client.get_accounts().accounts[0].uuid).account.currency == "USD"


def test_a_refused_order_is_no_exception(client: Client) -> None:
    refused = client.limit_order_gtc_buy("1", "BTC-USD", "1", "59000")
    assert refused.success is False
    assert refused.error_response["error"] == "INSUFFICIENT_FUND"


def test_an_error_is_the_client_s_exception(client: Client) -> None:
    with pytest.raises(HTTPError, match="404 Client Error"):
        client.get_order("nope")


def test_a_closed_response_can_still_be_read(exchange: Embedded) -> None:
    client = Client(exchange)
    response = client.session.get("https://api.coinbase.com/api/v3/brokerage/time", timeout=1)
    response.close()
    assert response.json()["epochSeconds"] == "1767571200"
    assert response.elapsed.total_seconds() >= 0
    assert b"".join(response.iter_content(10)) == response.content
