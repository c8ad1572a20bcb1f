from __future__ import annotations

import pytest
from tests.core.risk.risk_values import NOW, a_context, a_portfolio, an_entry, an_exit

from trader247.core.risk.check import Context
from trader247.core.risk.checks.trading_state import TradingStateCheck
from trader247.domain.portfolio import Halt
from trader247.domain.reasons import HaltName, TradingState

CHECK = TradingStateCheck()


def _halted(*names: HaltName) -> Context:
    return a_context(a_portfolio(halts={name: Halt(name, "why", NOW) for name in names}))


def test_without_a_halt_both_sides_may_trade() -> None:
    assert CHECK.judge(an_entry(), a_context()).is_allowed
    assert CHECK.judge(an_exit(), a_context()).is_allowed


@pytest.mark.parametrize("name", HaltName)
def test_every_halt_stops_entries(name: HaltName) -> None:
    verdict = CHECK.judge(an_entry(), _halted(name))
    assert not verdict.is_allowed
    assert name.value in verdict.detail


@pytest.mark.parametrize("name", HaltName)
def test_exits_leave_while_reducing_and_stay_while_halted(name: HaltName) -> None:
    is_reducing = name.state is TradingState.REDUCING
    assert CHECK.judge(an_exit(), _halted(name)).is_allowed is is_reducing


def test_the_stricter_of_two_halts_binds() -> None:
    assert not CHECK.judge(an_exit(), _halted(HaltName.PAUSE, HaltName.KILL_SWITCH)).is_allowed
