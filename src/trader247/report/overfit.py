"""How much of the best of many trials is luck: deflated Sharpe ratio and overfitting by CSCV.

Sharpe ratios here are of one day and not annualised: the formulas are about the sample at hand.
"""

from __future__ import annotations

from itertools import combinations
from math import e, sqrt
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from trader247.domain.words import counted
from trader247.report.curve import Floats
from trader247.report.metrics import DAYS_LEAST, Measure, Missing

EULER = 0.5772156649015329
"""The Euler-Mascheroni constant."""
BLOCKS = 10
"""Blocks of days in CSCV: 252 ways to take half of them."""
_NORMAL = NormalDist()


def daily_sharpe(returns: Floats) -> Measure:
    """The Sharpe ratio of daily returns, of one day: mean over sample standard deviation."""
    if len(returns) < DAYS_LEAST:
        return Missing(f"{counted(len(returns), 'daily return')}, {DAYS_LEAST} are needed")
    if not np.isfinite(returns).all():
        return Missing("equity was not above zero")
    deviation = float(np.std(returns, ddof=1))
    if not float(np.ptp(returns)) > 1e-15:
        return Missing("the returns do not vary")
    return float(np.mean(returns)) / deviation


def luckiest_sharpe(variance: float, trials: int) -> float:
    """The Sharpe ratio that the best of so many worthless trials is expected to have.

    sqrt(V) ((1 - g) Z^-1(1 - 1/N) + g Z^-1(1 - 1/(N e))), g the Euler-Mascheroni constant, V the
    variance of the trials' Sharpe ratios. Nothing with one trial.

    Source: D. H. Bailey and M. Lopez de Prado, The Deflated Sharpe Ratio, Journal of Portfolio
    Management 40 (2014), equation 1.
    """
    if trials < 2 or variance <= 0.0:
        return 0.0
    return sqrt(variance) * (
        (1.0 - EULER) * _NORMAL.inv_cdf(1.0 - 1.0 / trials)
        + EULER * _NORMAL.inv_cdf(1.0 - 1.0 / (trials * e))
    )


def probabilistic_sharpe(
    sharpe: float, than: float, *, days: int, skewness: float, kurtosis: float
) -> Measure:
    """The probability that the true Sharpe ratio is above `than`; a normal kurtosis is 3.

    Z((SR - SR*) sqrt(T - 1) / sqrt(1 - g3 SR + (g4 - 1) / 4 SR^2)).

    Source: D. H. Bailey and M. Lopez de Prado, The Sharpe Ratio Efficient Frontier, Journal of
    Risk 15 (2012); with the luckiest Sharpe ratio for SR* it is the deflated one (2014).
    """
    spread = 1.0 - skewness * sharpe + (kurtosis - 1.0) / 4.0 * sharpe * sharpe
    if days < 2 or spread <= 0.0:
        return Missing("its distribution is too odd for the formula")
    return _NORMAL.cdf((sharpe - than) * sqrt(days - 1.0) / sqrt(spread))


def deflated_sharpe(returns: Floats, sharpes: Floats, trials: int) -> Measure:
    """The probability that the best trial is better than luck, given how many were tried.

    `returns` are the best trial's, `sharpes` the daily Sharpe ratios of the trials whose variance
    is known, `trials` all that were ever made.
    """
    best = daily_sharpe(returns)
    if isinstance(best, Missing):
        return best
    known = sharpes[np.isfinite(sharpes)]
    if len(known) < 2:
        return Missing("fewer than two trials have a Sharpe ratio")
    than = luckiest_sharpe(float(np.var(known, ddof=1)), max(trials, len(known)))
    centred = returns - np.mean(returns)
    spread = float(np.mean(np.square(centred)))
    return probabilistic_sharpe(
        best,
        than,
        days=len(returns),
        skewness=float(np.mean(centred**3)) / spread**1.5,
        kurtosis=float(np.mean(centred**4)) / spread**2,
    )


def overfitting(returns: NDArray[np.float64], *, blocks: int = BLOCKS) -> Measure:
    """The probability of backtest overfitting: how often the best of one half of the days is in
    the worse half of the trials on the other days.

    Rows are days, columns trials. The days are cut into blocks; for each way to take half of
    them, the trial with the best Sharpe ratio there is ranked among all on the rest: with relative
    rank w = rank / (N + 1), the logit ln(w / (1 - w)) is 0 or less where it overfits.

    Source: D. H. Bailey, J. Borwein, M. Lopez de Prado, Q. J. Zhu, The Probability of Backtest
    Overfitting, Journal of Computational Finance 20 (2017).
    """
    days, trials = returns.shape
    if trials < 2:
        return Missing("one trial has nothing to be chosen from")
    if days < blocks * 3:
        return Missing(f"{counted(days, 'day')}, {blocks * 3} are needed for {blocks} blocks")
    if not np.isfinite(returns).all():
        return Missing("equity was not above zero in some trial")
    if not (returns != returns[:, :1]).any():
        # To choose among equals is no choice that could be wrong: their ranks would all be ties.
        return Missing("all trials returned the same")
    size = days // blocks
    cut = returns[days - size * blocks :].reshape(blocks, size, trials)
    sums, squares = cut.sum(axis=1), np.square(cut).sum(axis=1)
    halves = list(combinations(range(blocks), blocks // 2))
    chosen = np.zeros((len(halves), blocks))
    for row, half in enumerate(halves):
        chosen[row, list(half)] = 1.0
    inside = _sharpes(chosen, sums, squares, size)
    outside = _sharpes(1.0 - chosen, sums, squares, size)
    best = np.argmax(inside, axis=1)
    rows = np.arange(len(halves))
    own = outside[rows, best][:, np.newaxis]
    # Ties share the middle of their ranks, as if each of them had been drawn.
    rank = (outside < own).sum(axis=1) + ((outside == own).sum(axis=1) + 1) / 2.0
    return float(np.mean(rank / (trials + 1.0) <= 0.5))


def _sharpes(
    chosen: NDArray[np.float64],
    sums: NDArray[np.float64],
    squares: NDArray[np.float64],
    size: int,
) -> NDArray[np.float64]:
    count = chosen.sum(axis=1)[:, np.newaxis] * size
    mean = chosen @ sums / count
    spread = np.maximum((chosen @ squares - count * mean * mean) / (count - 1.0), 0.0)
    is_moving = spread > 1e-30
    # A trial that never moves has no Sharpe ratio: it is neither good nor bad.
    result: NDArray[np.float64] = np.where(
        is_moving, mean / np.sqrt(np.where(is_moving, spread, 1.0)), 0.0
    )
    return result
