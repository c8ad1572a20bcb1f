from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

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
from trader247.core.risk.checks.quote_age import QuoteAge, age_seconds
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Verdict

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


@BOTH
@pytest.mark.parametrize(
    ("age", "is_allowed", "detail", "value"),
    [
        ("1.5", True, "the quote is 1.5 s old", "1.5"),
        ("30", True, "the quote is 30 s old", "30"),
        ("30.000001", False, "the quote is not a price: 30.000001 s old", "30.000001"),
        ("-5", True, "the quote is -5 s old", "-5"),
        ("-5.000001", False, "the quote is not a price: -5.000001 s old", "-5.000001"),
    ],
)
def test_the_age_is_told_to_the_microsecond(
    proposal: Proposal, age: str, is_allowed: bool, detail: str, value: str
) -> None:
    context = _aged(int(Decimal(age) * 1_000_000) * TICK)
    told = Verdict.of("quote_age", is_allowed, detail, value, "30", "s")
    assert CHECK.judge(proposal, context) == told


@pytest.mark.parametrize("age", ["2.5", "0.000001", "0", "-0.75", "86400"])
def test_an_age_is_in_seconds_and_negative_ahead_of_the_clock(age: str) -> None:
    quote = a_quote(age=int(Decimal(age) * 1_000_000) * TICK)
    assert age_seconds(quote, NOW) == Decimal(age)
