"""The guards on bars, from both sides of their limits."""

from __future__ import annotations

from math import sqrt

import pytest
from tests.core.market_values import bars_of, flat

from trader247.core.signals.filters import OutlierGuard, VolatilityGuard
from trader247.core.signals.reading import read
from trader247.core.signals.window import Window
from trader247.domain.money import Percent

OUTLIER = OutlierGuard(move_pct=Percent.of(10), volume_pct=Percent.of(10))


@pytest.mark.parametrize(
    ("close", "volume", "is_outlier"),
    [
        (110_001, 99, True),
        (89_999, 99, True),
        (110_000, 99, False),
        (90_000, 99, False),
        (110_001, 100, False),
        (150_000, 5000, False),
    ],
)
def test_an_outlier_is_far_off_and_hardly_traded(close: int, volume: int, is_outlier: bool) -> None:
    bars = bars_of([*flat(40), close], volumes=[1000] * 40 + [volume])
    reading = read(OUTLIER, Window(bars), missing_max=Percent.of(100))
    assert reading.is_triggered == is_outlier


def test_a_move_out_of_silence_is_an_outlier() -> None:
    bars = bars_of([*flat(40), 120_000], volumes=[0] * 41)
    assert read(OUTLIER, Window(bars), missing_max=Percent.of(100)).is_triggered


@pytest.mark.parametrize(("limit", "is_high"), [("93", True), ("94", False)])
def test_volatility_is_annualised_from_quarters_of_an_hour(limit: str, is_high: bool) -> None:
    # Quarters alternate between +0.5 % and its way back: a deviation of 0.5 %.
    closes = [100_000 if i // 15 % 2 else 100_500 for i in range(1560)]
    guard = VolatilityGuard(volatility_pct_max=Percent.of(limit))
    reading = read(guard, Window(bars_of(closes)), missing_max=Percent.of(10))
    assert reading.is_triggered == is_high
    value = float(reading.figure("volatility").value)
    assert value == pytest.approx(0.5 * sqrt(35_040), rel=0.01)


def test_a_single_crash_is_past_every_limit_that_can_be_set() -> None:
    guard = VolatilityGuard(volatility_pct_max=Percent.of(300))
    closes = [*flat(1000), *flat(560, 60_000)]
    assert read(guard, Window(bars_of(closes)), missing_max=Percent.of(10)).is_triggered
