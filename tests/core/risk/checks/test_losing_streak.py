from __future__ import annotations

import pytest
from tests.core.risk.risk_values import (
    a_context,
    a_portfolio,
    ago,
    an_entry,
    an_exit,
    unknown_context,
)

from trader247.core.risk.check import Context
from trader247.core.risk.checks.losing_streak import LosingStreak

CHECK = LosingStreak()


def _lost(streak: int, seconds_ago: int) -> Context:
    return a_context(a_portfolio(losing_streak=streak, last_loss=ago(seconds_ago)))


@pytest.mark.parametrize(("streak", "is_allowed"), [(2, True), (3, False), (4, False)])
def test_three_losses_in_a_row_stop_entries_and_no_exit(streak: int, is_allowed: bool) -> None:
    assert CHECK.judge(an_entry(), _lost(streak, 60)).is_allowed is is_allowed
    assert CHECK.judge(an_exit(), _lost(streak, 60)).is_allowed


def test_the_wait_ends_exactly_an_hour_after_the_last_loss() -> None:
    assert not CHECK.judge(an_entry(), _lost(3, 3599)).is_allowed
    assert CHECK.judge(an_entry(), _lost(3, 3600)).is_allowed


def test_a_streak_without_a_time_is_a_no() -> None:
    assert not CHECK.judge(an_entry(), a_context(a_portfolio(losing_streak=3))).is_allowed


def test_an_empty_ledger_has_lost_nothing() -> None:
    assert CHECK.judge(an_entry(), unknown_context()).is_allowed
