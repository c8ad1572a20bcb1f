from __future__ import annotations

import pytest
from tests.core.risk.checks.staged_values import a_stage, armed_context
from tests.core.risk.risk_values import (
    BTC,
    DOGE,
    ETH,
    a_context,
    a_policy,
    a_position,
    an_entry,
    an_exit,
    unknown_context,
)

from trader247.core.orders.feasibility import feasible
from trader247.core.risk.checks.canary import Canary
from trader247.core.risk.checks.cluster_exposure import ClusterExposure
from trader247.core.risk.checks.max_order import MaxOrder
from trader247.core.risk.checks.product_exposure import ProductExposure
from trader247.core.risk.checks.total_exposure import TotalExposure
from trader247.domain.money import Money, Price

CHECK = Canary()
SMALL = Money.of(150)
SHARES = [MaxOrder(), ProductExposure(), TotalExposure(), ClusterExposure()]


@pytest.mark.parametrize(
    ("price", "is_allowed"),
    [("14.99", False), ("15", True), ("25", True), ("25.01", False)],
)
def test_an_order_is_worth_15_to_25(price: str, is_allowed: bool) -> None:
    entry = an_entry(price=Price.of(price))
    assert CHECK.judge(entry, armed_context(equity=SMALL)).is_allowed is is_allowed


@pytest.mark.parametrize(("equity", "is_bound"), [("1249.99", True), ("1250", False)])
def test_it_binds_until_equity_reaches_its_end(equity: str, is_bound: bool) -> None:
    verdict = CHECK.judge(an_entry(), armed_context(equity=Money.of(equity)))
    assert verdict.is_allowed is not is_bound


def test_one_position_at_a_time() -> None:
    held = armed_context(a_position(ETH), equity=SMALL)
    assert not CHECK.judge(an_entry(BTC, price=Price.of(20)), held).is_allowed
    assert CHECK.judge(an_exit(ETH), held).is_allowed


def test_an_unknown_equity_is_a_no_where_the_book_is_armed() -> None:
    assert not CHECK.judge(an_entry(price=Price.of(20)), armed_context(equity=None)).is_allowed
    assert CHECK.judge(an_exit(), armed_context(equity=None)).is_allowed


def test_a_book_that_nobody_has_to_arm_is_not_held() -> None:
    assert CHECK.judge(an_entry(), a_context()).is_allowed
    assert CHECK.judge(an_entry(), unknown_context()).is_allowed


@pytest.mark.parametrize("check", SHARES, ids=lambda check: check.id)
def test_in_the_canary_stage_the_shares_give_way_to_its_largest_order(
    check: MaxOrder | ProductExposure,
) -> None:
    """2, 5 and 15 % of 150 are below 25: nothing could be bought under them."""
    largest, larger = (an_entry(DOGE, price=Price.of(price)) for price in ("25", "25.01"))
    assert check.judge(largest, armed_context(equity=SMALL)).is_allowed
    assert not check.judge(larger, armed_context(equity=SMALL)).is_allowed
    assert not check.judge(largest, a_context(equity=SMALL)).is_allowed


def test_a_hundred_and_fifty_are_enough_for_the_canary_stage_alone() -> None:
    policy = a_policy()
    assert not feasible(SMALL, policy).is_feasible
    assert feasible(SMALL, policy, stage=a_stage()).is_feasible


@pytest.mark.parametrize(
    ("price", "words", "told"),
    [
        ("20.123456789", "notional {} is one of the canary's sizes, {} to {}", "20.12345679"),
        ("14.123456789", "notional {} is not from {} to {}, the canary's sizes", "14.12345679"),
        ("26.123456789", "notional {} is not from {} to {}, the canary's sizes", "26.12345679"),
    ],
)
def test_its_sizes_and_the_orders_are_told_to_the_eighth_decimal(
    price: str, words: str, told: str
) -> None:
    fine = Canary(quote_min=Money.of("15.123456789"), quote_max=Money.of("24.987654321"))
    verdict = fine.judge(an_entry(price=Price.of(price)), armed_context(equity=SMALL))
    assert verdict.detail == words.format(told, "15.12345679", "24.98765432")
    assert (verdict.value, verdict.limit, verdict.unit) == (told, "24.98765432", "quote")
