"""What holds for every signal that is registered, and for the guards."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.market_values import LAST_MINUTE, cut, walk

from trader247.core.limits import bound_of
from trader247.core.signals.columns import Columns
from trader247.core.signals.evaluate import BLOCK, SignalColumns, evaluate
from trader247.core.signals.filters import OutlierGuard, VolatilityGuard
from trader247.core.signals.momentum import Momentum
from trader247.core.signals.panel import VOLUME_MAX, Panel, read_each
from trader247.core.signals.reading import read
from trader247.core.signals.registry import ALL_SIGNALS
from trader247.core.signals.series import NANO, TICKS_MAX
from trader247.core.signals.signal import Gauge, Measured, Reading, Signal
from trader247.core.signals.window import Window
from trader247.domain.money import Percent

MISSING = Percent.of(10)
EVERY: tuple[Signal, ...] = (
    *(signal() for signal in ALL_SIGNALS),
    OutlierGuard(move_pct=Percent.of(1), volume_pct=Percent.of(50)),
    VolatilityGuard(volatility_pct_max=Percent.of(150)),
)
HISTORY = 3300


def in_nanos(reading: Reading) -> tuple[int, int, int]:
    return (
        int(reading.strength * NANO),
        int(reading.confidence * NANO),
        int(reading.score * NANO),
    )


def assert_same(reading: Reading, columns: SignalColumns, position: int) -> None:
    assert reading.is_measured == columns.is_measured[position]
    assert reading.is_triggered == columns.is_triggered[position]
    if reading.is_measured:
        found = [(figure.name, figure.nanos) for figure in reading.figures]
        assert found == [(name, int(nanos[position])) for name, nanos in columns.figures]
        assert in_nanos(reading)[2] == columns.score[position]
    if reading.is_triggered:
        expected = int(columns.strength[position]), int(columns.confidence[position])
        assert in_nanos(reading)[:2] == expected


def test_the_founding_six_are_registered() -> None:
    assert [signal.id for signal in ALL_SIGNALS] == [
        "price_move",
        "volume_spike",
        "breakout",
        "reversal",
        "momentum",
        "mean_reversion",
    ]


@pytest.mark.parametrize("kind", ALL_SIGNALS, ids=lambda kind: kind.id)
def test_every_signal_has_a_manual_and_bounded_thresholds(kind: type[Signal]) -> None:
    assert kind.__doc__
    assert not kind.__doc__.startswith(f"{kind.__name__}(")
    assert 0 < kind.bars_needed <= 1560
    assert fields(kind)
    assert all(bound_of(kind, each.name) is not None for each in fields(kind))


@pytest.mark.parametrize("signal", EVERY, ids=lambda signal: signal.id)
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), data=st.data())
def test_a_value_on_its_own_window_is_the_value_in_a_column(
    signal: Signal, seed: int, data: st.DataObject
) -> None:
    price = data.draw(st.sampled_from([3, 1_000, 1_000_000, 40_000_000, 10**12]))
    step = data.draw(st.sampled_from([0.0002, 0.004, 0.02]))
    bars = walk(seed, HISTORY, price=price, step=step)
    columns = evaluate(signal, Columns.of(bars), missing_max=MISSING)
    positions = data.draw(
        st.lists(st.integers(signal.bars_needed - 1, HISTORY - 1), min_size=4, max_size=12)
    )
    hits = columns.is_triggered.nonzero()[0].tolist()[:6]
    for position in [signal.bars_needed - 1, HISTORY - 1, *positions, *hits]:
        own = Window(cut(bars, position + 1 - signal.bars_needed, position + 1))
        assert_same(read(signal, own, missing_max=MISSING), columns, position)


@pytest.mark.parametrize("signal", EVERY, ids=lambda signal: signal.id)
@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    prices=st.lists(
        st.sampled_from([3, 1_000, 1_000_000, 40_000_000, 10**11]), min_size=1, max_size=4
    ),
    step=st.sampled_from([0.0002, 0.004, 0.02]),
    missing=st.sampled_from([0, 5, 10]),
)
def test_a_value_side_by_side_is_the_value_on_its_own_window(
    signal: Signal, seed: int, prices: list[int], step: float, missing: int
) -> None:
    end = LAST_MINUTE + seed % 1440
    rows = [
        replace(walk(seed + place, 1560, price=price, step=step), end=end)
        for place, price in enumerate(prices)
    ]
    panel, most = Panel(rows), Percent.of(missing)
    assert panel.is_plain.all()
    alone = [read(signal, Window(each), missing_max=most) for each in rows]
    assert read_each(signal, panel, missing_max=most) == alone


@pytest.mark.parametrize("signal", EVERY, ids=lambda signal: signal.id)
def test_a_panel_shorter_than_the_memory_measures_nothing(signal: Signal) -> None:
    bars = walk(1, signal.bars_needed - 1)
    alone = read(signal, Window(bars), missing_max=MISSING)
    assert not alone.is_measured
    assert read_each(signal, Panel([bars, bars]), missing_max=MISSING) == [alone, alone]


def test_a_panel_says_which_rows_64_bits_hold() -> None:
    rows = [walk(seed, 1560) for seed in range(4)]
    rows[1].low[20] = 0
    rows[2].high[1559] = TICKS_MAX + 1
    rows[3].volume[7] = VOLUME_MAX + 1
    assert Panel(rows).is_plain.tolist() == [True, False, False, False]


@pytest.mark.parametrize("signal", EVERY, ids=lambda signal: signal.id)
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10**6), known=st.integers(1500, HISTORY - 1))
def test_bars_that_come_later_change_nothing(signal: Signal, seed: int, known: int) -> None:
    bars = walk(seed, HISTORY)
    whole = evaluate(signal, Columns.of(bars), missing_max=MISSING)
    early = evaluate(signal, Columns.of(cut(bars, 0, known)), missing_max=MISSING)
    assert (early.is_measured == whole.is_measured[:known]).all()
    assert (early.is_triggered == whole.is_triggered[:known]).all()
    assert (early.score == whole.score[:known]).all()
    assert not early.is_measured[: signal.bars_needed - 1].any()


@pytest.mark.parametrize("signal", EVERY, ids=lambda signal: signal.id)
def test_a_history_shorter_than_the_memory_measures_nothing(signal: Signal) -> None:
    bars = walk(1, signal.bars_needed - 1)
    reading = read(signal, Window(bars), missing_max=MISSING)
    assert not reading.is_measured
    assert not reading.is_triggered
    assert str(signal.bars_needed) in reading.trouble
    with pytest.raises(ValueError, match="needs"):
        evaluate(signal, Columns.of(bars), missing_max=MISSING)


@pytest.mark.parametrize("bars", [30, 31, BLOCK + 29, BLOCK + 30, 2 * BLOCK + 100])
def test_a_history_is_asked_about_each_bar_that_has_its_memory_once_and_about_no_other(
    bars: int,
) -> None:
    asked: list[int] = []

    class Noting(Momentum):
        bars_needed = 30

        def measure(self, series: Any, at: Any) -> Measured:
            asked.extend(at.tolist())
            return Measured(at > 0, at, at, (Gauge("place", at),))

    found = evaluate(Noting(), Columns.of(walk(1, bars)), missing_max=Percent.of(100))
    assert asked == list(range(29, bars))
    figures = dict(found.figures)
    for column in (found.is_measured, found.is_triggered, found.score, figures["place"]):
        assert len(column) == bars
        assert not column[:29].any()
    assert found.is_measured[29:].all()
    assert figures["place"][29:].tolist() == asked


@pytest.mark.parametrize("signal", EVERY, ids=lambda signal: signal.id)
def test_no_bars_at_all_measure_nothing(signal: Signal) -> None:
    assert not read(signal, Window(walk(1, 1560)), missing_max=Percent.of(0)).is_measured
    assert not read(signal, Window(cut(walk(1, 10), 0, 0)), missing_max=MISSING).is_measured


@pytest.mark.parametrize("signal", EVERY, ids=lambda signal: signal.id)
def test_a_price_of_zero_in_the_window_measures_nothing(signal: Signal) -> None:
    bars = walk(3, 1700)
    bars.low[1690] = 0
    reading = read(signal, Window(bars), missing_max=MISSING)
    assert reading.trouble == "a price of its window is zero or absurd"
    columns = evaluate(signal, Columns.of(bars), missing_max=MISSING)
    assert not columns.is_measured[1690:].any()
    assert columns.is_measured[signal.bars_needed - 1 : 1690].any()


def test_scores_lie_between_nothing_and_one() -> None:
    seen = 0
    for seed in range(4):
        columns = Columns.of(walk(seed, 6000, step=0.003))
        for signal in EVERY[:6]:
            result = evaluate(signal, columns, missing_max=MISSING)
            scores = result.score[result.is_triggered]
            seen += len(scores)
            assert ((scores >= 0) & (scores <= NANO)).all()
    assert seen > 100


@pytest.mark.slow
def test_reading_the_thresholds_and_asking_about_one_cycle_load_no_numpy() -> None:
    code = (
        "import sys, trader247.core.signals.registry, trader247.core.rules.registry\n"
        "import trader247.app.past.explaining\n"
        "sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
