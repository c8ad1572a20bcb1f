"""The exchange's own arithmetic: Decimal that is exact, or a crash; never a quiet rounding."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    FloatOperation,
    Inexact,
    InvalidOperation,
    Overflow,
)
from functools import lru_cache

ZERO = Decimal(0)
_TEXTS_MAX = 2048
"""Multiples of one increment whose text is kept: some books' worth."""

EXACT = Context(
    prec=50,
    traps=[Inexact, InvalidOperation, DivisionByZero, Overflow, FloatOperation],
)
"""For balances, holds, values and fees: a result that needs more than 50 digits is a bug."""

QUOTIENT = Context(
    prec=28,
    rounding=ROUND_HALF_EVEN,
    traps=[InvalidOperation, DivisionByZero, Overflow, FloatOperation],
)
"""For averages and percentages, which are shown and never booked."""


def plain(value: Decimal) -> str:
    """Decimal text without exponent and without trailing zeros."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


class Grid:
    """Multiples of one increment, as whole numbers and as text and back."""

    __slots__ = ("_coefficient", "_places", "_texts", "increment")

    def __init__(self, increment: Decimal) -> None:
        if not increment.is_finite() or increment <= 0:
            raise ValueError(f"an increment must be positive, got {increment}")
        self.increment = increment
        _, digits, exponent = increment.as_tuple()
        assert isinstance(exponent, int)
        coefficient = int("".join(map(str, digits)))
        self._places = max(0, -exponent)
        self._coefficient = coefficient * 10 ** max(0, exponent)
        self._texts = _Texts(self._coefficient, self._places)

    def text(self, steps: int) -> str:
        """`steps` increments, never negative, as plain decimal text."""
        return _written(steps * self._coefficient, self._places)

    def texts(self, numbers: Iterable[int]) -> list[str]:
        """The text of each of many: a book has sixty levels a side, and shows the same ones again
        as its market comes back to them."""
        return list(map(self._texts.__getitem__, numbers))

    def decimal(self, steps: int) -> Decimal:
        """`steps` increments, exactly."""
        return EXACT.multiply(self.increment, Decimal(steps))

    def steps(self, value: Decimal) -> int | None:
        """How many increments make `value`, or None where it lies off the grid."""
        whole, rest = EXACT.divmod(value, self.increment)
        return None if rest else int(whole)

    def floor(self, value: Decimal) -> int:
        """How many whole increments fit into a non-negative `value`."""
        return int(EXACT.divide_int(value, self.increment))


class _Texts(dict[int, str]):
    """The texts of some multiples, each made when it is first asked for."""

    def __init__(self, coefficient: int, places: int) -> None:
        super().__init__()
        self._coefficient = coefficient
        self._places = places

    def __missing__(self, steps: int) -> str:
        if len(self) >= _TEXTS_MAX:
            self.clear()
        text = self[steps] = _spelled(steps * self._coefficient, self._places)
        return text


def _spelled(whole: int, places: int) -> str:
    """A whole number with its point so many digits from its end."""
    if not places:
        return str(whole)
    digits = str(whole).zfill(places + 1)
    tail = digits[-places:].rstrip("0")
    return f"{digits[:-places]}.{tail}" if tail else digits[:-places]


_written = lru_cache(maxsize=1 << 15)(_spelled)
"""The same: candles show the same ones often."""
