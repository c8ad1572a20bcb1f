"""Whatever is ordered, edited, cancelled and waited for: holds are those of what lives."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

import pytest
from tests.simex.scripted import ScriptedFeed
from tests.simex.stand import Stand

from trader247.simex.book import Side
from trader247.simex.exchange import Exchange
from trader247.simex.feeds.feed import MinuteBar
from trader247.simex.matching import place
from trader247.simex.orders.amendment import NotEdited
from trader247.simex.orders.costs import paid_in
from trader247.simex.orders.order import Fill, Status
from trader247.simex.store import Query
from trader247.simex.wire import times
from trader247.simex.wire.render import kind_of

BTC = "BTC-USD"
STEPS = 100
SETTINGS = {
    "hold_fee": ("role", "maker", "taker"),
    "cancel_delay_ms": ("0", "5000"),
    "quote_buy": ("floor", "exact"),
    "wallet_digits": ("all", "ten"),
}


def wild(seed: int, minute: int) -> dict[str, MinuteBar]:
    """A minute that has nothing to do with the one before."""
    drawn = Random(f"{seed}/{minute}")
    begin, end = (drawn.randint(5_800_000, 6_200_000) for _ in range(2))
    high, low = max(begin, end) + drawn.randint(0, 10**5), min(begin, end) - drawn.randint(0, 10**5)
    depth = drawn.choice((10**5, 10**7, 10**9))
    volume, spread = drawn.randint(0, 10**8), drawn.randint(1, 2000)
    return {BTC: MinuteBar(begin, high, low, end, volume, spread, depth)}


def any_terms(drawn: Random, side: str, last: int, now_us: int) -> dict[str, dict[str, Any]]:
    """An order's configuration, of any kind, near the market."""

    def near(low: float, high: float) -> str:
        return f"{Decimal(int(last * drawn.uniform(low, high))) / 100:f}"

    size, limit = drawn.choice(("0.001", "0.01", "0.1", "0.5")), near(0.96, 1.04)
    above, below = near(1, 1.04), near(0.96, 1)
    is_sale = side == "SELL"
    sums = ("10", "55", "99.99", "1000")
    direction = drawn.choice(("STOP_DIRECTION_STOP_UP", "STOP_DIRECTION_STOP_DOWN"))
    stop = {"stop_price": near(0.97, 1.03), "stop_direction": direction}
    trigger = {"stop_trigger_price": below if is_sale else above}
    priced = {"base_size": size, "limit_price": limit}
    return drawn.choice(
        [
            {"limit_limit_gtc": {**priced, "post_only": drawn.random() < 0.4}},
            {"sor_limit_ioc": priced},
            {"market_market_ioc": {"base_size": size}},
            {"market_market_ioc": {"quote_size": drawn.choice(sums)}},
            {"scaled_limit_gtc": {
                "base_size": size, "num_orders": drawn.randint(2, 5),
                "min_price": near(0.95, 0.98), "max_price": near(0.99, 1.03),
                "size_distribution": drawn.choice(("EVENLY_SPLIT", "INCREASING")),
                "post_only": drawn.random() < 0.3,
            }},
            {"twap_limit_gtd": {
                "base_size": size, "limit_price": limit, "number_buckets": "4",
                "start_time": times.text(now_us + drawn.randint(-60, 60) * 1_000_000),
                "end_time": times.text(now_us + drawn.randint(70, 400) * 1_000_000),
            }},
            {"stop_limit_stop_limit_gtc": {**priced, **stop}},
            {"trigger_bracket_gtc": {
                "base_size": size, "limit_price": above if is_sale else below, **trigger
            }},
        ]
    )  # fmt: skip


def check(exchange: Exchange) -> None:
    held: dict[str, Decimal] = {}
    for order in exchange.desk.live.values():
        market = exchange.listed[order.terms.product_id]
        currency = paid_in(market, order.terms.side)
        held[currency] = held.get(currency, Decimal(0)) + order.held
        resting = market.matching.resting
        assert not order.rungs or order.terms.is_in_parts
        if not order.terms.is_in_parts:
            assert order.is_in_book == (order.number in resting)
        for at, rung in enumerate(order.rungs):
            stands = resting.get(place(order.number, at))
            assert (stands.lots if stands else 0) == rung.lots
    for account in exchange.desk.accounts:
        assert account.available >= 0
        assert account.hold == held.get(account.currency, 0), account.currency


def check_books(stand: Stand, opened: dict[str, Decimal]) -> None:
    """Every order is the sum of its fills, and every wallet that of all of them."""
    exchange = stand.exchange
    wallets = dict(opened)
    fills: dict[str, list[Fill]] = {}
    for fill in exchange.store.fills(Query(), 100_000):
        fills.setdefault(fill.order_id, []).append(fill)
        market = exchange.listed[fill.product_id]
        value = market.value(fill.price, fill.lots)
        size = market.size.decimal(fill.lots)
        sign = 1 if fill.side is Side.BUY else -1
        wallets[market.listing.base] += sign * size
        wallets[market.listing.quote] -= sign * value + fill.commission
    for order in exchange.store.orders(Query(), 1000):
        own, market = fills.get(order.order_id, []), exchange.listed[order.terms.product_id]
        assert order.filled_lots == sum(each.lots for each in own)
        assert order.fees == sum(each.commission for each in own)
        assert order.filled_value == sum(market.value(each.price, each.lots) for each in own)
        assert order.terms.lots is None or order.filled_lots <= order.terms.lots
        assert (order.status is Status.FILLED) == (order.filled_lots == order.terms.lots) or (
            order.terms.lots is None
        )
    assert wallets == {each.currency: each.total for each in exchange.desk.accounts}


def step(stand: Stand, drawn: Random, number: int) -> None:
    exchange = stand.exchange
    live = list(exchange.desk.live.values())
    deed = drawn.randrange(9)
    if deed == 0:
        stand.wait(drawn.choice((5, 20, 60, 200)))
    elif deed == 1 and live:
        exchange.cancel([drawn.choice(live).order_id])
    elif deed == 2 and live:
        try:
            exchange.edit(drawn.choice(live).order_id, price="60000", size="0.02")
        except NotEdited:
            return
    else:
        side = drawn.choice(("BUY", "SELL"))
        last = exchange.markets[BTC].last
        bracket = {
            "limit_price": f"{last * 102 // 100 / 100:.2f}",
            "stop_trigger_price": f"{last * 98 // 100 / 100:.2f}",
        }
        exchange.place(
            client_order_id=str(number),
            product_id=drawn.choice((BTC, "BTC-USDC")),
            side=side,
            configuration=any_terms(drawn, side, last, exchange.now_us),
            attached={"trigger_bracket_gtc": bracket}
            if side == "BUY" and drawn.random() < 0.3
            else None,
        )


def lived(seed: int, *switches: str) -> Stand:
    """An account that has been through a lot, looked at after each step."""
    drawn = Random(seed)
    stand = Stand(ScriptedFeed(lambda minute: wild(seed, minute)), *switches, usd=5_000)
    stand.wait(1)
    stand.exchange.deposit("BTC", Decimal("0.7"))
    stand.exchange.deposit("USDC", Decimal(5_000))
    for number in range(STEPS):
        step(stand, drawn, number)
        check(stand.exchange)
    return stand


@pytest.mark.parametrize("seed", range(10))
def test_holds_are_those_of_live_orders_whatever_happens(seed: int) -> None:
    drawn = Random(seed)
    stand = lived(seed, *(f"{name}={drawn.choice(values)}" for name, values in SETTINGS.items()))
    assert stand.exchange.desk.ledger.count > 0
    again = Exchange(stand.exchange.store, ScriptedFeed(lambda minute: wild(seed, minute)), {})
    check(again)
    assert again.desk.live == stand.exchange.desk.live


@pytest.mark.parametrize("hold_fee", SETTINGS["hold_fee"])
def test_every_order_is_its_fills_and_every_wallet_all_of_them(hold_fee: str) -> None:
    opened = {"USD": Decimal(5_000), "BTC": Decimal("0.7"), "USDC": Decimal(5_000)}
    seen = set()
    for seed in range(4):
        stand = lived(seed, f"hold_fee={hold_fee}")
        check_books(stand, opened)
        for order in stand.exchange.store.orders(Query(), 1000):
            if order.filled_lots:
                seen.add("attached" if order.originating_id else kind_of(order.terms))
    assert seen == {"attached", "MARKET", "LIMIT", "STOP_LIMIT", "BRACKET", "SCALED", "TWAP"}
