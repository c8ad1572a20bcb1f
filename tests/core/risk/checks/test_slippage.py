from __future__ import annotations

import pytest
from tests.core.risk.risk_values import (
    a_context,
    a_quote,
    a_snapshot,
    a_view,
    an_entry,
    an_exit,
    unknown_context,
)

from trader247.core.risk.checks.slippage import Slippage
from trader247.domain.money import Bps, Price

CHECK = Slippage()


@pytest.mark.parametrize(
    ("price", "is_allowed"), [("99.95", True), ("100.49", True), ("100.5", True), ("100.51", False)]
)
def test_fifty_basis_points_over_the_mid_are_the_last_allowed(price: str, is_allowed: bool) -> None:
    assert CHECK.judge(an_entry(price=Price.of(price)), a_context()).is_allowed is is_allowed


def test_a_proposal_cannot_bring_its_own_market() -> None:
    flattering = an_entry(price=Price.of("100.51"), reference=Price.of(200))
    assert not CHECK.judge(flattering, a_context()).is_allowed
    market = a_snapshot(BTC=a_view(quote=a_quote("199", "201")))
    stale = an_entry(price=Price.of("100.51"), reference=Price.of(100))
    assert not CHECK.judge(stale, a_context(snapshot=market)).is_allowed


def test_it_binds_entries_alone() -> None:
    assert CHECK.judge(an_exit(price=Price.of(200)), a_context()).is_allowed
    assert CHECK.judge(an_exit(), unknown_context()).is_allowed


def test_no_quote_is_a_no() -> None:
    verdict = CHECK.judge(an_entry(), unknown_context())
    assert (verdict.is_allowed, verdict.value) == (False, None)


def test_a_fill_counts_against_its_product_from_twice_the_cap_on() -> None:
    assert CHECK.realised_max == Bps.of(100)
    assert Slippage(bps_max=Bps.of(30), realised_times=1).realised_max == Bps.of(30)
