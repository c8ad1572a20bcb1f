"""A column's ratios are those of whole numbers, digit for digit."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from trader247.core.signals.columns import Columns, ratios
from trader247.core.signals.evaluate import evaluate
from trader247.core.signals.mean_reversion import MeanReversion
from trader247.core.signals.reversal import Reversal
from trader247.core.signals.series import NANO, RATIO_MAX, TICKS_MAX
from trader247.core.signals.signal import Signal
from trader247.domain.money import Percent


def as_whole_numbers(numerator: int, denominator: int) -> int:
    denominator = max(denominator, 1)
    return min((2 * NANO * numerator + denominator) // (2 * denominator), RATIO_MAX)


def held_against_whole_numbers(numerator: list[int], denominator: list[int]) -> None:
    found = ratios(np.array(numerator, dtype=np.int64), np.array(denominator, dtype=np.int64))
    expected = [
        as_whole_numbers(over, under) for over, under in zip(numerator, denominator, strict=True)
    ]
    assert found.tolist() == expected


@pytest.mark.parametrize("times", [1, 1_000, 1_000_000, 10**12])
@pytest.mark.parametrize("under_max", [1, 9, 70_000, 2**31, TICKS_MAX])
def test_ratios_are_those_of_whole_numbers_at_every_size(times: int, under_max: int) -> None:
    seeded = np.random.default_rng([times, under_max])
    under = seeded.integers(0, under_max, 500, endpoint=True)
    most = np.minimum(np.maximum(under, 1).astype(object) * times, 2**63 - 1).astype(np.int64)
    over = seeded.integers(-np.maximum(under, 1), most)
    held_against_whole_numbers(over.tolist(), under.tolist())


def test_halves_go_up_on_either_side_of_zero() -> None:
    under = [2 * NANO] * 6
    held_against_whole_numbers([-3, -1, 1, 3, 2 * NANO + 1, 1_999_999_999], under)


def test_one_great_ratio_among_small_ones_spoils_none() -> None:
    held_against_whole_numbers([1, 2**63 - 1, -1, 5], [3, 1, 3, 0])


def test_nothing_has_no_ratios() -> None:
    held_against_whole_numbers([], [])


@pytest.mark.parametrize("signal", [MeanReversion(), Reversal()], ids=lambda each: each.id)
def test_what_nobody_looks_at_decides_nothing(signal: Signal) -> None:
    seeded = np.random.default_rng(11)
    close = (60_000 * np.exp(np.cumsum(seeded.normal(0, 0.002, 6000)))).astype(np.int64)
    parts: dict[str, Any] = {
        "end": 29_000_000,
        "high": close + 20,
        "low": close - 20,
        "close": close,
        "volume": close,
        "filled": close * 0,
    }
    shown, bare = (
        evaluate(signal, Columns(**parts, has_figures=each), missing_max=Percent.of(5))
        for each in (True, False)
    )
    assert shown.is_triggered.any()
    assert (shown.is_triggered == bare.is_triggered).all()
    assert (shown.is_measured == bare.is_measured).all()
    assert (shown.score == bare.score).all()
    assert len(shown.figures) > 0
    assert bare.figures == ()


@pytest.mark.parametrize("begin", [9, 10, 700])
@pytest.mark.parametrize("count", [1, 255, 256, 300])
def test_many_bars_in_a_row_have_the_sums_that_each_has_alone(begin: int, count: int) -> None:
    seeded = np.random.default_rng(12)
    close = seeded.integers(1, 1_000, 1_000)
    columns = Columns(
        end=29_000_000,
        high=close,
        low=close,
        close=close,
        volume=seeded.integers(0, 10**9, 1_000),
        filled=np.zeros(1_000, dtype=np.int64),
    )
    in_a_row = np.arange(begin, begin + count)
    for at in (in_a_row, in_a_row[::-1], in_a_row // 2 + 5, np.append(in_a_row[:-1], 999)):
        for measured in (columns.closes_sum, columns.volume):
            alone = [int(measured(10, np.array([each]))[0]) for each in at]
            assert measured(10, at).tolist() == alone
    last = np.arange(1_000 - 300, 1_000)
    assert columns.closes_sum(10, last)[-1] == close[-10:].sum()
    with pytest.raises(IndexError):
        columns.closes_sum(10, last + 1)
