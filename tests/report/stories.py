"""Stories for tests, worked out by hand or made up from a seed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import numpy as np

from trader247.core.figures.funnel import funnel_day
from trader247.core.valuation import PnlFigures
from trader247.domain.fills import Fill, Liquidity
from trader247.domain.ids import ClientOrderId, DecisionId, EntryId, OrderId, ProductId
from trader247.domain.money import NO_MONEY, Money, Percent, Price, Quantity
from trader247.domain.orders import Side
from trader247.domain.time import DAY, HOUR, Instant
from trader247.report.curve import Curve
from trader247.report.made import Made
from trader247.report.story import (
    Assumption,
    Caps,
    DataFile,
    Holdings,
    Origin,
    PriceBars,
    Stop,
    Story,
)
from trader247.report.trades import Trade, TradeFill

BEGIN = Instant.parse("2026-01-05T00:00:00Z")


def fill(side: Side, product: ProductId, price: str, at: Instant) -> Fill:
    """One unit, traded for a fee of 0.1."""
    return Fill(
        entry_id=EntryId(f"{side.value}-{at.us}"), trade_id="1", order_id=OrderId("o"),
        product=product, side=side, price=Price.of(price), quantity=Quantity.of(1),
        fee=Money.of("0.1"), liquidity=Liquidity.MAKER, time=at, sequence_time=at,
    )  # fmt: skip


def trade(number: int, *, product: str = "BTC-USD", exit: str = "110", rule: str = "r") -> Trade:
    """Bought at 100 and sold `number` hours later: pnl is the difference less 0.2."""
    name = ProductId.parse(product)
    opened = BEGIN + number * HOUR
    closed = opened + number * HOUR
    fills = (fill(Side.BUY, name, "100", opened), fill(Side.SELL, name, exit, closed))
    return Trade(
        number=number, product=name, cluster="LAYER1", strategy="s", rule=rule,
        decision_id=DecisionId(f"{number}:{product}"), opened=opened, closed=closed,
        quantity=Quantity.of(1), entry_price=Price.of("100"), exit_price=Price.of(exit),
        stop=Price.of("95"), target=Price.of("110"), longest_hold=2 * DAY,
        exit_cause="target" if Decimal(exit) > 100 else "stop", cost=Money.of("100.1"),
        pnl=Money(Decimal(exit) - 100 - Decimal("0.2")), fees=Money.of("0.2"),
        slippage=Money.of("0.5"), lowest=Price.of("95"), highest=Price.of("111"),
        fills=tuple(
            TradeFill(each, ClientOrderId("c"), "entry", Price.of("100.5")) for each in fills
        ),
    )  # fmt: skip


def story(
    *, days: int = 40, trades: tuple[Trade, ...] = (), title: str = "PAPER on sim", seed: int = 3
) -> Story:
    """A story of so many days, a value an hour, whose account is a seeded walk from 1000."""
    count = days * 24 + 1
    rng = np.random.default_rng(seed)
    nav = np.cumprod(1.0 + rng.normal(0.0, 0.001, count))
    nav = (nav / nav[0]).astype(np.float64)
    times = BEGIN.us + np.arange(count, dtype=np.int64) * 3_600_000_000
    product = ProductId.parse("BTC-USD")
    held = np.arange(0, count, 2, dtype=np.int64)
    exposure = np.zeros(count)
    exposure[held] = 40.0
    unknown = PnlFigures(
        NO_MONEY, None, NO_MONEY, NO_MONEY, Money.of("1000"), None, None, None, None, None
    )
    prices = (100.0 * np.cumprod(1.0 + rng.normal(0.0, 0.002, count))).astype(np.float64)
    return Story(
        origin=Origin(title, "SIMULATED MARKET, seed 3", "USD", "0.1.0", 3),
        begin=BEGIN, end=BEGIN + timedelta(days=days), cycles=count, opening=Money.of("1000"),
        trades=trades, still_open=(), curve=Curve(times, nav * 1000.0, nav, exposure),
        holdings={product: Holdings(held, exposure[held])}, clusters={product: "LAYER1"},
        caps=Caps(Percent.of(5), Percent.of(15), {"LAYER1": Percent.of(10)}), pnl=unknown,
        made=Made(None, NO_MONEY, None, None),
        bought=Money.of("300"), sold=Money.of("310"), fees=Money.of("2"), slippage=None,
        flows=NO_MONEY, entries_sent=3, orders_sent=9, fills=6,
        funnel=(
            funnel_day("2026-01-05", cycles=9, reasons={"no_trigger": 7, "pace": 2}, filled=1),
        ),
        refusals={"no_trigger": 7, "pace": 2},
        stops=(Stop("daily_stop", "lost 3 %", BEGIN, None),), policy_hash="ab",
        settings={"policy": {"risk": {"x": "1"}}}, decisions="cd",
        assumptions=(Assumption("fees", "maker 50 bps"), Assumption("data", "SIMULATED", True)),
        data=(DataFile("candles", "SIMULATED", "ef"),),
        prices={product: PriceBars(60, times - 3_600_000_000, prices, prices, prices, prices)},
    )  # fmt: skip
