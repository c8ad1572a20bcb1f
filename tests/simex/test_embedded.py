from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from tests.simex.client import ask, asked
from tests.simex.conftest import market
from tests.simex.scripted import ScriptedFeed, listing

from trader247.simex.embedded import Embedded
from trader247.simex.errors import StoreFailed
from trader247.simex.schema import Identity
from trader247.simex.store import Store
from trader247.simex.wire import times

ROOT = Path(__file__).parents[2]
MINUTE = 60_000_000
FUNDING = {"USD": Decimal(10_000_000)}


def a_feed() -> ScriptedFeed:
    return ScriptedFeed(market, listing(), listing("ETH-USD"), history=10)


def buy(exchange: Embedded, name: str, price: str = "59950") -> Any:
    body = {
        "client_order_id": name,
        "product_id": "BTC-USD",
        "side": "BUY",
        "order_configuration": {"limit_limit_gtc": {"base_size": "0.001", "limit_price": price}},
    }
    answer = asked(exchange, "POST", "/orders", body=body)
    assert answer["success"], answer
    return answer


def live(exchange: Embedded, cycles: int) -> bytes:
    """Trade a while; every body that was answered."""
    bodies = []
    for cycle in range(cycles):
        bodies.append(buy(exchange, f"c{cycle}", "59905" if cycle % 2 else "60010"))
        exchange.advance(exchange.now_us + 37_000_000)
        bodies += [exchange.accounts_json(), exchange.orders_json(), exchange.fills_json()]
    query = "start=1767571200&end=1767571800&granularity=ONE_MINUTE"
    bodies += [
        asked(exchange, "GET", "/products"),
        asked(exchange, "GET", "/product_book", "product_id=BTC-USD"),
        asked(exchange, "GET", "/products/BTC-USD/candles", query),
    ]
    return json.dumps(bodies).encode()


def test_what_was_cut_short_while_it_was_made_is_no_exchange_and_bound_to_no_market(
    tmp_path: Path,
) -> None:
    path = tmp_path / "x.db"
    Store.create(path, Identity.of(ScriptedFeed(market, listing()))).close()
    assert Embedded.orders_ever(path) is None
    exchange = Embedded.open(path, a_feed(), FUNDING)
    assert Embedded.orders_ever(path) == 0
    buy(exchange, "a")
    assert Embedded.orders_ever(path) == 1
    exchange.close()
    assert Embedded.view(path).products == ("BTC-USD", "ETH-USD")


def test_the_same_market_and_requests_give_the_same_bytes(tmp_path: Path) -> None:
    one = Embedded.open(tmp_path / "one.db", a_feed(), FUNDING)
    other = Embedded.open(":memory:", a_feed(), FUNDING)
    assert live(one, 12) == live(other, 12)


def test_a_view_sees_each_commit_of_the_running_exchange(tmp_path: Path) -> None:
    exchange = Embedded.open(tmp_path / "x.db", a_feed(), FUNDING)
    view = Embedded.view(tmp_path / "x.db")
    assert view.orders_json()["orders"] == []
    live(exchange, 6)
    assert view.now_us == exchange.now_us
    assert view.accounts_json() == exchange.accounts_json()
    assert view.orders_json() == exchange.orders_json()
    assert view.fills_json() == exchange.fills_json()
    for path, query in (
        ("/products", ""),
        ("/product_book", "product_id=BTC-USD"),
        ("/products/BTC-USD/ticker", "limit=20"),
        ("/transaction_summary", ""),
        ("/products/ETH-USD/candles", "start=1767570600&end=1767571800&granularity=ONE_MINUTE"),
    ):
        assert asked(view, "GET", path, query) == asked(exchange, "GET", path, query)
    assert (view.identity, view.label) == ("scripted:1", "SCRIPTED")


def test_a_view_changes_nothing(tmp_path: Path) -> None:
    exchange = Embedded.open(tmp_path / "x.db", a_feed(), FUNDING)
    order_id = buy(exchange, "a")["success_response"]["order_id"]
    view = Embedded.view(tmp_path / "x.db")
    order = {
        "client_order_id": "b",
        "product_id": "BTC-USD",
        "side": "BUY",
        "order_configuration": {"market_market_ioc": {"quote_size": "9"}},
    }
    assert ask(view, "POST", "/orders", body=order).status == 503
    cancel = {"order_ids": [order_id]}
    assert ask(view, "POST", "/orders/batch_cancel", body=cancel).status == 503
    assert exchange.orders_json()["orders"][0]["status"] == "OPEN"


def test_an_exchange_that_nobody_runs_can_be_viewed(tmp_path: Path) -> None:
    exchange = Embedded.open(tmp_path / "x.db", a_feed(), FUNDING)
    live(exchange, 3)
    fills = exchange.fills_json()
    exchange.close()
    view = Embedded.view(tmp_path / "x.db")
    assert view.fills_json() == fills
    view.close()
    assert Embedded.open(tmp_path / "x.db", a_feed(), {}).fills_json() == fills


def test_a_view_of_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreFailed, match="no simulated exchange"):
        Embedded.view(tmp_path / "x.db")


def test_a_reader_in_a_transaction_does_not_hold_up_the_exchange(tmp_path: Path) -> None:
    exchange = Embedded.open(tmp_path / "x.db", a_feed(), FUNDING)
    view = Embedded.view(tmp_path / "x.db")
    connection = view._exchange.store._connection
    connection.execute("BEGIN")
    before = connection.execute("SELECT value FROM state").fetchall()
    exchange.advance(exchange.now_us + 5 * MINUTE)
    assert connection.execute("SELECT value FROM state").fetchall() == before
    connection.execute("ROLLBACK")
    assert view.now_us == exchange.now_us


def test_deposits_and_orders_by_hand_show_like_any_other(tmp_path: Path) -> None:
    exchange = Embedded.open(tmp_path / "x.db", a_feed(), FUNDING)
    exchange.deposit("USD", Decimal("12.34"))
    exchange.deposit("BTC", Decimal("0.5"))
    exchange.do(
        {
            "action": "place",
            "client_order_id": "by-hand",
            "product_id": "BTC-USD",
            "side": "SELL",
            "order_configuration": {"market_market_ioc": {"base_size": "0.5"}},
        }
    )
    assert exchange.orders_json()["orders"][0]["status"] == "FILLED"
    balances = {
        account["currency"]: Decimal(account["available_balance"]["value"])
        for account in exchange.accounts_json()["accounts"]
    }
    assert balances["BTC"] == 0
    assert balances["USD"] > 10_029_000


def test_a_quiet_day_does_not_grow_what_is_kept(tmp_path: Path) -> None:
    exchange = Embedded.open(tmp_path / "x.db", a_feed(), FUNDING)
    asked(exchange, "GET", "/products")
    sizes = []
    for _ in range(2):
        exchange.advance(exchange.now_us + 11 * 1440 * MINUTE)
        inner = exchange._exchange
        rows = sum(len(columns.volume) for columns in inner.history.columns)
        sizes.append((rows, len(inner.store.minutes(0, 2**40))))
    assert sizes[0] == sizes[1]


_VICTIM = """
import sys
from tests.simex.test_embedded import FUNDING, MINUTE, a_feed, buy
from trader247.simex.embedded import Embedded

exchange = Embedded.open(sys.argv[1], a_feed(), FUNDING)
count = len(exchange.orders_json()["orders"])
while True:
    buy(exchange, f"c{count}", "59905" if count % 2 else "60010")
    print("order", count, flush=True)
    exchange.advance(exchange.now_us + 37_000_000)
    print("now", exchange.now_us, flush=True)
    count += 1
"""


@pytest.mark.slow
def test_a_kill_at_any_moment_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    moments = Random(7)
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    for _ in range(5):
        victim = subprocess.Popen(
            [sys.executable, "-c", _VICTIM, str(path)],
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )
        assert victim.stdout is not None
        said = victim.stdout.readline()
        time.sleep(moments.uniform(0, 0.2))
        victim.send_signal(signal.SIGKILL)
        said += victim.stdout.read()
        victim.stdout.close()
        victim.wait()
        # The last line may be cut anywhere: what is unbuffered is written word by word.
        told = [line.split() for line in said.splitlines(keepends=True) if line.endswith("\n")]
        view = Embedded.view(path)
        orders = view.orders_json()["orders"]
        names = {order["client_order_id"] for order in orders}
        for word, value in told:
            if word == "order":
                assert f"c{value}" in names
            else:
                assert view.now_us >= int(value)
        view.close()
    # Whatever happened: the same exchange as one that lived the same life undisturbed.
    exchange = Embedded.open(path, a_feed(), FUNDING)
    calm = Embedded.open(":memory:", a_feed(), FUNDING)
    for order in reversed(exchange.orders_json()["orders"]):
        calm.advance(times.parse(order["created_time"]))
        limit = order["order_configuration"]["limit_limit_gtc"]["limit_price"]
        buy(calm, order["client_order_id"], limit)
    calm.advance(exchange.now_us)
    assert calm.now_us == exchange.now_us
    assert calm.accounts_json() == exchange.accounts_json()
    assert calm.fills_json() == exchange.fills_json()
