"""The newest bar of many products, side by side: every question of a `Series`, asked once for all.

A cycle asks the same of each product. Where their windows are of one length and end with the same
minute, as they are but for a product just listed or not answered for, one sum over rows takes the
place of thirty sums: numpy's steps cost the same for one product and for thirty.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from trader247.core.signals.columns import Bools, Ints, a_year_of, clipped_returns, ratios, z_scores
from trader247.core.signals.reading import SENSELESS, missing, missing_most, triggered, unmeasured
from trader247.core.signals.series import NANO, TICKS_MAX
from trader247.core.signals.signal import Figure, Reading, Signal
from trader247.domain.market import Bars
from trader247.domain.money import ZERO, Percent

VOLUME_MAX = 10**14
"""Minutes of more volume are measured by whole numbers of any size: a day of them fits 64 bits not
for certain."""


class Panel:
    """Some windows of one length and end, a row each. A position is an index, `last` the newest."""

    __slots__ = ("close", "end", "filled", "high", "last", "low", "turnover")

    def __init__(self, windows: Sequence[Bars]) -> None:
        """`windows` are at least one, of one length, above zero, and one end."""
        self.high = _rows([bars.high for bars in windows])
        self.low = _rows([bars.low for bars in windows])
        self.close = _rows([bars.close for bars in windows])
        self.turnover = _rows([bars.volume for bars in windows])
        self.filled = _rows([bars.filled for bars in windows])
        self.end = windows[0].end
        self.last = len(windows[0]) - 1

    def __len__(self) -> int:
        return self.last + 1

    @property
    def is_plain(self) -> Bools:
        """By row: whether 64 bits hold all that is measured of it, and its prices are usable."""
        is_priced = (_least(self.low) > 0) & (_greatest(self.high) <= TICKS_MAX)
        plain: Bools = is_priced & (_greatest(self.turnover) <= VOLUME_MAX)
        return plain

    def closes(self, at: int) -> Ints:
        return self.close[:, at]

    def volume(self, minutes: int, at: int) -> Ints:
        return _sum(self.turnover[:, at + 1 - minutes : at + 1])

    def closes_sum(self, minutes: int, at: int) -> Ints:
        return _sum(self.close[:, at + 1 - minutes : at + 1])

    def holes(self, minutes: int, at: int) -> Ints:
        return _sum(self.filled[:, at + 1 - minutes : at + 1])

    def highest(self, minutes: int, at: int) -> Ints:
        return _greatest(self.high[:, at + 1 - minutes : at + 1])

    def lowest(self, minutes: int, at: int) -> Ints:
        return _least(self.low[:, at + 1 - minutes : at + 1])

    def change(self, minutes: int, at: int) -> Ints:
        before = self.closes(at - minutes)
        return ratios(self.closes(at) - before, before)

    def boundary(self, minutes: int, at: int) -> int:
        return at - (self.end - self.last + at + 1) % minutes

    def rises(self, minutes: int, count: int, ends: int) -> Ints:
        return _sum((self._steps(minutes, count, ends) > 0).astype(np.int64))

    def gains(self, minutes: int, count: int, ends: int) -> Ints:
        return _sum(np.maximum(self._steps(minutes, count, ends), 0))

    def true_ranges(self, minutes: int, count: int, ends: int) -> Ints:
        shape = (len(self.close), count, minutes)
        spans = slice(ends + 1 - minutes * count, ends + 1)
        before = self.close[:, ends - minutes * count : ends - minutes + 1 : minutes]
        top = np.maximum(_greatest(self.high[:, spans].reshape(shape)), before)
        bottom = np.minimum(_least(self.low[:, spans].reshape(shape)), before)
        return _sum(top - bottom)

    def z_score(self, minutes: int, at: int) -> Ints:
        closes = self.close[:, at + 1 - minutes : at + 1]
        shifted = closes - closes[:, :1]
        above, scatter = _sum(shifted), _sum(shifted * shifted)
        gap = minutes * shifted[:, -1] - above
        return z_scores(gap, above, scatter, minutes)

    def volatility(self, minutes: int, count: int, ends: int) -> Ints:
        closes = self.close[:, ends - minutes * count : ends + 1 : minutes]
        returns = clipped_returns(closes[:, :-1], closes[:, 1:])
        return a_year_of(_sum(returns), _sum(returns * returns), minutes, count)

    def ratio(self, numerator: Ints, denominator: Ints) -> Ints:
        return ratios(numerator, denominator)

    def shown(self, figure: Callable[[], Ints]) -> Ints:
        return figure()

    def capped(self, nanos: Ints) -> Ints:
        return np.minimum(nanos, NANO)

    def _steps(self, minutes: int, count: int, ends: int) -> Ints:
        closes = self.close[:, ends - minutes * count : ends + 1 : minutes]
        steps: Ints = closes[:, 1:] - closes[:, :-1]
        return steps


def read_each(signal: Signal, panel: Panel, *, missing_max: Percent) -> list[Reading]:
    """What `read` answers of each row, where all of them are plain."""
    count = len(panel.close)
    if len(panel) < signal.bars_needed:
        return [unmeasured(signal, f"{len(panel)} bars, needs {signal.bars_needed}")] * count
    most = missing_most(signal, missing_max)
    measured = signal.measure(panel, panel.last)
    gauges = [
        [
            Figure(each.name, nanos, each.threshold_nanos, each.unit)
            for nanos in _each(each.nanos, count)
        ]
        for each in measured.gauges
    ]
    readings = []
    for holes, is_measurable, is_triggered, strength, confidence, *figures in zip(
        _each(panel.holes(signal.bars_needed, panel.last), count),
        _each(measured.is_measurable, count),
        _each(measured.is_triggered, count),
        _each(measured.strength, count),
        _each(measured.confidence, count),
        *gauges,
        strict=True,
    ):
        if holes > most:
            reading = missing(signal, holes, most)
        elif not is_measurable:
            reading = unmeasured(signal, SENSELESS)
        elif is_triggered:
            reading = triggered(signal, strength, confidence, tuple(figures))
        else:
            reading = Reading(signal.id, True, False, ZERO, ZERO, ZERO, tuple(figures))
        readings.append(reading)
    return readings


def _rows(columns: Sequence[array[int]]) -> Ints:
    return np.frombuffer(b"".join(columns), dtype=np.int64).reshape(len(columns), -1)


def _sum(numbers: Ints) -> Ints:
    total: Ints = np.add.reduce(numbers, axis=-1)
    return total


def _greatest(numbers: Ints) -> Ints:
    most: Ints = np.maximum.reduce(numbers, axis=-1)
    return most


def _least(numbers: Ints) -> Ints:
    least: Ints = np.minimum.reduce(numbers, axis=-1)
    return least


def _each(answer: object, count: int) -> list[Any]:
    """A row's answer for each row; what holds for all of them is said once."""
    return answer.tolist() if isinstance(answer, np.ndarray) else [answer] * count
