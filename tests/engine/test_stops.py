"""The three losses that stop trading, met by an open position that falls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from tests.engine.conftest import Open
from tests.engine.stage import BTC, ETH, Stage

from trader247.core.policy import Policy
from trader247.core.risk.checks.turnover import Turnover
from trader247.domain.events.halts import BanLatched, HaltCleared, HaltLatched
from trader247.domain.events.orders import CancelRequested
from trader247.domain.money import Money, Percent
from trader247.domain.proposals import Purpose
from trader247.domain.reasons import HaltName, Reason, TradingState
from trader247.engine.commands import Commands
from trader247.ports import Command, CommandKind

LIMITS = {
    HaltName.DAILY_STOP: {"daily_pct": Percent.of("-0.1")},
    HaltName.WEEKLY_STOP: {"weekly_pct": Percent.of("-0.1")},
    HaltName.DRAWDOWN: {"drawdown_pct": Percent.of("0.1")},
}


def tightened(name: HaltName) -> Callable[[Policy], Policy]:
    def change(policy: Policy) -> Policy:
        return replace(policy, stops=replace(policy.stops, **LIMITS[name]))

    return change


def fallen(open_stage: Open, name: HaltName) -> Stage:
    """A position that has lost 0.12 % of equity, slowly enough that no breaker opens."""
    stage = open_stage(tightened(name))
    stage.position(BTC)
    stage.fall("4")
    stage.cycle(5)
    stage.entry(ETH)
    stage.fall("4.2")
    stage.cycle()
    return stage


@pytest.fixture(params=list(LIMITS), ids=[name.value for name in LIMITS])
def name(request: pytest.FixtureRequest) -> HaltName:
    found: HaltName = request.param
    return found


def test_an_open_loss_stops_entries_cancels_buys_and_lets_exits_leave(
    open_stage: Open, name: HaltName
) -> None:
    stage = fallen(open_stage, name)

    assert list(stage.portfolio.halts) == [name]
    assert stage.portfolio.trading_state is TradingState.REDUCING
    assert name.value in stage.told.codes
    assert not stage.recorded(HaltLatched)[1:]
    cancels = stage.recorded(CancelRequested)
    assert "REDUCING" in cancels[-1].cause
    buys = [each for each in stage.orders if each["product_id"] == "ETH-USD"]
    assert [each["status"] for each in buys] == ["CANCELLED"]

    stage.breakout(ETH)
    stage.cycle()
    assert stage.ending(ETH).reason is Reason.TRADING_STATE
    stage.cycle(4)
    assert BTC not in stage.portfolio.positions, "its stop was hit, and it left"
    exits = list(stage.portfolio.settled.values())
    assert exits[-1].intent.purpose is Purpose.EXIT
    stage.assert_books_agree()


def test_neither_a_restart_nor_a_new_day_clears_it(open_stage: Open, name: HaltName) -> None:
    stage = fallen(open_stage, name)
    stage.restart()
    assert name in stage.portfolio.halts
    stage.wait(24 * 3600)
    stage.cycle(2)
    assert name in stage.portfolio.halts
    assert stage.portfolio.trading_state is TradingState.REDUCING
    assert len(stage.recorded(HaltLatched)) == 1


def test_no_person_can_clear_it_while_the_loss_stands(open_stage: Open, name: HaltName) -> None:
    stage = fallen(open_stage, name)
    is_done, text = stage.unlock(name)

    assert not is_done
    assert "--accept-peak" in text if name is HaltName.DRAWDOWN else "the loss still stands" in text
    assert name in stage.portfolio.halts


@pytest.mark.parametrize("missing", ["reason", "operator"])
def test_no_latch_is_cleared_without_a_name_and_a_reason(stage: Stage, missing: str) -> None:
    stage.trader.ledger.record(
        HaltLatched(HaltName.FEES, "told"), BanLatched("collar", "BTC-USD", "told")
    )
    for name in ("fees", "collar:BTC-USD"):
        commands = Commands(ledger=stage.trader.ledger, stop=stage.kill, policy=stage.policy)
        words = {"name": name, "reason": "mended", "operator": "me", missing: " "}
        is_done, text = commands.obey(Command("1", CommandKind.CLEAR_HALT, words))
        assert not is_done
        assert "for a reason" in text
    assert HaltName.FEES in stage.portfolio.halts
    assert "collar:BTC-USD" in stage.portfolio.bans


def test_a_daily_stop_is_cleared_by_a_person_once_the_day_is_over(open_stage: Open) -> None:
    stage = fallen(open_stage, HaltName.DAILY_STOP)
    stage.cycle(4)
    stage.wait(25 * 3600)
    stage.cycle(2)
    is_done, text = stage.unlock(HaltName.DAILY_STOP)

    assert is_done, text
    assert stage.portfolio.trading_state is TradingState.ACTIVE
    stage.cycle()
    assert not stage.portfolio.halts


def test_a_drawdown_ends_with_a_peak_that_a_person_accepts(open_stage: Open) -> None:
    stage = fallen(open_stage, HaltName.DRAWDOWN)
    stage.cycle(4)
    equity = stage.portfolio.equity.equity
    assert equity is not None
    assert not stage.unlock(HaltName.DRAWDOWN, accept_peak="10000")[0], "the loss would stand"
    is_done, text = stage.unlock(HaltName.DRAWDOWN, accept_peak=str(equity))

    assert is_done, text
    stage.cycle()
    assert not stage.portfolio.halts


def test_whoever_accepts_equity_as_it_is_shown_accepts_equity(open_stage: Open) -> None:
    stage = fallen(open_stage, HaltName.DRAWDOWN)
    stage.cycle(4)
    equity = stage.portfolio.equity.equity
    assert equity is not None
    shown = Money.of(f"{equity.value:.2f}")
    assert shown < equity, "what is shown is cut off here"
    is_done, text = stage.unlock(HaltName.DRAWDOWN, accept_peak=str(shown))

    assert is_done, text
    (cleared,) = stage.recorded(HaltCleared)
    assert cleared.accepted_peak == equity


def test_a_withdrawal_trips_no_stop(open_stage: Open, name: HaltName) -> None:
    stage = open_stage(tightened(name))
    stage.cycle()
    stage.exchange.deposit("USD", -stage.held("USD") / 2)
    stage.cycle(3)
    stage.trader.accepting.accept("moved out")
    stage.cycle(2)

    assert list(stage.portfolio.halts) == [HaltName.RECONCILIATION_BREAK]


def test_a_strategy_that_churns_halts_on_its_fees(open_stage: Open) -> None:
    """Nothing is lost before fees; what they cost in a day is the one thing that grows."""

    def change(policy: Policy) -> Policy:
        checks = tuple(
            replace(each, fees_pct=Percent.of("0.019")) if isinstance(each, Turnover) else each
            for each in policy.checks
        )
        return replace(policy, checks=checks)

    stage = open_stage(change)
    stage.position(BTC)
    assert HaltName.FEES not in stage.portfolio.halts
    stage.fall("7")
    stage.cycle(4)
    assert BTC not in stage.portfolio.positions
    assert HaltName.FEES in stage.portfolio.halts, stage.portfolio.spent
    assert stage.portfolio.trading_state is TradingState.REDUCING
    is_done, text = stage.unlock(HaltName.FEES)
    assert not is_done
    assert "of the next UTC day" in text
