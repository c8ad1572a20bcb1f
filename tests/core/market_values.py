"""Plain bars for the tests of what decides."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from random import Random

from trader247.domain.market import Bars
from trader247.domain.money import Price

LAST_MINUTE = 29_459_519
"""23:59 UTC of a day: the last bar closes a quarter, an hour and the day."""


def bars_of(
    closes: Sequence[int],
    *,
    volumes: Sequence[int] | None = None,
    filled: Sequence[int] | None = None,
    highs: Sequence[int] | None = None,
    lows: Sequence[int] | None = None,
    end: int = LAST_MINUTE,
    tick: str = "0.01",
) -> Bars:
    """Bars with these closes; each opens at the close before, and reaches no further."""
    opens = [closes[0], *closes[:-1]] if closes else []
    tops = [max(pair) for pair in zip(opens, closes, strict=True)]
    bottoms = [min(pair) for pair in zip(opens, closes, strict=True)]
    return Bars(
        tick=Price.of(tick),
        end=end,
        open=array("q", opens),
        high=array("q", highs if highs is not None else tops),
        low=array("q", lows if lows is not None else bottoms),
        close=array("q", closes),
        volume=array("q", volumes if volumes is not None else [100_000] * len(closes)),
        filled=array("q", filled if filled is not None else [0] * len(closes)),
    )


def flat(count: int = 1560, price: int = 100_000) -> list[int]:
    """A market that does not move."""
    return [price] * count


def ramp(start: int, stop: int, count: int) -> list[int]:
    """From `start`, which is not in it, evenly to `stop`, which is."""
    return [start + (stop - start) * (i + 1) // count for i in range(count)]


def walk(seed: int, count: int, *, price: int = 1_000_000, step: float = 0.004) -> Bars:
    """A wild market from a seed: jumps, quiet spells, minutes without a trade."""
    random = Random(seed)
    closes: list[int] = []
    volumes: list[int] = []
    filled: list[int] = []
    mood: Callable[[], float] = random.random
    for _ in range(count):
        is_still = mood() < 0.06
        jump = 0.08 if mood() < 0.002 else 0.0
        if not is_still:
            price = max(1, round(price * (1 + random.gauss(jump / 3, step + jump))))
        closes.append(price)
        filled.append(int(is_still))
        volumes.append(0 if is_still else random.randrange(1, 10**9))
    highs = [
        max(pair) + random.randrange(3) for pair in zip([closes[0], *closes], closes, strict=False)
    ]
    lows = [
        max(1, min(pair) - random.randrange(3))
        for pair in zip([closes[0], *closes], closes, strict=False)
    ]
    return bars_of(
        closes,
        volumes=volumes,
        filled=filled,
        highs=highs,
        lows=lows,
        end=LAST_MINUTE + random.randrange(1440),
    )


def cut(bars: Bars, start: int, stop: int) -> Bars:
    """The bars from position `start` up to `stop`, which is not in it."""
    return Bars(
        tick=bars.tick,
        end=bars.end - (len(bars) - stop),
        open=bars.open[start:stop],
        high=bars.high[start:stop],
        low=bars.low[start:stop],
        close=bars.close[start:stop],
        volume=bars.volume[start:stop],
        filled=bars.filled[start:stop],
    )
