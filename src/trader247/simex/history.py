"""The recent past: ten days of minutes as columns of whole numbers, and what is summed over them.

A minute is stored as one row for all products, seven 64-bit numbers each; a product that did not
trade in it has an open of 0 and a low that no price undercuts, so that columns can be folded
without looking. Rows follow each other without a gap.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Sequence
from operator import mul
from struct import Struct

from trader247.simex.feeds.feed import MinuteBar
from trader247.simex.path import Candle

DAY = 1440
_KEPT_DAYS = 9
_FIELDS = 7
_NEVER = 2**62
ABSENT = (0, 0, _NEVER, 0, 0, 0, 0)
"""What stands in a row for a product that did not trade in its minute."""

Figures = tuple[int, int, int, int, int]
"""Open, high, low, close and volume of a minute."""


def kept_from(minute: int) -> int:
    """The oldest minute that is kept when `minute` is the newest: it moves at the day's roll."""
    return (minute // DAY - _KEPT_DAYS) * DAY


class Packing:
    """A minute of all products as bytes, and back."""

    def __init__(self, products: int) -> None:
        self._struct = Struct(f"<{products * _FIELDS}q")

    def pack(self, bars: Sequence[MinuteBar | None]) -> bytes:
        """One row."""
        numbers: list[int] = []
        for bar in bars:
            if bar is None:
                numbers += ABSENT
            else:
                numbers += (
                    bar.open,
                    bar.high,
                    bar.low,
                    bar.close,
                    bar.volume,
                    bar.spread,
                    bar.depth,
                )
        return self._struct.pack(*numbers)

    def unpack(self, row: bytes) -> list[MinuteBar | None]:
        """The bars of one row."""
        numbers = self._struct.unpack(row)
        return [
            MinuteBar(*numbers[at : at + _FIELDS]) if numbers[at] else None
            for at in range(0, len(numbers), _FIELDS)
        ]


class Columns:
    """One product's closed minutes, oldest first."""

    __slots__ = ("before", "close", "high", "low", "open", "turnover", "volume", "volume_day")

    def __init__(self, columns: Sequence[array[int]]) -> None:
        self.open, self.high, self.low, self.close, self.volume = columns
        last, earlier = self.volume[-DAY:], self.volume[-2 * DAY : -DAY]
        self.volume_day = sum(last)
        """Lots traded in the last 24 h."""
        self.before = sum(earlier)
        """Lots traded in the 24 h before those."""
        self.turnover = sum(map(mul, last, self.close[-DAY:]))
        """Ticks times lots traded in the last 24 h, at each minute's close."""

    def append(self, bar: MinuteBar | None) -> None:
        """Add the minute that has closed."""
        row = ABSENT if bar is None else (bar.open, bar.high, bar.low, bar.close, bar.volume)
        count = len(self.volume)
        self.volume_day += row[4]
        self.turnover += row[4] * row[3]
        if count >= DAY:
            old = self.volume[count - DAY]
            self.volume_day -= old
            self.turnover -= old * self.close[count - DAY]
            self.before += old
            if count >= 2 * DAY:
                self.before -= self.volume[count - 2 * DAY]
        for column, number in zip(
            (self.open, self.high, self.low, self.close, self.volume), row, strict=False
        ):
            column.append(number)

    def drop(self, count: int) -> None:
        """Forget the oldest minutes: never any of the last two days."""
        for column in (self.open, self.high, self.low, self.close, self.volume):
            del column[:count]

    def fold(self, first: int, end: int) -> Candle | None:
        """The rows from `first` up to `end` as one candle, or None where nothing was traded."""
        if end - first == 1:
            volume = self.volume[first]
            if volume == 0:
                return None
            return Candle(
                self.open[first], self.high[first], self.low[first], self.close[first], volume
            )
        volume = sum(self.volume[first:end])
        if volume == 0:
            return None
        begin = next(price for price in self.open[first:end] if price)
        close = next(price for price in reversed(self.close[first:end]) if price)
        high, low = max(self.high[first:end]), min(self.low[first:end])
        return Candle(begin, high, low, close, volume)

    def minutes(self, first: int, end: int) -> Iterable[Figures]:
        """The rows from `first` up to `end`, newest first: opens of 0 where nothing was traded."""
        columns = (self.open, self.high, self.low, self.close, self.volume)
        return zip(*[reversed(each[first:end]) for each in columns], strict=True)

    def bar(self, row: int) -> MinuteBar | None:
        """One row, without its book."""
        if not self.open[row]:
            return None
        prices = self.open[row], self.high[row], self.low[row], self.close[row]
        return MinuteBar(*prices, self.volume[row], 1, 0)


class History:
    """Every product's closed minutes from `first` on; `end` is the minute after the last."""

    def __init__(self, *, products: int, first: int, rows: Iterable[bytes] = ()) -> None:
        numbers = array("q", b"".join(rows))
        if sys.byteorder == "big":
            numbers.byteswap()
        stride = products * _FIELDS
        self.first = first
        self.end = first + len(numbers) // stride
        self.columns = [
            Columns([numbers[at + field :: stride] for field in range(5)])
            for at in range(0, stride, _FIELDS)
        ]

    def append(self, bars: Sequence[MinuteBar | None]) -> None:
        """Add the minute that has closed, and forget what is too old."""
        for columns, bar in zip(self.columns, bars, strict=True):
            columns.append(bar)
        self.end += 1
        # The minute after the one that closed is the newest that the exchange knows.
        surplus = kept_from(self.end) - self.first
        if surplus > 0:
            for columns in self.columns:
                columns.drop(surplus)
            self.first += surplus

    def fold(self, product: int, first: int, end: int) -> Candle | None:
        """The closed minutes from `first` up to `end` of one product, as one candle."""
        from_row, to_row = max(first, self.first) - self.first, min(end, self.end) - self.first
        return self.columns[product].fold(from_row, to_row) if from_row < to_row else None

    def bar(self, product: int, minute: int) -> MinuteBar | None:
        """One closed minute of one product, without its book; None where it did not trade."""
        if not self.first <= minute < self.end:
            return None
        return self.columns[product].bar(minute - self.first)

    def price_before(self, product: int, minute: int) -> int:
        """The first close at or after a minute, in ticks; 0 where there is none."""
        closes = self.columns[product].close
        row = max(minute - self.first, 0)
        return next((price for price in closes[row : row + DAY] if price), 0)
