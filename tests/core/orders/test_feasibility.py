"""Whether a policy leaves room for any order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.core.mind_values import mind_policy
from tests.core.risk.risk_values import BTC, a_policy

from trader247.core.orders.feasibility import feasible
from trader247.core.risk.checks.max_order import MaxOrder
from trader247.core.risk.checks.product_exposure import ProductExposure
from trader247.core.universe_policy import Cluster
from trader247.domain.money import Money, Percent


@pytest.mark.parametrize(("equity", "is_feasible"), [(750, True), (749, False), (0, False)])
def test_the_least_equity_is_where_floor_and_cap_meet(equity: int, is_feasible: bool) -> None:
    assert feasible(Money.of(equity), mind_policy()).is_feasible == is_feasible


def test_the_sentence_names_the_two_that_bind() -> None:
    found = feasible(Money.of(255), mind_policy())
    assert found.sentence == (
        "at 255 USD equity the 2 % cap (max_order) allows 5.1 USD "
        "and the floor (min_notional) is 15 USD"
    )


def test_the_product_cap_binds_where_it_is_the_least() -> None:
    policy = a_policy(ProductExposure(pct_max=Percent.of(1)))
    found = feasible(Money.of(255), policy)
    assert "the 1 % cap (product_exposure) allows 2.55 USD" in found.sentence


def test_a_small_cluster_binds_too() -> None:
    policy = mind_policy()
    universe = replace(policy.universe, clusters=(Cluster("ODD", (BTC,), Percent.of("0.5")),))
    found = feasible(Money.of(10_000), replace(policy, universe=universe))
    assert found.upper.notional == Money.of(50)
    assert "cluster ODD" in found.sentence


def test_the_largest_order_binds_a_rich_book() -> None:
    found = feasible(Money.of(10_000_000), a_policy(MaxOrder(quote_max=Money.of(200))))
    assert found.is_feasible
    assert "the largest order (max_order) allows 200 USD" in found.sentence
