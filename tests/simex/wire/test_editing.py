"""Editing a resting order, through the official client."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import apsw
import pytest
from tests.simex.conftest import market
from tests.simex.scripted import ScriptedFeed
from tests.simex.stand import Stand

from trader247.simex.embedded import Embedded


@pytest.fixture
def order_id(stand: Stand) -> str:
    made = stand.client().limit_order_gtc_buy("a", "BTC-USD", "0.001", "50000", post_only=True)
    found: str = made.success_response["order_id"]
    return found


def reasons(answer: Any) -> tuple[str, str]:
    assert answer.success is False
    (error,) = answer.errors
    return error.edit_failure_reason, error.preview_failure_reason


def test_an_edited_order_keeps_its_id_and_holds_what_it_now_needs(
    stand: Stand, order_id: str
) -> None:
    client = stand.client()
    assert client.edit_order(order_id, size="0.002", price="40000").success is True
    order = client.get_order(order_id).order
    assert order.status == "OPEN"
    assert order.order_configuration.limit_limit_gtc["base_size"] == "0.002"
    assert order.outstanding_hold_amount == "80.4"
    assert client.get_accounts().accounts[0].hold["value"] == "80.4"
    (edit,) = order.edit_history
    assert (edit["price"], edit["size"]) == ("40000", "0.002")


def test_the_last_five_edits_are_kept(stand: Stand, order_id: str) -> None:
    client = stand.client()
    for price in range(40_000, 40_007):
        assert client.edit_order(order_id, size="0.001", price=str(price)).success
    history = client.get_order(order_id).order.edit_history
    assert [each["price"] for each in history] == [str(each) for each in range(40_002, 40_007)]


@pytest.mark.parametrize(
    ("size", "price", "reason", "preview"),
    [
        ("0.001", "50000", "EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST", None),
        ("0.001", "50000.00", "EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST", None),
        ("", "40000", "INVALID_EDITED_SIZE", None),
        ("0.001", "", "INVALID_EDITED_PRICE", "PREVIEW_INVALID_LIMIT_PRICE"),
        ("0.0000000001", "40000", "INVALID_EDITED_SIZE", "PREVIEW_INVALID_SIZE_PRECISION"),
        ("0.001", "40000.001", "INVALID_EDITED_PRICE", "PREVIEW_INVALID_PRICE_PRECISION"),
        ("abc", "40000", "INVALID_EDITED_SIZE", "PREVIEW_NON_NUMERIC_ORDER_SIZE"),
        ("0.00001", "40000", "INVALID_EDITED_SIZE", "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL"),
        ("1", "50000", "COMMANDER_REJECTED_EDIT_ORDER", "PREVIEW_INSUFFICIENT_FUND"),
        ("0.001", "61000", "INVALID_EDITED_PRICE", "PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY"),
    ],
)
def test_what_it_cannot_become_leaves_it_as_it_was(
    stand: Stand, order_id: str, size: str, price: str, reason: str, preview: str | None
) -> None:
    client = stand.client()
    before = client.get_order(order_id).to_dict()
    expected = (reason, preview or "UNKNOWN_PREVIEW_FAILURE_REASON")
    assert reasons(client.edit_order(order_id, size=size, price=price)) == expected
    assert client.get_order(order_id).to_dict() == before
    assert client.get_accounts().accounts[0].hold["value"] == "50.25"


def test_only_what_rests_until_cancelled_can_be_edited(stand: Stand, order_id: str) -> None:
    client = stand.client()
    gtd = client.limit_order_gtd_buy("b", "BTC-USD", "0.001", "50000", "2026-01-06T00:00:00Z")
    answer = client.edit_order(gtd.success_response["order_id"], size="0.001", price="40000")
    assert reasons(answer)[0] == "ONLY_LIMIT_ORDER_EDITS_SUPPORTED"
    client.cancel_orders([order_id])
    for each, reason in ((order_id, "ONLY_OPEN_ORDERS_CAN_BE_EDITED"), ("x", "ORDER_NOT_FOUND")):
        assert reasons(client.edit_order(each, size="0.001", price="40000"))[0] == reason


def test_an_edit_that_reaches_the_book_trades_at_once(stand: Stand) -> None:
    client = stand.client()
    made = client.limit_order_gtc_buy("b", "BTC-USD", "0.001", "50000")
    order_id = made.success_response["order_id"]
    assert client.edit_order(order_id, size="0.001", price="60100").success
    order = client.get_order(order_id).order
    assert (order.status, order.outstanding_hold_amount) == ("FILLED", "0")
    assert Decimal(order.average_filled_price) < 60_100
    assert [each.liquidity_indicator for each in client.get_fills().fills] == ["TAKER"]


def test_a_size_is_the_total_and_no_less_than_what_is_filled() -> None:
    stand = Stand(ScriptedFeed(lambda _: {"BTC-USD": thin()}), usd=1_000_000)
    client = stand.client()
    made = client.limit_order_gtc_buy("a", "BTC-USD", "0.5", "60100")
    order_id = made.success_response["order_id"]
    filled = Decimal(client.get_order(order_id).order.filled_size)
    assert 0 < filled < Decimal("0.5")
    answer = client.edit_order(order_id, size=str(filled), price="59000")
    assert reasons(answer)[0] == "CANNOT_EDIT_TO_BELOW_FILLED_SIZE"
    answer = client.edit_order(order_id, size="0", price="59000")
    assert reasons(answer)[0] == "CANNOT_EDIT_TO_BELOW_FILLED_SIZE"
    assert client.edit_order(order_id, size="0.6", price="59000").success
    order = client.get_order(order_id).order
    left = Decimal("0.6") - Decimal(order.filled_size)
    assert Decimal(order.outstanding_hold_amount) == left * 59_000 * Decimal("1.009")


def thin() -> Any:
    from tests.simex.scripted import flat

    return flat(6_000_000, depth=3_000_000)


def test_an_order_that_only_shrinks_keeps_its_place(stand: Stand) -> None:
    client = stand.client()
    levels = client.get_product_book("BTC-USD").pricebook.bids
    price = levels[1].price
    made = client.limit_order_gtc_buy("a", "BTC-USD", "0.01", price, post_only=True)
    order_id = made.success_response["order_id"]
    (order,) = stand.exchange.desk.live.values()
    ahead = order.ahead
    assert ahead > 0
    stand.exchange.markets["BTC-USD"].matching.resting[order.number].ahead = 5
    assert client.edit_order(order_id, size="0.009", price=price).success
    assert order.ahead == 5
    assert client.edit_order(order_id, size="0.01", price=price).success
    assert order.ahead == ahead


def test_a_preview_of_an_edit_changes_nothing(stand: Stand, order_id: str) -> None:
    client = stand.client()
    before = client.get_order(order_id).to_dict()
    seen = client.preview_edit_order(order_id, size="0.002", price="40000")
    assert (seen.errors, seen.quote_size, seen.commission_total) == ([], "80", "0.4")
    assert seen.order_total == "80.4"
    failed = client.preview_edit_order(order_id, size="0.001", price="50000").errors
    assert failed[0]["edit_failure_reason"] == "EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST"
    assert client.get_order(order_id).to_dict() == before


def test_edits_outlast_the_process_and_older_files_take_them(tmp_path: Path) -> None:
    path = tmp_path / "exchange.db"

    def opened() -> Embedded:
        feed = ScriptedFeed(lambda _: {"BTC-USD": market(0)["BTC-USD"]})
        return Embedded.open(path, feed, {"USD": Decimal(10_000)})

    exchange = opened()
    rests = {"limit_limit_gtc": {"base_size": "0.001", "limit_price": "50000"}}
    placed = exchange._exchange.place(
        client_order_id="a", product_id="BTC-USD", side="BUY", configuration=rests
    )
    exchange.close()
    connection = apsw.Connection(str(path))
    connection.execute("ALTER TABLE orders DROP COLUMN edits")
    connection.close()
    looked_at = Embedded.view(path)
    assert looked_at.orders_json()["orders"][0]["edit_history"] == []
    looked_at.close()
    exchange = opened()
    order_id = exchange.orders_json()["orders"][0]["order_id"]
    assert order_id == getattr(placed, "order_id", None)
    exchange._exchange.edit(order_id, price="40000", size="0.001")
    exchange.close()
    exchange = opened()
    (edit,) = exchange.orders_json()["orders"][0]["edit_history"]
    assert edit["price"] == "40000"
    exchange.close()


def test_the_one_portfolio_adds_up(stand: Stand, order_id: str) -> None:
    client = stand.client()
    client.market_order_buy("m", "BTC-USD", quote_size="500")
    (portfolio,) = client.get_portfolios().portfolios
    assert portfolio.uuid == client.get_api_key_permissions().portfolio_uuid
    assert client.get_portfolios("INTX").portfolios == []
    breakdown = client.get_portfolio_breakdown(portfolio.uuid).breakdown
    total = breakdown.portfolio_balances["total_balance"]["value"]
    assert total == client.get_transaction_summary().total_balance
    usd, btc = breakdown.spot_positions
    assert (usd.asset, btc.asset) == ("USD", "BTC")
    assert usd.total_balance_fiat - usd.available_to_trade_fiat == pytest.approx(50.25)
    assert usd.allocation + btc.allocation == pytest.approx(1)
