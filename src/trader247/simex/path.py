"""The path inside a minute: how a bar becomes prices in time.

A bar that closes at or above its open is walked open, low, high, close; any other open, high, low,
close. The four prices hold from seconds 0, 20, 40 and 59 of the minute, each until the next. The
way to each price from the one before (to the open: from the last close) is a leg, and the bar's
volume is spread evenly over the four legs, the remainder on the last.
"""

from __future__ import annotations

from typing import NamedTuple

from trader247.simex.feeds.feed import MinuteBar

MINUTE_US = 60_000_000
SECONDS = (0, 20, 40, 59)
OFFSETS_US = tuple(second * 1_000_000 for second in SECONDS)
POINTS = len(SECONDS)


def prices(bar: MinuteBar) -> tuple[int, int, int, int]:
    """The four prices, in the order in which they are reached."""
    if bar.close >= bar.open:
        return bar.open, bar.low, bar.high, bar.close
    return bar.open, bar.high, bar.low, bar.close


def share(volume: int, point: int) -> int:
    """The lots traded on the leg that leads to `point`."""
    each, rest = divmod(volume, POINTS)
    return each + rest if point == POINTS - 1 else each


def reached(now_us: int) -> int:
    """How many points of its minute an instant has reached: at least one."""
    into = now_us % MINUTE_US
    return sum(offset <= into for offset in OFFSETS_US)


class Candle(NamedTuple):
    """Prices in ticks and volume in lots over some stretch of time."""

    open: int
    high: int
    low: int
    close: int
    volume: int


def so_far(bar: MinuteBar, points: int) -> Candle:
    """What is known of a bar when `points` of its points have been reached."""
    if points == POINTS:
        return Candle(bar.open, bar.high, bar.low, bar.close, bar.volume)
    seen = prices(bar)[:points]
    volume = sum(share(bar.volume, point) for point in range(points))
    return Candle(seen[0], max(seen), min(seen), seen[-1], volume)
