"""One book with two names: item C14 of the checklist, and what it means for wallets."""

from __future__ import annotations

from decimal import Decimal

from tests.simex.scripted import ScriptedFeed
from tests.simex.stand import Stand

USD, USDC = "BTC-USD", "BTC-USDC"


def test_c14_the_twin_is_served_from_the_same_book_under_its_own_name(stand: Stand) -> None:
    client = stand.client()
    twin, canonical = client.get_product(USDC), client.get_product(USD)
    assert (twin.alias, twin.alias_to, twin.quote_currency_id) == (USD, [], "USDC")
    assert (canonical.alias, canonical.alias_to) == ("", [USDC])
    assert twin.price == canonical.price
    ours, theirs = (client.get_product_book(each).pricebook.to_dict() for each in (USDC, USD))
    assert ours.pop("product_id") == USDC
    assert theirs.pop("product_id") == USD
    assert ours == theirs
    trades = client.get_market_trades(USDC, 5).trades
    assert {each.product_id for each in trades} == {USDC}
    assert [each.trade_id for each in trades] == [
        each.trade_id for each in client.get_market_trades(USD, 5).trades
    ]
    span = ("1767570600", "1767571200", "ONE_MINUTE")
    candles = [client.get_candles(each, *span).to_dict() for each in (USDC, USD)]
    assert candles[0] == candles[1]
    assert client.get_products().num_products == 4


def test_each_name_moves_its_own_wallet(stand: Stand) -> None:
    client = stand.client()
    assert client.market_order_buy("a", USD, quote_size="500").success
    refused = client.market_order_buy("b", USDC, quote_size="100")
    assert refused.error_response["error"] == "INVALID_LEDGER_BALANCE"
    before = client.get_accounts().accounts[0].available_balance["value"]
    made = client.limit_order_gtc_sell("c", USDC, "0.002", "60020", post_only=True)
    order_id = made.success_response["order_id"]
    stand.wait(60)
    order = client.get_order(order_id).order
    assert (order.status, order.product_id) == ("FILLED", USDC)
    wallets = {
        each.currency: Decimal(each.available_balance["value"])
        for each in client.get_accounts().accounts
    }
    assert wallets["USD"] == Decimal(before)
    assert wallets["USDC"] == Decimal(order.total_value_after_fees)
    (fill,) = client.get_fills(product_ids=[USDC]).fills
    assert fill.product_id == USDC
    assert client.get_transaction_summary().total_balance > "9"


def test_orders_of_both_names_share_one_book(stand: Stand) -> None:
    client = stand.client()
    client.market_order_buy("a", USD, quote_size="500")
    ask = client.get_product_book(USD, limit=1).pricebook.asks[0].price
    resting = client.limit_order_gtc_sell("b", USDC, "0.001", ask)
    client.limit_order_gtc_buy("c", USD, "0.001", ask)
    assert client.get_order(resting.success_response["order_id"]).order.status == "CANCELLED"


def test_without_the_switch_there_is_no_twin(feed: ScriptedFeed) -> None:
    stand = Stand(feed, "usdc_aliases=off")
    client = stand.client()
    assert client.get_products().num_products == 2
    assert client.get_product(USD).alias_to == []
    answer = client.market_order_buy("a", USDC, quote_size="100")
    assert answer.error_response["error"] == "INVALID_PRODUCT_ID"
