"""Bars as a strategy sees them, and a market made to show what a strategy must not do."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from trader247.domain.dataclass import dataclass
from trader247.domain.market import Bars
from trader247.domain.money import Price

Ints = NDArray[np.int64]

SEED = 247
TICK = Price.of("0.01")
_DAY = 1_440
_OUTAGES = np.array([7, 33, 95, 400])
"""Minutes without a trade, one of these in a row about once a day."""
_WANDER = 4.0
"""How far a price goes from where it began before it turns: a factor of 55."""
_FEW_TICKS, _MANY_TICKS, _BUSY, _QUIET = 0.000_02, 10_000.0, 10_000_000, 0.95
"""What other products are: factors of price and volume, and how many minutes have no trade."""
FIRST_MINUTE = 28_398_557
"""2023-12-30T05:17Z, within a day and an hour: nothing begins by chance where the data does.

Two days on a week, a month, a quarter and a year begin at once, for those who look for that.
"""


@dataclass(frozen=True, slots=True)
class BarColumns:
    """Closed one-minute bars, oldest first, as whole numbers that nobody can change.

    `minute` counts since 1970 UTC and has no hole; prices are in ticks, `volume` in hundredths of
    the quote currency. A minute without a trade repeats the last close, with volume 0 and 1 in
    `filled`.
    """

    minute: Ints
    open: Ints
    high: Ints
    low: Ints
    close: Ints
    volume: Ints
    filled: Ints

    def __len__(self) -> int:
        return len(self.close)

    def cut(self, begin: int, end: int) -> BarColumns:
        """The bars from `begin` up to, and without, `end`."""
        columns = (
            self.minute,
            self.open,
            self.high,
            self.low,
            self.close,
            self.volume,
            self.filled,
        )
        # One copy that holds nothing but them, not seven: a check makes ten thousand cuts.
        return BarColumns(*_kept([each[begin:end] for each in columns]))

    def as_bars(self) -> Bars:
        """The same bars as a snapshot holds them."""
        columns = (self.open, self.high, self.low, self.close, self.volume, self.filled)
        return Bars(TICK, int(self.minute[-1]), *(array("q", each.tolist()) for each in columns))


def telling_market(count: int) -> BarColumns:
    """A market in which whoever looks ahead is seen: moods, jumps, spikes, holes, extremes late.

    Figures over the whole of it differ from those over any beginning of it.
    """
    rng = np.random.default_rng(SEED)
    mood = np.repeat(rng.normal(0.0, 0.0006, -(-count // 97)), 97)[:count]
    calm = np.repeat(rng.uniform(0.0004, 0.003, -(-count // 61)), 61)[:count]
    steps = mood + calm * rng.standard_normal(count)
    jumps = rng.random(count) < 0.004
    steps = np.where(jumps, steps + rng.normal(0.0, 0.03, count), steps)
    # Folded: what wanders for years stays within what prices are.
    price = np.exp(_WANDER - np.abs((np.cumsum(steps) + _WANDER) % (4 * _WANDER) - 2 * _WANDER))
    price *= 1_000_000
    # A bar off by some per cent between two that are not: filters of outliers look at both.
    spike = np.where(rng.random(count) < 0.004, rng.uniform(0.92, 1.08, count), 1.0)
    close = np.maximum(np.rint(price * spike), 1000).astype(np.int64)
    volume = np.rint(rng.lognormal(10.0, 1.2, count)).astype(np.int64)
    volume = np.where(jumps, volume * 20, volume)
    hole = rng.random(count) < 0.06
    for begin in rng.integers(1, count, count // _DAY).tolist():
        hole[begin : begin + int(rng.choice(_OUTAGES))] = True
    hole[0] = False
    # A minute without a trade repeats the close before it.
    last = np.maximum.accumulate(np.where(hole, 0, np.arange(count)))
    close = close[last]
    opened = np.concatenate((close[:1], close[:-1]))
    reach = np.rint(close * rng.uniform(0.0, 0.001, count)).astype(np.int64)
    high = np.where(hole, close, np.maximum(opened, close) + reach)
    low = np.where(hole, close, np.minimum(opened, close) - reach)
    opened = np.where(hole, close, opened)
    minute = np.arange(FIRST_MINUTE, FIRST_MINUTE + count, dtype=np.int64)
    columns = (minute, opened, high, low, close, np.where(hole, 0, volume), hole.astype(np.int64))
    return BarColumns(*map(_kept, columns))


def other_products(bars: BarColumns) -> Iterator[tuple[str, BarColumns]]:
    """The same market as one of quite another product, with words for it.

    A signal is not told whose bars it has, so that only prices, volumes and holes can tell it.
    """
    yield "a product of few ticks", _priced(bars, _FEW_TICKS)
    yield "a product of many ticks", _priced(bars, _MANY_TICKS)
    yield "a product of great volume", replace(bars, volume=_kept(bars.volume * _BUSY))
    yield "a product that rarely trades", _rarely_traded(bars)


def _priced(bars: BarColumns, factor: float) -> BarColumns:
    def priced(column: Ints) -> Ints:
        return _kept(np.maximum(np.rint(column * factor), 1).astype(np.int64))

    return replace(
        bars,
        open=priced(bars.open),
        high=priced(bars.high),
        low=priced(bars.low),
        close=priced(bars.close),
    )


def _rarely_traded(bars: BarColumns) -> BarColumns:
    count = len(bars)
    hole = (np.random.default_rng((SEED, 2)).random(count) < _QUIET) | (bars.filled == 1)
    hole[0] = False
    last = np.maximum.accumulate(np.where(hole, 0, np.arange(count)))
    close = bars.close[last]
    return replace(
        bars,
        open=_kept(np.where(hole, close, bars.open)),
        high=_kept(np.where(hole, close, bars.high)),
        low=_kept(np.where(hole, close, bars.low)),
        close=_kept(close),
        volume=_kept(np.where(hole, 0, bars.volume)),
        filled=_kept(hole.astype(np.int64)),
    )


def with_another_future(bars: BarColumns, last: int) -> BarColumns:
    """The same bars up to and with `last`; after it a future of another size and temper."""
    rng = np.random.default_rng((SEED, 1, last))
    count = len(bars) - last - 1
    factor = float(rng.choice(np.array([0.2, 0.7, 1.6, 6.0])))
    wild = np.exp(np.cumsum(rng.normal(0.0, 0.02, count)))
    future = np.maximum(np.rint(bars.close[last] * factor * wild), 10).astype(np.int64)
    reach = np.rint(future * rng.uniform(0.0, 0.05, count)).astype(np.int64)

    def joined(past: Ints, after: Ints) -> Ints:
        return _kept(np.concatenate((past[: last + 1], after)))

    return replace(
        bars,
        open=joined(bars.open, future),
        high=joined(bars.high, future + reach),
        low=joined(bars.low, np.maximum(future - reach, 1)),
        close=joined(bars.close, future),
        volume=joined(bars.volume, rng.integers(0, 10**9, count)),
        filled=joined(bars.filled, (rng.random(count) < 0.3).astype(np.int64)),
    )


def _kept(column: Ints | Sequence[Ints]) -> Ints:
    kept = np.array(column, dtype=np.int64)
    kept.setflags(write=False)
    return kept
