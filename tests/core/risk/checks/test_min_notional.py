from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.core.risk.risk_values import (
    BTC,
    PLAN,
    a_context,
    a_product,
    a_snapshot,
    a_view,
    an_entry,
    an_exit,
    unknown_context,
)

from trader247.core.risk.check import Context
from trader247.core.risk.checks.min_notional import MinNotional
from trader247.domain.money import Money, Price, Quantity

CHECK = MinNotional()


def _venue_minimum(quote_min: str) -> Context:
    view = a_view(product=a_product(BTC, quote_min=Money.of(quote_min)))
    return a_context(snapshot=a_snapshot(BTC=view))


@pytest.mark.parametrize(("price", "is_allowed"), [("14.99", False), ("15", True), ("15.01", True)])
def test_an_entry_is_worth_fifteen_at_least(price: str, is_allowed: bool) -> None:
    assert CHECK.judge(an_entry(price=Price.of(price)), a_context()).is_allowed is is_allowed


@pytest.mark.parametrize(("price", "is_allowed"), [("0.99", False), ("1", True), ("14.99", True)])
def test_an_exit_is_held_by_the_venues_minimum_alone(price: str, is_allowed: bool) -> None:
    assert CHECK.judge(an_exit(price=Price.of(price)), a_context()).is_allowed is is_allowed


def test_the_venues_minimum_binds_entries_where_it_is_higher() -> None:
    cheap = an_entry(price=Price.of("100"), plan=replace(PLAN, stop_fraction=Decimal(0)))
    assert CHECK.judge(cheap, _venue_minimum("100")).is_allowed
    assert not CHECK.judge(cheap, _venue_minimum("100.01")).is_allowed


def test_what_is_bought_can_still_be_sold_at_its_stop() -> None:
    entry = an_entry(price=Price.of("100"), quantity=Quantity.of(1))
    assert CHECK.judge(entry, _venue_minimum("94")).is_allowed
    assert not CHECK.judge(entry, _venue_minimum("94.01")).is_allowed
    assert not CHECK.judge(an_entry(plan=None), a_context()).is_allowed


def test_an_unknown_minimum_is_a_no() -> None:
    assert not CHECK.judge(an_entry(), unknown_context()).is_allowed
    assert not CHECK.judge(an_exit(), unknown_context()).is_allowed


def test_what_a_stop_would_leave_without_worth_is_not_bought_where_the_venue_has_no_minimum() -> (
    None
):
    lost = an_entry(plan=replace(PLAN, stop_fraction=Decimal(1)))
    assert not CHECK.judge(lost, _venue_minimum("0")).is_allowed


@pytest.mark.parametrize(
    ("price", "words", "told"),
    [
        ("20.123456789", "notional {} reaches the floor, 15", "20.12345679"),
        ("14.123456789", "notional {} is below the floor, 15", "14.12345679"),
    ],
)
def test_the_order_is_told_to_the_eighth_decimal(price: str, words: str, told: str) -> None:
    verdict = CHECK.judge(an_entry(price=Price.of(price)), a_context())
    assert verdict.detail == words.format(told)
    assert (verdict.value, verdict.limit, verdict.unit) == (told, "15", "quote")
