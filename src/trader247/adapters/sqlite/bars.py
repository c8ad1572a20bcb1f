"""Columns of bars, told as the minutes that are new since the window before."""

from __future__ import annotations

from array import array

from trader247.adapters.sqlite.packing import Packer, Unpacker
from trader247.domain.errors import StorageError
from trader247.domain.market import Bars
from trader247.domain.money import Price

_WHOLE, _SHIFTED = 0, 1
_DROPPED_MAX = 4
"""Hours that a window of hours may move by and still be told as a move."""


def pack(out: Packer, bars: Bars, before: Bars | None) -> None:
    """The new minutes, where the old ones stand unrevised; else the whole window."""
    moved = None if before is None else _moved(bars, before)
    if before is None or moved is None:
        out.natural(_WHOLE)
        out.decimals([bars.tick.value])
        out.whole(bars.end)
        out.natural(len(bars))
        _pack_minutes(out, bars, 0)
        return
    dropped, added = moved
    out.natural(_SHIFTED)
    out.natural(dropped)
    out.natural(added)
    _pack_minutes(out, bars, len(bars) - added)


def unpack(source: Unpacker, before: Bars | None) -> Bars:
    """The bars that `pack` told, given the same ones before.

    Raises:
        StorageError: it tells of a move, and nothing is before it.
    """
    if source.natural() == _WHOLE:
        tick = Price(source.decimals(1)[0])
        end = source.whole()
        minutes = _unpack_minutes(source, source.natural(), [array("q") for _ in range(6)])
        return Bars(tick, end, *minutes)
    if before is None:
        raise StorageError("a market frame moves a window that it does not have")
    dropped, added = source.natural(), source.natural()
    kept = [array("q", column[dropped:]) for column in _columns(before)]
    return Bars(before.tick, before.end + added, *_unpack_minutes(source, added, kept))


def pack_hours(out: Packer, hours: array[int], before: array[int] | None) -> None:
    """The closes of whole hours: those that are new, or all."""
    if before is not None:
        for dropped in range(min(_DROPPED_MAX, len(before)) + 1):
            kept = len(before) - dropped
            if 0 < kept <= len(hours) and before[dropped:] == hours[:kept]:
                out.natural(_SHIFTED)
                out.natural(dropped)
                _pack_steps(out, hours[kept:], before[-1])
                return
    out.natural(_WHOLE)
    _pack_steps(out, hours, 0)


def unpack_hours(source: Unpacker, before: array[int] | None) -> array[int]:
    """The closes that `pack_hours` told."""
    if source.natural() == _WHOLE:
        return array("q", _unpack_steps(source, 0))
    if before is None:
        raise StorageError("a market frame moves hours that it does not have")
    dropped = source.natural()
    return array("q", before[dropped:]) + array("q", _unpack_steps(source, before[-1]))


def _moved(bars: Bars, before: Bars) -> tuple[int, int] | None:
    """Minutes dropped at the front and added at the end; None where that is not all."""
    added = bars.end - before.end
    kept = len(bars) - added
    dropped = len(before) - kept
    if added < 0 or kept <= 0 or dropped < 0 or bars.tick != before.tick:
        return None
    for new, old in zip(_columns(bars), _columns(before), strict=True):
        if len(new) != len(bars) or len(old) != len(before) or new[:kept] != old[dropped:]:
            return None
    return dropped, added


def _columns(bars: Bars) -> tuple[array[int], ...]:
    return bars.open, bars.high, bars.low, bars.close, bars.volume, bars.filled


def _pack_minutes(out: Packer, bars: Bars, first: int) -> None:
    """Open from the close before, high and low from the body, close from open."""
    last = bars.close[first - 1] if first else 0
    numbers: list[int] = []
    for open_, high, low, close, volume, filled in zip(
        *(column[first:] for column in _columns(bars)), strict=True
    ):
        top, bottom = (open_, close) if open_ > close else (close, open_)
        numbers += (open_ - last, close - open_, high - top, bottom - low, volume * 2 + filled)
        assert filled in (0, 1), "a minute is filled forward, or it is not"
        last = close
    out.wholes(numbers)


def _unpack_minutes(source: Unpacker, count: int, into: list[array[int]]) -> list[array[int]]:
    opens, highs, lows, closes, volumes, fills = into
    last = closes[-1] if closes else 0
    for _ in range(count):
        open_ = last + source.whole()
        close = open_ + source.whole()
        top, bottom = (open_, close) if open_ > close else (close, open_)
        opens.append(open_)
        highs.append(top + source.whole())
        lows.append(bottom - source.whole())
        closes.append(close)
        volume = source.whole()
        volumes.append(volume >> 1)
        fills.append(volume & 1)
        last = close
    return into


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
