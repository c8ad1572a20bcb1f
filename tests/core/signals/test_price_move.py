"""price_move at, under and over its thresholds."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.market_values import bars_of, flat

from trader247.core.signals.price_move import PriceMove
from trader247.core.signals.reading import read
from trader247.core.signals.signal import Figure, Reading
from trader247.core.signals.window import Window
from trader247.domain.money import Percent


def measured(hour_ago: int, quarter_ago: int, now: int) -> Reading:
    closes = [*flat(60, hour_ago), *flat(30, quarter_ago), *flat(15, quarter_ago), now]
    closes[-61] = hour_ago
    closes[-60:-1] = [quarter_ago] * 59
    return read(PriceMove(), Window(bars_of(closes)), missing_max=Percent.of(10))


@pytest.mark.parametrize(
    ("prices", "strength", "confidence"),
    [
        ((100_000, 100_000, 103_499), None, None),
        ((100_000, 100_000, 103_500), "0.6", "0.7"),
        ((100_000, 104_000, 105_999), None, None),
        ((100_000, 104_000, 106_000), "0.7", "0.75"),
        ((100_000, 100_000, 106_000), "0.8", "0.85"),
        ((100_000, 100_000, 94_000), None, None),
        ((100_000, 100_000, 100_000), None, None),
    ],
)
def test_it_triggers_upwards_at_its_thresholds(
    prices: tuple[int, int, int], strength: str | None, confidence: str | None
) -> None:
    reading = measured(*prices)
    assert reading.is_measured
    assert reading.is_triggered == (strength is not None)
    if strength is not None and confidence is not None:
        assert reading.strength == Decimal(strength)
        assert reading.confidence == Decimal(confidence)
        assert reading.score == Decimal(strength) * Decimal(confidence)


def test_a_fall_is_no_move_up_however_great() -> None:
    assert not measured(100_000, 100_000, 50_000).is_triggered


def test_its_figures_name_value_and_threshold() -> None:
    figure = measured(100_000, 100_000, 103_500).figure("return_15_min")
    assert figure.value == Decimal("3.5")
    assert figure.threshold == Decimal("3.5")
    assert str(figure) == "return_15_min 3.50 % (threshold 3.50)"
    with pytest.raises(KeyError):
        measured(100_000, 100_000, 103_500).figure("nothing")


def test_a_figure_just_under_its_threshold_never_reads_as_at_it() -> None:
    figure = measured(100_000_000, 100_000_000, 103_499_999).figure("return_15_min")
    assert str(figure) == "return_15_min 3.499999 % (threshold 3.500000)"


@given(nanos=st.integers(-(10**10), 10**10), off=st.integers(-(10**6), 10**6))
@pytest.mark.parametrize("unit", ["%", "x"])
def test_a_figure_and_its_threshold_read_alike_only_where_they_are(
    nanos: int, off: int, unit: str
) -> None:
    figure = Figure("any", nanos + off, nanos, unit)
    _, value, *_ = str(figure).split(" ")
    threshold = str(figure).split("(threshold ")[1].rstrip(")")
    assert (Decimal(value) > Decimal(threshold)) == (off > 0)
    assert (Decimal(value) == Decimal(threshold)) == (off == 0)


@pytest.mark.parametrize(("missing", "is_measured"), [(6, True), (7, False)])
def test_more_than_a_tenth_of_missing_minutes_means_no_signal(
    missing: int, is_measured: bool
) -> None:
    closes = [*flat(70), 110_000]
    filled = [1] * 10 + [0] * (61 - missing) + [1] * missing
    reading = read(PriceMove(), Window(bars_of(closes, filled=filled)), missing_max=Percent.of(10))
    assert reading.is_measured == is_measured
    assert reading.is_triggered == is_measured
    assert is_measured or reading.trouble == "7 of 61 minutes without a trade, at most 6"
