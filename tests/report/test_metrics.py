"""Every measure against figures worked out by hand, and against what must hold for any record."""

from __future__ import annotations

from math import isclose, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trader247.report import metrics
from trader247.report.curve import DAY_US, daily_closes, drawdowns, returns_of, under_water
from trader247.report.formulas import FORMULAS
from trader247.report.metrics import Measure, Missing

RETURNS = np.array([0.01, -0.02, 0.03] * 10)
"""Mean 0.02 / 3; squared deviations per three: (1/300)^2 + (8/300)^2 + (7/300)^2 = 114 / 90000."""


def known(measure: Measure) -> float:
    assert isinstance(measure, float), measure
    return measure


def test_doubling_in_two_years_is_forty_one_per_cent_a_year() -> None:
    assert isclose(known(metrics.cagr(100.0, 200.0, 730.0)), sqrt(2) - 1)
    assert isclose(known(metrics.cagr(100.0, 110.0, 365.0)), 0.1)


def test_a_yearly_rate_needs_a_month_and_equity_above_zero() -> None:
    assert isinstance(metrics.cagr(100.0, 101.0, 29.9), Missing)
    assert isinstance(metrics.cagr(100.0, 0.0, 365.0), Missing)
    assert isinstance(metrics.cagr(1e-300, 1e300, 30.0), Missing)
    known(metrics.cagr(100.0, 101.0, 30.0))


def test_volatility_and_sharpe_by_hand() -> None:
    deviation = sqrt(10 * 114 / 90_000 / 29)
    assert isclose(known(metrics.volatility(RETURNS)), deviation * sqrt(365))
    assert isclose(known(metrics.sharpe(RETURNS)), (0.02 / 3) / deviation * sqrt(365))


def test_sortino_counts_losing_days_over_all_days() -> None:
    downside = sqrt(10 * 0.02**2 / 30)
    assert isclose(known(metrics.sortino(RETURNS)), (0.02 / 3) / downside * sqrt(365))
    assert metrics.sortino(np.abs(RETURNS)) == Missing("no day lost")


@pytest.mark.parametrize("measure", [metrics.volatility, metrics.sharpe, metrics.sortino])
def test_too_few_days_are_unknown_and_not_zero(measure: object) -> None:
    assert callable(measure)
    found = measure(RETURNS[:29])
    assert found == Missing("29 daily returns, a yearly figure needs 30")
    assert isinstance(measure(np.array([])), Missing)


def test_returns_that_never_vary_have_no_sharpe() -> None:
    assert metrics.sharpe(np.full(40, 0.001)) == Missing("the returns do not vary")
    assert metrics.volatility(np.zeros(40)) == 0.0


NAV = np.array([1.0, 1.2, 0.9, 1.1, 1.2, 1.3, 1.04])
"""Falls by a quarter from 1.2 and is back at the fifth value; falls by a fifth at the end."""


def test_drawdowns_by_hand() -> None:
    first, second = drawdowns(NAV)
    assert (first.peak, first.trough, first.recovered) == (1, 2, 4)
    assert (second.peak, second.trough, second.recovered) == (5, 6, None)
    assert isclose(first.depth, 0.25)
    assert isclose(second.depth, 0.2)
    assert isclose(known(metrics.max_drawdown(NAV)), 0.25)
    times = np.arange(7) * DAY_US
    assert metrics.longest_drawdown_days(times, NAV) == 3.0
    assert isclose(known(metrics.calmar(0.5, 0.25)), 2.0)
    assert metrics.calmar(0.5, 0.0) == Missing("there was no drawdown")


def test_a_record_that_only_rises_has_no_drawdown_and_none_without_a_record() -> None:
    assert metrics.max_drawdown(np.array([1.0, 1.0, 2.0])) == 0.0
    assert isinstance(metrics.max_drawdown(np.array([1.0])), Missing)


def test_trades_by_hand() -> None:
    gains = [10.0, -5.0, 0.0, 20.0, -10.0]
    assert metrics.profit_factor(gains) == 2.0
    assert metrics.expectancy(gains) == 3.0
    assert metrics.win_rate(gains) == 0.4
    assert metrics.profit_factor([1.0, 2.0]) == Missing("no trade lost")
    for measure in (metrics.profit_factor, metrics.expectancy, metrics.win_rate):
        assert measure([]) == Missing("no trade was closed")


def test_wilsons_interval_as_published() -> None:
    """E. B. Wilson's interval for 0 of 10 and for 15 of 50, as in the usual tables."""
    low, high = metrics.win_rate_interval(0, 10)  # type: ignore[misc]
    assert (low, round(high, 4)) == (0.0, 0.2775)
    low, high = metrics.win_rate_interval(15, 50)  # type: ignore[misc]
    assert (round(low, 4), round(high, 4)) == (0.191, 0.4375)


def test_a_value_holds_until_the_next_one() -> None:
    times = np.array([0, 10, 40, 50])
    assert metrics.mean_over_time(times, np.array([1.0, 2.0, 4.0, 99.0])) == 2.2
    assert metrics.mean_over_time(times, np.array([1.0, np.nan, 4.0, 0.0])) == 2.5
    assert metrics.time_in_market(times, np.array([0.0, 5.0, 0.0, 5.0])) == 0.6
    assert isinstance(metrics.time_in_market(times[:1], np.array([1.0])), Missing)
    assert isinstance(metrics.mean_over_time(times, np.full(4, np.nan)), Missing)


def test_turnover_and_fees_are_shares_of_mean_equity() -> None:
    assert metrics.turnover(500.0, 1_000.0) == 0.5
    assert metrics.fee_drag(5.0, 1_000.0) == 0.005
    assert metrics.fee_drag(5.0, Missing("it was never known")) == Missing("it was never known")
    assert isinstance(metrics.turnover(1.0, 0.0), Missing)


def test_a_day_closes_with_its_last_value_and_one_without_keeps_it() -> None:
    times = np.array([5, DAY_US - 1, DAY_US * 3, DAY_US * 3 + 7])
    days, closes = daily_closes(times, np.array([1.0, 2.0, 3.0, 4.0]))
    assert days.tolist() == [-1, 0, 1, 2, 3]
    assert closes.tolist() == [1.0, 2.0, 2.0, 2.0, 4.0]
    assert returns_of(closes).tolist() == [1.0, 0.0, 0.0, 1.0]


navs = st.lists(st.floats(0.01, 1_000.0), min_size=2, max_size=60).map(np.array)


@given(navs)
def test_drawdowns_are_what_looking_at_every_pair_finds(nav: np.ndarray) -> None:
    worst = max(
        (1.0 - after / before for i, before in enumerate(nav) for after in nav[i:]), default=0.0
    )
    assert isclose(known(metrics.max_drawdown(nav)), worst, abs_tol=1e-12)
    for each in drawdowns(nav):
        end = len(nav) if each.recovered is None else each.recovered
        assert (nav[each.peak + 1 : end] < nav[each.peak]).all()
        assert each.recovered is None or nav[each.recovered] >= nav[each.peak]
        assert isclose(-each.depth, under_water(nav)[each.trough])


@given(navs, st.floats(0.5, 2_000.0))
def test_measures_do_not_depend_on_the_size_of_the_account(nav: np.ndarray, size: float) -> None:
    assert isclose(
        known(metrics.max_drawdown(nav)), known(metrics.max_drawdown(nav * size)), abs_tol=1e-9
    )


@given(st.integers(0, 300), st.integers(1, 300))
def test_a_win_rate_lies_in_its_interval(wins: int, losses: int) -> None:
    trades = wins + losses
    low, high = metrics.win_rate_interval(wins, trades)  # type: ignore[misc]
    assert 0.0 <= low <= wins / trades <= high <= 1.0


def test_every_measure_names_where_it_comes_from() -> None:
    measures = [
        each
        for each in vars(metrics).values()
        if callable(each) and getattr(each, "__module__", "") == metrics.__name__
        and not isinstance(each, type) and not each.__name__.startswith("_")
    ]  # fmt: skip
    assert len(measures) > 10
    assert [each.__name__ for each in measures if "Source:" not in (each.__doc__ or "")] == []
    assert all(each.text and each.source for each in FORMULAS.values())
