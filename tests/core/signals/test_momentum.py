"""momentum at, under and over its threshold."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.core.market_values import bars_of, flat, ramp

from trader247.core.signals.momentum import Momentum
from trader247.core.signals.reading import read
from trader247.core.signals.window import Window
from trader247.domain.money import Percent


@pytest.mark.parametrize(
    ("now", "is_triggered"), [(101_999, False), (102_000, True), (98_000, False)]
)
def test_it_triggers_from_its_threshold(now: int, is_triggered: bool) -> None:
    bars = bars_of([*flat(1), *ramp(100_000, now, 1440)])
    reading = read(Momentum(), Window(bars), missing_max=Percent.of(10))
    assert reading.is_triggered == is_triggered


def test_an_even_rise_of_ten_per_cent_is_certain() -> None:
    bars = bars_of([*flat(1), *ramp(100_000, 110_000, 1440)])
    reading = read(Momentum(), Window(bars), missing_max=Percent.of(10))
    assert (reading.strength, reading.confidence) == (Decimal(1), Decimal(1))


def test_confidence_is_the_share_of_hours_that_rose() -> None:
    # Six hours of the last twelve rise, then all stands still.
    closes = [*flat(1 + 720), *ramp(100_000, 104_000, 360), *flat(360, 104_000)]
    reading = read(Momentum(), Window(bars_of(closes)), missing_max=Percent.of(10))
    assert reading.confidence == Decimal("0.5")
    assert reading.figure("rising_hours").value == 6


def test_hours_are_those_of_utc() -> None:
    # Thirty minutes past the hour: the half hour that fell belongs to no whole hour yet.
    closes = [*flat(31 + 720), *ramp(100_000, 112_000, 720), *ramp(112_000, 110_000, 30)]
    bars = bars_of(closes, end=29_459_519 + 30)
    reading = read(Momentum(), Window(bars), missing_max=Percent.of(10))
    assert reading.figure("rising_hours").value == 12
