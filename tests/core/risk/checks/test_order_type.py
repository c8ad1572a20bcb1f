from __future__ import annotations

from datetime import timedelta

import pytest
from tests.core.risk.risk_values import a_context, an_entry, an_exit, unknown_context

from trader247.core.risk.checks.order_type import OrderTypeCheck
from trader247.domain.money import Price
from trader247.domain.orders import OrderType, Side
from trader247.domain.proposals import Proposal

CHECK = OrderTypeCheck()
TICK = timedelta(microseconds=1)


@pytest.mark.parametrize(
    "proposal",
    [an_entry(), an_exit(), an_exit(order_type=OrderType.POST_ONLY_GTD)],
    ids=["resting entry", "taking exit", "resting exit"],
)
def test_what_we_send_is_allowed_even_with_nothing_known(proposal: Proposal) -> None:
    assert CHECK.judge(proposal, a_context()).is_allowed
    assert CHECK.judge(proposal, unknown_context()).is_allowed


@pytest.mark.parametrize(
    "proposal",
    [
        an_entry(order_type=OrderType.LIMIT_IOC),
        an_entry(side=Side.SELL),
        an_entry(plan=None),
        an_exit(side=Side.BUY),
    ],
    ids=["taking entry", "short sale", "entry without a stop", "exit that buys"],
)
def test_any_other_form_is_refused(proposal: Proposal) -> None:
    assert not CHECK.judge(proposal, a_context()).is_allowed


def test_an_entry_lives_at_most_five_minutes() -> None:
    limit = timedelta(seconds=300)
    assert CHECK.judge(an_entry(lifetime=limit), a_context()).is_allowed
    assert not CHECK.judge(an_entry(lifetime=limit + TICK), a_context()).is_allowed


def test_an_exit_lives_at_most_fifteen_minutes() -> None:
    limit = timedelta(seconds=900)
    assert CHECK.judge(an_exit(lifetime=limit), a_context()).is_allowed
    assert not CHECK.judge(an_exit(lifetime=limit + TICK), a_context()).is_allowed


def test_an_order_without_a_life_is_refused() -> None:
    assert not CHECK.judge(an_entry(lifetime=timedelta(0)), a_context()).is_allowed


def test_a_stop_has_a_stop_price_and_nothing_else_has_one() -> None:
    price = Price.of(90)
    stop = an_exit(order_type=OrderType.STOP_LIMIT_GTD, stop_price=price)
    assert CHECK.judge(stop, a_context()).is_allowed
    for wrong in (
        an_exit(order_type=OrderType.STOP_LIMIT_GTD),
        an_exit(stop_price=price),
        an_entry(stop_price=price),
        an_entry(order_type=OrderType.STOP_LIMIT_GTD, stop_price=price),
    ):
        assert not CHECK.judge(wrong, a_context()).is_allowed


def test_the_shortest_life_is_a_life() -> None:
    assert CHECK.judge(an_entry(lifetime=TICK), a_context()).is_allowed
    assert CHECK.judge(an_exit(lifetime=TICK), a_context()).is_allowed
