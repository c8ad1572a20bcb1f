from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.core.risk.risk_values import (
    BTC,
    ETH,
    NOW,
    a_context,
    a_portfolio,
    ago,
    an_entry,
    an_exit,
    unknown_context,
)

from trader247.core.risk.check import Context
from trader247.core.risk.checks.pace import Pace
from trader247.domain.ids import ProductId
from trader247.domain.portfolio import ProductHistory
from trader247.domain.verdicts import Verdict

CHECK = Pace()
TICK = timedelta(microseconds=1)


def _sent(*seconds_ago: int, product: ProductId = ETH) -> Context:
    sent: dict[str, Any] = {"entries_sent": tuple(ago(each) for each in sorted(seconds_ago)[::-1])}
    if seconds_ago:
        sent["history"] = {product: ProductHistory(last_entry=ago(min(seconds_ago)))}
    return a_context(a_portfolio(**sent))


@pytest.mark.parametrize(("seconds", "is_allowed"), [(89, False), (90, True), (91, True)])
def test_ninety_seconds_lie_between_entries(seconds: int, is_allowed: bool) -> None:
    assert CHECK.judge(an_entry(), _sent(seconds)).is_allowed is is_allowed
    assert CHECK.judge(an_entry(), _sent(seconds, 5000)).is_allowed is is_allowed


def test_a_fifth_entry_waits_until_an_hour_after_the_first() -> None:
    assert CHECK.judge(an_entry(), _sent(3599, 2000, 1000)).is_allowed
    assert not CHECK.judge(an_entry(), _sent(3599, 3000, 2000, 1000)).is_allowed
    assert CHECK.judge(an_entry(), _sent(3600, 3000, 2000, 1000)).is_allowed


def test_an_eleventh_entry_waits_until_a_day_after_the_first() -> None:
    hours = [hour * 3600 for hour in range(2, 11)]
    assert CHECK.judge(an_entry(), _sent(*hours)).is_allowed
    assert not CHECK.judge(an_entry(), _sent(86_399, *hours)).is_allowed
    assert CHECK.judge(an_entry(), _sent(86_400, *hours)).is_allowed


def test_a_seventh_entry_waits_until_a_minute_after_the_first_however_loose_the_rest_is() -> None:
    loose = Pace(seconds_between=0, per_hour=60, per_day=500, product_minutes=1)
    assert loose.judge(an_entry(), _sent(59, 5, 4, 3, 2)).is_allowed
    refused = loose.judge(an_entry(), _sent(59, 5, 4, 3, 2, 1))
    assert not refused.is_allowed
    assert refused.detail == "6 entries in the last 60 s"
    assert loose.judge(an_entry(), _sent(60, 5, 4, 3, 2, 1)).is_allowed
    assert loose.judge(an_exit(), _sent(59, 5, 4, 3, 2, 1)).is_allowed
    three = Pace(seconds_between=0, per_minute=3)
    assert three.judge(an_entry(), _sent(60, 2, 1)).is_allowed
    assert not three.judge(an_entry(), _sent(59, 2, 1)).is_allowed


@pytest.mark.parametrize(("seconds", "is_allowed"), [(899, False), (900, True)])
def test_a_product_is_entered_every_fifteen_minutes_at_most(seconds: int, is_allowed: bool) -> None:
    assert CHECK.judge(an_entry(BTC), _sent(seconds, product=BTC)).is_allowed is is_allowed
    assert CHECK.judge(an_entry(BTC), _sent(seconds, product=ETH)).is_allowed


def test_it_binds_entries_alone() -> None:
    assert CHECK.judge(an_exit(), _sent(1, 2, 3, 4, 5)).is_allowed


def test_with_nothing_sent_nothing_is_too_fast() -> None:
    assert CHECK.judge(an_entry(), unknown_context()).is_allowed


def test_a_wait_is_over_to_the_microsecond() -> None:
    for seconds, product in ((90, ETH), (900, BTC)):
        for short, is_allowed in ((TICK, False), (timedelta(0), True), (-TICK, True)):
            at = NOW - timedelta(seconds=seconds) + short
            history = {product: ProductHistory(last_entry=at)}
            context = a_context(a_portfolio(entries_sent=(at,), history=history))
            assert CHECK.judge(an_entry(), context).is_allowed is is_allowed


@pytest.mark.parametrize("check", [CHECK, Pace(per_minute=1)], ids=["as it is", "one a minute"])
def test_with_nothing_sent_none_are_counted(check: Pace) -> None:
    told = "0 entries in the last hour, 0 in the last day"
    expected = Verdict.of("pace", True, told, "0/0", "4/10", "an hour/a day")
    assert check.judge(an_entry(), unknown_context()) == expected
    assert check.judge(an_entry(), _sent()) == expected
    old = "0 entries in the last hour, 1 in the last day"
    assert check.judge(an_entry(), _sent(3600)).words[1:4] == (True, old, "0/1")


def test_more_in_a_minute_than_it_may_have_are_counted_whatever_the_hour_holds() -> None:
    three = Pace(seconds_between=0, per_minute=3, per_hour=60, product_minutes=1)
    assert three.judge(an_entry(), _sent(5, 4, 3, 2, 1)) == Verdict.of(
        "pace", False, "5 entries in the last 60 s", "5/5", "60/10", "an hour/a day"
    )
    assert three.judge(an_entry(), _sent(600, 500, 400, 300, 2, 1)).is_allowed
