"""volume_spike at, under and over its thresholds."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.core.market_values import bars_of, flat

from trader247.core.signals.reading import read
from trader247.core.signals.signal import Reading
from trader247.core.signals.volume_spike import VolumeSpike
from trader247.core.signals.window import Window
from trader247.domain.money import Percent


def measured(volume: int, close: int, *, before: int = 1000) -> Reading:
    closes = [*flat(1500), *flat(60, close)]
    bars = bars_of(closes, volumes=[before] * 1500 + [volume] * 60)
    return read(VolumeSpike(), Window(bars), missing_max=Percent.of(10))


@pytest.mark.parametrize(
    ("volume", "close", "is_triggered"),
    [
        (1800, 102_000, True),
        (1799, 102_000, False),
        (1800, 101_999, False),
        (9000, 98_000, False),
    ],
)
def test_it_needs_the_volume_and_a_rise(volume: int, close: int, is_triggered: bool) -> None:
    assert measured(volume, close).is_triggered == is_triggered


@pytest.mark.parametrize(
    ("volume", "strength", "confidence"),
    [(2500, "0.5", "0.625"), (4000, "1", "1"), (5000, "1", "1")],
)
def test_strength_and_confidence_grow_with_the_ratio(
    volume: int, strength: str, confidence: str
) -> None:
    reading = measured(volume, 102_000)
    assert reading.strength == Decimal(strength)
    assert reading.confidence == Decimal(confidence)


def test_a_day_without_volume_has_no_mean_hour() -> None:
    reading = measured(5000, 110_000, before=0)
    assert not reading.is_measured
    assert "cannot be formed" in reading.trouble


def test_the_hour_itself_is_not_part_of_its_mean() -> None:
    assert measured(3600, 102_000).figure("volume_ratio").value == Decimal("3.6")
