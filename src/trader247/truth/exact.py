"""Figures without an error: decimal texts as fractions, which no operation ever rounds."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

NONE = Fraction(0)
_FEE_STEPS = 10**16


@lru_cache(maxsize=4096)
def exact(text: str | int | Decimal) -> Fraction:
    """The figure that a decimal, or its text, says: one mark is asked for by a dozen promises."""
    # Taken apart by Decimal, which takes a third of the time that Fraction needs for a text.
    return Fraction(*Decimal(text).as_integer_ratio())


def maybe(text: str | None) -> Fraction | None:
    """The same where there may be none."""
    return None if text is None else exact(text)


def fee_share(fee: Fraction, part: Fraction, whole: Fraction) -> Fraction:
    """What a part of a lot bears of its fee: up to the next 1e-16, and never more than all."""
    exactly = fee * part / whole
    return min(Fraction(-(-exactly * _FEE_STEPS // 1), _FEE_STEPS), fee)


def plain(value: Fraction) -> str:
    """A figure for a person; exact where it has an end."""
    rest = value.denominator
    for factor in (2, 5):
        while rest % factor == 0:
            rest //= factor
    if rest != 1:
        return f"{float(value)!r}"
    digits = Decimal(value.numerator) / Decimal(value.denominator) if value else Decimal(0)
    return format(digits, "f")
