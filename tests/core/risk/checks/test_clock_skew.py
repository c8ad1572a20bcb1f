from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.core.risk.risk_values import a_context, a_snapshot, an_entry, an_exit

from trader247.core.risk.check import Context
from trader247.core.risk.checks.clock_skew import ClockSkew, skew_seconds

CHECK = ClockSkew()
TICK = timedelta(microseconds=1)


def _skewed(skew: timedelta | None) -> Context:
    return a_context(snapshot=replace(a_snapshot(), clock_skew=skew))


@pytest.mark.parametrize("sign", [1, -1])
def test_five_seconds_either_way_are_allowed_and_no_more(sign: int) -> None:
    limit = timedelta(seconds=5)
    assert CHECK.judge(an_entry(), _skewed(sign * (limit - TICK))).is_allowed
    assert CHECK.judge(an_entry(), _skewed(sign * limit)).is_allowed
    assert not CHECK.judge(an_entry(), _skewed(sign * (limit + TICK))).is_allowed


def test_over_two_seconds_is_worth_a_word() -> None:
    assert "look" not in CHECK.judge(an_entry(), _skewed(timedelta(seconds=2))).detail
    assert "look" in CHECK.judge(an_entry(), _skewed(timedelta(seconds=2) + TICK)).detail


def test_an_unmeasured_skew_stops_entries_and_no_exit() -> None:
    refused = CHECK.judge(an_entry(), _skewed(None))
    assert (refused.is_allowed, refused.value) == (False, None)
    assert CHECK.judge(an_exit(), _skewed(None)).is_allowed
    assert CHECK.judge(an_exit(), _skewed(timedelta(hours=1))).is_allowed


def test_a_skew_is_shown_in_seconds_to_the_microsecond() -> None:
    assert skew_seconds(timedelta(seconds=5)) == 5
    assert skew_seconds(timedelta(microseconds=-1)) == Decimal("0.000001")
