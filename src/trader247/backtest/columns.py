"""What a run keeps of each minute: equity, and the reason in which every product's cycle ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
from numpy.typing import NDArray

from trader247.backtest.result import EquitySeries
from trader247.domain.ids import ProductId
from trader247.domain.money import CONTEXT, Money
from trader247.domain.reasons import Reason
from trader247.domain.time import DAY, Instant

REASONS = list(Reason)
CODES = {each.value: code for code, each in enumerate(REASONS)}
"""Each reason as a small number: a year of minutes in a byte each."""
UNKNOWN_CENTS = -(2**63)
"""Stands for equity that was not known."""

_CENT = Decimal("0.01")
_DAY_MINUTES = 1440


class RunColumns:
    """The minutes of one run, from `start` to `end`, both included.

    `reasons` has a row for each listed product, `cents` equity in whole hundredths.
    """

    def __init__(self, products: Sequence[ProductId], *, start: int, end: int) -> None:
        self.products = tuple(products)
        self.start = start
        self.end = end
        count = end - start + 1
        self.reasons: NDArray[np.uint8] = np.full((len(self.products), count), 255, dtype=np.uint8)
        self.cents = np.full(count, UNKNOWN_CENTS, dtype=np.int64)
        self.cycles = np.zeros(count, dtype=np.int64)
        self._rows = {product: row for row, product in enumerate(self.products)}
        self._more: dict[Instant, dict[str, int]] = {}

    def note(
        self,
        minute: int,
        endings: Mapping[ProductId, str],
        equity: Money | None,
        *,
        is_extra: bool,
    ) -> None:
        """Keep a cycle of `minute`; an extra one came within the minute, after its first."""
        at = minute - self.start
        self.cycles[at] += 1
        if not is_extra:
            self.cents[at] = UNKNOWN_CENTS if equity is None else hundredths(equity)
        for product, reason in endings.items():
            row = self._rows.get(product)
            if row is not None and not is_extra:
                self.reasons[row, at] = CODES[reason]
                continue
            day = Instant.from_seconds(minute * 60).day_start
            counts = self._more.setdefault(day, {})
            counts[reason] = counts.get(reason, 0) + 1

    def refusals(self) -> dict[Instant, dict[str, int]]:
        """How many product-cycles of each day ended in which reason."""
        result: dict[Instant, dict[str, int]] = {}
        for day, begin, end in self._days():
            counts = np.bincount(self.reasons[:, begin:end].ravel(), minlength=256)
            found = {
                REASONS[code].value: int(counts[code])
                for code in range(len(REASONS))
                if counts[code]
            }
            for reason, count in self._more.get(day, {}).items():
                found[reason] = found.get(reason, 0) + count
            result[day] = found
        return result

    def cycles_by_day(self) -> dict[Instant, int]:
        """How many cycles each day had."""
        return {day: int(self.cycles[begin:end].sum()) for day, begin, end in self._days()}

    def day_ends(self) -> dict[Instant, Money]:
        """The last known equity of each day, in whole hundredths; days without one are left out."""
        found: dict[Instant, Money] = {}
        for day, begin, end in self._days():
            known = np.flatnonzero(self.cents[begin:end] != UNKNOWN_CENTS)
            if len(known):
                cents = Decimal(int(self.cents[begin + int(known[-1])]))
                found[day] = Money(CONTEXT.scaleb(cents, -2))
        return found

    def equity(self) -> EquitySeries:
        """Equity of each minute in which it was known."""
        known = self.cents != UNKNOWN_CENTS
        return EquitySeries(np.flatnonzero(known) + self.start, self.cents[known])

    def _days(self) -> list[tuple[Instant, int, int]]:
        days = []
        first, last = self.start // _DAY_MINUTES, self.end // _DAY_MINUTES
        for day in range(first, last + 1):
            begin = max(day * _DAY_MINUTES, self.start) - self.start
            end = min((day + 1) * _DAY_MINUTES, self.end + 1) - self.start
            days.append((Instant(0) + day * DAY, begin, end))
        return days


def hundredths(money: Money) -> int:
    """An amount in whole hundredths, halves to even."""
    rounded = money.value.quantize(_CENT, rounding=ROUND_HALF_EVEN, context=CONTEXT)
    return int(CONTEXT.scaleb(rounded, 2))
