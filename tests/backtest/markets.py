"""Small made-up pasts: whole cents and lots, so that a trade can be worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np

from trader247.app.settings.canonical import sealed
from trader247.app.settings.load import load_settings, with_tape_products
from trader247.backtest.history import BOOK, BookModel, Histories, ProductHistory
from trader247.backtest.run import Setup
from trader247.core.policy import Policy
from trader247.core.rules.rule import FixedRule
from trader247.core.signals.momentum import Momentum
from trader247.core.signals.price_move import PriceMove
from trader247.domain.ids import ProductId
from trader247.domain.money import Percent
from trader247.simex.feeds.tape import Tape
from trader247.simex.fees import FeeTerms

START = 1_767_571_200 // 60
"""2026-01-05T00:00Z, a Monday: the first minute of every made-up past."""
WARM_UP = 26 * 60


@cache
def shipped() -> Policy:
    """The shipped policy."""
    return load_settings(None, environment={}).policy


def walk(seed: int, minutes: int, *, price: int = 100_000, volatility: float = 0.0004) -> Tape:
    """A random walk in cents with bursts, and enough volume for any floor."""
    rng = np.random.default_rng(seed)
    weather = np.exp(np.convolve(rng.normal(0, 0.4, minutes + 60), np.ones(61) / 8, "valid"))
    steps = rng.standard_t(4, minutes) * volatility * np.clip(weather, 0.3, 4)
    close = np.maximum((price * np.exp(np.cumsum(steps))).astype(np.int64), 1000)
    begin = np.concatenate([[price], close[:-1]])
    reach = (close * np.abs(rng.normal(0, volatility, minutes))).astype(np.int64)
    high, low = np.maximum(begin, close) + reach, np.minimum(begin, close) - reach
    volume = (3e12 / close * rng.uniform(0.3, 3, minutes)).astype(np.int64)
    return tape("BTC-USD", begin, high, low, close, volume)


def tape(
    product: str,
    begin: Sequence[int] | np.ndarray,
    high: Sequence[int] | np.ndarray,
    low: Sequence[int] | np.ndarray,
    close: Sequence[int] | np.ndarray,
    volume: Sequence[int] | np.ndarray,
) -> Tape:
    """A tape of one product in cents and hundred-thousandths."""
    columns = [np.asarray(each, dtype=np.int64) for each in (begin, high, low, close, volume)]
    minute = np.arange(len(columns[0])) + START
    return Tape(product, 1, 2, 5, minute, *columns)


def setup(
    tapes: Sequence[Tape],
    *,
    policy: Policy | None = None,
    equity: int = 10_000,
    model: BookModel = BOOK,
    warm_up: int = WARM_UP,
) -> Setup:
    """A run over tapes that all begin at `START`."""
    last = max(each.last_minute for each in tapes)
    products = [ProductId.parse(each.product_id) for each in tapes]
    return Setup(
        policy=with_tape_products(policy or shipped(), products),
        histories=Histories(
            [ProductHistory(each, first=START, last=last, model=model) for each in tapes]
        ),
        identity="made up",
        book="paper:sim",
        funding={"USD": Decimal(equity)},
        start=START + warm_up,
        end=last,
        fees=FeeTerms(),
        code_version="test",
    )


def named(tape: Tape, product: str) -> Tape:
    """The same past of another product."""
    return replace(tape, product_id=product)


def busy(*, keeps_stops: bool = False) -> Policy:
    """The shipped policy at its loosest pace, with short trades: much happens in an hour."""
    policy = shipped()
    checks: dict[str, dict[str, Any]] = {
        "pace": {"seconds_between": 1, "per_hour": 60, "per_day": 500, "product_minutes": 1},
        "repetition": {"per_hour": 60, "per_day": 500},
        "cooldown": {"fill_minutes": 1, "loss_minutes": 2, "stop_minutes": 3, "stops_hours": 1},
        "losing_streak": {"closes_max": 10, "minutes": 5},
        "turnover": {"bought_pct": Percent.of(300), "fees_pct": Percent.of(3)},
    }
    plan: dict[str, Any] = {
        "stop_pct": Percent.of("0.5"),
        "target_pct": Percent.of("1.5"),
        "hours_max": 1,
    }
    rules = {
        name: replace(rule, **plan) if isinstance(rule, FixedRule) else rule
        for name, rule in policy.rules.items()
    }
    signals = {
        **policy.signals,
        "momentum": Momentum(return_24_h_pct=Percent.of("0.1")),
        "price_move": PriceMove(Percent.of("0.3"), Percent.of("0.6")),
    }
    return sealed(
        replace(
            policy,
            checks=tuple(replace(each, **checks.get(each.id, {})) for each in policy.checks),
            rules=rules,
            signals=signals,
            execution=replace(policy.execution, venue_stops="auto" if keeps_stops else "off"),
        )
    )
