from __future__ import annotations

import pytest
from tests.core.risk.risk_values import (
    BTC,
    ETH,
    a_context,
    a_portfolio,
    a_position,
    a_working,
    an_entry,
    an_exit,
    unknown_context,
)

from trader247.core.risk.checks.product_exposure import ProductExposure
from trader247.domain.intents import IntentState
from trader247.domain.money import Money, Price, Quantity

CHECK = ProductExposure()


@pytest.mark.parametrize(
    ("price", "is_allowed"), [("499.99", True), ("500", True), ("500.01", False)]
)
def test_one_product_is_five_per_cent_of_equity_at_most(price: str, is_allowed: bool) -> None:
    assert CHECK.judge(an_entry(price=Price.of(price)), a_context()).is_allowed is is_allowed


def test_the_position_counts_at_its_mark() -> None:
    held = a_portfolio(a_position(quantity="4"))
    assert CHECK.judge(an_entry(price=Price.of("100.2")), a_context(held)).is_allowed
    assert not CHECK.judge(an_entry(price=Price.of("100.21")), a_context(held)).is_allowed
    assert CHECK.judge(an_entry(ETH, price=Price.of("500")), a_context(held)).is_allowed


def test_of_three_per_cent_twice_the_second_waits_while_the_first_is_unknown() -> None:
    three = an_entry(price=Price.of(100), quantity=Quantity.of(3))
    unknown = a_portfolio(working=[a_working(three, IntentState.UNKNOWN, filled="2")])
    assert not CHECK.judge(three, a_context(unknown)).is_allowed
    filled = a_portfolio(working=[a_working(three, IntentState.ACCEPTED, filled="2")])
    assert CHECK.judge(three, a_context(filled)).is_allowed


def test_a_holding_of_unknown_worth_is_a_no() -> None:
    unmarked = a_portfolio(a_position(BTC), marks={})
    verdict = CHECK.judge(an_entry(), a_context(unmarked))
    assert (verdict.is_allowed, verdict.value) == (False, None)


@pytest.mark.parametrize("equity", [None, Money.of(0), Money.of(-1)])
def test_a_share_of_unknown_or_no_equity_is_a_no(equity: Money | None) -> None:
    assert not CHECK.judge(an_entry(), a_context(equity=equity)).is_allowed
    assert not CHECK.judge(an_entry(), unknown_context()).is_allowed
    assert CHECK.judge(an_exit(), unknown_context()).is_allowed
