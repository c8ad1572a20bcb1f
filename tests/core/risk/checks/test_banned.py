from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.core.risk.risk_values import (
    BTC,
    ETH,
    a_context,
    a_policy,
    a_portfolio,
    a_position,
    ago,
    an_entry,
    an_exit,
    unknown_context,
)

from trader247.core.policy import Policy
from trader247.core.risk.checks.banned import Banned
from trader247.core.universe_policy import RedFlag
from trader247.domain.ids import ProductId
from trader247.domain.portfolio import Ban

CHECK = Banned()


def flagged(*flags: RedFlag, stablecoins: tuple[str, ...] = ()) -> Policy:
    policy = a_policy()
    universe = replace(policy.universe, red_flags=flags, stablecoins=stablecoins)
    return replace(policy, universe=universe)


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


def test_what_is_never_traded_is_not_bought_whoever_asks_for_it() -> None:
    """The universe alone kept them out: the gate let such an entry pass."""
    coins = CHECK.judge(
        an_entry(ProductId("USDC", "USD")), a_context(policy=flagged(stablecoins=("USDC",)))
    )
    assert not coins.is_allowed
    assert coins.detail == "USDC is a stablecoin: never traded"


@pytest.mark.parametrize(("hours", "is_allowed"), [(167, False), (168, True)])
def test_what_a_person_flagged_is_not_bought_until_the_flag_ends(
    hours: int, is_allowed: bool
) -> None:
    flag = RedFlag(BTC, "delisting rumoured", ago(hours * 3_600), timedelta(hours=168))
    verdict = CHECK.judge(an_entry(BTC), a_context(policy=flagged(flag)))
    assert verdict.is_allowed is is_allowed
    assert is_allowed or verdict.detail.startswith("delisting rumoured; until ")
    assert CHECK.judge(an_entry(ETH), a_context(policy=flagged(flag))).is_allowed
    held = a_context(a_portfolio(a_position()), policy=flagged(flag))
    assert CHECK.judge(an_exit(BTC), held).is_allowed


def test_what_is_held_can_leave() -> None:
    ban = banned("slippage", "BTC-USD")
    context = a_context(a_portfolio(a_position(), bans={ban.key: ban}))
    assert CHECK.judge(an_exit(), context).is_allowed


def test_with_nothing_known_nobody_is_banned() -> None:
    assert CHECK.judge(an_entry(), unknown_context()).is_allowed
