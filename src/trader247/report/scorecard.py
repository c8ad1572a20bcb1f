"""The figures of a report, each with its value or the reason why it has none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from trader247.report import metrics
from trader247.report.curve import DAY_US, Curve, Floats, Ints, daily_closes, returns_of
from trader247.report.metrics import Measure, Missing
from trader247.report.story import Held, Story


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure: `value` in `unit`, or None and the `reason`; `formula` is its id there."""

    id: str
    name: str
    value: float | None
    unit: str
    reason: str
    formula: str


PERCENT = "%"
RATIO = ""


def scorecard(story: Story, held: Held | None) -> tuple[Metric, ...]:
    """Every figure of a story, against buy and hold, and against cash."""
    curve = story.curve.known
    growth, drawdown = _growth(curve), metrics.max_drawdown(curve.nav)
    returns = returns_of(daily_closes(curve.times, curve.nav)[1])
    gains = [float(each.pnl.value) for each in story.trades]
    mean_equity = metrics.mean_over_time(story.curve.times, story.curve.equity)
    traded = float((story.bought + story.sold).value)
    currency = story.origin.currency
    return (
        _metric("total_return", "return", _total(curve.nav), PERCENT),
        _metric("cagr", "CAGR", growth, PERCENT),
        _metric("volatility", "volatility, yearly", metrics.volatility(returns), PERCENT),
        _metric("sharpe", "Sharpe", metrics.sharpe(returns), RATIO),
        _metric("sortino", "Sortino", metrics.sortino(returns), RATIO),
        _metric("calmar", "Calmar", metrics.calmar(growth, drawdown), RATIO),
        _metric("max_drawdown", "max drawdown", drawdown, PERCENT),
        _metric(
            "longest_drawdown",
            "longest drawdown",
            metrics.longest_drawdown_days(curve.times, curve.nav),
            "days",
        ),
        _metric("profit_factor", "profit factor", metrics.profit_factor(gains), RATIO),
        _metric("expectancy", "expectancy a trade", metrics.expectancy(gains), currency),
        _metric("win_rate", "win rate", metrics.win_rate(gains), PERCENT),
        _metric("turnover", "turnover", metrics.turnover(traded, mean_equity), "x"),
        _metric(
            "fee_drag",
            "fee drag",
            metrics.fee_drag(float(story.fees.value), mean_equity),
            PERCENT,
        ),
        _metric(
            "time_in_market",
            "time in market",
            metrics.time_in_market(story.curve.times, story.curve.exposure),
            PERCENT,
        ),
        _metric("mean_exposure", "mean exposure", _mean_exposure(story.curve), PERCENT),
        *_doing_nothing(held),
    )


def win_interval(story: Story) -> tuple[float, float] | None:
    """The 95 % interval of the win rate; None without a closed trade."""
    wins = sum(each.pnl.value > 0 for each in story.trades)
    found = metrics.win_rate_interval(wins, len(story.trades))
    return None if isinstance(found, Missing) else found


def daily_returns(times: Ints, nav: Floats) -> Floats:
    """The return of each UTC day."""
    return returns_of(daily_closes(times, nav)[1])


def _doing_nothing(held: Held | None) -> tuple[Metric, ...]:
    none = Missing("fewer than two bars of prices")
    total = _total(held.nav) if held else none
    fall = metrics.max_drawdown(held.nav) if held else none
    ratio = metrics.sharpe(daily_returns(held.times, held.nav)) if held else none
    return (
        _metric("hold_return", "buy and hold: return", total, PERCENT),
        _metric("hold_max_drawdown", "buy and hold: max drawdown", fall, PERCENT, "max_drawdown"),
        _metric("hold_sharpe", "buy and hold: Sharpe", ratio, RATIO, "sharpe"),
        _metric("cash_return", "cash: return", 0.0, PERCENT),
    )


def _growth(curve: Curve) -> Measure:
    if len(curve) < 2:
        return Missing("fewer than two known values of equity")
    days = float(curve.times[-1] - curve.times[0]) / DAY_US
    return metrics.cagr(float(curve.nav[0]), float(curve.nav[-1]), days)


def _total(nav: Floats) -> Measure:
    if len(nav) < 2:
        return Missing("fewer than two known values of equity")
    if nav[0] <= 0.0:
        return Missing("equity was not above zero")
    return float(nav[-1] / nav[0] - 1.0)


def _mean_exposure(curve: Curve) -> Measure:
    with np.errstate(divide="ignore", invalid="ignore"):
        share = curve.exposure / curve.equity
    return metrics.mean_over_time(curve.times, share)


def _metric(id: str, name: str, value: Measure, unit: str, formula: str = "") -> Metric:
    if isinstance(value, Missing):
        return Metric(id, name, None, unit, value.reason, formula or id)
    shown = value * 100.0 if unit == PERCENT else value
    return Metric(id, name, shown, unit, "", formula or id)


def by_id(figures: Sequence[Metric], id: str) -> Metric:
    """The figure of an id. Raises KeyError: there is none."""
    for each in figures:
        if each.id == id:
            return each
    raise KeyError(id)
