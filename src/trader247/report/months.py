"""What each calendar month returned, from daily closes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from trader247.report.curve import DAY_US, Curve, daily_closes


@dataclass(frozen=True, slots=True)
class MonthReturn:
    """A month, as `2026-01`, and its return as a fraction; `is_whole` once it had all its days."""

    month: str
    value: float
    is_whole: bool


def monthly_returns(curve: Curve) -> tuple[MonthReturn, ...]:
    """Each UTC month from the first to the last; flows never count as returns."""
    known = curve.known
    days, closes = daily_closes(known.times, known.nav)
    found: list[MonthReturn] = []
    base = 0
    for index in range(1, len(days)):
        month, is_last = _month(int(days[index])), index == len(days) - 1
        if not is_last and _month(int(days[index + 1])) == month:
            continue
        first = _date(int(days[base + 1]))
        ends = _month(int(days[index]) + 1) != month
        value = float(closes[index] / closes[base] - 1.0)
        found.append(MonthReturn(month, value, first.day == 1 and ends))
        base = index
    return tuple(found)


def _date(day: int) -> datetime:
    return datetime.fromtimestamp(day * DAY_US // 1_000_000, UTC)


def _month(day: int) -> str:
    return _date(day).strftime("%Y-%m")
