"""Figures for people: readable, and never a digit that flatters."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from trader247.cli import figures
from trader247.domain.money import Money, Percent, Price, Quantity
from trader247.domain.time import Instant
from trader247.domain.words import counted

MOMENT = Instant.parse("2026-01-05T01:34:21.935955Z")


@pytest.mark.parametrize(
    ("amount", "text"),
    [("9995.776", "9,995.78"), ("-0.001", "0.00"), ("-3.2", "-3.20"), ("1e9", "1,000,000,000.00")],
)
def test_money_has_two_decimals(amount: str, text: str) -> None:
    assert figures.money(Money.of(amount)) == text


def test_a_sign_is_shown_where_it_is_asked_for() -> None:
    assert figures.money(Money.of("3.2"), is_signed=True) == "+3.20"
    assert figures.percent(Percent.of("-0.072"), is_signed=True) == "-0.07 %"


def test_what_is_unknown_is_a_word_and_never_zero() -> None:
    assert figures.money(None) == figures.percent(None) == figures.price(None) == "UNKNOWN"
    assert figures.clock(None) == "--:--:--"
    assert figures.moment(None) == "never"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("102345.678", "102,345.68"),
        ("137.86", "137.86"),
        ("126.83124", "126.831"),
        ("0.13994", "0.13994"),
        ("0.00001234567", "0.0000123457"),
    ],
)
def test_a_price_is_as_long_as_it_must_be(value: str, text: str) -> None:
    assert figures.price(Price.of(value)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [("0.87001985", "0.87"), ("316", "316"), ("16.66920841", "16.66"), ("0.00123456", "0.001234")],
)
def test_a_quantity_is_never_rounded_up(value: str, text: str) -> None:
    assert figures.quantity(Quantity.of(value)) == text


@given(some.decimals(min_value=0, max_value=10**12, places=12))
def test_no_quantity_is_shown_greater_than_it_is(value: Decimal) -> None:
    assert Decimal(figures.quantity(Quantity(value))) <= value


@given(some.decimals(min_value=Decimal("1e-12"), max_value=10**12, places=12))
def test_every_price_is_shown_within_a_hundredth_of_a_per_cent(value: Decimal) -> None:
    shown = Decimal(figures.price(Price(value)).replace(",", ""))
    assert abs(shown - value) <= value / 10_000


def test_times_in_a_detail_are_cut_to_the_time_of_day() -> None:
    text = f"the last entry was at {MOMENT}, until 2026-01-08T01:00:59Z"
    assert figures.for_people(text) == "the last entry was at 01:34:21, until 01:00:59"
    assert figures.moment(MOMENT) == "2026-01-05 01:34:21 UTC"


def test_a_time_is_cut_to_its_second_and_a_figure_is_not() -> None:
    text = "187 cycles, 2026-01-05T00:00:00Z to 2026-01-13T00:03:05.214367Z, 1.5 of 2"
    assert figures.to_the_second(text) == text.replace(".214367", "")


def test_a_count_has_its_noun_and_its_thousands_parted() -> None:
    told = [counted(each, "stop") for each in (0, 1, 2, 999, 1000, 1_234_567)]
    assert told == ["0 stops", "1 stop", "2 stops", "999 stops", "1,000 stops", "1,234,567 stops"]
