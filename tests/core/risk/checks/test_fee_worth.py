from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.core.risk.risk_values import (
    NOW,
    PLAN,
    a_context,
    a_portfolio,
    an_entry,
    an_exit,
    unknown_context,
)

from trader247.core.risk.checks.fee_worth import FeeWorth
from trader247.domain.market import FeeTier
from trader247.domain.money import Bps
from trader247.domain.proposals import Proposal

CHECK = FeeWorth()


def _target(fraction: str) -> Proposal:
    return an_entry(plan=replace(PLAN, target_fraction=Decimal(fraction)))


@pytest.mark.parametrize(
    ("target", "is_allowed"), [("0.0139", False), ("0.014", True), ("0.0141", True)]
)
def test_a_target_below_the_fees_of_the_fallback_tier_is_refused(
    target: str, is_allowed: bool
) -> None:
    assert CHECK.judge(_target(target), a_context()).is_allowed is is_allowed
    assert CHECK.judge(_target(target), unknown_context()).is_allowed is is_allowed


def test_a_target_under_three_times_the_fees_is_said_to_be_thin() -> None:
    assert "thin" in CHECK.judge(_target("0.0419"), a_context()).detail
    assert "thin" not in CHECK.judge(_target("0.042"), a_context()).detail


def test_the_accounts_own_tier_counts() -> None:
    tier = FeeTier("top", maker=Bps.of(0), taker=Bps.of(10), read_at=NOW)
    context = a_context(a_portfolio(fee_tier=tier))
    assert CHECK.judge(_target("0.001"), context).is_allowed
    assert not CHECK.judge(_target("0.0009"), context).is_allowed
    free = a_context(a_portfolio(fee_tier=replace(tier, taker=Bps.of(0))))
    assert CHECK.judge(_target("0.0001"), free).is_allowed


def test_an_entry_without_a_target_is_refused_and_an_exit_needs_none() -> None:
    assert not CHECK.judge(an_entry(plan=None), a_context()).is_allowed
    assert CHECK.judge(an_exit(), a_context()).is_allowed


def test_how_often_a_target_is_worth_its_fees_is_told_and_without_fees_it_is_unlimited() -> None:
    plain = CHECK.judge(_target("0.021"), a_context())
    assert plain.detail == "the target is worth 1.5 x the round-trip fees, under 3 x: thin"
    assert plain.words[3:] == ("1.5", "1", "x fees")
    tier = FeeTier("top", maker=Bps.of(0), taker=Bps.of(0), read_at=NOW)
    free = CHECK.judge(_target("0.0001"), a_context(a_portfolio(fee_tier=tier)))
    assert free.detail == "the target is worth unlimited x the round-trip fees"
    assert free.words[3:] == ("unlimited", "1", "x fees")
