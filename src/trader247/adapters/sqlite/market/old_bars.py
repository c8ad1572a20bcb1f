"""Columns of bars as version 1 told them: the minutes that are new since the window before."""

from __future__ import annotations

from array import array

from trader247.adapters.sqlite.market.packing import Unpacker
from trader247.domain.errors import StorageError
from trader247.domain.market import Bars
from trader247.domain.money import Price

_WHOLE = 0


def unpack(source: Unpacker, before: Bars | None) -> Bars:
    """The bars that a frame told, given the ones before.

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


def unpack_hours(source: Unpacker, before: array[int] | None) -> array[int]:
    """The closes of whole hours that a frame told, given the ones before."""
    if source.natural() == _WHOLE:
        return array("q", _unpack_steps(source, 0))
    if before is None:
        raise StorageError("a market frame moves hours that it does not have")
    dropped = source.natural()
    return array("q", before[dropped:]) + array("q", _unpack_steps(source, before[-1]))


def _columns(bars: Bars) -> tuple[array[int], ...]:
    return bars.open, bars.high, bars.low, bars.close, bars.volume, bars.filled


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


def _unpack_steps(source: Unpacker, last: int) -> list[int]:
    numbers = []
    for _ in range(source.natural()):
        last += source.whole()
        numbers.append(last)
    return numbers
