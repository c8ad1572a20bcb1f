"""Whatever is sent, the wire answers, and the books still add up."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.simex.client import ask
from tests.simex.conftest import market
from tests.simex.scripted import ScriptedFeed, listing

from trader247.simex.embedded import Embedded

junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
numbers = st.one_of(
    st.decimals(0, 10**9, allow_nan=False, places=2).map(str),
    st.sampled_from(["0", "-1", "1e3", "NaN", "0.00000001", "9" * 20, "0." + "1" * 20, "٣", ""]),
    junk,
)
fields = st.fixed_dictionaries(
    {},
    optional={
        "base_size": numbers,
        "quote_size": numbers,
        "limit_price": st.one_of(st.sampled_from(["59950", "60000.01", "60100"]), numbers),
        "post_only": junk,
        "end_time": st.one_of(st.sampled_from(["2026-01-06T00:00:00Z", "2026"]), junk),
    },
)
kinds = st.sampled_from(
    [
        "market_market_ioc",
        "limit_limit_gtc",
        "limit_limit_gtd",
        "limit_limit_fok",
        "sor_limit_ioc",
        "stop_limit_stop_limit_gtc",
    ]
)
orders = st.fixed_dictionaries(
    {
        "client_order_id": st.one_of(st.text(min_size=1, max_size=9), junk),
        "product_id": st.one_of(st.sampled_from(["BTC-USD", "ETH-USD"]), junk),
        "side": st.one_of(st.sampled_from(["BUY", "SELL"]), junk),
        "order_configuration": st.one_of(
            st.dictionaries(kinds, st.one_of(fields, junk), max_size=2), junk
        ),
    }
)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(orders, st.integers(0, 90)), max_size=8))
def test_no_order_breaks_the_wire_or_the_books(acts: list[tuple[Any, int]]) -> None:
    feed = ScriptedFeed(market, listing(), listing("ETH-USD"))
    exchange = Embedded.open(":memory:", feed, {"USD": Decimal(10_000), "BTC": Decimal(1)})
    for body, seconds in acts:
        assert ask(exchange, "POST", "/orders/preview", body=body).status in (200, 400)
        assert ask(exchange, "POST", "/orders", body=body).status in (200, 400)
        exchange.advance(exchange.now_us + seconds * 1_000_000)
    expected = {"USD": Decimal(10_000), "BTC": Decimal(1)}
    for fill in exchange.fills_json()["fills"]:
        base = fill["product_id"].partition("-")[0]
        sign = 1 if fill["side"] == "BUY" else -1
        size = Decimal(fill["size"])
        expected["USD"] -= sign * size * Decimal(fill["price"]) + Decimal(fill["commission"])
        expected[base] = expected.get(base, Decimal(0)) + sign * size
    for account in exchange.accounts_json()["accounts"]:
        available = Decimal(account["available_balance"]["value"])
        held = Decimal(account["hold"]["value"])
        assert available >= 0
        assert available + held == expected[account["currency"]]
    exchange.close()


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        [
            "/products",
            "/product_book",
            "/best_bid_ask",
            "/products/BTC-USD/candles",
            "/products/BTC-USD/ticker",
            "/accounts",
            "/orders/historical/batch",
            "/orders/historical/fills",
        ]
    ),
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    "limit",
                    "cursor",
                    "start",
                    "end",
                    "granularity",
                    "product_ids",
                    "product_id",
                    "offset",
                    "start_date",
                    "start_sequence_timestamp",
                    "order_status",
                ]
            ),
            st.one_of(
                st.sampled_from(["0", "1", "99999999999999999999", "-1", "ONE_MINUTE", "BTC-USD"]),
                st.text(alphabet="abc19%+&=-T:Z", max_size=9),
            ),
        ),
        max_size=4,
    ),
)
def test_no_query_breaks_the_wire(path: str, pairs: list[tuple[str, str]]) -> None:
    query = "&".join(f"{name}={value}" for name, value in pairs)
    reply = ask(_quiet(), "GET", path, query)
    assert reply.status in (200, 400, 404)
    json.loads(reply.body)


def _quiet() -> Embedded:
    if not _OPENED:
        feed = ScriptedFeed(market, listing(), listing("ETH-USD"))
        _OPENED.append(Embedded.open(":memory:", feed, {"USD": Decimal(1)}))
    return _OPENED[0]


_OPENED: list[Embedded] = []
