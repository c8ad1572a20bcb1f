"""The newest bar and what lies behind it: every question of a `Series`, answered with integers.

A cycle asks for one position of each product, a dozen times: numpy's sums and extremes over slices,
and Python's own integers for the rest, are several times quicker there than arrays of one element.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from trader247.core.signals.columns import clipped_returns
from trader247.core.signals.series import MINUTES_A_YEAR, NANO, RATIO_MAX, TICKS_MAX, UNUSABLE
from trader247.domain.market import Bars


class Window:
    """Some bars up to now. A position is an index, `last` the newest."""

    __slots__ = (
        "_is_sound",
        "_is_whole",
        "close",
        "end",
        "filled",
        "high",
        "last",
        "low",
        "turnover",
    )

    def __init__(self, bars: Bars) -> None:
        columns = [bars.high, bars.low, bars.close, bars.volume, bars.filled]
        self.high, self.low, self.close, self.turnover, self.filled = (
            np.frombuffer(column, dtype=np.int64) if len(bars) else np.empty(0, dtype=np.int64)
            for column in columns
        )
        self.end = bars.end
        self.last = len(bars) - 1
        self._is_sound = not len(bars) or _is_sound(self.low, self.high)
        self._is_whole = not self.filled.any()

    def __len__(self) -> int:
        return self.last + 1

    def closes(self, at: int) -> int:
        return self.close.item(at)

    def volume(self, minutes: int, at: int) -> int:
        return int(np.add.reduce(self.turnover[at + 1 - minutes : at + 1]))

    def closes_sum(self, minutes: int, at: int) -> int:
        return int(np.add.reduce(self.close[at + 1 - minutes : at + 1]))

    def holes(self, minutes: int, at: int) -> int:
        window = slice(at + 1 - minutes, at + 1)
        count = 0 if self._is_whole else int(np.add.reduce(self.filled[window]))
        if self._is_sound or _is_sound(self.low[window], self.high[window]):
            return count
        return count + UNUSABLE

    def highest(self, minutes: int, at: int) -> int:
        return int(np.maximum.reduce(self.high[at + 1 - minutes : at + 1]))

    def lowest(self, minutes: int, at: int) -> int:
        return int(np.minimum.reduce(self.low[at + 1 - minutes : at + 1]))

    def change(self, minutes: int, at: int) -> int:
        before = self.close.item(at - minutes)
        return self.ratio(self.close.item(at) - before, before)

    def boundary(self, minutes: int, at: int) -> int:
        return at - (self.end - self.last + at + 1) % minutes

    def rises(self, minutes: int, count: int, ends: int) -> int:
        return sum(step > 0 for step in self._steps(minutes, count, ends))

    def gains(self, minutes: int, count: int, ends: int) -> int:
        return sum(step for step in self._steps(minutes, count, ends) if step > 0)

    def true_ranges(self, minutes: int, count: int, ends: int) -> int:
        window = slice(ends + 1 - minutes * count, ends + 1)
        before = self.close[ends - minutes * count : ends - minutes + 1 : minutes]
        highs, lows = self.high[window], self.low[window]
        top = np.maximum(np.maximum.reduce(highs.reshape(count, minutes), axis=1), before)
        bottom = np.minimum(np.minimum.reduce(lows.reshape(count, minutes), axis=1), before)
        return int(np.add.reduce(top - bottom))

    def z_score(self, minutes: int, at: int) -> int:
        closes = self.close[at + 1 - minutes : at + 1]
        shifted = closes - closes[0]
        above = int(np.add.reduce(shifted))
        scatter = int(shifted.dot(shifted))
        gap = minutes * shifted.item(minutes - 1) - above
        mean = float(above)
        spread = float(scatter) * float(minutes) - mean * mean
        if not spread > 0.0:
            return 0
        return round(float(gap) / sqrt(spread) * float(NANO))

    def volatility(self, minutes: int, count: int, ends: int) -> int:
        closes = self.close[ends - minutes * count : ends + 1 : minutes]
        returns = clipped_returns(closes[:-1], closes[1:])
        total, squares = int(np.add.reduce(returns)), int(returns.dot(returns))
        spread = float(squares) * float(count) - float(total) * float(total)
        if not spread > 0.0:
            return 0
        return round(sqrt(spread) / float(count) * sqrt(MINUTES_A_YEAR / minutes))

    def ratio(self, numerator: int, denominator: int) -> int:
        if denominator < 1:
            return self.ratio(numerator, 1)
        found = (2 * NANO * numerator + denominator) // (2 * denominator)
        return found if found < RATIO_MAX else RATIO_MAX

    def shown(self, figure: Callable[[], int]) -> int:
        return figure()

    def capped(self, nanos: int) -> int:
        return min(nanos, NANO)

    def _steps(self, minutes: int, count: int, ends: int) -> list[int]:
        closes = self.close[ends - minutes * count : ends + 1 : minutes].tolist()
        return [after - before for before, after in pairwise(closes)]


def _is_sound(low: NDArray[np.int64], high: NDArray[np.int64]) -> bool:
    return bool(np.minimum.reduce(low) > 0 and np.maximum.reduce(high) <= TICKS_MAX)
