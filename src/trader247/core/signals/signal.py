"""A signal: one measurement of the market, signed, with its thresholds and a finite memory.

What it finds are named tuples: a cycle makes fifty of them for each product, and a frozen dataclass
takes three times as long to make.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar, NamedTuple

from trader247.core.signals.series import Flags, Numbers, Series
from trader247.domain.dataclass import dataclass
from trader247.domain.money import CONTEXT, Percent, telling


class Gauge(NamedTuple):
    """A figure behind a measurement, in billionths; the unit `%` means that 1 % is ten million."""

    name: str
    nanos: Numbers
    threshold_nanos: int | None = None
    unit: str = ""


class Measured(NamedTuple):
    """What a signal found: strength and confidence in billionths, 0 to 1 where it is triggered.

    `is_measurable` is False where the figures make no sense, whatever the rest says.
    """

    is_triggered: Flags
    strength: Numbers
    confidence: Numbers
    gauges: tuple[Gauge, ...]
    is_measurable: Flags = True


class Figure(NamedTuple):
    """A measured number with the threshold that it is held against, if there is one."""

    name: str
    nanos: int
    threshold_nanos: int | None
    unit: str

    @property
    def value(self) -> Decimal:
        """The number in its unit."""
        return self._number(self.nanos)

    @property
    def threshold(self) -> Decimal | None:
        """The threshold in the same unit."""
        return None if self.threshold_nanos is None else self._number(self.threshold_nanos)

    def __str__(self) -> str:
        threshold = self.threshold
        if threshold is None:
            return f"{self.name} {self.value:.2f} {self.unit}".rstrip()
        places = 2 if self._is_plainly_apart() else telling(self.value, threshold, 2)
        text = f"{self.name} {self.value:.{places}f} {self.unit}".rstrip()
        return f"{text} (threshold {threshold:.{places}f})"

    def _is_plainly_apart(self) -> bool:
        """Whether two decimals surely show on which side of its threshold the number is."""
        assert self.threshold_nanos is not None
        hundredth = 100_000 if self.unit == "%" else 10_000_000
        return abs(self.nanos - self.threshold_nanos) > hundredth

    def _number(self, nanos: int) -> Decimal:
        return Decimal(nanos).scaleb(-7 if self.unit == "%" else -9, CONTEXT)


class Reading(NamedTuple):
    """One signal at one instant.

    Where `is_measured` is False, `trouble` says why and the rest is nothing: that is another
    thing than measured and not triggered. `score` is strength times confidence, all three 0 unless
    triggered.
    """

    signal: str
    is_measured: bool
    is_triggered: bool
    strength: Decimal
    confidence: Decimal
    score: Decimal
    figures: tuple[Figure, ...]
    trouble: str = ""

    def figure(self, name: str) -> Figure:
        """A figure by name.

        Raises:
            KeyError: the signal has no figure of that name.
        """
        for figure in self.figures:
            if figure.name == name:
                return figure
        raise KeyError(name)


@dataclass(frozen=True, slots=True)
class Signal:
    """One measurement. Its docstring is its manual, its fields are its thresholds.

    `bars_needed` is its whole memory: the value at a bar depends on that many bars up to it.
    """

    id: ClassVar[str]
    bars_needed: ClassVar[int]

    def measure(self, series: Series, at: Any) -> Measured:
        """The measurement at a position, or at a column of them, each with enough bars."""
        raise NotImplementedError


def nanos(value: Percent | Decimal) -> int:
    """A threshold in billionths, cut off below one."""
    if isinstance(value, Percent):
        return int(CONTEXT.scaleb(value.value, 7))
    return int(CONTEXT.scaleb(value, 9))
