from __future__ import annotations

import pytest
from tests.core.risk.risk_values import (
    BTC,
    ETH,
    a_context,
    a_portfolio,
    a_position,
    ago,
    an_entry,
    an_exit,
    unknown_context,
)

from trader247.core.risk.checks.banned import Banned
from trader247.domain.portfolio import Ban

CHECK = Banned()


def banned(control: str, scope: str) -> Ban:
    return Ban(control, scope, "a fault", ago(7_200))


def test_a_banned_product_is_not_bought_and_another_is() -> None:
    ban = banned("collar", "BTC-USD")
    context = a_context(a_portfolio(bans={ban.key: ban}))
    verdict = CHECK.judge(an_entry(BTC), context)
    assert not verdict.is_allowed
    assert verdict.detail == "collar:BTC-USD: a fault"
    assert CHECK.judge(an_entry(ETH), context).is_allowed


@pytest.mark.parametrize(("strategy", "is_allowed"), [("default", False), ("another", True)])
def test_a_banned_strategy_buys_nothing_and_another_does(strategy: str, is_allowed: bool) -> None:
    ban = banned("repetition", "default")
    context = a_context(a_portfolio(bans={ban.key: ban}))
    assert CHECK.judge(an_entry(strategy=strategy), context).is_allowed is is_allowed


def test_a_product_is_banned_by_its_whole_name_alone() -> None:
    ban = banned("collar", "BTC-USDC")
    assert CHECK.judge(an_entry(BTC), a_context(a_portfolio(bans={ban.key: ban}))).is_allowed


def test_what_is_held_can_leave() -> None:
    ban = banned("slippage", "BTC-USD")
    context = a_context(a_portfolio(a_position(), bans={ban.key: ban}))
    assert CHECK.judge(an_exit(), context).is_allowed


def test_with_nothing_known_nobody_is_banned() -> None:
    assert CHECK.judge(an_entry(), unknown_context()).is_allowed
