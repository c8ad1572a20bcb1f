"""What a signal may ask of one-minute bars: exact whole numbers over windows.

A formula is written once, against `Series`. A backtest answers it with columns (`Columns`: every
value is an array, one element a position), a cycle with plain integers (`Window`: the newest bar).
Up to its last step a measurement is integer arithmetic, so how a number is computed cannot show in
it, and both are the same bit for bit. Fractions are whole numbers too, in units of `NANO`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

NANO = 1_000_000_000
"""Fractions, scores and ratios are whole numbers of billionths."""
RATIO_MAX = 900_000_000 * NANO
"""Greater ratios are cut to it, so that ten times one still fits 64 bits."""
TICKS_MAX = 10**13
"""A price of more ticks is unusable: a thousand remainders would not fit 64 bits."""
SCATTER_TICKS_MAX = 60_000_000
"""The squares of so many ticks, a day and more of them, still fit 63 bits."""
RETURN_MAX = 300_000_000
"""A return counts 30 % at most, either way, so that 96 squares of it fit 64 bits."""
MINUTES_A_YEAR = 525_600.0
UNUSABLE = 1 << 40
"""What a bar without a usable price adds to the holes: more than any window has minutes."""


class Flags(Protocol):
    """A yes or no, or a column of them; times a number it keeps the number or makes it zero."""

    def __and__(self, other: Any, /) -> Any: ...
    def __or__(self, other: Any, /) -> Any: ...
    def __mul__(self, other: Any, /) -> Any: ...


class Numbers(Protocol):
    """A whole number, or a column of them, with the operators on which both agree.

    The operands are `Any` because Python cannot say "int with int, array with array or int".
    """

    def __add__(self, other: Any, /) -> Any: ...
    def __sub__(self, other: Any, /) -> Any: ...
    def __mul__(self, other: Any, /) -> Any: ...
    def __floordiv__(self, other: Any, /) -> Any: ...
    def __neg__(self) -> Any: ...
    def __lt__(self, other: Any, /) -> Any: ...
    def __le__(self, other: Any, /) -> Any: ...
    def __gt__(self, other: Any, /) -> Any: ...
    def __ge__(self, other: Any, /) -> Any: ...


class Series(Protocol):
    """Bars, oldest first. The window of N minutes at position t holds the N bars up to t itself.

    Nothing here looks at a bar after t. Prices and ranges are in ticks, volumes in hundredths of
    the quote currency, ratios in billionths.
    """

    def closes(self, at: Any) -> Any:
        """The close."""

    def closes_sum(self, minutes: int, at: Any) -> Any:
        """The sum of the window's closes."""

    def volume(self, minutes: int, at: Any) -> Any:
        """The volume of the window."""

    def holes(self, minutes: int, at: Any) -> Any:
        """How many minutes of the window had no trade; `UNUSABLE` or more if a price is absurd."""

    def highest(self, minutes: int, at: Any) -> Any:
        """The highest high of the window."""

    def lowest(self, minutes: int, at: Any) -> Any:
        """The lowest low of the window."""

    def change(self, minutes: int, at: Any) -> Any:
        """The return of the close over so many minutes."""

    def boundary(self, minutes: int, at: Any) -> Any:
        """The last bar of the latest whole span of `minutes` that has ended, as UTC counts them."""

    def rises(self, minutes: int, count: int, ends: Any) -> Any:
        """How many of the last `count` spans closed above the span before."""

    def gains(self, minutes: int, count: int, ends: Any) -> Any:
        """The rises of the last `count` spans' closes, summed."""

    def true_ranges(self, minutes: int, count: int, ends: Any) -> Any:
        """The true ranges of the last `count` spans, summed."""

    def z_score(self, minutes: int, at: Any) -> Any:
        """Standard deviations of the close off the window's mean, in billionths.

        Zero where all closes are one; means nothing where they differ by `SCATTER_TICKS_MAX`.
        """

    def volatility(self, minutes: int, count: int, ends: Any) -> Any:
        """The annualised standard deviation of the last `count` spans' returns, in billionths.

        A return counts 30 % at most, either way; `count` is 96 at most.
        """

    def ratio(self, numerator: Any, denominator: Any) -> Any:
        """A fraction in billionths, rounded half up; what is above `RATIO_MAX` is cut to it.

        The numerator is at least minus the denominator; a denominator below one counts as one.
        """

    def shown(self, figure: Callable[[], Any]) -> Any:
        """A figure that decides nothing: where nobody looks at it, it may be left out."""

    def capped(self, nanos: Any) -> Any:
        """At most one whole."""
