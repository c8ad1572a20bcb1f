"""Cells of candle files as whole numbers, exactly: no float on the way.

Tables written by floats carry dust such as 0.30000000000000004: it is rounded off at the tenth
decimal of a price and the eighth of a volume, which no market is finer than.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

Column = NDArray[np.int64]

PRICE_DECIMALS_MAX = 10
BASE_DECIMALS_MAX = 8
PRICE_MAX = 2 * 10**18
"""In steps of the finest decimal: what 64 bits compare without overflow."""
VOLUME_MAX = 10**17

STAMP_MAX = 10**18 * 4
SECONDS_MAX = 10**11
"""A time from here on is in milliseconds: as such it is in 1973, as seconds in the year 5138."""

NO_NUMBER = -(2**62)
"""Stands for a cell that holds no number."""
OUT_OF_BOUNDS = -1
"""Stands for a number below zero, or too great for any market."""

_NUMBER = re.compile(
    r"\s*([+-]?)(?=\.?[0-9])([0-9]{0,40})(?:\.([0-9]{0,40}))?(?:[eE]([+-]?[0-9]{1,2}))?\s*\Z"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def scaled(
    columns: Sequence[Sequence[str]], *, decimals_max: int, number_max: int
) -> tuple[list[Column], int]:
    """The columns as whole numbers of one common step, and the step's decimals.

    The step is the finest decimal that any cell needs. Each distinct text is read once: prices
    repeat, so that this is most of the speed.
    """
    exact = {text: _exact(text, decimals_max) for text in set().union(*columns)}
    decimals = max((cell[1] for cell in exact.values() if cell is not None), default=0)
    numbers = {text: _bounded(cell, decimals, number_max) for text, cell in exact.items()}
    return [_column(map(numbers.__getitem__, column)) for column in columns], decimals


def _exact(text: str, decimals_max: int) -> tuple[int, int] | None:
    """A number as (digits, decimals), without trailing zeros; None for anything else."""
    match = _NUMBER.match(text)
    if match is None:
        return None
    sign, whole, fraction, exponent = match.groups("")
    if exponent:
        decimals = len(fraction) - int(exponent)
    else:
        fraction = fraction.rstrip("0")
        decimals = len(fraction)
    digits = int(whole + fraction)
    if decimals < 0:
        digits, decimals = digits * 10**-decimals, 0
    if decimals > decimals_max:
        step = 10 ** (decimals - decimals_max)
        digits, rest = divmod(digits, step)
        digits, decimals = digits + (2 * rest >= step), decimals_max
    while decimals and digits % 10 == 0:
        digits, decimals = digits // 10, decimals - 1
    return (-digits if sign == "-" else digits), decimals


def _bounded(cell: tuple[int, int] | None, decimals: int, number_max: int) -> int:
    if cell is None:
        return NO_NUMBER
    number = cell[0] * 10 ** (decimals - cell[1])
    return number if 0 <= number <= number_max else OUT_OF_BOUNDS


def times(column: Sequence[str]) -> Column:
    """Opening instants in milliseconds since 1970, from seconds, finer Unix times or ISO 8601."""
    # Digits alone, as nearly every file has them, need no second look at each cell.
    joined, lengths = "".join(column), set(map(len, column))
    is_plain = joined.isdigit() and joined.isascii() and 0 < min(lengths) <= max(lengths) < 19
    stamp = _column(map(int if is_plain else _stamp, column))
    # Seconds, or what is too large to be seconds: milli-, micro- or nanoseconds.
    units = [stamp < 0, stamp < SECONDS_MAX, stamp < 10**14, stamp < 10**17]
    return np.select(units, [stamp, stamp * 1_000, stamp, stamp // 1_000], stamp // 1_000_000)


def _stamp(text: str) -> int:
    exact = _exact(text, 3)
    if exact is None:
        return _calendar(text)
    digits, decimals = exact
    # A fraction is written of seconds alone: in milliseconds it is whole.
    stamp = digits * 10 ** (3 - decimals) if decimals else digits
    return stamp if 0 <= stamp < STAMP_MAX else OUT_OF_BOUNDS


def _calendar(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return NO_NUMBER
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    stamp = (moment - _EPOCH) // _MILLISECOND
    return stamp if stamp >= SECONDS_MAX else OUT_OF_BOUNDS


def common_step(columns: Sequence[Column], decimals: int) -> tuple[list[Column], int]:
    """The same columns in the coarsest decimal step that still holds them all exactly."""
    kept = list(columns)
    while decimals and not any((column % 10).any() for column in kept):
        kept = [column // 10 for column in kept]
        decimals -= 1
    return kept, decimals


def _column(numbers: Iterable[int]) -> Column:
    return np.fromiter(numbers, dtype=np.int64)
