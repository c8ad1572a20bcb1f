from __future__ import annotations

import pytest
from tests.core.risk.risk_values import (
    a_context,
    a_quote,
    a_snapshot,
    a_view,
    an_entry,
    an_exit,
    some_bars,
    unknown_context,
)

from trader247.core.risk.check import Context
from trader247.core.risk.checks.quote_sanity import QuoteSanity

CHECK = QuoteSanity()


def _quoted(bid: str, ask: str) -> Context:
    return a_context(snapshot=a_snapshot(BTC=a_view(quote=a_quote(bid, ask))))


@pytest.mark.parametrize(("bid", "ask"), [("100", "100"), ("100.01", "100")])
def test_a_locked_or_crossed_quote_is_no_quote_for_anyone(bid: str, ask: str) -> None:
    assert not CHECK.judge(an_entry(), _quoted(bid, ask)).is_allowed
    assert not CHECK.judge(an_exit(), _quoted(bid, ask)).is_allowed


def test_a_bid_one_tick_below_the_ask_is_sane() -> None:
    assert CHECK.judge(an_entry(), _quoted("99.99", "100")).is_allowed


@pytest.mark.parametrize(
    ("bid", "ask", "is_allowed"),
    [
        ("109.99", "110.01", True),
        ("110.00", "110.02", False),
        ("89.99", "90.01", True),
        ("89.98", "90.00", False),
    ],
)
def test_a_mid_ten_per_cent_off_the_last_close_is_the_last_that_is_bought_on(
    bid: str, ask: str, is_allowed: bool
) -> None:
    assert CHECK.judge(an_entry(), _quoted(bid, ask)).is_allowed is is_allowed


def test_a_jump_does_not_lock_the_door() -> None:
    assert CHECK.judge(an_exit(), _quoted("49", "50")).is_allowed


def test_unknown_is_a_no() -> None:
    assert not CHECK.judge(an_entry(), unknown_context()).is_allowed
    assert not CHECK.judge(an_exit(), unknown_context()).is_allowed
    for bars in (None, some_bars(())):
        barless = a_context(snapshot=a_snapshot(BTC=a_view(bars=bars)))
        assert not CHECK.judge(an_entry(), barless).is_allowed
        assert CHECK.judge(an_exit(), barless).is_allowed
