from __future__ import annotations

from typing import Any

import pytest
from tests.core.risk.risk_values import (
    BTC,
    ETH,
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

CHECK = Pace()


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
