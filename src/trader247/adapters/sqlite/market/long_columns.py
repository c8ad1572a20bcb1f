"""The columns of long windows, all minutes of one at once: a tenth of the time of one by one.

What is told is the same to the bit. Numbers of which a step might leave 64 bits are left to whoever
takes them one by one.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_SMALL = 1 << 61
"""Below it a sum of two, and the step from one to the other, fit 64 bits."""

Ints = NDArray[np.int64]


def steps_of(columns: Sequence[array[int]], first: int) -> tuple[Ints, ...] | None:
    """The steps of minutes from `first` on; None where they might not fit 64 bits.

    `columns` are open, high, low, close, volume and filled, each as long as the others.
    """
    rows = np.frombuffer(b"".join(columns), dtype=np.int64).reshape(len(columns), -1)
    if not _are_small(rows):
        return None
    opens, highs, lows, closes, volumes, fills = rows[:, first:]
    moves = np.diff(closes, prepend=rows[3, first - 1] if first else 0)
    above = highs - np.maximum(opens, closes)
    below = np.minimum(opens, closes) - lows
    return moves, closes - opens, above, below, volumes, fills


def span_of(column: Ints) -> tuple[int, int]:
    """The least and the greatest of a column."""
    return int(column.min()), int(column.max())


def told(column: Ints, size: int) -> bytes:
    """A column as numbers of `size` bytes, lowest first, which hold all of it; none for zeros."""
    return column.astype(f"<i{size}").tobytes() if size else b""


def read(data: bytes, size: int, count: int) -> Ints:
    """The column of `count` numbers that was told as numbers of `size` bytes."""
    if not size:
        return np.zeros(count, dtype=np.int64)
    return np.frombuffer(data, dtype=f"<i{size}").astype(np.int64)


def minutes_of(steps: Sequence[Ints], last: int) -> tuple[array[int], ...] | None:
    """The columns that steps tell after a close of `last`; None where they might not fit."""
    moves, bodies, above, below, volumes, fills = steps
    reach = max(map(abs, span_of(moves))) * len(moves) + abs(last)
    if reach >= _SMALL or not all(map(_are_small, (bodies, above, below))):
        return None
    closes = np.cumsum(moves) + last
    opens = closes - bodies
    highs = np.maximum(opens, closes) + above
    lows = np.minimum(opens, closes) - below
    return tuple(
        array("q", each.tobytes()) for each in (opens, highs, lows, closes, volumes, fills)
    )


def _are_small(numbers: Ints) -> bool:
    low, high = span_of(numbers)
    return low > -_SMALL and high < _SMALL
