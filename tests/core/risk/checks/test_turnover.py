from __future__ import annotations

import pytest
from tests.core.risk.risk_values import (
    ETH,
    NOW,
    a_context,
    a_portfolio,
    a_working,
    an_entry,
    an_exit,
    unknown_context,
)

from trader247.core.risk.check import Context
from trader247.core.risk.checks.turnover import Turnover, bought_today, fees_today
from trader247.domain.intents import WorkingIntent
from trader247.domain.market import FeeTier
from trader247.domain.money import Bps, Money
from trader247.domain.portfolio import DaySpending
from trader247.domain.time import DAY, SECOND, Instant
from trader247.domain.verdicts import Verdict

CHECK = Turnover()
FREE = FeeTier("free", Bps.of(0), Bps.of(0), NOW)


def spent(
    bought: str = "0",
    fees: str = "0",
    *,
    day: Instant = NOW.day_start,
    working: tuple[WorkingIntent, ...] = (),
    tier: FeeTier | None = FREE,
) -> Context:
    record = DaySpending(day, Money.of(bought), Money.of(fees))
    return a_context(a_portfolio(working=working, spent=record, fee_tier=tier))


# The entry is of 99.95 USD, equity is 10,000.
@pytest.mark.parametrize(
    ("bought", "is_allowed"), [("2900.04", True), ("2900.05", True), ("2900.06", False)]
)
def test_a_day_buys_thirty_per_cent_of_equity(bought: str, is_allowed: bool) -> None:
    assert CHECK.judge(an_entry(), spent(bought)).is_allowed is is_allowed
    assert CHECK.judge(an_exit(), spent(bought)).is_allowed


# At the fallback rate of 90 bps this order may cost 0.89955.
@pytest.mark.parametrize(
    ("fees", "is_allowed"), [("29.10044", True), ("29.10045", True), ("29.10046", False)]
)
def test_a_day_pays_three_thousandths_of_equity_in_fees(fees: str, is_allowed: bool) -> None:
    verdict = CHECK.judge(an_entry(), spent(fees=fees, tier=None))
    assert verdict.is_allowed is is_allowed
    if not is_allowed:
        assert "fees of today" in verdict.detail


def test_churning_without_a_loss_of_price_ends_on_its_fees() -> None:
    assert not CHECK.judge(an_entry(), spent("1500", fees="30.01")).is_allowed


def test_open_buys_count_before_they_fill() -> None:
    open_buy = a_working(an_entry(ETH))
    assert CHECK.judge(an_entry(), spent("2800.1")).is_allowed
    assert CHECK.judge(an_entry(), spent("2800.1", working=(open_buy,))).is_allowed
    assert not CHECK.judge(an_entry(), spent("2800.11", working=(open_buy,))).is_allowed


def test_a_new_day_begins_with_nothing_spent() -> None:
    yesterday = spent("9999", "9999", day=NOW.day_start - DAY)
    assert CHECK.judge(an_entry(), yesterday).is_allowed


def test_what_a_later_day_spent_still_counts_once_the_clock_is_set_back() -> None:
    tomorrow = spent("2900.06", day=NOW.day_start + DAY)
    assert not CHECK.judge(an_entry(), tomorrow).is_allowed


def test_unknown_equity_is_a_no_for_entries() -> None:
    verdict = CHECK.judge(an_entry(), unknown_context())
    assert (verdict.is_allowed, verdict.value) == (False, None)
    assert CHECK.judge(an_exit(), unknown_context()).is_allowed


def test_what_was_booked_today_is_told_apart_and_nothing_is_none() -> None:
    record = DaySpending(NOW.day_start, Money.of("12.5"), Money.of("0.25"))
    portfolio = a_portfolio(spent=record)
    for now in (NOW, NOW.day_start + DAY - SECOND):
        assert bought_today(portfolio, now) == Money.of("12.5")
        assert fees_today(portfolio, now) == Money.of("0.25")
    for later in (a_portfolio(), portfolio):
        assert bought_today(later, NOW.day_start + DAY) == Money.of(0)
        assert fees_today(later, NOW.day_start + DAY) == Money.of(0)


# Of this equity thirty per cent are 3000.13703673702, and three thousandths 30.0013703673702.
@pytest.mark.parametrize(
    ("bought", "fees", "told"),
    [
        (
            "0.0123456789",
            "0",
            (True, "99.96234568 bought today with this order", "99.96234568", "3000.13703674"),
        ),
        (
            "2900.2013456789",
            "0",
            (False, "3000.15134568 bought today with this order", "3000.15134568", "3000.13703674"),
        ),
        (
            "0",
            "30.1234567891",
            (
                False,
                "fees of today would be 30.12345679 with this order",
                "30.12345679",
                "30.00137037",
            ),
        ),
    ],
    ids=["allowed", "bought too much", "paid too much"],
)
def test_money_is_told_with_eight_decimals(
    bought: str, fees: str, told: tuple[bool, str, str, str]
) -> None:
    record = DaySpending(NOW.day_start, Money.of(bought), Money.of(fees))
    context = a_context(
        a_portfolio(spent=record, fee_tier=FREE), equity=Money.of("10000.4567891234")
    )
    assert CHECK.judge(an_entry(), context) == Verdict.of("turnover", *told, "quote")
