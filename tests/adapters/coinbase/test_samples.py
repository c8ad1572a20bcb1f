"""Recorded answers of the real venue, where they are at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.adapters.coinbase.scripted import BTC, START

from trader247.adapters.coinbase import codec, depth
from trader247.adapters.coinbase import fields as read
from trader247.adapters.coinbase.answers import Body, parse
from trader247.adapters.coinbase.candles import TickScale
from trader247.domain.balances import Balance
from trader247.domain.fills import Fill
from trader247.domain.market import ProductStatus
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.orders import OrderState

ROOT = Path(__file__).parents[3]
FOLDER = Path(os.environ.get("TRADER247_SHARED", ROOT.parent / "shared")) / "samples" / "coinbase"
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="no recorded answers on this machine")


def sample(name: str) -> Body:
    return parse((FOLDER / f"http_{name}.json").read_bytes())


def test_products() -> None:
    listed = [codec.product(item, START) for item in read.records(sample("products"), "products")]
    assert [str(product.id) for product in listed] == ["BTC-USD", "BTC-USDC"]
    one = codec.product(sample("product"), START)
    assert one.status is ProductStatus.ONLINE
    assert one.volume_24h == Money.of("758506771.41")


def test_the_book() -> None:
    quote, resting = depth.book(sample("product_book"), BTC)
    assert (quote.bid, quote.ask) == (Price.of("68923.66"), Price.of("68923.67"))
    assert resting.bids[0].value > 10_000
    assert resting.bids[0] == resting.bids[4]


def test_candles() -> None:
    rows = TickScale(Price.of("0.01")).rows(read.records(sample("candles"), "candles"), span=3600)
    assert [row.close for row in rows.values()] == [6618160, 6631459]


def test_orders() -> None:
    one = codec.order(read.record(sample("order"), "order"))
    assert (one.state, one.filled) == (OrderState.OPEN, Quantity.of("0.001"))
    orders = codec.orders(read.records(sample("orders_list"), "orders"))
    assert [order.price is None for order in orders] == [False, True]


def test_fills() -> None:
    fills = [codec.fill(item) for item in read.records(sample("fills"), "fills")]
    assert all(isinstance(fill, Fill) for fill in fills)


def test_balances() -> None:
    balances: dict[str, Balance] = {}
    for item in read.records(sample("accounts"), "accounts"):
        codec.add_balance(balances, item)
    assert str(balances["USD"].total) == "10450.50"
