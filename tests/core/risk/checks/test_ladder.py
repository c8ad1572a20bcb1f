from __future__ import annotations

from datetime import timedelta

import pytest
from tests.core.risk.checks.staged_values import a_stage, armed_context
from tests.core.risk.risk_values import (
    EQUITY,
    NOW,
    a_context,
    an_entry,
    an_exit,
    unknown_context,
)

from trader247.core.risk.checks.ladder import Ladder
from trader247.domain.money import Money, Percent, Price
from trader247.domain.time import DAY, MICROSECOND

CHECK = Ladder()
WEEK = 7 * DAY


@pytest.mark.parametrize(
    ("age", "cap"),
    [
        (timedelta(0), "25"),
        (WEEK - MICROSECOND, "25"),
        (WEEK, "30"),
        (2 * WEEK, "36"),
        (4 * WEEK, "51.84"),
        (-DAY, "25"),
    ],
)
def test_the_largest_order_grows_by_a_fifth_each_full_week(age: timedelta, cap: str) -> None:
    assert CHECK.cap(a_stage(ladder_since=NOW - age), NOW) == Money.of(cap)


@pytest.mark.parametrize(("price", "is_allowed"), [("25", True), ("25.01", False)])
def test_it_binds_at_its_cap(price: str, is_allowed: bool) -> None:
    entry = an_entry(price=Price.of(price))
    assert CHECK.judge(entry, armed_context(equity=EQUITY)).is_allowed is is_allowed


def test_a_growth_of_nothing_keeps_what_was_armed() -> None:
    flat = Ladder(week_pct_max=Percent.of(0))
    assert flat.cap(a_stage(ladder_since=NOW - 52 * WEEK), NOW) == Money.of(25)


def test_it_binds_armed_books_and_entries_alone() -> None:
    assert CHECK.judge(an_exit(), armed_context(equity=EQUITY)).is_allowed
    assert CHECK.judge(an_entry(), a_context()).is_allowed
    assert CHECK.judge(an_entry(), unknown_context()).is_allowed


def test_growth_ends_after_ten_years_of_weeks() -> None:
    slow = Ladder(week_pct_max=Percent.of(1))
    before, at, after = (
        slow.cap(a_stage(ladder_since=NOW - weeks * WEEK), NOW) for weeks in (519, 520, 521)
    )
    assert before < at
    assert at == after


@pytest.mark.parametrize(
    ("price", "where", "told"),
    [("20.123456789", "within", "20.12345679"), ("26.123456789", "above", "26.12345679")],
)
def test_both_sizes_are_told_to_the_eighth_decimal(price: str, where: str, told: str) -> None:
    armed = armed_context(equity=EQUITY, largest=Money.of("25.987654321"))
    verdict = CHECK.judge(an_entry(price=Price.of(price)), armed)
    assert verdict.detail == f"notional {told} is {where} this week's 25.98765432"
    assert (verdict.value, verdict.limit, verdict.unit) == (told, "25.98765432", "quote")
