"""The usual measures of a track record, each by its usual definition, from plain arrays.

Unknown is never zero: a measure that too few days or trades cannot carry is a `Missing` with the
reason. The market never closes, so a year has 365 days. The risk-free rate is taken as none, which
each formula says where it matters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite, sqrt

import numpy as np

from trader247.domain.words import counted
from trader247.report.curve import DAY_US, Floats, Ints, drawdowns

DAYS_A_YEAR = 365.0
DAYS_LEAST = 30
"""Days below which nothing is stretched to a year: a month is little, a week is noise."""
TRADES_LEAST = 1
TRADES_TO_CONCLUDE = 100
"""Closed trades below which a report says in plain words that it proves nothing.

At a win rate of one half the 95 % interval of 100 trades is still 19 points wide.
"""


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a measure is unknown."""

    reason: str


Measure = float | Missing


def cagr(first: float, last: float, days: float) -> Measure:
    """Compound annual growth rate: (last / first) ** (365 / days) - 1.

    Source: CFA Institute, Quantitative Methods, "annualized return".
    """
    if days < DAYS_LEAST:
        return Missing(f"{days:.1f} days, a yearly rate needs {DAYS_LEAST}")
    if first <= 0.0 or last <= 0.0:
        return Missing("equity was not above zero")
    try:
        grown = (last / first) ** (DAYS_A_YEAR / days)
    except OverflowError:
        grown = inf
    return grown - 1.0 if isfinite(grown) else Missing("the growth is no yearly rate")


def volatility(returns: Floats) -> Measure:
    """Annualised volatility: the sample standard deviation of daily returns, times sqrt(365).

    Source: J. Hull, Options, Futures and Other Derivatives, "estimating volatility from
    historical data", with 365 days for 252.
    """
    short = _too_short(returns)
    return short or float(np.std(returns, ddof=1)) * sqrt(DAYS_A_YEAR)


def sharpe(returns: Floats) -> Measure:
    """Sharpe ratio: mean of daily returns over their sample standard deviation, times sqrt(365).

    Source: W. F. Sharpe, The Sharpe Ratio, Journal of Portfolio Management 21 (1994); risk-free
    rate 0.
    """
    short = _too_short(returns)
    if short:
        return short
    deviation = float(np.std(returns, ddof=1))
    if not _is_moving(returns):
        return Missing("the returns do not vary")
    return float(np.mean(returns)) / deviation * sqrt(DAYS_A_YEAR)


def sortino(returns: Floats) -> Measure:
    """Sortino ratio: mean of daily returns over their downside deviation, times sqrt(365).

    The downside deviation is the root of the mean, over all days, of min(return, 0) squared.
    Source: F. A. Sortino and L. N. Price, Performance Measurement in a Downside Risk Framework,
    Journal of Investing 3 (1994); target return 0.
    """
    short = _too_short(returns)
    if short:
        return short
    downside = sqrt(float(np.mean(np.square(np.minimum(returns, 0.0)))))
    if downside == 0.0:
        return Missing("no day lost")
    return float(np.mean(returns)) / downside * sqrt(DAYS_A_YEAR)


def calmar(growth: Measure, drawdown: Measure) -> Measure:
    """Calmar ratio: the compound annual growth rate over the maximum drawdown.

    Source: T. W. Young, Calmar Ratio: A Smoother Tool, Futures (October 1991), over the whole
    period for his 36 months.
    """
    if isinstance(growth, Missing):
        return growth
    if isinstance(drawdown, Missing):
        return drawdown
    return growth / drawdown if drawdown > 0.0 else Missing("there was no drawdown")


def max_drawdown(nav: Floats) -> Measure:
    """Maximum drawdown: the greatest fall from the highest value so far, as a fraction of it.

    Source: M. Magdon-Ismail and A. Atiya, Maximum Drawdown, Risk 17 (2004).
    """
    if len(nav) < 2:
        return Missing("fewer than two known values of equity")
    return max((each.depth for each in drawdowns(nav)), default=0.0)


def longest_drawdown_days(times: Ints, nav: Floats) -> Measure:
    """Length of the longest drawdown: days from a peak until it is reached again, or to the end.

    Source: as the maximum drawdown; the length counts from the last instant at the peak.
    """
    if len(nav) < 2:
        return Missing("fewer than two known values of equity")
    ends = [
        (each.peak, len(nav) - 1 if each.recovered is None else each.recovered)
        for each in drawdowns(nav)
    ]
    return max((float(times[end] - times[peak]) / DAY_US for peak, end in ends), default=0.0)


def profit_factor(gains: Sequence[float]) -> Measure:
    """Profit factor: the sum of winning trades over the sum of losing ones, after all fees.

    Source: J. Schwager, Schwager on Futures: Technical Analysis (1996).
    """
    if len(gains) < TRADES_LEAST:
        return _NO_TRADES
    lost = -sum(gain for gain in gains if gain < 0.0)
    if lost == 0.0:
        return Missing("no trade lost")
    return sum(gain for gain in gains if gain > 0.0) / lost


def expectancy(gains: Sequence[float]) -> Measure:
    """Expectancy: the mean profit or loss of a closed trade, after all fees.

    Source: V. Tharp, Trade Your Way to Financial Freedom (1998).
    """
    return sum(gains) / len(gains) if len(gains) >= TRADES_LEAST else _NO_TRADES


def win_rate(gains: Sequence[float]) -> Measure:
    """Win rate: closed trades that made money after all fees, over all closed trades.

    Source: as the expectancy. A trade that made nothing has not won.
    """
    if len(gains) < TRADES_LEAST:
        return _NO_TRADES
    return sum(gain > 0.0 for gain in gains) / len(gains)


def win_rate_interval(wins: int, trades: int) -> tuple[float, float] | Missing:
    """The 95 % interval of a win rate, by Wilson's score.

    Source: E. B. Wilson, Probable Inference, the Law of Succession, and Statistical Inference,
    Journal of the American Statistical Association 22 (1927).
    """
    if trades < TRADES_LEAST:
        return _NO_TRADES
    z = 1.959963984540054
    share, spread = wins / trades, z * z / trades
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * sqrt(share * (1 - share) / trades + spread / (4 * trades))
    # At the ends the exact bound is the end itself: rounding must not put it past.
    low = 0.0 if wins == 0 else max(0.0, middle - half)
    return low, 1.0 if wins == trades else min(1.0, middle + half)


def turnover(traded: float, mean_equity: Measure) -> Measure:
    """Turnover: all that was bought and sold, over the mean equity of the period.

    Source: GIPS and SEC Form N-1A divide the lesser of purchases and sales; here both count,
    since both pay fees.
    """
    return _over(traded, mean_equity)


def fee_drag(fees: float, mean_equity: Measure) -> Measure:
    """Fee drag: all fees paid, over the mean equity of the period.

    Source: the expense ratio of SEC Form N-1A, with trading fees for expenses; not annualised.
    """
    return _over(fees, mean_equity)


def mean_over_time(times: Ints, values: Floats) -> Measure:
    """The mean of a value that holds from each instant to the next; the last one holds no time.

    Source: the step integral over time, divided by time. Stretches of the unknown are left out.
    """
    if len(times) < 2:
        return Missing("fewer than two cycles")
    spans = np.diff(times).astype(np.float64)
    held = values[:-1]
    is_known = np.isfinite(held)
    whole = float(spans[is_known].sum())
    if whole == 0.0:
        return Missing("it was never known")
    return float((spans[is_known] * held[is_known]).sum()) / whole


def time_in_market(times: Ints, exposure: Floats) -> Measure:
    """Time in market: the share of the time at which anything was held.

    Source: the step integral of "something is held" over time, divided by time.
    """
    held = np.where(np.isfinite(exposure), (exposure > 0.0).astype(np.float64), np.nan)
    return mean_over_time(times, held)


_NO_TRADES = Missing("no trade was closed")


def _too_short(returns: Floats) -> Missing | None:
    if len(returns) < DAYS_LEAST:
        return Missing(
            f"{counted(len(returns), 'daily return')}, a yearly figure needs {DAYS_LEAST}"
        )
    return None if np.isfinite(returns).all() else Missing("equity was not above zero")


def _is_moving(returns: Floats) -> bool:
    """Whether returns differ by more than rounding leaves of equal ones."""
    return float(np.ptp(returns)) > 1e-15


def _over(amount: float, mean_equity: Measure) -> Measure:
    if isinstance(mean_equity, Missing):
        return mean_equity
    return amount / mean_equity if mean_equity > 0.0 else Missing("equity was not above zero")
