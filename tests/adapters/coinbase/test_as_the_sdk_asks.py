"""What our adapter asks is what the official client's own helper for it asks: to the last field.

Both sides are put on one wire of the simulated exchange, and the requests are compared as they
left: method, path, query and body. Who writes requests by hand, as `kill on` does, too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from requests.adapters import BaseAdapter
from tests.adapters.coinbase.scripted import BTC, CLIENT_ORDER_ID, ScriptedPermit, approved
from tests.adapters.coinbase.test_with_simulated_exchange import ExchangeClock
from tests.simex.client import Client
from tests.simex.conftest import market
from tests.simex.scripted import ScriptedFeed, listing

from trader247.adapters.coinbase.auth import Credentials, Signer
from trader247.adapters.coinbase.budget import RateBudget
from trader247.adapters.coinbase.client import CoinbaseClient
from trader247.adapters.coinbase.market import CoinbaseMarket
from trader247.adapters.coinbase.render import self_trade_id
from trader247.adapters.coinbase.urgent import UrgentClient
from trader247.adapters.coinbase.venue import CoinbaseVenue
from trader247.domain.ids import OrderId
from trader247.domain.money import Price
from trader247.domain.orders import OrderType, Side
from trader247.domain.time import Instant
from trader247.domain.verdicts import Approved
from trader247.simex.embedded import Embedded

HOST = "api.coinbase.com"
SINCE = Instant.parse("2026-01-04T23:00:00Z")
END = "2026-01-05T00:05:00Z"
DOWN = "STOP_DIRECTION_STOP_DOWN"
ID = "52cfe5e2-0b29-4c19-a245-a6a773de5030"
OWN = {"self_trade_prevention_id": self_trade_id(CLIENT_ORDER_ID)}


@dataclass
class Recorder(BaseAdapter):
    """Passes requests on, and keeps what each of them asked."""

    wire: BaseAdapter
    asked: list[tuple[str, str, Any, Any]] = field(default_factory=list)

    def send(self, request: requests.PreparedRequest, *rest: Any, **more: Any) -> Any:
        path, _, query = request.path_url.partition("?")
        body = json.loads(request.body or "{}")
        # The official client says no, in full, to what it was not asked for.
        wanted = {name: told for name, told in parse_qs(query).items() if told != ["False"]}
        self.asked.append((request.method or "", path, wanted, body))
        return self.wire.send(request, *rest, **more)

    def close(self) -> None:
        pass


class Both:
    """Our adapter and the official client beside it."""

    def __init__(self, exchange: Embedded) -> None:
        clock = ExchangeClock(exchange)
        self.clock = clock
        self.ours, self.theirs = Recorder(exchange.adapter()), Recorder(exchange.adapter())
        client = CoinbaseClient(
            self.ours,
            Credentials.simulated(),
            clock=clock,
            permit=ScriptedPermit(),
            budget=RateBudget(
                clock=clock,
                is_stopped=lambda: False,
                reads_per_second=10_000,
                cancels_per_second=10_000,
            ),
        )
        self.venue, self.market = CoinbaseVenue(client), CoinbaseMarket(client)
        self.sdk = Client(exchange)
        self.sdk.session.mount("https://", self.theirs)
        signer = Signer(Credentials.simulated(), now=clock.now)
        self.urgent = UrgentClient(HOST, signer, ca_file="", monotonic=clock.monotonic)
        self.urgent._adapters = dict.fromkeys((False, True), self.ours)

    def submit(self, order: Approved) -> None:
        order = replace(order, decided_at=self.clock.now())
        self.venue.submit(order, self.venue.render(order, CLIENT_ORDER_ID, Instant.parse(END)))

    def stop(self) -> Approved:
        order = approved(side=Side.SELL, order_type=OrderType.STOP_LIMIT_GTD, price="58000")
        proposal = replace(order.proposal, stop_price=Price.of("59000"))
        return replace(order, proposal=proposal)


@pytest.fixture(scope="module")
def both() -> Iterator[Both]:
    feed = ScriptedFeed(market, listing(), listing("ETH-USD"), history=2 * 1440)
    exchange = Embedded.open(":memory:", feed, {"USD": Decimal(10_000), "BTC": Decimal(1)})
    yield Both(exchange)
    exchange.close()


Ask = Callable[[Both], Any]

PAIRS: dict[str, tuple[Ask, Ask]] = {
    "an entry": (
        lambda b: b.submit(approved()),
        lambda b: b.sdk.limit_order_gtd_buy(
            CLIENT_ORDER_ID, "BTC-USD", "0.001", "60000", END, post_only=True, **OWN
        ),
    ),
    "an exit": (
        lambda b: b.submit(approved(side=Side.SELL, order_type=OrderType.LIMIT_IOC)),
        lambda b: b.sdk.limit_order_ioc_sell(CLIENT_ORDER_ID, "BTC-USD", "0.001", "60000", **OWN),
    ),
    "a stop": (
        lambda b: b.submit(b.stop()),
        lambda b: b.sdk.stop_limit_order_gtd_sell(
            CLIENT_ORDER_ID, "BTC-USD", "0.001", "58000", "59000", END, DOWN, **OWN
        ),
    ),
    "a preview": (
        lambda b: b.venue.preview(approved().proposal, Instant.parse(END)),
        lambda b: b.sdk.preview_limit_order_gtd_buy(
            "BTC-USD", "0.001", "60000", END, post_only=True
        ),
    ),
    "cancels": (
        lambda b: b.venue.cancel([OrderId(ID)]),
        lambda b: b.sdk.cancel_orders([ID]),
    ),
    "orders": (
        lambda b: b.venue.orders(SINCE),
        lambda b: b.sdk.list_orders(start_date=str(SINCE), limit=250),
    ),
    "an order": (lambda b: b.venue.order(OrderId(ID)), lambda b: asked(b.sdk.get_order, ID)),
    "fills": (
        lambda b: b.venue.fills(SINCE),
        lambda b: b.sdk.get_fills(start_sequence_timestamp=str(SINCE), limit=250),
    ),
    "balances": (lambda b: b.venue.balances(), lambda b: b.sdk.get_accounts(limit=250)),
    "fees": (
        lambda b: b.venue.fees(),
        lambda b: b.sdk.get_transaction_summary(product_type="SPOT"),
    ),
    "permissions": (lambda b: b.venue.permissions(), lambda b: b.sdk.get_api_key_permissions()),
    "portfolios": (
        lambda b: b.venue.portfolio_name(b.venue.permissions().portfolio),
        lambda b: (b.sdk.get_api_key_permissions(), b.sdk.get_portfolios()),
    ),
    "the time": (lambda b: b.venue.time(), lambda b: b.sdk.get_unix_time()),
    "every product": (
        lambda b: b.market.listing(),
        lambda b: b.sdk.get_products(product_type="SPOT"),
    ),
    "in an emergency, orders": (
        lambda b: b.urgent.page(SINCE, "", statuses=(), is_patient=False),
        lambda b: b.sdk.list_orders(start_date=str(SINCE), limit=250),
    ),
    "in an emergency, what is open": (
        lambda b: b.urgent.page(None, "", statuses=("OPEN",), is_patient=False),
        lambda b: b.sdk.list_orders(order_status=["OPEN"], limit=250),
    ),
    "in an emergency, cancels": (
        lambda b: b.urgent.cancel([ID], is_patient=False),
        lambda b: b.sdk.cancel_orders([ID]),
    ),
    "in an emergency, the portfolio": (
        lambda b: b.urgent.portfolio(is_patient=True),
        lambda b: b.sdk.get_api_key_permissions(),
    ),
    "in an emergency, the time": (
        lambda b: b.urgent.time(is_patient=True),
        lambda b: b.sdk.get_unix_time(),
    ),
}


def asked(ask: Callable[..., Any], *words: object) -> None:
    """Ask for what is not there."""
    with pytest.raises(requests.HTTPError, match="404"):
        ask(*words)


@pytest.mark.parametrize("what", PAIRS)
def test_what_we_ask_is_what_the_sdk_would_ask(both: Both, what: str) -> None:
    ours, theirs = PAIRS[what]
    both.ours.asked.clear()
    both.theirs.asked.clear()
    ours(both)
    theirs(both)
    assert both.ours.asked == both.theirs.asked
    assert both.ours.asked


def test_a_whole_snapshot_asks_as_the_sdk_would(both: Both) -> None:
    both.ours.asked.clear()
    both.theirs.asked.clear()
    seen = both.market.snapshot(cycle=1, products=[BTC], reference=BTC)
    assert not seen.unreachable
    sdk = both.sdk
    helpers: dict[str, Callable[..., Any]] = {
        "/time": sdk.get_unix_time,
        "/products": sdk.get_products,
        "/product_book": sdk.get_product_book,
        "/products/BTC-USD/candles": lambda **query: sdk.get_candles("BTC-USD", **query),
    }
    for _, path, query, _ in list(both.ours.asked):
        helper = helpers[path.removeprefix("/api/v3/brokerage")]
        helper(**{name: one(name, values) for name, values in query.items()})
    assert both.theirs.asked == both.ours.asked
    assert {path for _, path, _, _ in both.ours.asked} == {
        f"/api/v3/brokerage{path}" for path in helpers
    }


def one(name: str, values: list[str]) -> Any:
    """A value of a query as the helper takes it."""
    return values if name == "product_ids" else values[0]
