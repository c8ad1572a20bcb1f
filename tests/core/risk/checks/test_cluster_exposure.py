from __future__ import annotations

import pytest
from tests.core.risk.risk_values import (
    BTC,
    DOGE,
    ETH,
    STRANGE,
    XRP,
    a_context,
    a_portfolio,
    a_position,
    a_working,
    an_entry,
    an_exit,
    unknown_context,
)

from trader247.core.risk.checks.cluster_exposure import ClusterExposure
from trader247.domain.intents import IntentState
from trader247.domain.money import Price

CHECK = ClusterExposure()


@pytest.mark.parametrize(("price", "is_allowed"), [("300.3", True), ("300.31", False)])
def test_products_that_fall_together_share_a_cap(price: str, is_allowed: bool) -> None:
    buying = a_working(an_entry(XRP, price=Price.of("300")), IntentState.ACCEPTED)
    portfolio = a_portfolio(a_position(ETH, "4"), working=[buying], marks={ETH: Price.of("99.925")})
    verdict = CHECK.judge(an_entry(BTC, price=Price.of(price)), a_context(portfolio))
    assert verdict.is_allowed is is_allowed
    assert "LAYER1" in verdict.detail


def test_another_cluster_has_its_own_cap() -> None:
    portfolio = a_portfolio(a_position(ETH, "10"))
    assert not CHECK.judge(an_entry(BTC), a_context(portfolio)).is_allowed
    assert CHECK.judge(an_entry(DOGE, price=Price.of(500)), a_context(portfolio)).is_allowed
    over = CHECK.judge(an_entry(DOGE, price=Price.of("500.01")), a_context(portfolio))
    assert not over.is_allowed


def test_a_product_of_no_cluster_is_held_by_the_other_caps_alone() -> None:
    assert CHECK.judge(an_entry(STRANGE), a_context()).is_allowed


def test_unknown_is_a_no_for_entries() -> None:
    assert not CHECK.judge(an_entry(), unknown_context()).is_allowed
    unmarked = a_portfolio(a_position(ETH), marks={})
    assert not CHECK.judge(an_entry(BTC), a_context(unmarked)).is_allowed
    assert CHECK.judge(an_exit(), unknown_context()).is_allowed
