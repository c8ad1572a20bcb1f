from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.risk.risk_values import NOW, a_policy, a_portfolio

from trader247.core.book.equity import flowed, marked
from trader247.core.risk.halts import standing_cause
from trader247.core.risk.stops import StopLevel, judge_fees, judge_stops, stop_levels
from trader247.domain.money import Money, Percent
from trader247.domain.portfolio import DaySpending, EquityRecord, Halt, HighPoint, Portfolio
from trader247.domain.reasons import HaltName
from trader247.domain.time import DAY, HOUR, MINUTE, Instant

POLICY = a_policy()
MIDNIGHT = NOW.day_start
MONDAY = NOW.week_start
TICK = timedelta(microseconds=1)


def _record(
    *,
    units: str = "10000",
    high: str = "1",
    day: tuple[Instant, str] | None = None,
    week: tuple[Instant, str] | None = None,
    highs_24h: tuple[tuple[Instant, str], ...] = (),
    highs_7d: tuple[tuple[Instant, str], ...] = (),
) -> EquityRecord:
    def point(known: tuple[Instant, str]) -> HighPoint:
        return HighPoint(known[0], Decimal(known[1]))

    return EquityRecord(
        units=Decimal(units),
        equity=Money.of(10_000),
        time=NOW,
        high_nav=Decimal(high),
        day=None if day is None else point(day),
        week=None if week is None else point(week),
        highs_24h=tuple(point(each) for each in highs_24h),
        highs_7d=tuple(point(each) for each in highs_7d),
    )


def _levels(
    record: EquityRecord, equity: str | None, now: Instant = NOW
) -> dict[HaltName, StopLevel]:
    portfolio = a_portfolio(equity=record)
    worth = None if equity is None else Money.of(equity)
    levels = stop_levels(portfolio, POLICY, equity=worth, now=now)
    return {level.name: level for level in levels}


def _causes(record: EquityRecord, equity: str, *, standing: tuple[HaltName, ...] = ()) -> list[str]:
    halts = {name: Halt(name, "", NOW) for name in standing}
    portfolio = a_portfolio(equity=record, halts=halts)
    latched = judge_stops(portfolio, POLICY, equity=Money.of(equity), now=NOW)
    return [halt.cause for halt in latched]


def _latched(record: EquityRecord, equity: str) -> set[HaltName]:
    latched = judge_stops(a_portfolio(equity=record), POLICY, equity=Money.of(equity), now=NOW)
    return {halt.name for halt in latched}


DAY_AT_ONE = _record(day=(MIDNIGHT, "1"))
WEEK_AT_ONE = _record(week=(MONDAY, "1"))


@pytest.mark.parametrize(
    ("equity", "is_hit"), [("9700.01", False), ("9700", True), ("9699.99", True), ("0", True)]
)
def test_the_daily_stop_trips_at_exactly_three_per_cent(equity: str, is_hit: bool) -> None:
    assert _levels(DAY_AT_ONE, equity)[HaltName.DAILY_STOP].is_hit is is_hit
    assert (HaltName.DAILY_STOP in _latched(DAY_AT_ONE, equity)) is is_hit


@pytest.mark.parametrize(("equity", "is_hit"), [("9300.01", False), ("9300", True)])
def test_the_weekly_stop_trips_at_exactly_seven_per_cent(equity: str, is_hit: bool) -> None:
    assert _levels(WEEK_AT_ONE, equity)[HaltName.WEEKLY_STOP].is_hit is is_hit
    assert (HaltName.WEEKLY_STOP in _latched(WEEK_AT_ONE, equity)) is is_hit


@pytest.mark.parametrize(("equity", "is_hit"), [("9000.01", False), ("9000", True)])
def test_the_drawdown_stop_trips_at_exactly_ten_per_cent(equity: str, is_hit: bool) -> None:
    level = _levels(_record(high="1"), equity)[HaltName.DRAWDOWN]
    assert level.is_hit is is_hit
    assert level.limit == Percent.of(-10)
    assert (HaltName.DRAWDOWN in _latched(_record(high="1"), equity)) is is_hit


def test_the_cause_says_the_loss_its_base_and_when() -> None:
    assert _causes(DAY_AT_ONE, "9698") == [
        "Daily stop loss hit: -3.02 % from 10,000.00 at 00:00 UTC"
    ]
    assert _causes(WEEK_AT_ONE, "9200") == [
        "Weekly stop loss hit: -8.00 % from 10,000.00 on Monday 00:00 UTC"
    ]
    for hours, minutes, told in ((13, 7, "13:07"), (23, 59, "23:59")):
        late = _record(day=(MIDNIGHT + hours * HOUR + minutes * MINUTE, "1"))
        assert f"at {told} UTC" in _causes(late, "9000")[0]
    assert _causes(_record(high="2"), "17000") == [
        "Maximum drawdown hit: -15.00 % from 20,000.00 as the high-water mark"
    ]


def test_of_two_bases_the_worse_counts_and_both_are_there() -> None:
    record = _record(day=(MIDNIGHT, "1"), highs_24h=((NOW - HOUR, "1.04"), (NOW, "1")))
    level = _levels(record, "10050")[HaltName.DAILY_STOP]
    assert level.is_hit
    assert [base.equity for base in level.bases] == [Money.of(10_000), Money.of(10_400)]
    assert "10,400.00 as the 24 h high" in level.cause
    assert level.value is not None
    assert level.value.value.quantize(Decimal("0.01")) == Decimal("-3.37")


def test_a_high_older_than_its_window_is_forgotten_and_the_next_step_counts() -> None:
    steps = ((NOW - DAY, "1.2"), (NOW - HOUR, "1.01"))
    at_the_edge = _levels(_record(highs_24h=steps), "10000")[HaltName.DAILY_STOP]
    assert at_the_edge.bases[0].equity == Money.of(12_000)
    past_it = _levels(_record(highs_24h=steps), "10000", NOW + TICK)[HaltName.DAILY_STOP]
    assert past_it.bases[0].equity == Money.of(10_100)
    week = _record(highs_7d=((NOW - 7 * DAY, "1.2"),))
    assert _levels(week, "10000")[HaltName.WEEKLY_STOP].is_hit
    assert not _levels(week, "10000", NOW + TICK)[HaltName.WEEKLY_STOP].bases


def test_yesterdays_and_last_weeks_bases_are_over() -> None:
    record = _record(day=(MIDNIGHT - TICK, "2"), week=(MONDAY - TICK, "2"))
    levels = _levels(record, "10000")
    assert not levels[HaltName.DAILY_STOP].bases
    assert not levels[HaltName.WEEKLY_STOP].bases
    assert levels[HaltName.DAILY_STOP].value is None


def test_a_stop_that_stands_does_not_latch_again_and_the_others_do() -> None:
    record = _record(day=(MIDNIGHT, "1"), week=(MONDAY, "1"), high="1")
    assert len(_causes(record, "8000")) == 3
    left = _causes(record, "8000", standing=(HaltName.DAILY_STOP,))
    assert [cause.split()[0] for cause in left] == ["Weekly", "Maximum"]


def test_unknown_equity_latches_nothing_and_is_no_zero() -> None:
    levels = _levels(DAY_AT_ONE, None)
    assert all(level.value is None and level.headroom is None for level in levels.values())
    assert not any(level.is_hit for level in levels.values())
    assert judge_stops(a_portfolio(equity=DAY_AT_ONE), POLICY, equity=None, now=NOW) == ()


def test_an_empty_ledger_has_nothing_to_lose() -> None:
    levels = stop_levels(Portfolio(), POLICY, equity=Money.of(100), now=NOW)
    assert [level.name for level in levels] == [
        HaltName.DAILY_STOP,
        HaltName.WEEKLY_STOP,
        HaltName.DRAWDOWN,
    ]
    assert all(not level.bases and level.cause == "equity is unknown" for level in levels)


def test_a_base_of_nothing_is_no_base() -> None:
    record = _record(day=(MIDNIGHT, "0"), highs_24h=((NOW - HOUR, "-1"),))
    assert not _levels(record, "10000")[HaltName.DAILY_STOP].bases


def test_headroom_is_what_may_still_be_lost() -> None:
    level = _levels(DAY_AT_ONE, "9900")[HaltName.DAILY_STOP]
    assert level.value == Percent.of(-1)
    assert level.headroom == Percent.of(2)


def test_seven_days_of_a_small_loss_trip_the_week_and_no_day() -> None:
    record = marked(EquityRecord(), Money.of(10_000), MONDAY)
    equity = Decimal(10_000)
    tripped: list[tuple[int, HaltName]] = []
    for day in range(1, 8):
        equity *= Decimal("0.989")
        now = MONDAY + day * DAY - MINUTE
        book = a_portfolio(equity=record)
        halts = judge_stops(book, POLICY, equity=Money(equity), now=now)
        tripped += [(day, halt.name) for halt in halts]
        record = marked(record, Money(equity), now)
        record = marked(record, Money(equity), now + MINUTE)
    assert tripped == [(7, HaltName.WEEKLY_STOP)]


def test_a_deposit_hides_no_loss_and_a_withdrawal_is_none() -> None:
    record = marked(EquityRecord(), Money.of(10_000), MIDNIGHT)
    deposit = flowed(record, Money.of(5_000))
    assert _levels(deposit, "14600")[HaltName.DAILY_STOP].value == Percent.of("-2.666666666667")
    assert _levels(deposit, "14550")[HaltName.DAILY_STOP].is_hit
    withdrawal = flowed(record, Money.of(-5_000))
    assert _levels(withdrawal, "5000")[HaltName.DRAWDOWN].value == Percent.of(0)
    assert _levels(withdrawal, "4500")[HaltName.DRAWDOWN].is_hit


@settings(max_examples=200, deadline=None)
@given(
    units=st.decimals("0.0001", "1000000", places=9),
    base=st.decimals("0.01", "1000000", places=7),
)
def test_a_limit_that_is_reached_exactly_trips_whatever_a_unit_is_worth(
    units: Decimal, base: Decimal
) -> None:
    record = marked(replace(EquityRecord(), units=units), Money(base), MIDNIGHT)
    level = _levels(record, str(base * Decimal("0.97")))[HaltName.DAILY_STOP]
    assert level.is_hit
    above = _levels(record, str(base * Decimal("0.9701")))[HaltName.DAILY_STOP]
    assert not above.is_hit


@pytest.mark.parametrize(("paid", "is_halted"), [("29.99", False), ("30", False), ("30.01", True)])
def test_fees_over_their_share_of_the_day_latch(paid: str, is_halted: bool) -> None:
    book = a_portfolio(spent=DaySpending(NOW.day_start, fees=Money.of(paid)))
    found = judge_fees(book, POLICY, equity=Money.of(10_000), now=NOW)
    assert [each.name for each in found] == ([HaltName.FEES] if is_halted else [])
    standing = a_portfolio(spent=book.spent, halts={HaltName.FEES: Halt(HaltName.FEES, "", NOW)})
    assert judge_fees(standing, POLICY, equity=Money.of(10_000), now=NOW) == ()


def test_fees_of_another_day_and_unknown_equity_latch_nothing() -> None:
    yesterday = a_portfolio(spent=DaySpending(NOW.day_start - DAY, fees=Money.of(99)))
    assert judge_fees(yesterday, POLICY, equity=Money.of(10_000), now=NOW) == ()
    today = a_portfolio(spent=DaySpending(NOW.day_start, fees=Money.of(99)))
    assert judge_fees(today, POLICY, equity=None, now=NOW) == ()


@pytest.mark.parametrize(
    ("days", "equity", "is_cleared"), [(0, 10_000, False), (1, 10_000, True), (1, None, False)]
)
def test_too_many_fees_are_forgiven_on_the_next_day(
    days: int, equity: int | None, is_cleared: bool
) -> None:
    record = replace(
        _record(), equity=None if equity is None else Money.of(equity), time=NOW + days * DAY
    )
    book = a_portfolio(spent=DaySpending(NOW.day_start, fees=Money.of(99)), equity=record)
    cause = standing_cause(HaltName.FEES, book, POLICY, is_stop_raised=False)
    assert (cause is None) is is_cleared
