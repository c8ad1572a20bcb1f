"""A coarse bar as one-minute bars, along the path that prices are taken to have gone.

A bar that closed at or above its open went open, low, high, close; one that fell went open, high,
low, close. The path is walked at an even pace in price, so each minute covers an equal share of
its length, and its volume is an equal share of the bar's. First open, last close, highest high and
lowest low are the bar's own, to the tick.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from trader247.simex.feeds.tape import Tape
from trader247.simex.feeds.tape_numbers import BASE_DECIMALS_MAX, Column

_FINER = 2
"""Further decimals of volume, so that the equal shares of a bar are equal within a hundredth."""


def in_minutes(tape: Tape) -> Tape:
    """The tape in bars of one minute; a tape that is so already is itself."""
    parts = tape.interval
    if parts == 1:
        return tape
    # Mirrored in price, a bar that fell goes the way of one that rose.
    sign = np.where(tape.close >= tape.open, 1, -1)
    start, end = sign * tape.open, sign * tape.close
    low = np.minimum(sign * tape.low, sign * tape.high)
    high = np.maximum(sign * tape.low, sign * tape.high)
    turn = start - low
    back = turn + (high - low)
    length = back + (high - end)

    share, rest = np.divmod(length, parts)
    at = np.arange(parts + 1)
    walked = share[:, None] * at + rest[:, None] * at // parts
    down, up = start[:, None] - walked, low[:, None] + (walked - turn[:, None])
    price = np.where(
        walked <= turn[:, None],
        down,
        np.where(walked <= back[:, None], up, high[:, None] - (walked - back[:, None])),
    )
    first, last = price[:, :-1], price[:, 1:]
    has_low = (walked[:, :-1] <= turn[:, None]) & (turn[:, None] <= walked[:, 1:])
    has_high = (walked[:, :-1] <= back[:, None]) & (back[:, None] <= walked[:, 1:])
    lowest = np.where(has_low, low[:, None], np.minimum(first, last))
    highest = np.where(has_high, high[:, None], np.maximum(first, last))

    sign = sign[:, None]
    base_decimals = min(BASE_DECIMALS_MAX, tape.base_decimals + _FINER)
    return replace(
        tape,
        interval=1,
        base_decimals=base_decimals,
        minute=(tape.minute[:, None] + np.arange(parts)).reshape(-1),
        open=(sign * first).reshape(-1),
        close=(sign * last).reshape(-1),
        high=np.maximum(sign * lowest, sign * highest).reshape(-1),
        low=np.minimum(sign * lowest, sign * highest).reshape(-1),
        volume=_shares(tape.volume * 10 ** (base_decimals - tape.base_decimals), parts),
    )


def _shares(volume: Column, parts: int) -> Column:
    """Each bar's volume in equal parts; the lots that are left over go to the first of them."""
    share, rest = np.divmod(volume, parts)
    return (share[:, None] + (np.arange(parts) < rest[:, None])).astype(np.int64).reshape(-1)
