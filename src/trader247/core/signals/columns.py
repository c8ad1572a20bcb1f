"""A history as columns: every question of a `Series`, answered at many positions at once.

Sums are differences of running sums, which may wrap around 64 bits: the difference is exact as long
as the sum itself fits. Extremes are Van Herk's running ones. So a year costs what it must, once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from trader247.core.signals.series import (
    MINUTES_A_YEAR,
    NANO,
    RATIO_MAX,
    RETURN_MAX,
    TICKS_MAX,
    UNUSABLE,
)
from trader247.domain.market import Bars

_NOT_SHOWN: Ints = np.zeros(0, dtype=np.int64)

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Columns:
    """The columns of some history. Positions are indices into them, in an array of any shape."""

    __slots__ = ("_memo", "close", "end", "filled", "has_figures", "high", "low", "turnover")

    def __init__(
        self,
        *,
        end: int,
        high: Ints,
        low: Ints,
        close: Ints,
        volume: Ints,
        filled: Ints,
        has_figures: bool = True,
    ) -> None:
        self.has_figures = has_figures
        self.end = end
        self.high = high
        self.low = low
        self.close = close
        self.turnover = volume
        self.filled = filled
        self._memo: dict[tuple[str, int], Ints] = {}

    @classmethod
    def of(cls, bars: Bars) -> Columns:
        """The bars' own memory, not copied."""
        columns = [bars.high, bars.low, bars.close, bars.volume, bars.filled]
        high, low, close, volume, filled = (
            np.frombuffer(column, dtype=np.int64) if len(bars) else np.empty(0, dtype=np.int64)
            for column in columns
        )
        return cls(end=bars.end, high=high, low=low, close=close, volume=volume, filled=filled)

    def shown_whole(self) -> Columns:
        """The same columns, figures and all; what is known of them already is shared."""
        if self.has_figures:
            return self
        whole = Columns(
            end=self.end,
            high=self.high,
            low=self.low,
            close=self.close,
            volume=self.turnover,
            filled=self.filled,
        )
        whole._memo = self._memo
        return whole

    def __len__(self) -> int:
        return len(self.close)

    def closes(self, at: Ints) -> Ints:
        return self.close.take(at)

    def volume(self, minutes: int, at: Ints) -> Ints:
        return _window(self._sums("volume"), minutes, at)

    def closes_sum(self, minutes: int, at: Ints) -> Ints:
        return _window(self._sums("close"), minutes, at)

    def holes(self, minutes: int, at: Ints) -> Ints:
        return _window(self._sums("holes"), minutes, at)

    def highest(self, minutes: int, at: Ints) -> Ints:
        return self._rolling("high", minutes).take(at)

    def lowest(self, minutes: int, at: Ints) -> Ints:
        return self._rolling("low", minutes).take(at)

    def change(self, minutes: int, at: Ints) -> Ints:
        before = self.close.take(at - minutes)
        return self.ratio(self.close.take(at) - before, before)

    def boundary(self, minutes: int, at: Ints) -> Ints:
        opening = at + (self.end - len(self) + 1)
        result: Ints = at - (opening + 1) % minutes
        return result

    def rises(self, minutes: int, count: int, ends: Ints) -> Ints:
        return _once_each(ends, lambda each: self._rises(minutes, count, each))

    def gains(self, minutes: int, count: int, ends: Ints) -> Ints:
        return _once_each(ends, lambda each: self._gains(minutes, count, each))

    def true_ranges(self, minutes: int, count: int, ends: Ints) -> Ints:
        return _once_each(ends, lambda each: self._true_ranges(minutes, count, each))

    def volatility(self, minutes: int, count: int, ends: Ints) -> Ints:
        return _once_each(ends, lambda each: self._volatility(minutes, count, each))

    def _rises(self, minutes: int, count: int, ends: Ints) -> Ints:
        steps = self._steps(minutes, count, ends)
        result: Ints = (steps > 0).sum(axis=-1, dtype=np.int64)
        return result

    def _gains(self, minutes: int, count: int, ends: Ints) -> Ints:
        result: Ints = np.maximum(self._steps(minutes, count, ends), 0).sum(axis=-1)
        return result

    def _true_ranges(self, minutes: int, count: int, ends: Ints) -> Ints:
        spans = ends[..., np.newaxis] - _multiples(minutes, count)
        before = self.close.take(spans - minutes)
        top = np.maximum(self.highest(minutes, spans), before)
        bottom = np.minimum(self.lowest(minutes, spans), before)
        result: Ints = (top - bottom).sum(axis=-1)
        return result

    def z_score(self, minutes: int, at: Ints) -> Ints:
        # The squares of prices overflow and their sums wrap, but what is left once the window's
        # first close is taken off every close fits again.
        first = self.close.take(at - (minutes - 1))
        plain = self.closes_sum(minutes, at)
        squares = _window(self._sums("squares"), minutes, at)
        above = plain - minutes * first
        scatter = squares - 2 * first * plain + minutes * first * first
        gap = minutes * (self.close.take(at) - first) - above
        return z_scores(gap, above, scatter, minutes)

    def _volatility(self, minutes: int, count: int, ends: Ints) -> Ints:
        closes = self.close.take(ends[..., np.newaxis] - _multiples(minutes, count + 1))
        returns = clipped_returns(closes[..., 1:], closes[..., :-1])
        total, squares = returns.sum(axis=-1), (returns * returns).sum(axis=-1)
        return a_year_of(total, squares, minutes, count)

    def ratio(self, numerator: Ints, denominator: Ints) -> Ints:
        return ratios(numerator, denominator)

    def shown(self, figure: Callable[[], Ints]) -> Ints:
        return figure() if self.has_figures else _NOT_SHOWN

    def capped(self, nanos: Ints) -> Ints:
        return np.minimum(nanos, NANO)

    def _steps(self, minutes: int, count: int, ends: Ints) -> Ints:
        closes = self.close.take(ends[..., np.newaxis] - _multiples(minutes, count + 1))
        steps: Ints = closes[..., :-1] - closes[..., 1:]
        return steps

    def _sums(self, name: Literal["volume", "holes", "close", "squares"]) -> Ints:
        sums = self._memo.get((name, 0))
        if sums is None:
            sums = np.zeros(len(self) + 1, dtype=np.int64)
            np.cumsum(self._summand(name), out=sums[1:])
            self._memo[name, 0] = sums
        return sums

    def _summand(self, name: Literal["volume", "holes", "close", "squares"]) -> Ints:
        if name == "volume":
            return self.turnover
        if name == "close":
            return self.close
        if name == "squares":
            return self.close * self.close
        absurd: Bools = (self.low <= 0) | (self.high > TICKS_MAX)
        return self.filled + absurd * UNUSABLE

    def _rolling(self, name: Literal["high", "low"], minutes: int) -> Ints:
        rolling = self._memo.get((name, minutes))
        if rolling is None:
            if name == "high":
                rolling = _extremes(self.high, minutes, np.maximum)
            else:
                rolling = _extremes(self.low, minutes, np.minimum)
            self._memo[name, minutes] = rolling
        return rolling


def ratios(numerator: Ints, denominator: Ints) -> Ints:
    """Fractions in billionths, as `Series.ratio` has them."""
    # A float is off by less than one here; how far is seen in the remainder, which is exact though
    # the products wrap around 64 bits.
    denominator = np.maximum(denominator, 1)
    guess = numerator.astype(np.float64)
    guess /= denominator
    guess *= float(NANO)
    if guess.size and (_greatest(guess) > _GUESS_MAX or _greatest(denominator) > _GUESS_MAX):
        return _long_ratios(numerator, denominator)
    result = np.rint(guess, out=guess).astype(np.int64)
    twice = numerator * (2 * NANO)
    twice -= result * (2 * denominator)
    result += twice >= denominator
    result -= twice < -denominator
    return result


def _greatest(values: NDArray[Any]) -> float:
    # What `values.max()` does, without the steps around it: a cycle asks for a few numbers only.
    return float(np.maximum.reduce(values, axis=None))


_MANY = 256
"""Fewer are looked up one by one: a cycle asks for a few positions only."""
_GUESS_MAX = 2**50
"""Up to here four roundings of 53 bits are less than a half, and twice a remainder fits."""


def _long_ratios(numerator: Ints, denominator: Ints) -> Ints:
    # Three decimal digits at a time: a billion numerators do not fit 64 bits.
    whole, rest = np.divmod(numerator, denominator)
    result = np.minimum(whole, RATIO_MAX // NANO)
    for _ in range(3):
        digits, rest = np.divmod(rest * 1000, denominator)
        result = result * 1000 + digits
    cut: Ints = np.minimum(result + (2 * rest >= denominator), RATIO_MAX)
    return cut


def z_scores(gap: Ints, above: Ints, scatter: Ints, minutes: int) -> Ints:
    """How many deviations the last close is off its window's mean, in billionths; 0 where flat.

    Of closes less their window's first: `above` is their sum, `scatter` that of their squares, and
    `gap` the last one, times the minutes, less their sum.
    """
    mean = above.astype(np.float64)
    spread = scatter.astype(np.float64) * float(minutes) - mean * mean
    is_moving = spread > 0.0
    deviation = np.sqrt(np.where(is_moving, spread, 1.0))
    z = np.where(is_moving, gap.astype(np.float64), 0.0) / deviation
    return np.rint(z * float(NANO)).astype(np.int64)


def a_year_of(total: Ints, squares: Ints, minutes: int, count: int) -> Ints:
    """The yearly volatility in billionths, of `count` returns: their sum, that of their squares."""
    summed, squared = total.astype(np.float64), squares.astype(np.float64)
    spread = np.maximum(squared * float(count) - summed * summed, 0.0)
    yearly = np.sqrt(spread) / float(count) * np.sqrt(MINUTES_A_YEAR / minutes)
    rounded: Ints = np.rint(yearly).astype(np.int64)
    return rounded


def clipped_returns(before: Ints, after: Ints) -> Ints:
    """Returns in billionths, cut at 30 % either way so that 96 squares of them fit 64 bits."""
    returns = ratios(after - before, before)
    np.maximum(returns, -RETURN_MAX, out=returns)
    return np.minimum(returns, RETURN_MAX, out=returns)


def _once_each(ends: Ints, measure: Callable[[Ints], Ints]) -> Ints:
    """What is measured at `ends`, where the same end follows itself: a span ends for many bars."""
    if ends.ndim != 1 or len(ends) < 2:
        return measure(ends)
    begins = np.concatenate(([0], np.flatnonzero(ends[1:] != ends[:-1]) + 1))
    if 2 * len(begins) > len(ends):
        return measure(ends)
    times = np.concatenate((begins[1:], [len(ends)])) - begins
    return np.repeat(measure(ends[begins]), times)


@lru_cache(maxsize=64)
def _multiples(step: int, count: int) -> Ints:
    return np.arange(count, dtype=np.int64) * step


def _window(sums: Ints, minutes: int, at: Ints) -> Ints:
    begin = _first_in_a_row(at)
    if begin is None or begin + 1 < minutes or begin + len(at) >= len(sums):
        return sums.take(at + 1) - sums.take(at + (1 - minutes))
    first, last = begin + 1, begin + 1 + len(at)
    return sums[first:last] - sums[first - minutes : last - minutes]


def _first_in_a_row(at: Ints) -> int | None:
    """The first of many positions in a row, as a history is measured; None where they are not."""
    if at.ndim != 1 or len(at) < _MANY:
        return None
    begin = int(at[0])
    in_a_row = np.arange(begin, begin + len(at), dtype=np.int64)
    return begin if np.array_equal(at, in_a_row) else None


def _extremes(values: Ints, minutes: int, better: np.ufunc) -> Ints:
    # Running extremes forwards and backwards inside blocks of the window's length: any window is
    # the end of one block and the beginning of the next. Where the window is not whole yet, the
    # answer is the block's own; nobody asks there.
    # What `np.pad` does by the edge, without the steps around it: a window has a few bars only.
    padded = np.concatenate((values, values[-1:].repeat(-len(values) % minutes)))
    blocks = padded.reshape(-1, minutes)
    forwards = better.accumulate(blocks, axis=1).ravel()
    backwards = better.accumulate(blocks[:, ::-1], axis=1)[:, ::-1].ravel()
    result: Ints = forwards.copy()
    result[minutes - 1 :] = better(backwards[: len(result) - minutes + 1], forwards[minutes - 1 :])
    return result[: len(values)]
