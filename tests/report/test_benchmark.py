"""What doing nothing would have made, by hand."""

from __future__ import annotations

import numpy as np
import pytest

from trader247.domain.ids import ProductId
from trader247.report.benchmark import bought_and_held
from trader247.report.story import PriceBars

HOUR = 3_600_000_000


def bars(first: int, opens: list[float], closes: list[float]) -> PriceBars:
    times = (first + np.arange(len(opens), dtype=np.int64)) * HOUR
    begin, end = np.array(opens), np.array(closes)
    return PriceBars(60, times, begin, np.maximum(begin, end), np.minimum(begin, end), end)


def test_what_falls_within_the_first_hour_has_been_lost() -> None:
    prices = {ProductId.parse("BTC-USD"): bars(5, [250.0, 225.0], [225.0, 200.0])}
    held = bought_and_held(prices, 5 * HOUR, 7 * HOUR)
    assert held is not None
    assert held.times.tolist() == [5 * HOUR, 6 * HOUR, 7 * HOUR]
    assert held.nav.tolist() == [1.0, 0.9, 0.8]


def test_equal_amounts_are_bought_when_the_last_of_them_trades() -> None:
    early = bars(5, [100.0, 200.0], [200.0, 300.0])
    late = bars(6, [10.0, 5.0], [5.0, 5.0])
    prices = {ProductId.parse("BTC-USD"): early, ProductId.parse("ETH-USD"): late}
    held = bought_and_held(prices, 5 * HOUR, 8 * HOUR)
    assert held is not None
    assert held.times.tolist() == [6 * HOUR, 7 * HOUR, 8 * HOUR]
    # 200 becomes 300 and stays; 10 becomes 5 and stays.
    assert held.nav.tolist() == [1.0, pytest.approx(1.0), pytest.approx(1.0)]


def test_a_bar_that_has_begun_before_or_that_goes_on_is_not_counted() -> None:
    prices = {ProductId.parse("BTC-USD"): bars(5, [1.0, 2.0, 4.0, 8.0], [2.0, 4.0, 8.0, 16.0])}
    held = bought_and_held(prices, 6 * HOUR - 1, 8 * HOUR)
    assert held is not None
    assert held.nav.tolist() == [1.0, 2.0, 4.0]
    assert bought_and_held(prices, 20 * HOUR, 30 * HOUR) is None
