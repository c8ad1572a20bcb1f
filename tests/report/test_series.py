"""Who recomputes a measure of days from the series that a report holds gets the report's own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from statistics import fmean, stdev
from typing import Any

import numpy as np
import pytest
from tests.report.stories import BEGIN, story

from trader247.domain.time import Instant
from trader247.report.curve import Curve
from trader247.report.plain import POINTS_MOST, as_json
from trader247.report.report import report_of
from trader247.report.story import PriceBars, Story

DAYS = 40


def by_the_minute() -> Story:
    """Far more values than a report writes down."""
    told = story(days=DAYS)
    count = DAYS * 1_440
    rng = np.random.default_rng(5)
    grown = np.cumprod(1.0 + rng.normal(0.0, 0.0004, count))
    nav = (grown / grown[0]).astype(np.float64)
    times = BEGIN.us + np.arange(count, dtype=np.int64) * 60_000_000
    prices = (100.0 * nav[::-1]).astype(np.float64)
    bars = PriceBars(1, times, prices, prices, prices, prices)
    curve = Curve(times, (nav * 1000.0).astype(np.float64), nav, np.zeros(count))
    product = next(iter(told.prices))
    return replace(
        told, curve=curve, holdings={}, prices={product: bars}, end=Instant(int(times[-1]))
    )


def daily(points: Sequence[dict[str, Any]]) -> list[float]:
    """Daily returns by their definition: from the first value, and from each day's last one."""
    last: dict[object, float] = {}
    for each in points:
        last[datetime.fromisoformat(each["time"]).date()] = float(each["nav"])
    closes = [float(points[0]["nav"]), *last.values()]
    return [after / before - 1.0 for before, after in pairwise(closes)]


def measure(body: dict[str, Any], id: str) -> float:
    (found,) = (each for each in body["metrics"] if each["id"] == id)
    return float(found["value"])


def test_measures_of_days_come_out_of_the_written_series() -> None:
    body = as_json(report_of(by_the_minute()))
    assert DAYS < len(body["equity"]) < POINTS_MOST + DAYS + 5
    returns = daily(body["equity"])
    assert len(returns) == DAYS
    yearly = 365**0.5
    assert measure(body, "volatility") == pytest.approx(100 * stdev(returns) * yearly, rel=1e-9)
    assert measure(body, "sharpe") == pytest.approx(
        fmean(returns) / stdev(returns) * yearly, rel=1e-9
    )
    hold = daily(body["benchmark"]["points"])
    assert measure(body, "hold_sharpe") == pytest.approx(
        fmean(hold) / stdev(hold) * yearly, rel=1e-9
    )


def longest(points: Sequence[dict[str, Any]]) -> float:
    """Days under water by their definition: from the last value at a peak to the next there."""
    found, peak, at = 0.0, float("-inf"), datetime.fromisoformat(points[0]["time"])
    is_dry = True
    for each in points:
        now, nav = datetime.fromisoformat(each["time"]), float(each["nav"])
        was_dry, is_dry = is_dry, nav >= peak
        if not (was_dry and is_dry):
            found = max(found, (now - at).total_seconds() / 86_400)
        if is_dry:
            peak, at = nav, now
    return found


@pytest.mark.parametrize("fall", [0.0, 1e-4])
def test_the_longest_drawdown_comes_out_of_the_written_series(fall: float) -> None:
    # In whole steps, so that the highest value stands for a while; and under a shallow drift.
    told = by_the_minute()
    drift = 1.0 + fall * np.linspace(1.0, 0.0, len(told.curve.nav))
    nav = np.round(told.curve.nav * drift, 3)
    body = as_json(report_of(replace(told, curve=replace(told.curve, nav=nav))))
    assert longest(body["equity"]) == pytest.approx(measure(body, "longest_drawdown"), rel=1e-9)
    listed = [
        (each, datetime.fromisoformat(each["recovered"] or body["equity"][-1]["time"]))
        for each in body["drawdowns"]
    ]
    days = [
        (end - datetime.fromisoformat(each["peak"])).total_seconds() / 86_400
        for each, end in listed
    ]
    assert max(days) == pytest.approx(measure(body, "longest_drawdown"), rel=1e-9)
