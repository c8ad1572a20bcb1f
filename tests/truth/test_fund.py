"""The judge's own count of a unit's value: which value opens a day and a week."""

from __future__ import annotations

from decimal import Decimal

from trader247.truth.fund import Fund
from trader247.truth.times import DAY_US, HOUR_US, instant_us

MIDNIGHT = instant_us("2026-01-05T00:00:00+00:00")
"""A day and a week begin."""


def opened(*marks: tuple[int, int]) -> tuple[int, int]:
    """What day and week opened with, in money, after so much equity at each time."""
    fund = Fund()
    for equity, at_us in marks:
        fund.mark(Decimal(equity), at_us)
    bases = fund.bases()
    return int(bases["day_open"]), int(bases["week_open"])


def test_the_first_value_of_a_day_opens_it() -> None:
    assert opened((100, MIDNIGHT - HOUR_US), (90, MIDNIGHT), (80, MIDNIGHT + 1)) == (90, 90)
    later = (100, MIDNIGHT), (90, MIDNIGHT + DAY_US)
    assert opened(*later) == (90, 100)


def test_a_clock_that_is_set_back_over_midnight_begins_no_day_again() -> None:
    """The trader keeps the later day, and was said to be wrong."""
    back = (100, MIDNIGHT + HOUR_US), (90, MIDNIGHT - HOUR_US), (80, MIDNIGHT + HOUR_US)
    assert opened(*back) == (100, 100)
    assert Fund().mark(Decimal(100), MIDNIGHT) == {}
    fund = Fund()
    fund.mark(Decimal(100), MIDNIGHT + HOUR_US)
    losses = fund.mark(Decimal(90), MIDNIGHT - HOUR_US)
    assert losses["daily_stop"] == Decimal("0.1")


def test_a_clock_that_ran_days_ahead_told_of_days_that_never_were() -> None:
    assert opened((100, MIDNIGHT + 9 * DAY_US), (90, MIDNIGHT)) == (90, 90)
