"""What whoever runs the exchange can do to it, over the wire, seen through the official client."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from coinbase.rest import RESTClient
from requests import HTTPError
from tests.simex.stand import TRADE, Stand

from trader247.simex.door.keyring import Keyring

BTC = "BTC-USD"


@pytest.fixture
def client(stand: Stand) -> RESTClient:
    return stand.client()


def available(client: RESTClient, currency: str) -> Decimal | None:
    for account in client.get_accounts().accounts:
        if account.currency == currency:
            return Decimal(account.available_balance["value"])
    return None


def done(answer: tuple[int, Any]) -> Any:
    status, body = answer
    assert status == 200, body
    return body


def refusal(answer: tuple[int, Any]) -> str:
    status, body = answer
    assert status == 409, body
    message: str = body["message"]
    return message


def test_money_comes_and_goes(stand: Stand, client: RESTClient) -> None:
    assert done(stand.do("deposit", currency="USD", amount="250.5"))["available"] == "10250.5"
    assert done(stand.do("withdraw", currency="usd", amount="0.5"))["available"] == "10250"
    done(stand.do("deposit", currency="ETH", amount="2"))
    assert available(client, "USD") == 10250
    assert available(client, "ETH") == 2
    assert "10250 available" in refusal(stand.do("withdraw", currency="USD", amount="10251"))
    assert "there are BTC, ETH, USD" in refusal(stand.do("deposit", currency="XXX", amount="1"))
    for amount in ("0", "-1", "1e999999999", "NaN", "many", 5):
        assert stand.do("deposit", currency="USD", amount=amount)[0] == 400
    assert available(client, "USD") == 10250


def test_the_owner_orders_by_hand(stand: Stand, client: RESTClient) -> None:
    terms = {"limit_limit_gtc": {"base_size": "0.001", "limit_price": "50000"}}
    placed = done(stand.do("place", product_id=BTC, side="buy", order_configuration=terms))
    seen = client.get_order(placed["order_id"]).order
    assert (seen.status, seen.client_order_id) == ("OPEN", placed["client_order_id"])
    again = stand.do(
        "place", product_id=BTC, side="BUY", order_configuration=terms,
        client_order_id=placed["client_order_id"],
    )  # fmt: skip
    assert "already" in refusal(again)
    dear = {"market_market_ioc": {"quote_size": "1000000"}}
    answer = stand.do("place", product_id=BTC, side="BUY", order_configuration=dear)
    assert "INSUFFICIENT_FUND" in refusal(answer)
    nothing = {"limit_limit_gtc": "all"}
    assert stand.do("place", product_id=BTC, side="BUY", order_configuration=nothing)[0] == 400
    done(stand.do("cancel", order_ids=[placed["order_id"]]))
    assert client.get_order(placed["order_id"]).order.status == "CANCELLED"
    assert "UNKNOWN_CANCEL_ORDER" in refusal(stand.do("cancel", order_ids=[placed["order_id"]]))
    assert done(stand.do("cancel", all=True))["order_ids"] == []


def test_a_product_is_halted_and_resumes(stand: Stand, client: RESTClient) -> None:
    done(stand.do("halt", product_id=BTC))
    assert client.get_product(BTC).trading_disabled is True
    refused = client.market_order_buy("a", BTC, quote_size="50")
    assert refused.error_response["error"] == "TRADING_DISABLED"
    done(stand.do("resume", product_id=BTC))
    assert client.market_order_buy("b", BTC, quote_size="50").success is True
    done(stand.do("set", product_id="*", flags={"limit_only": True, "status": "online"}))
    assert [each.limit_only for each in client.get_products().products] == [True] * 4
    assert stand.do("set", product_id=BTC, flags={"closed": True})[0] == 400
    assert stand.do("set", product_id=BTC, flags={"status": "gone"})[0] == 400
    assert stand.do("set", product_id=BTC, flags={"post_only": "yes"})[0] == 400
    assert "there are BTC-USD, ETH-USD" in refusal(stand.do("halt", product_id="NOPE-USD"))


def test_a_product_that_is_delisted_takes_its_orders_with_it(
    stand: Stand, client: RESTClient
) -> None:
    done(stand.do("deposit", currency="USDC", amount="1000"))
    resting = [
        client.limit_order_gtc_buy(each, each, "0.001", "50000").success_response["order_id"]
        for each in (BTC, "BTC-USDC")
    ]
    other = client.limit_order_gtc_buy("e", "ETH-USD", "0.1", "2000").success_response["order_id"]
    assert done(stand.do("delist", product_id=BTC))["cancelled"] == resting
    assert client.get_product("BTC-USDC").status == "delisted"
    assert [client.get_order(each).order.status for each in resting] == ["CANCELLED"] * 2
    assert client.get_order(other).order.status == "OPEN"


def test_a_key_is_revoked_and_restored(stand: Stand, client: RESTClient) -> None:
    done(stand.do("revoke", key=TRADE))
    with pytest.raises(HTTPError, match="401"):
        client.get_accounts()
    written = Keyring.from_json(stand.saved_keys)
    assert written.find(TRADE) is None
    done(stand.do("restore", key="trade"))
    assert client.get_accounts().accounts
    assert TRADE in refusal(stand.do("revoke", key="nobody"))


def test_only_the_token_opens_the_door(stand: Stand) -> None:
    assert stand.do("show", token="guess")[0] == 401
    shown = done(stand.do("show"))
    assert shown["accounts"] == {"USD": {"available": "10000", "hold": "0"}}
    assert [key["is_revoked"] for key in shown["keys"]] == [False] * 4
    assert stand.do("dance")[0] == 400
