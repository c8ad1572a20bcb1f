"""Columns of bars, told as the minutes that are new since the window before.

Few minutes are told as naturals, few bytes each. Many are told as columns of one width, whose
bytes are taken whole: a window of 26 hours is rebuilt in a fraction of a millisecond.
Either way a minute is five steps: close from the close before, close from open, high and low from
the body, volume; and whether it was filled.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence
from itertools import accumulate
from operator import sub

from trader247.adapters.sqlite.market.packing import Packer, Unpacker
from trader247.domain.errors import StorageError
from trader247.domain.market import Bars
from trader247.domain.money import Price

SAME, ABSENT, WHOLE, FEW, MANY, NEXT = range(6)

FEW_MAX = 3
"""Minutes up to which a move is told as naturals."""

LONG_MIN = 128
"""Minutes from which on a column is taken all at once, by what takes longer to load than to use."""

COUNT_MAX = 1_000_000
"""Minutes of one window, at the most: what a damaged count may cost."""

_CODES = "bhiq"
_WIDE = len(_CODES) + 1
"""Stands for a column that 64 bits do not hold: it is told as naturals."""

_SIZES = (0, *(struct.calcsize(f"<{code}") for code in _CODES))
_BOUNDS = tuple(1 << 8 * size - 1 for size in _SIZES[1:])
_DROPPED_MAX = 4
"""Hours that a window of hours may move by and still be told as a move."""

Minutes = Sequence[Sequence[int]]
"""The six columns of some minutes: open, high, low, close, volume, filled."""


class Columns:
    """Bytes of columns, taken one after the other."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, width: int, count: int) -> Sequence[int]:
        """The next `count` numbers. Raises StorageError: there are not so many."""
        data = self.data(width, count)
        return struct.unpack(f"<{count}{_CODES[width - 1]}", data) if width else [0] * count

    def data(self, width: int, count: int) -> bytes:
        """Their bytes, of which there are none for zeros. Raises StorageError: as `take` does."""
        if width > len(_CODES) or count > COUNT_MAX:
            raise StorageError(f"a market frame has {count} minutes of width {width}")
        begin, self._at = self._at, self._at + count * _SIZES[width]
        if self._at > len(self._data):
            raise StorageError("a market frame's columns end early")
        return self._data[begin : self._at]

    @property
    def is_at_end(self) -> bool:
        """Whether everything was taken."""
        return self._at == len(self._data)


def pack(out: Packer, columns: bytearray, bars: Bars | None, before: Bars | None) -> None:
    """The new minutes, where the old ones stand unrevised; else the whole window."""
    if bars is before or bars == before:
        out.natural(SAME)
        return
    if bars is None:
        out.natural(ABSENT)
        return
    moved = None if before is None else _moved(bars, before)
    if before is None or moved is None:
        out.natural(WHOLE)
        out.decimals([bars.tick.value])
        out.whole(bars.end)
        out.natural(len(bars))
        _pack_many(out, columns, bars, 0)
        return
    dropped, added = moved
    if dropped == added == 1:
        out.natural(NEXT)
    else:
        out.natural(FEW if added <= FEW_MAX else MANY)
        out.natural(dropped)
        out.natural(added)
    if added <= FEW_MAX:
        _pack_few(out, bars, len(bars) - added)
    else:
        _pack_many(out, columns, bars, len(bars) - added)


def unpack(source: Unpacker, columns: Columns, before: Bars | None) -> Bars | None:
    """The bars that `pack` told, given the same ones before.

    Raises:
        StorageError: it tells of a move, and nothing is before it.
    """
    mark = source.natural()
    if mark == SAME:
        return before
    if mark == ABSENT:
        return None
    if mark == WHOLE:
        tick = Price(source.decimals(1)[0])
        end = source.whole()
        return Bars(tick, end, *map(_long, _unpack_many(source, columns, source.natural(), 0)))
    if mark not in (FEW, MANY, NEXT):
        raise StorageError(f"a market frame says {mark} of a window")
    if before is None:
        raise StorageError("a market frame moves a window that it does not have")
    dropped, added = (1, 1) if mark == NEXT else (source.natural(), source.natural())
    last = before.close[-1] if len(before) else 0
    if mark == MANY:
        new = _unpack_many(source, columns, added, last)
    else:
        new = _unpack_few(source, added, last)
    grown = []
    for old, minutes in zip(_columns(before), new, strict=True):
        column = old[dropped:]
        column.extend(minutes)
        grown.append(column)
    return Bars(before.tick, before.end + added, *grown)


def pack_hours(out: Packer, hours: array[int] | None, before: array[int] | None) -> None:
    """The closes of whole hours: those that are new, or all."""
    if hours is before or hours == before:
        out.natural(SAME)
        return
    if hours is None:
        out.natural(ABSENT)
        return
    if before is not None:
        for dropped in range(min(_DROPPED_MAX, len(before)) + 1):
            kept = len(before) - dropped
            if 0 < kept <= len(hours) and before[dropped:] == hours[:kept]:
                out.natural(FEW)
                out.natural(dropped)
                _pack_steps(out, hours[kept:], before[-1])
                return
    out.natural(WHOLE)
    _pack_steps(out, hours, 0)


def unpack_hours(source: Unpacker, before: array[int] | None) -> array[int] | None:
    """The closes that `pack_hours` told."""
    mark = source.natural()
    if mark == SAME:
        return before
    if mark == ABSENT:
        return None
    if mark == WHOLE:
        return array("q", _unpack_steps(source, 0))
    if mark != FEW or not before:
        raise StorageError("a market frame moves hours that it does not have")
    dropped = source.natural()
    return before[dropped:] + array("q", _unpack_steps(source, before[-1]))


def _moved(bars: Bars, before: Bars) -> tuple[int, int] | None:
    """Minutes dropped at the front and added at the end; None where that is not all."""
    added = bars.end - before.end
    kept = len(bars) - added
    dropped = len(before) - kept
    if added < 0 or kept <= 0 or dropped < 0 or bars.tick != before.tick:
        return None
    for new, old in zip(_columns(bars), _columns(before), strict=True):
        if len(new) != len(bars) or len(old) != len(before):
            return None
        if not new.tobytes().startswith(memoryview(old)[dropped:]):  # the old ones not copied
            return None
    return dropped, added


def _columns(bars: Bars) -> tuple[array[int], ...]:
    return bars.open, bars.high, bars.low, bars.close, bars.volume, bars.filled


def _steps_of(bars: Bars, first: int) -> Minutes:
    # Lists: an array makes a number each time that one is looked at.
    opens, highs, lows, closes, volumes, fills = (
        column[first:].tolist() for column in _columns(bars)
    )
    last = bars.close[first - 1] if first else 0
    moves = list(map(sub, closes, [last, *closes[:-1]]))
    bodies = list(map(sub, closes, opens))
    # Told as a comparison, the greater of two takes a third of what it takes to call `max`.
    above = [high - (o if o > c else c) for high, o, c in zip(highs, opens, closes, strict=True)]
    below = [(o if o < c else c) - low for low, o, c in zip(lows, opens, closes, strict=True)]
    return moves, bodies, above, below, volumes, fills


def _minutes_of(steps: Minutes, last: int) -> Minutes:
    moves, bodies, above, below, volumes, fills = steps
    closes = list(accumulate(moves, initial=last))[1:]
    opens = list(map(sub, closes, bodies))
    highs = [(o if o > c else c) + up for up, o, c in zip(above, opens, closes, strict=True)]
    lows = [(o if o < c else c) - down for down, o, c in zip(below, opens, closes, strict=True)]
    return opens, highs, lows, closes, volumes, fills


def _pack_few(out: Packer, bars: Bars, first: int) -> None:
    moves, bodies, above, below, volumes, fills = _steps_of(bars, first)
    for at, filled in enumerate(fills):
        assert filled in (0, 1), "a minute is filled forward, or it is not"
        volume = volumes[at] * 2 + filled
        out.wholes((moves[at] - bodies[at], bodies[at], above[at], below[at], volume))


def _unpack_few(source: Unpacker, count: int, last: int) -> Minutes:
    if count > FEW_MAX:
        raise StorageError(f"a market frame tells {count} minutes as few")
    rows = [source.wholes(5) for _ in range(count)]
    steps = (
        [row[0] + row[1] for row in rows],
        *([row[place] for row in rows] for place in (1, 2, 3)),
        [row[4] >> 1 for row in rows],
        [row[4] & 1 for row in rows],
    )
    return _minutes_of(steps, last)


def _pack_many(out: Packer, columns: bytearray, bars: Bars, first: int) -> None:
    if len(bars) - first >= LONG_MIN and _is_packed_long(out, columns, bars, first):
        return
    steps = _steps_of(bars, first)
    widths = [_width(min(column, default=0), max(column, default=0)) for column in steps]
    _tell_widths(out, widths)
    for width, column in zip(widths, steps, strict=True):
        if width == _WIDE:
            out.wholes(column)
        elif width:
            columns += struct.pack(f"<{len(column)}{_CODES[width - 1]}", *column)


def _is_packed_long(out: Packer, columns: bytearray, bars: Bars, first: int) -> bool:
    from trader247.adapters.sqlite.market.long_columns import span_of, steps_of, told

    steps = steps_of(_columns(bars), first)
    if steps is None:
        return False
    widths = [_width(*span_of(column)) for column in steps]
    _tell_widths(out, widths)
    for width, column in zip(widths, steps, strict=True):
        columns += told(column, _SIZES[width])
    return True


def _tell_widths(out: Packer, widths: Sequence[int]) -> None:
    out.natural(sum(width << 3 * place for place, width in enumerate(widths)))


def _unpack_many(source: Unpacker, columns: Columns, count: int, last: int) -> Minutes:
    told = source.natural()
    widths = [told >> 3 * place & 7 for place in range(6)]
    if count >= LONG_MIN and max(widths) < _WIDE:
        from trader247.adapters.sqlite.market.long_columns import minutes_of, read

        steps = [read(columns.data(width, count), _SIZES[width], count) for width in widths]
        minutes = minutes_of(steps, last)
        return _minutes_of([each.tolist() for each in steps], last) if minutes is None else minutes
    return _minutes_of(
        tuple(
            source.wholes(count) if width == _WIDE else columns.take(width, count)
            for width in widths
        ),
        last,
    )


def _width(low: int, high: int) -> int:
    """The bytes of a column's numbers, as a place among the widths; 0 for nothing but zeros.

    `low` and `high` are the least and the greatest of them.
    """
    if low == high == 0:
        return 0
    fitting = (at for at, bound in enumerate(_BOUNDS, 1) if -bound <= low and high < bound)
    return next(fitting, _WIDE)


def _long(column: Sequence[int]) -> array[int]:
    if isinstance(column, array):
        return column
    try:  # packed at once: an array looks at each number anew, which takes three times as long
        return array("q", struct.pack(f"{len(column)}q", *column))
    except struct.error as error:
        raise StorageError(f"a market frame holds a number that has no place: {error}") from error


def _pack_steps(out: Packer, numbers: array[int], last: int) -> None:
    out.natural(len(numbers))
    for number in numbers:
        out.whole(number - last)
        last = number


def _unpack_steps(source: Unpacker, last: int) -> list[int]:
    numbers = []
    for _ in range(source.natural()):
        last += source.whole()
        numbers.append(last)
    return numbers
