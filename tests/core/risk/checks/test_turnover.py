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
from trader247.core.risk.checks.turnover import Turnover
from trader247.domain.market import FeeTier
from trader247.domain.money import Bps, Money
from trader247.domain.orders import WorkingIntent
from trader247.domain.portfolio import DaySpending
from trader247.domain.time import DAY, Instant

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
