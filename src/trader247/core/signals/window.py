"""The newest bar and what lies behind it: every question of a `Series`, answered with integers.

Python's own, of any size, so that nothing wraps; and without numpy, which takes longer to load than
a person who asks about one cycle should wait.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import sqrt
from operator import mul

from trader247.core.signals.series import (
    MINUTES_A_YEAR,
    NANO,
    RATIO_MAX,
    RETURN_MAX,
    TICKS_MAX,
    UNUSABLE,
)
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
        self.close, self.turnover, self.filled = bars.close, bars.volume, bars.filled
        # An array makes its numbers anew each time that it is gone through; these often are.
        self.high, self.low = bars.high.tolist(), bars.low.tolist()
        self.end = bars.end
        self.last = len(bars) - 1
        self._is_sound = not len(bars) or _is_sound(self.low, self.high)
        self._is_whole = not any(self.filled)

    def __len__(self) -> int:
        return self.last + 1

    def closes(self, at: int) -> int:
        return self.close[at]

    def volume(self, minutes: int, at: int) -> int:
        return sum(self.turnover[at + 1 - minutes : at + 1])

    def closes_sum(self, minutes: int, at: int) -> int:
        return sum(self.close[at + 1 - minutes : at + 1])

    def holes(self, minutes: int, at: int) -> int:
        window = slice(at + 1 - minutes, at + 1)
        count = 0 if self._is_whole else sum(self.filled[window])
        if self._is_sound or _is_sound(self.low[window], self.high[window]):
            return count
        return count + UNUSABLE

    def highest(self, minutes: int, at: int) -> int:
        return max(self.high[at + 1 - minutes : at + 1])

    def lowest(self, minutes: int, at: int) -> int:
        return min(self.low[at + 1 - minutes : at + 1])

    def change(self, minutes: int, at: int) -> int:
        before = self.close[at - minutes]
        return self.ratio(self.close[at] - before, before)

    def boundary(self, minutes: int, at: int) -> int:
        return at - (self.end - self.last + at + 1) % minutes

    def rises(self, minutes: int, count: int, ends: int) -> int:
        return sum(step > 0 for step in self._steps(minutes, count, ends))

    def gains(self, minutes: int, count: int, ends: int) -> int:
        return sum(step for step in self._steps(minutes, count, ends) if step > 0)

    def true_ranges(self, minutes: int, count: int, ends: int) -> int:
        total = 0
        for begin in range(ends + 1 - minutes * count, ends + 1, minutes):
            end, before = begin + minutes, self.close[begin - 1]
            top, bottom = max(self.high[begin:end]), min(self.low[begin:end])
            total += max(top, before) - min(bottom, before)
        return total

    def z_score(self, minutes: int, at: int) -> int:
        closes = self.close[at + 1 - minutes : at + 1]
        first = closes[0]
        shifted = [close - first for close in closes]
        above, scatter = sum(shifted), sum(map(mul, shifted, shifted))
        gap = minutes * shifted[-1] - above
        mean = float(above)
        spread = float(scatter) * float(minutes) - mean * mean
        if not spread > 0.0:
            return 0
        return round(float(gap) / sqrt(spread) * float(NANO))

    def volatility(self, minutes: int, count: int, ends: int) -> int:
        closes = self.close[ends - minutes * count : ends + 1 : minutes]
        found = [self.ratio(after - before, before) for before, after in pairwise(closes)]
        returns = [max(-RETURN_MAX, min(each, RETURN_MAX)) for each in found]
        total, squares = sum(returns), sum(map(mul, returns, returns))
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
        closes = self.close[ends - minutes * count : ends + 1 : minutes]
        return [after - before for before, after in pairwise(closes)]


def _is_sound(low: Sequence[int], high: Sequence[int]) -> bool:
    return min(low) > 0 and max(high) <= TICKS_MAX
