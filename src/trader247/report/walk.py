"""Walk-forward: chosen on some days, judged on later ones, with a gap between that is thrown away.

What is open when the in-sample days end must not be judged by what the next days bring: the gap
is as long as a position of the shipped rules may be held, and two days at the least.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from trader247.domain.words import counted
from trader247.report.curve import Floats
from trader247.report.metrics import DAYS_A_YEAR, Measure, Missing, calmar, max_drawdown

DAYS_LEAST = 10
"""Days below which nothing is chosen or judged by a fold."""
GAP_DAYS = 2
"""The shortest gap, where none is given."""


@dataclass(frozen=True, slots=True)
class Fold:
    """Days of the period, counted from 0: chosen on `[begin, until)`, judged on `[test, end)`."""

    begin: int
    until: int
    test: int
    end: int


@dataclass(frozen=True, slots=True)
class Judged:
    """A fold: the trial that its in-sample days chose, its score there and afterwards."""

    fold: Fold
    trial: int
    inside: float
    outside: Measure
    returns: tuple[float, ...]


def folds_of(days: int, given: Mapping[str, int]) -> tuple[Fold, ...]:
    """The folds of a period; what is not given follows from its length. None where it is short.

    The last one is judged on all that is left: days that are too few for a fold of their own go
    with the one before.
    """
    lengths = _lengths(days, given)
    if min(lengths.test, lengths.train) < 1:
        return ()
    found: list[Fold] = []
    begin = 0
    while begin + lengths.least <= days:
        start = begin + lengths.train + lengths.gap
        found.append(Fold(begin, begin + lengths.train, start, min(start + lengths.test, days)))
        begin += lengths.test
    if found:
        found[-1] = replace(found[-1], end=days)
    return tuple(found)


def days_needed(days: int, given: Mapping[str, int]) -> int:
    """How long a period has to be at the least, so that there is a fold."""
    return next(each for each in count(days) if _lengths(each, given).least <= each)


@dataclass(frozen=True, slots=True)
class _Lengths:
    """Days of a fold: those it is chosen on, the gap, and those it is judged on."""

    train: int
    gap: int
    test: int

    @property
    def least(self) -> int:
        """The days of a fold that is judged on as few as may be."""
        judged = max(self.test // 2, min(self.test, DAYS_LEAST))
        return self.train + self.gap + judged


def _lengths(days: int, given: Mapping[str, int]) -> _Lengths:
    test = given.get("out_of_sample_days", max(DAYS_LEAST, days // 6))
    return _Lengths(given.get("in_sample_days", 3 * test), given.get("gap_days", GAP_DAYS), test)


def score(objective: str, returns: Floats) -> Measure:
    """What some days are worth: the daily Sharpe or Sortino ratio a year, the return, or Calmar."""
    unknown = _unknown(returns)
    if unknown:
        return unknown
    nav = np.concatenate(([1.0], np.cumprod(1.0 + returns)))
    if objective == "return":
        return float(nav[-1] - 1.0)
    if not float(np.ptp(returns)) > 1e-15:
        return Missing("the returns do not vary: nothing was traded")
    if objective == "calmar":
        grown: float = float(nav[-1]) ** (DAYS_A_YEAR / len(returns)) - 1.0
        return calmar(grown, max_drawdown(nav))
    losses = np.minimum(returns, 0.0)
    deviation = (
        float(np.std(returns, ddof=1))
        if objective == "sharpe"
        else float(np.sqrt(np.mean(np.square(losses))))
    )
    if deviation == 0.0:
        return Missing("no day lost")
    return float(np.mean(returns)) / deviation * float(np.sqrt(DAYS_A_YEAR))


def _unknown(returns: Floats) -> Missing | None:
    if len(returns) < DAYS_LEAST:
        return Missing(f"{counted(len(returns), 'day')}, {DAYS_LEAST} are needed")
    return None if np.isfinite(returns).all() else Missing("equity was not above zero")


def walked(
    objective: str, folds: Sequence[Fold], returns: NDArray[np.float64]
) -> tuple[Judged, ...]:
    """Each fold's choice and what became of it; rows of `returns` are days, columns trials."""
    found = []
    for fold in folds:
        inside = [
            score(objective, returns[fold.begin : fold.until, trial])
            for trial in range(returns.shape[1])
        ]
        known = [(each, trial) for trial, each in enumerate(inside) if isinstance(each, float)]
        if not known:
            continue
        # Of equals the first that was tried.
        best, trial = max(known, key=lambda item: (item[0], -item[1]))
        after = returns[fold.test : fold.end, trial]
        found.append(Judged(fold, trial, best, score(objective, after), tuple(after.tolist())))
    return tuple(found)
