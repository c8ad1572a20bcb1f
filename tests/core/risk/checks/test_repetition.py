from __future__ import annotations

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
from trader247.core.risk.checks.repetition import Repetition
from trader247.domain.portfolio import ProductHistory

CHECK = Repetition()


def bought(*seconds_ago: int) -> Context:
    entries = tuple(ago(each) for each in seconds_ago)
    return a_context(a_portfolio(history={BTC: ProductHistory(entries=entries)}))


@pytest.mark.parametrize(
    ("seconds", "is_allowed"),
    [
        ((3500, 2500, 1500), True),
        ((3599, 2500, 1500, 500), False),
        ((3600, 2500, 1500, 500), True),
        ((3599, 3000, 2500, 1500, 500), False),
    ],
)
def test_a_fifth_entry_waits_until_an_hour_after_the_first(
    seconds: tuple[int, ...], is_allowed: bool
) -> None:
    assert CHECK.judge(an_entry(), bought(*seconds)).is_allowed is is_allowed


@pytest.mark.parametrize(("oldest", "is_allowed"), [(86_399, False), (86_400, True)])
def test_a_thirteenth_entry_waits_until_a_day_after_the_first(
    oldest: int, is_allowed: bool
) -> None:
    context = bought(oldest, *range(80_000, 3_600, -6_950))
    assert len(context.portfolio.history[BTC].entries) == 12
    assert CHECK.judge(an_entry(), context).is_allowed is is_allowed


def test_another_product_and_an_exit_are_not_held() -> None:
    context = bought(4, 3, 2, 1)
    assert not CHECK.judge(an_entry(), context).is_allowed
    assert CHECK.judge(an_entry(ETH), context).is_allowed
    assert CHECK.judge(an_exit(), context).is_allowed


def test_with_nothing_bought_nothing_repeats() -> None:
    assert CHECK.judge(an_entry(), unknown_context()).is_allowed


@pytest.mark.parametrize(("running", "is_allowed"), [(2, True), (3, False)])
def test_a_fourth_entry_waits_for_a_sale(running: int, is_allowed: bool) -> None:
    history = ProductHistory(entries_running=running)
    verdict = CHECK.judge(an_entry(), a_context(a_portfolio(history={BTC: history})))
    assert verdict.is_allowed is is_allowed
    assert (verdict.value, verdict.limit) == (f"0/0/{running}", "4/12/3")
