"""mean_reversion against the same figures from the standard library."""

from __future__ import annotations

from decimal import Decimal
from statistics import fmean, pstdev

import pytest
from tests.core.market_values import bars_of, flat, walk

from trader247.core.signals.mean_reversion import MeanReversion
from trader247.core.signals.reading import read
from trader247.core.signals.window import Window
from trader247.domain.money import Percent


def test_z_is_the_distance_from_the_mean_in_standard_deviations() -> None:
    bars = walk(7, 1560, step=0.001)
    closes = bars.close[-1440:]
    expected = (closes[-1] - fmean(closes)) / pstdev(closes)
    reading = read(MeanReversion(), Window(bars), missing_max=Percent.of(10))
    assert float(reading.figure("z").value) == pytest.approx(expected, abs=1e-6)


def test_atr_is_the_mean_of_fourteen_true_ranges() -> None:
    # Every whole hour of this market spans 200 ticks around 100,000.
    closes = [100_000 + (100 if i % 60 < 30 else -100) for i in range(1560)]
    bars = bars_of(closes, highs=closes, lows=closes)
    reading = read(MeanReversion(), Window(bars), missing_max=Percent.of(10))
    expected = round(Decimal(200) / closes[-1] * 100, 7)
    assert reading.figure("atr_14_h").value == expected


def test_a_deep_fall_triggers_with_a_strength_that_grows() -> None:
    shallow = [100_000 + i % 2 for i in range(1439)]
    reading = read(MeanReversion(), Window(bars_of([*shallow, 99_000])), missing_max=Percent.of(10))
    assert reading.is_triggered
    assert (reading.strength, reading.confidence) == (Decimal(1), Decimal("0.6"))


def test_a_rise_does_not_trigger() -> None:
    bars = bars_of([*flat(1500), 105_000])
    assert not read(MeanReversion(), Window(bars), missing_max=Percent.of(10)).is_triggered


def test_a_market_that_stands_still_lies_on_its_mean() -> None:
    reading = read(MeanReversion(), Window(bars_of(flat())), missing_max=Percent.of(10))
    assert reading.figure("z").value == 0
    assert not reading.is_triggered


def test_a_day_too_wide_for_exact_squares_is_not_measured() -> None:
    bars = bars_of([*flat(1500, 10**9), 10**9 - 60_000_000])
    reading = read(MeanReversion(), Window(bars), missing_max=Percent.of(10))
    assert not reading.is_measured
    bars = bars_of([*flat(1500, 10**9), 10**9 - 59_999_999])
    assert read(MeanReversion(), Window(bars), missing_max=Percent.of(10)).is_measured


@pytest.mark.parametrize("z_max", ["-2", "-30"])
def test_one_bar_off_all_others_has_a_known_z(z_max: str) -> None:
    bars = bars_of([*flat(1439), 90_000])
    # One bar of 1,440 off the others lies sqrt(1439) deviations from the mean.
    reading = read(MeanReversion(z_max=Decimal(z_max)), Window(bars), missing_max=Percent.of(10))
    assert reading.is_triggered
    assert float(reading.figure("z").value) == pytest.approx(-(1439**0.5), abs=1e-6)
