"""reversal: all four of its conditions, one broken at a time."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.core.market_values import bars_of, flat, ramp

from trader247.core.signals.reading import read
from trader247.core.signals.reversal import Reversal
from trader247.core.signals.signal import Reading
from trader247.core.signals.window import Window
from trader247.domain.money import Percent

LOW = 90_000
"""The low of the day, some hours ago."""


def turned(**changes: int) -> Reading:
    """A low, a rise, a slow sag, and a last quarter of an hour that outweighs the sag."""
    sag_from, sag_to = changes.get("sag_from", 96_000), changes.get("sag_to", 95_000)
    closes = [
        *flat(600),
        *ramp(100_000, changes.get("low", LOW), 300),
        *ramp(changes.get("low", LOW), sag_from, 300),
        *ramp(sag_from, sag_to, 225),
        *ramp(sag_to, changes.get("now", 97_000), 15),
    ]
    lows = [min(pair) for pair in zip([closes[0], *closes], closes, strict=False)]
    lows[-150] = changes.get("low_before", lows[-150])
    return read(Reversal(), Window(bars_of(closes, lows=lows)), missing_max=Percent.of(10))


def test_a_turn_near_the_low_triggers() -> None:
    reading = turned(low_before=94_000)
    assert reading.is_triggered
    assert reading.confidence == Decimal("0.6")
    assert reading.figure("recovery").value == Decimal("7.7777778")
    assert reading.strength == Decimal("0.38888889")


@pytest.mark.parametrize(
    ("changes", "broken"),
    [
        ({"now": 99_001}, "recovery_limit"),
        ({"now": 95_500}, "rsi"),
        ({}, "higher_low"),
        ({"sag_from": 93_000, "sag_to": 92_000, "now": 94_500}, "recovery"),
    ],
)
def test_each_condition_is_needed(changes: dict[str, int], broken: str) -> None:
    low_before = {} if broken == "higher_low" else {"low_before": 94_000}
    reading = turned(**changes, **low_before)
    assert reading.is_measured
    assert not reading.is_triggered, broken


def test_the_limit_of_ten_per_cent_is_inside() -> None:
    reading = turned(now=99_000, low_before=94_000)
    assert reading.figure("recovery").value == Decimal(10)
    assert reading.is_triggered


def test_a_market_that_stands_still_has_an_rsi_of_fifty() -> None:
    reading = read(Reversal(), Window(bars_of(flat())), missing_max=Percent.of(10))
    assert reading.figure("rsi").value == Decimal(50)
    assert not reading.is_triggered
