"""Equity over time as columns: what the statistics of a report are computed from.

`nav` is equity a unit, as a fund counts it: a deposit or a withdrawal never moves it. Statistics
are floats; what was traded, paid and made stays exact and is elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Curve:
    """Equity, nav and exposure at instants (microseconds since 1970), oldest first.

    Unknown is NaN in each of the three; `exposure` is what is held, at its marks.
    """

    times: Ints
    equity: Floats
    nav: Floats
    exposure: Floats

    def __len__(self) -> int:
        return len(self.times)

    @property
    def known(self) -> Curve:
        """The same without the instants at which equity was unknown."""
        is_known = np.isfinite(self.nav) & np.isfinite(self.equity)
        if is_known.all():
            return self
        return Curve(
            self.times[is_known],
            self.equity[is_known],
            self.nav[is_known],
            self.exposure[is_known],
        )


@dataclass(frozen=True, slots=True)
class Drawdown:
    """A stretch under water: from a peak to its end, with the deepest point between.

    `recovered` is None while the peak has not been reached again; `depth` is a fraction of the
    peak. Positions are indices into the curve that it was found in.
    """

    peak: int
    trough: int
    recovered: int | None
    depth: float


def daily_closes(times: Ints, values: Floats) -> tuple[Ints, Floats]:
    """The last value of each UTC day; a day without one between two others keeps the last.

    The first element is the first value of all, at the day before its own, so that the first day
    has a return as well.
    """
    if not len(times):
        return np.empty(0, dtype=np.int64), np.empty(0)
    days = times // DAY_US
    every = np.arange(days[0], days[-1] + 1)
    last = np.searchsorted(days, every, side="right") - 1
    return np.concatenate(([days[0] - 1], every)), np.concatenate((values[:1], values[last]))


def day_ends(times: Ints) -> Ints:
    """Indices of the last value of each UTC day that has one."""
    days = times // DAY_US
    return np.flatnonzero(np.diff(days, append=days[-1:] + 1))


def returns_of(values: Floats) -> Floats:
    """Each value over the one before, less one."""
    if len(values) < 2:
        return np.empty(0)
    result: Floats = values[1:] / values[:-1] - 1.0
    return result


def under_water(nav: Floats) -> Floats:
    """How far each value is below the highest so far, as a fraction of that: 0 or less."""
    if not len(nav):
        return np.empty(0)
    high = np.maximum.accumulate(nav)
    result: Floats = nav / high - 1.0
    return result


def drawdowns(nav: Floats) -> tuple[Drawdown, ...]:
    """Every stretch under water, in order. The peak is the last instant at the old high."""
    depth = under_water(nav)
    wet = depth < 0.0
    edges = np.flatnonzero(np.diff(np.concatenate(([False], wet, [False])).astype(np.int8)))
    found = []
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        trough = start + int(np.argmin(depth[start:end]))
        recovered = end if end < len(nav) else None
        found.append(Drawdown(start - 1, trough, recovered, float(-depth[trough])))
    return tuple(found)


def thinned(nav: Floats, most: int) -> Ints:
    """Indices of at most about `most` points that keep every bucket's first, last, low and high."""
    count = len(nav)
    if count <= most:
        return np.arange(count)
    size = -(-count * 4 // most)
    kept: set[int] = set()
    values = np.where(np.isfinite(nav), nav, -1.0)
    for start in range(0, count, size):
        block = values[start : start + size]
        kept |= {
            start,
            start + len(block) - 1,
            start + int(np.argmin(block)),
            start + int(np.argmax(block)),
        }
    return np.array(sorted(kept), dtype=np.int64)
