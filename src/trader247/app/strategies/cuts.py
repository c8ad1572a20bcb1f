"""Where a signal's data is cut: spread over it, and at the bars at which leaks like to hide.

One that shows at one bar a day, or where something rare has happened, is seen only by a cut at that
very bar.
"""

from __future__ import annotations

import numpy as np

from trader247.app.strategies.bars import SEED, BarColumns, Ints

SPREAD = 80
DENSE = 80
"""Bars in a row before the end: hours and quarters are somewhere among them."""
_RARE = 16
"""Bars of each rare kind, the rarest."""
_HOUR, _DAY = 60, 1_440
_WINDOWED = 600_000
"""Bars read in all, a window each time: every bar is asked about where the memory is short."""


def cuts(bars: BarColumns, memory: int, *, is_every: bool) -> list[int]:
    """The bars after which the data ends, in order: never before there is enough of it."""
    count = len(bars)
    first = min(memory, count - 2)
    if is_every:
        return list(range(first, count - 1))
    found = {
        *np.linspace(first, count - 2, SPREAD).astype(int).tolist(),
        *range(max(first, count - 2 - DENSE), count - 1),
    }
    for each in (_ends_of_hours(bars), _ends_of_days(bars), _rare(bars)):
        # What is told of a bar may be taken from the one after it, or from the one before.
        found.update((each[:, None] + np.array([-1, 0, 1])).ravel().tolist())
    return sorted(at for at in found if first <= at < count - 1)


def window_ends(bars: BarColumns, memory: int, *, is_every: bool) -> list[int]:
    """The bars at which a signal is asked with its memory alone behind it, in order.

    A leak at one bar in a thousand has no place to which it keeps: where not every bar can be
    asked about, they are drawn, the same ones each time.
    """
    every = np.arange(min(memory, len(bars) - 1) - 1, len(bars))
    most = max(1, _WINDOWED // memory)
    if not is_every and len(every) > most:
        every = np.sort(np.random.default_rng(SEED).choice(every, most, replace=False))
    return [int(at) for at in every]


def _ends_of_hours(bars: BarColumns) -> Ints:
    """The last bars of the last day's hours."""
    ends = np.flatnonzero(bars.minute % _HOUR == _HOUR - 1)
    return ends[-24:].astype(np.int64)


def _ends_of_days(bars: BarColumns) -> Ints:
    return np.flatnonzero(bars.minute % _DAY == _DAY - 1).astype(np.int64)


def _rare(bars: BarColumns) -> Ints:
    """The busiest bars, those that moved most, the latest holes, and the extremes."""
    moved = np.abs(np.diff(bars.close, prepend=bars.close[:1])) / bars.close
    found = [
        np.argsort(bars.volume, kind="stable")[-_RARE:],
        np.argsort(moved, kind="stable")[-_RARE:],
        np.flatnonzero(bars.filled)[-_RARE:],
        np.array([bars.high.argmax(), bars.low.argmin()]),
    ]
    return np.concatenate(found).astype(np.int64)
