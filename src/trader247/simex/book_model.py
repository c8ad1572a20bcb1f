"""The book that candles do not hold: spread and depth, modelled from what a bar shows.

The spread is 4 bps of the close and an eighth of the bar's range, never under a tick. The depth
within 20 bps, on each side, is five minutes of the product's mean volume over its last 60 bars,
thinned where the bar's range is wide: by half at 40 bps.
"""

from __future__ import annotations

import numpy as np

from trader247.simex.feeds.tape_numbers import Column

SPREAD_BPS = 4
SPREAD_RANGE_PART = 8
DEPTH_MINUTES = 5
DEPTH_BARS = 60
DEPTH_HALVED_AT_BPS = 40

_NARROW_MAX = 2**63 // 10_001
"""Up to here ten thousand times a price fits 64 bits; beyond, Python's own integers count."""


def spreads(high: Column, low: Column, close: Column) -> Column:
    """Ask minus bid of each bar, in ticks."""
    high, low, close = _fitting(high, low, close)
    spread = -(-close * SPREAD_BPS // 10_000) + (high - low) // SPREAD_RANGE_PART
    return _whole(np.maximum(spread, 1))


def depths(high: Column, low: Column, close: Column, volume: Column) -> Column:
    """What rests within 20 bps of the mid on each side of each bar, in lots.

    The bars are those in which something was traded, oldest first.
    """
    # Sums may wrap around 64 bits: the difference over a window is exact all the same.
    sums = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(volume)])
    end = np.arange(1, len(sums))
    begin = np.maximum(end - DEPTH_BARS, 0)
    usual = (sums[end] - sums[begin]) // (end - begin)
    high, low, close, usual = _fitting(high, low, close, usual)
    range_bps = (high - low) * 10_000 // close
    thinned = usual * (DEPTH_MINUTES * DEPTH_HALVED_AT_BPS) // (DEPTH_HALVED_AT_BPS + range_bps)
    return _whole(np.maximum(thinned, 1))


def _fitting(*columns: Column) -> tuple[Column, ...]:
    is_narrow = all(not len(each) or each.max() < _NARROW_MAX for each in columns)
    return columns if is_narrow else tuple(each.astype(object) for each in columns)


def _whole(column: Column) -> Column:
    return column.astype(np.int64)
