from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.ledger_values import START, after

from trader247.core.book.equity import change_since, drawdown, flowed, marked, with_peak
from trader247.domain.money import Money
from trader247.domain.portfolio import EquityRecord
from trader247.domain.time import DAY, HOUR, MICROSECOND, Instant

# Decimal division leaves the 50th digit to chance: far below any figure that a stop compares.
ALMOST = Decimal("1E-40")

EQUITIES = st.decimals("0.01", "100000000", places=2)


def is_close(value: Decimal | None, text: str) -> bool:
    return value is not None and abs(value - Decimal(text)) < ALMOST


def measured(*equities: str | None, every: int = 60) -> EquityRecord:
    record = flowed(EquityRecord(), Money.of("10000"))
    for number, equity in enumerate(equities):
        known = None if equity is None else Money.of(equity)
        record = marked(record, known, after(number * every))
    return record


def test_nothing_is_known_before_the_first_measurement() -> None:
    record = flowed(EquityRecord(), Money.of("10000"))
    assert record.nav is None
    assert record.high_water_mark is None
    assert drawdown(record) is None
    assert change_since(record, record.day) is None


def test_the_first_measurement_is_neither_profit_nor_loss() -> None:
    record = measured("10000")
    assert record.nav == 1
    assert drawdown(record) == 0
    assert change_since(record, record.day) == Money.of(0)


def test_a_first_measurement_without_a_flow_buys_its_own_units() -> None:
    record = marked(EquityRecord(), Money.of("500"), START)
    assert record.nav == 1
    assert record.high_water_mark == Money.of("500")


def test_unknown_equity_is_unknown_and_never_the_old_value() -> None:
    record = measured("10000", "9000", None)
    assert record.equity is None
    assert record.nav is None
    assert drawdown(record) is None
    assert record.high_nav == 1


def test_a_day_starts_at_midnight_utc_and_a_week_on_monday() -> None:
    sunday = Instant.parse("2026-01-11T23:59:00Z")
    late = marked(flowed(EquityRecord(), Money.of("100")), Money.of("100"), sunday)
    monday = marked(late, Money.of("90"), sunday + timedelta(minutes=1))
    tuesday = marked(monday, Money.of("80"), sunday + timedelta(hours=24, minutes=1))
    bases = [
        (record.day.nav, record.week.nav)
        for record in (late, monday, tuesday)
        if record.day is not None and record.week is not None
    ]
    assert bases == [
        (Decimal(1), Decimal(1)),
        (Decimal("0.9"), Decimal("0.9")),
        (Decimal("0.8"), Decimal("0.9")),
    ]
    assert change_since(tuesday, tuesday.week) == Money.of("-10")


@pytest.mark.parametrize(("ahead", "begins"), [(DAY, False), (DAY + MICROSECOND, True)])
def test_what_was_begun_more_than_a_day_ahead_never_was(ahead: timedelta, begins: bool) -> None:
    monday = Instant.parse("2026-01-05T00:00:00Z")
    record = marked(EquityRecord(), Money.of(1000), monday + ahead)
    record = marked(record, Money.of(990), monday)
    assert record.day is not None
    assert record.week is not None
    assert (record.day.time == monday, record.week.time == monday) == (begins, begins)


def test_a_clock_that_is_set_back_over_midnight_begins_neither_day_nor_week_anew() -> None:
    monday = Instant.parse("2026-01-05T00:00:00Z")
    record = marked(EquityRecord(), Money.of(1000), monday)
    for at, equity in ((monday - HOUR, "990"), (monday + HOUR, "980")):
        record = marked(record, Money.of(equity), at)
        assert record.day is not None
        assert record.week is not None
        assert (record.day.time, record.week.time) == (monday, monday)


def test_a_deposit_does_not_hide_a_loss() -> None:
    record = measured("10000", "9600")
    record = flowed(record, Money.of("5000"))
    record = marked(record, Money.of("14600"), after(120))
    assert is_close(drawdown(record), "0.04")


def test_a_withdrawal_is_no_loss() -> None:
    record = flowed(measured("10000"), Money.of("-5000"))
    record = marked(record, Money.of("5000"), after(60))
    assert drawdown(record) == 0
    assert record.high_water_mark == Money.of("5000")


def test_taking_everything_out_and_coming_back_keeps_the_high_water_mark() -> None:
    record = flowed(measured("10000", "9500"), Money.of("-9500"))
    assert record.units == 0
    record = marked(record, Money.of("0"), after(120))
    assert record.nav is None
    record = marked(flowed(record, Money.of("1000")), Money.of("1000"), after(180))
    assert is_close(drawdown(record), "0.05")


def test_a_withdrawal_of_more_than_was_known_leaves_no_negative_units() -> None:
    assert flowed(measured("10000"), Money.of("-12000")).units == 0


def test_an_accepted_peak_is_the_new_high_water_mark() -> None:
    record = with_peak(measured("10000", "8900"), Money.of("9000"))
    assert record.high_water_mark == Money.of("9000")


@given(
    st.lists(st.tuples(EQUITIES, st.integers(-50, 300)), min_size=1, max_size=20),
    EQUITIES,
)
def test_flows_never_change_the_drawdown(
    history: list[tuple[Decimal, int]], first: Decimal
) -> None:
    record = marked(flowed(EquityRecord(), Money(first)), Money(first), START)
    for number, (equity, percent) in enumerate(history, start=1):
        record = marked(record, Money(equity), after(number * 60))
        before = drawdown(record)
        changed = flowed(record, Money(equity * percent / 100))
        now = drawdown(changed)
        assert before is not None
        assert now is not None
        assert abs(now - before) < ALMOST
        record = changed


@given(st.lists(st.decimals("-90", "500", places=1), max_size=20))
def test_flows_alone_never_move_the_value_of_a_unit(percents: list[Decimal]) -> None:
    record = measured("10000", "9700")
    equity = Money.of("9700")
    for number, percent in enumerate(percents, start=2):
        flow = Money(equity.value * percent / 100)
        equity = equity + flow
        record = marked(flowed(record, flow), equity, after(number * 60))
    assert record.nav is not None
    assert abs(record.nav - Decimal("0.97")) < ALMOST


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 40 * 3600), st.integers(1, 30)), min_size=1, max_size=60))
def test_rolling_highs_equal_the_greatest_of_a_brute_force_window(
    history: list[tuple[int, int]],
) -> None:
    record = flowed(EquityRecord(), Money.of("10"))
    seen: list[tuple[Instant, Decimal]] = []
    at = START
    for gap, equity in history:
        at = at + timedelta(seconds=gap)
        record = marked(record, Money.of(equity), at)
        assert record.nav is not None
        seen.append((at, record.nav))
        for steps, window in ((record.highs_24h, DAY), (record.highs_7d, 7 * DAY)):
            assert steps[0].nav == max(nav for time, nav in seen if at - time <= window)
            navs = [step.nav for step in steps]
            assert navs == sorted(set(navs), reverse=True)
        assert record.high_nav == max(nav for _, nav in seen)


def test_a_high_leaves_its_window_only_when_it_is_older_than_it() -> None:
    record = measured("10000", "9000")
    on_the_edge = marked(record, Money.of("8000"), START + DAY)
    assert on_the_edge.highs_24h[0].nav == 1
    past_it = marked(record, Money.of("8000"), START + DAY + timedelta(microseconds=1))
    assert past_it.highs_24h[0].nav == Decimal("0.9")
    assert past_it.highs_7d[0].nav == 1


def test_a_peak_of_a_book_that_was_never_measured_is_none() -> None:
    assert with_peak(EquityRecord(), Money.of(9_000)) == EquityRecord()
