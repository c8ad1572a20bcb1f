"""breakout at, under and over the old high."""

from __future__ import annotations

from decimal import Decimal

import pytest
from tests.core.market_values import bars_of, flat

from trader247.core.signals.breakout import Breakout
from trader247.core.signals.reading import read
from trader247.core.signals.window import Window
from trader247.domain.money import Percent


@pytest.mark.parametrize(
    ("close", "is_triggered"), [(100_000, False), (100_001, True), (99_999, False)]
)
def test_only_a_close_over_the_high_breaks_out(close: int, is_triggered: bool) -> None:
    bars = bars_of([*flat(1440), close])
    reading = read(Breakout(), Window(bars), missing_max=Percent.of(10))
    assert reading.is_triggered == is_triggered
    assert reading.score == (Decimal("0.56") if is_triggered else 0)


def test_a_single_tick_breaks_out_however_fine_the_ticks_are() -> None:
    bars = bars_of([*flat(1440, 10**12), 10**12 + 1])
    assert read(Breakout(), Window(bars), missing_max=Percent.of(10)).is_triggered


def test_the_high_of_the_last_bar_itself_does_not_count() -> None:
    closes = [*flat(1440), 100_010]
    bars = bars_of(closes, highs=[*flat(1440), 120_000])
    assert read(Breakout(), Window(bars), missing_max=Percent.of(10)).is_triggered


def test_a_high_older_than_a_day_is_forgotten() -> None:
    closes = [150_000, *flat(1440), 100_010]
    bars = bars_of(closes, highs=closes)
    assert read(Breakout(), Window(bars), missing_max=Percent.of(10)).is_triggered
    closes = [*flat(1), 150_000, *flat(1439), 100_010]
    bars = bars_of(closes, highs=closes)
    assert not read(Breakout(), Window(bars), missing_max=Percent.of(10)).is_triggered


def test_a_margin_over_the_high_can_be_asked_for() -> None:
    bars = bars_of([*flat(1440), 100_500])
    wants_more = Breakout(over_high_pct=Percent.of("0.5"))
    wants_less = Breakout(over_high_pct=Percent.of("0.4"))
    assert not read(wants_more, Window(bars), missing_max=Percent.of(10)).is_triggered
    assert read(wants_less, Window(bars), missing_max=Percent.of(10)).is_triggered
