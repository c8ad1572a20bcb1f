"""The regime, from both sides of each limit."""

from __future__ import annotations

from array import array
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from statistics import pstdev

import pytest
from tests.core.market_values import walk
from tests.core.mind_values import a_market, market_view

from trader247.core.policy import RegimePolicy
from trader247.core.regime import Regime, regime_of

POLICY = RegimePolicy()


def judged(closes: list[int] | None) -> Regime:
    hourly = None if closes is None else array("q", closes)
    market = a_market()
    view = market_view(hourly=hourly)
    return regime_of(replace(market, views={**market.views, POLICY.reference: view}), POLICY)


def week(last: int, *, swing: int = 0) -> list[int]:
    """168 closes from 100,000 to `last`, evenly, with hours that swing around the way."""
    way = [100_000 + (last - 100_000) * i // 167 for i in range(168)]
    return [
        way[0],
        *(each + (swing if i % 2 else -swing) for i, each in enumerate(way[1:-1])),
        last,
    ]


@pytest.mark.parametrize(
    ("closes", "name", "multiplier"),
    [
        (week(110_000), "bull", "1.2"),
        (week(109_999), "chop", "0.8"),
        (week(95_001), "chop", "0.8"),
        (week(95_000), "bear", "0.5"),
        (week(90_000), "bear", "0.5"),
        (week(89_999), "crash", "0"),
        (week(115_000, swing=2000), "crash", "0"),
        (week(115_000, swing=400), "chop", "0.8"),
    ],
)
def test_the_limits_from_both_sides(closes: list[int], name: str, multiplier: str) -> None:
    regime = judged(closes)
    assert (regime.name, regime.multiplier) == (name, Decimal(multiplier))
    assert str(regime).startswith(f"{name}: seven days ")


@pytest.mark.parametrize("closes", [None, [], week(150_000)[1:], [0] * 168])
def test_a_week_that_is_not_known_is_chop(closes: list[int] | None) -> None:
    regime = judged(closes)
    assert (regime.name, regime.multiplier, regime.trend) == ("chop", Decimal("0.8"), None)
    assert "fewer than 168 hours" in str(regime)


def test_only_the_last_week_counts() -> None:
    assert judged([1, 10**9, *week(110_000)]) == judged(week(110_000))


def test_a_market_without_the_reference_is_chop() -> None:
    assert regime_of(replace(a_market(), views={}), POLICY).name == "chop"


def test_volatility_is_annualised_from_hourly_returns() -> None:
    closes = walk(5, 168, step=0.005).close.tolist()
    returns = [after / before - 1 for before, after in pairwise(closes)]
    regime = judged(closes)
    assert regime.volatility is not None
    expected = pstdev(returns) * 8760**0.5 * 100
    assert float(regime.volatility.value) == pytest.approx(expected, rel=1e-6)
