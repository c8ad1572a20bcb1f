"""The few questions of the older API, as libraries ask them before they trade."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from tests.simex.stand import HOST, Stand

from trader247.simex.wire.request import Request


def told(stand: Stand, path: str) -> Any:
    reply = stand.wire.answer(Request("GET", HOST, path, "", b"", None))
    assert reply.status == 200, reply.body
    return json.loads(reply.body)["data"]


def test_anyone_is_told_the_time_the_currencies_and_what_a_dollar_is_worth(stand: Stand) -> None:
    assert told(stand, "/v2/time") == {"iso": "2026-01-05T00:00:00Z", "epoch": 1_767_571_200}
    assert told(stand, "/v2/currencies")[0]["id"] == "USD"
    assert {each["code"] for each in told(stand, "/v2/currencies/crypto")} == {"BTC", "ETH", "USDC"}
    rates = told(stand, "/v2/exchange-rates")["rates"]
    price = Decimal(stand.client().get_product("BTC-USD").price)
    assert abs(Decimal(rates["BTC"]) * price - 1) < Decimal("1e-9")
    assert rates["USD"] == rates["USDC"] == "1"


def test_what_libraries_ask_there_first_is_not_counted_with_their_trading(stand: Stand) -> None:
    for _ in range(20):
        told(stand, "/v2/time")
    keyless = stand.keyless()
    assert len([keyless.get_unix_time() for _ in range(10)]) == 10


def test_wallets_are_for_who_has_a_key(stand: Stand) -> None:
    assert stand.wire.answer(Request("GET", HOST, "/v2/accounts", "", b"", None)).status == 401
    client = stand.client()
    client.limit_order_gtc_buy("a", "BTC-USD", "0.1", "50000")
    (wallet,) = client.get("/v2/accounts")["data"]
    assert (wallet["type"], wallet["balance"]) == ("fiat", {"amount": "10000", "currency": "USD"})
