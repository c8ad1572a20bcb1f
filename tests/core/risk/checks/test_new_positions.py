from __future__ import annotations

from tests.core.risk.risk_values import a_context, an_entry, an_exit, unknown_context

from trader247.core.risk.checks.new_positions import NewPositions


def test_one_cycle_opens_one_position() -> None:
    check = NewPositions()
    assert check.judge(an_entry(), a_context(approved_entries=0)).is_allowed
    assert not check.judge(an_entry(), a_context(approved_entries=1)).is_allowed
    assert check.judge(an_exit(), a_context(approved_entries=1)).is_allowed


def test_a_wider_limit_counts_to_itself() -> None:
    check = NewPositions(cycle_max=3)
    assert check.judge(an_entry(), a_context(approved_entries=2)).is_allowed
    assert not check.judge(an_entry(), a_context(approved_entries=3)).is_allowed


def test_with_nothing_known_nothing_was_opened() -> None:
    assert NewPositions().judge(an_entry(), unknown_context()).is_allowed
