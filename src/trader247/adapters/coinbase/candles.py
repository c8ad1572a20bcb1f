"""Candles into whole numbers: prices in ticks, volume in hundredths of quote currency.

Everything is integer arithmetic on the digits as received, rounded half to even, so that a candle
means the same on every machine and costs little.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from trader247.adapters.coinbase import fields as read
from trader247.adapters.coinbase.fields import Fields
from trader247.domain.errors import VenueError
from trader247.domain.money import Price

_DIGITS_MAX = 40
_INT64_MAX = 2**63 - 1
_TENS: tuple[int, ...] = tuple(10**power for power in range(_DIGITS_MAX + 1))


class Row(NamedTuple):
    """One candle; `volume` is base volume times close, in hundredths of quote currency."""

    open: int
    high: int
    low: int
    close: int
    volume: int


class TickScale:
    """Reads candles of a product whose prices move by `tick`."""

    def __init__(self, tick: Price) -> None:
        self.tick = tick
        self._numerator, self._places = _fraction(tick.value)

    def rows(self, candles: list[Fields], *, span: int) -> dict[int, Row]:
        """The candles by the number of the span since 1970 that they open; `span` in seconds.

        Raises:
            VenueError: a candle cannot be read, contradicts itself, or opens between two spans.
        """
        rows: dict[int, Row] = {}
        for index, candle in enumerate(candles):
            name = "start"
            try:
                start, shift = divmod(_whole(candle[name]), span)
                name = "open"
                opening = self._ticks(*_digits(candle[name]))
                name = "high"
                high = self._ticks(*_digits(candle[name]))
                name = "low"
                low = self._ticks(*_digits(candle[name]))
                name = "volume"
                base, base_places = _digits(candle[name])
                name = "close"
                last, places = _digits(candle[name])
                close = self._ticks(last, places)
                volume = _half_even(base * last * 100, 10 ** (base_places + places))
            except (KeyError, TypeError, ValueError, VenueError):
                place = f"candles[{index}].{name}"
                raise read.malformed(place, candle.get(name), "a number") from None
            row = Row(opening, high, low, close, volume)
            if shift or not 0 < low <= min(opening, close) <= max(opening, close) <= high:
                raise read.malformed(f"candles[{index}]", str(row[:4]), "a candle in its bounds")
            if max(high, volume) > _INT64_MAX:
                raise read.malformed(f"candles[{index}]", str(row), "figures of a sane size")
            rows[start] = row
        return rows

    def _ticks(self, digits: int, places: int) -> int:
        if self._numerator == 1 and places <= self._places:
            return digits * _TENS[self._places - places]  # on the grid, as prices are
        return _half_even(digits * 10**self._places, self._numerator * 10**places)


def _half_even(numerator: int, denominator: int) -> int:
    whole, rest = divmod(numerator, denominator)
    twice = 2 * rest
    return whole + (twice > denominator or (twice == denominator and whole & 1))


def _whole(value: object) -> int:
    digits, places = _digits(value)
    if places:
        raise ValueError
    return digits


def _digits(value: object) -> tuple[int, int]:
    """The digits of a number not below zero as an integer, and how many follow the point."""
    if not isinstance(value, str):
        raise TypeError
    whole, _, places = value.partition(".")
    digits = whole + places
    if digits.isdecimal() and digits.isascii() and len(digits) <= _DIGITS_MAX:
        return int(digits), len(places)
    number = read.number({"": value}, "") if len(value) <= _DIGITS_MAX else None
    if number is None or number < 0:
        raise ValueError
    return _fraction(number)


def _fraction(value: Decimal) -> tuple[int, int]:
    """`value` as an integer over a power of ten."""
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int), "the value is finite"
    number = int("".join(map(str, digits)))
    return (number * 10**exponent, 0) if exponent > 0 else (number, -exponent)
