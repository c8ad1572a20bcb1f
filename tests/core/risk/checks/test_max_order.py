from __future__ import annotations

import pytest
from tests.core.risk.risk_values import (
    BTC,
    a_context,
    a_product,
    a_snapshot,
    a_view,
    an_entry,
    an_exit,
    unknown_context,
)

from trader247.core.risk.checks.max_order import MaxOrder, least_quantity
from trader247.domain.money import Money, Price, Quantity

CHECK = MaxOrder()


@pytest.mark.parametrize(
    ("equity", "price", "is_allowed"),
    [
        ("10000", "199.99", True),
        ("10000", "200", True),
        ("10000", "200.01", False),
        ("100000", "250", True),
        ("100000", "250.01", False),
    ],
)
def test_the_lesser_of_two_per_cent_and_250_binds_entries(
    equity: str, price: str, is_allowed: bool
) -> None:
    context = a_context(equity=Money.of(equity))
    assert CHECK.judge(an_entry(price=Price.of(price)), context).is_allowed is is_allowed


def test_an_absurd_size_is_refused() -> None:
    for quantity in ("1e18", "1e40"):
        huge = an_entry(quantity=Quantity.of(quantity))
        assert not CHECK.judge(huge, a_context()).is_allowed


def test_an_exit_is_held_by_the_absolute_cap_whatever_equity_is() -> None:
    for equity in (None, Money.of(1), Money.of(1_000_000)):
        context = a_context(equity=equity)
        assert CHECK.judge(an_exit(price=Price.of(250)), context).is_allowed
        assert not CHECK.judge(an_exit(price=Price.of("250.01")), context).is_allowed


def test_the_least_that_the_venue_sells_may_leave_above_the_cap() -> None:
    view = a_view(product=a_product(BTC, base_increment=Quantity.of(1), base_min=Quantity.of(1)))
    context = a_context(snapshot=a_snapshot(BTC=view))
    one = an_exit(price=Price.of(400))
    assert CHECK.judge(one, context).is_allowed
    assert not CHECK.judge(
        an_exit(price=Price.of(400), quantity=Quantity.of(2)), context
    ).is_allowed
    assert not CHECK.judge(an_entry(price=Price.of(400)), context).is_allowed


def test_the_least_quantity_reaches_every_minimum_of_the_venue() -> None:
    product = a_product(BTC, quote_min=Money.of(1))
    assert least_quantity(product, Price.of(3)) == Quantity.of("0.3334")
    assert least_quantity(product, Price.of(100_000)) == Quantity.of("0.0001")


def test_unknown_equity_is_a_no_for_entries() -> None:
    verdict = CHECK.judge(an_entry(), unknown_context())
    assert (verdict.is_allowed, verdict.value) == (False, None)
    assert not CHECK.judge(an_exit(price=Price.of(400)), unknown_context()).is_allowed


@pytest.mark.parametrize(
    ("price", "where", "told"),
    [("199.123456789", "within", "199.12345679"), ("201.123456789", "above", "201.12345679")],
)
def test_the_order_and_its_cap_are_told_to_the_eighth_decimal(
    price: str, where: str, told: str
) -> None:
    context = a_context(equity=Money.of("10002.987654321"))
    verdict = CHECK.judge(an_entry(price=Price.of(price)), context)
    assert verdict.detail == f"notional {told} is {where} 200.05975309"
    assert (verdict.value, verdict.limit, verdict.unit) == (told, "200.05975309", "quote")
