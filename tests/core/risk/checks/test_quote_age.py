from __future__ import annotations

from datetime import timedelta

import pytest
from tests.core.risk.risk_values import (
    NOW,
    a_context,
    a_quote,
    a_snapshot,
    a_view,
    an_entry,
    an_exit,
    unknown_context,
)

from trader247.core.risk.check import Context
from trader247.core.risk.checks.quote_age import QuoteAge
from trader247.domain.orders import Proposal

CHECK = QuoteAge()
TICK = timedelta(microseconds=1)
BOTH = pytest.mark.parametrize("proposal", [an_entry(), an_exit()], ids=["entry", "exit"])


def _aged(age: timedelta) -> Context:
    return a_context(snapshot=a_snapshot(BTC=a_view(quote=a_quote(age=age))))


@BOTH
def test_a_quote_is_a_price_for_exactly_thirty_seconds(proposal: Proposal) -> None:
    limit = timedelta(seconds=30)
    assert CHECK.judge(proposal, _aged(limit - TICK)).is_allowed
    assert CHECK.judge(proposal, _aged(limit)).is_allowed
    assert not CHECK.judge(proposal, _aged(limit + TICK)).is_allowed


@BOTH
def test_a_quote_from_the_future_contradicts_the_clock(proposal: Proposal) -> None:
    assert CHECK.judge(proposal, _aged(timedelta(seconds=-5))).is_allowed
    assert not CHECK.judge(proposal, _aged(timedelta(seconds=-5) - TICK)).is_allowed


@BOTH
def test_no_quote_is_a_no(proposal: Proposal) -> None:
    verdict = CHECK.judge(proposal, unknown_context())
    assert (verdict.is_allowed, verdict.value) == (False, None)


def test_a_tighter_limit_binds() -> None:
    tight = QuoteAge(seconds_max=5)
    assert tight.is_fresh(a_quote(age=timedelta(seconds=5)), NOW)
    assert not tight.is_fresh(a_quote(age=timedelta(seconds=5) + TICK), NOW)
