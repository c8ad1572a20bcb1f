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
from trader247.core.risk.checks.cooldown import Cooldown
from trader247.domain.portfolio import ProductHistory
from trader247.domain.time import Instant

CHECK = Cooldown()


def _after(history: ProductHistory) -> Context:
    return a_context(a_portfolio(history={BTC: history}))


def _remembering(event: str, when: Instant) -> ProductHistory:
    parts: dict[str, Any] = {event: when}
    return ProductHistory(**parts)


@pytest.mark.parametrize(
    ("event", "minutes"), [("last_fill", 30), ("last_loss", 60), ("last_stop", 120)]
)
def test_a_product_is_left_alone_until_its_wait_is_exactly_over(event: str, minutes: int) -> None:
    early = _after(_remembering(event, ago(minutes * 60 - 1)))
    over = _after(_remembering(event, ago(minutes * 60)))
    assert not CHECK.judge(an_entry(), early).is_allowed
    assert CHECK.judge(an_entry(), over).is_allowed
    assert CHECK.judge(an_entry(ETH), early).is_allowed
    assert CHECK.judge(an_exit(), early).is_allowed


def test_the_longest_wait_counts() -> None:
    both = ProductHistory(last_fill=ago(1799), last_loss=ago(1799), last_stop=ago(7199))
    assert CHECK.until(both) == ago(1799 - 3600)
    assert not CHECK.judge(an_entry(), _after(both)).is_allowed


@pytest.mark.parametrize(
    ("hours_ago", "gap_hours", "is_allowed"),
    [(23, 24, False), (24, 24, True), (23, 25, True), (3, 1, False)],
)
def test_two_stops_within_a_day_leave_the_product_alone_for_a_day(
    hours_ago: int, gap_hours: int, is_allowed: bool
) -> None:
    last, previous = ago(hours_ago * 3600), ago((hours_ago + gap_hours) * 3600)
    history = ProductHistory(last_stop=last, previous_stop=previous)
    assert CHECK.judge(an_entry(), _after(history)).is_allowed is is_allowed
    assert CHECK.judge(an_entry(ETH), _after(history)).is_allowed
    assert CHECK.judge(an_exit(), _after(history)).is_allowed


def test_nothing_remembered_is_nothing_to_wait_for() -> None:
    assert CHECK.judge(an_entry(), unknown_context()).is_allowed
    assert CHECK.judge(an_entry(), _after(ProductHistory(last_entry=ago(1)))).is_allowed


def test_after_a_second_stop_the_wait_is_of_whole_hours() -> None:
    twice = ProductHistory(last_stop=ago(60), previous_stop=ago(120))
    assert CHECK.until(twice) == ago(60 - 24 * 3600)
    assert Cooldown(stops_hours=5).until(twice) == ago(60 - 5 * 3600)
