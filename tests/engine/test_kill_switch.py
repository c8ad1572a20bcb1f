"""The kill switch as the running trader lives with it: each raising gets its own answer."""

from __future__ import annotations

import pytest
from requests import Response
from tests.engine import faulty
from tests.engine.faulty import CANCELS, FILLS, LISTING, READS, Ask, Deliver, Fault
from tests.engine.stage import Stage, unknowns
from tests.engine.test_unknown import lost

from trader247.domain.errors import ReadAborted
from trader247.domain.events.halts import HaltLatched
from trader247.domain.reasons import HaltName, TradingState
from trader247.engine.commands import Commands
from trader247.ports import Command, CommandKind


def test_the_journal_keeps_the_words_of_whoever_raised_it(stage: Stage) -> None:
    stage.kill.raise_(reason="looks odd", operator="test", time="2026-01-05T00:00:00Z")
    stage.trader.loop.run(cycles=1, until=None)

    assert stage.recorded(HaltLatched) == [HaltLatched(HaltName.KILL_SWITCH, "looks odd")]


def test_raised_again_within_the_same_wait_it_is_answered_again(stage: Stage) -> None:
    stage.kill.path.touch()
    cycles = len(stage.reports)

    def change() -> None:
        if len(stage.proofs) == 1 and stage.kill.is_raised():
            stage.kill.path.unlink()
        elif len(stage.proofs) == 1 and not stage.trader.loop._stop_answer._answered:
            stage.kill.path.touch()

    stage.inbox.on_look = change
    stage.trader.loop.run(cycles=2, until=None)

    assert stage.proofs == [True, True]
    assert len(stage.reports) == cycles + 2
    assert stage.portfolio.trading_state is TradingState.HALTED


def test_raised_again_before_anybody_looked_it_is_answered_again(stage: Stage) -> None:
    stage.kill.path.touch()

    def change() -> None:
        if len(stage.proofs) == 1:
            stage.inbox.on_look = lambda: None
            # The disk may give the new file the old one's number.
            stage.kill.path.unlink()
            stage.kill.path.touch()

    stage.inbox.on_look = change
    stage.trader.loop.run(cycles=2, until=None)

    assert stage.proofs == [True, True]


def test_a_file_that_is_gone_before_it_is_read_ends_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage.kill, "is_raised", lambda: False)
    stage.kill.path.touch()

    stage.trader.loop.run(cycles=1, until=None)

    assert stage.proofs == []
    assert not stage.portfolio.halts


def test_cycles_go_on_while_a_stop_cannot_be_proven(stage: Stage) -> None:
    stage.entry()
    stage.wire.on(READS, faulty.request_lost)
    stage.kill.path.touch()
    cycles = len(stage.reports)

    stage.trader.loop.run(cycles=3, until=None)

    assert len(stage.reports) == cycles + 3
    assert stage.proofs
    assert not any(stage.proofs)
    told = [each.text for each in stage.told.alerts if each.code == "orders_not_ended"]
    assert told
    assert "it is not known that BUY BTC-USD" in told[0]


def test_what_cannot_be_proven_yet_is_asked_for_less_and_less_often(stage: Stage) -> None:
    lost(stage)
    stage.kill.path.touch()
    asked, begun = len(stage.wire.lines(LISTING)), stage.now

    stage.trader.loop.run(cycles=4, until=None)

    assert (stage.now - begun).total_seconds() > 150
    assert len(unknowns(stage.portfolio)) == 1
    assert not any(stage.proofs)
    # Each cycle and each piece of evidence reads them, and every half minute the switch does.
    assert len(stage.wire.lines(LISTING)) - asked < 60


def test_an_order_that_turns_up_under_a_switch_is_ended_at_once(stage: Stage) -> None:
    lost(stage)
    stage.kill.path.touch()
    stage.trader.loop.run(cycles=3, until=None)
    assert not stage.wire.lines(CANCELS)

    stage.wire.lift()
    stage.trader.loop.run(cycles=2, until=None)

    assert stage.wire.lines(CANCELS)
    assert stage.proofs[-1]
    assert not stage.portfolio.working


def test_words_that_no_journal_can_hold_stop_it_all_the_same(stage: Stage) -> None:
    """A shell hands over bytes that are no text, and `kill on --reason` writes them down."""
    resting = stage.entry()
    stage.kill.raise_(reason="odd \udcff", operator="t\ud800", time="2026-01-05T00:00:00Z")
    stage.trader.loop.run(cycles=1, until=None)

    assert stage.proofs == [True]
    assert stage.cancelled(resting)
    assert stage.recorded(HaltLatched) == [HaltLatched(HaltName.KILL_SWITCH, "odd ?")]


def test_a_request_whose_words_no_journal_can_hold_is_obeyed(stage: Stage) -> None:
    asked = Command("1", CommandKind.PAUSE, {"reason": "odd \udcff", "operator": "test"})
    commands = Commands(ledger=stage.trader.ledger, stop=stage.kill, policy=stage.policy)

    assert commands.obey(asked)[0]
    assert stage.portfolio.trading_state is TradingState.REDUCING
    assert "odd ?" in stage.portfolio.halts[HaltName.PAUSE].cause


def raising(stage: Stage) -> Fault:
    """Somebody raises the switch while an answer is awaited, which is waited for no longer then."""

    def raised(_: Ask, __: Deliver) -> Response:
        stage.kill.path.touch()
        raise ReadAborted("a stop was raised while the venue's answer was awaited")

    return raised


def raised_amid_a_cancel(stage: Stage) -> Fault:
    """Somebody raises it while the end of an order is asked for, which is not cut short."""

    def raised(_: Ask, deliver: Deliver) -> Response:
        stage.kill.path.touch()
        return deliver()

    return raised


def asked(kind: CommandKind, **arguments: str) -> Command:
    return Command("1", kind, {"reason": "test", "operator": "test", **arguments})


def test_a_stop_amid_what_a_person_asked_for_is_answered_and_ends_no_process(stage: Stage) -> None:
    resting = stage.entry()
    name = resting.intent.client_order_id
    stage.inbox.waiting.append(asked(CommandKind.CANCEL_ORDERS, orders=name))
    stage.wire.on(FILLS, raising(stage), times=1)

    stage.trader.loop.run(cycles=1, until=None)

    assert stage.proofs[0]
    assert stage.cancelled(resting)
    assert [(done, "a stop was raised" in text) for done, text in stage.inbox.answers] == [
        (False, True)
    ]


def test_a_stop_waits_for_no_wish_that_came_before_it(stage: Stage) -> None:
    resting = stage.entry()
    stage.inbox.waiting += [asked(CommandKind.FLATTEN, products="")] * 3
    stage.wire.on(CANCELS, raised_amid_a_cancel(stage), times=1)

    stage.trader.loop.run(cycles=1, until=None)

    halted = [done for done, text in stage.inbox.answers if "HALTED" in text]
    assert halted == [False, False]
    assert stage.cancelled(resting)
    assert stage.proofs[0]


def test_a_stop_as_the_trader_ends_leaves_no_session_open(stage: Stage) -> None:
    stage.cycle()
    stage.trader.loop.end("test")
    stage.wire.on(FILLS, raising(stage), times=1)

    stage.trader.loop.run(cycles=None, until=None)

    assert not stage.portfolio.is_session_open


def test_a_stop_amid_one_cycle_alone_is_answered_and_told_of(stage: Stage) -> None:
    """What began was cut short, and left nothing to tell: the command ended as a bug of ours."""
    resting = stage.entry()
    stage.begin_minute()
    before = len(stage.reports)
    stage.wire.on(FILLS, raising(stage), times=1)

    stage.trader.loop.run_once()

    assert stage.proofs[0]
    assert stage.cancelled(resting)
    (report,) = stage.reports[before:]
    assert report.trading_state is TradingState.HALTED
    assert not stage.portfolio.is_session_open


def test_a_stop_amid_a_start_is_answered_by_it(stage: Stage) -> None:
    resting = stage.entry()
    stage.abandon()
    stage.wire.on(FILLS, raising(stage), times=1)

    stage.start()

    assert stage.cancelled(resting)
