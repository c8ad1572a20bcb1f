"""A trader may end at any point; the next one, on the same files, loses and doubles nothing."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from requests import Response
from tests.engine import faulty
from tests.engine.faulty import CANCELS, FILLS, LISTING, ORDERS
from tests.engine.stage import BTC, Crash, Stage, unknowns

from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.version import code_version
from trader247.app.wiring import assembly
from trader247.app.wiring.programs import programs
from trader247.domain.events.book import SessionStarted
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.halts import HaltLatched
from trader247.domain.events.orders import (
    CancelRequested,
    FillBooked,
    IntentRecorded,
    OrderSeen,
    SubmissionSettled,
)
from trader247.domain.events.recorded import AnyEvent
from trader247.domain.intents import IntentState
from trader247.domain.reasons import HaltName, TradingState
from trader247.engine.startup import folded


def around(kind: type[AnyEvent], *, is_before: bool, skip: int = 0) -> Callable[[Stage], None]:
    return lambda stage: stage.crash(kind, is_before=is_before, skip=skip)


def at_wire(line: str, *, is_delivered: bool, skip: int = 0) -> Callable[[Stage], None]:
    def fault(_: faulty.Ask, deliver: faulty.Deliver) -> Response:
        if is_delivered:
            deliver()
        raise Crash

    def arm(stage: Stage) -> None:
        if skip:
            stage.wire.on(line, lambda _, deliver: deliver(), times=skip)
        stage.wire.on(line, fault, times=1)

    return arm


POINTS: dict[str, Callable[[Stage], None]] = {
    "while the books are read": at_wire(LISTING, is_delivered=True),
    "while fills are read": at_wire(FILLS, is_delivered=True, skip=1),
    "before the cycle is recorded": around(CycleDecided, is_before=True),
    "after the cycle is recorded": around(CycleDecided, is_before=False, skip=1),
    "before the entry is recorded": around(IntentRecorded, is_before=True),
    "after the entry is recorded": around(IntentRecorded, is_before=False),
    "entry on its way": at_wire(ORDERS, is_delivered=False),
    "entry taken, answer not read": at_wire(ORDERS, is_delivered=True),
    "answer read, not recorded": around(SubmissionSettled, is_before=True),
    "answer recorded": around(SubmissionSettled, is_before=False),
    "before the order is seen": around(OrderSeen, is_before=True),
    "after the order is seen": around(OrderSeen, is_before=False),
    "before the fill is booked": around(FillBooked, is_before=True),
    "after the fill is booked": around(FillBooked, is_before=False),
    "before the exit is recorded": around(IntentRecorded, is_before=True, skip=1),
    "after the exit is recorded": around(IntentRecorded, is_before=False, skip=1),
    "exit on its way": at_wire(ORDERS, is_delivered=False, skip=1),
    "exit filled, answer not read": at_wire(ORDERS, is_delivered=True, skip=1),
    "exit's answer not recorded": around(SubmissionSettled, is_before=True, skip=1),
    "before the exit's fill is booked": around(FillBooked, is_before=True, skip=1),
    "after the exit's fill is booked": around(FillBooked, is_before=False, skip=1),
}
"""Every step of a trade's life at which the process may end."""


@pytest.mark.parametrize("point", POINTS)
def test_a_crash_at_any_step_of_a_trade_loses_and_doubles_nothing(stage: Stage, point: str) -> None:
    POINTS[point](stage)
    crashes = 0
    for step in (stage.breakout, stage.dip, lambda: stage.fall("7"), None, None, None, None):
        if step is not None:
            step()
        try:
            stage.cycle()
        except Crash:
            crashes += 1
            stage.restart()
        stage.assert_orders_are_ours_once()
    assert crashes == 1, "the point was never reached"
    stage.settle()

    assert not unknowns(stage.portfolio)
    assert not stage.portfolio.differences
    assert stage.portfolio.trading_state is TradingState.ACTIVE
    assert stage.portfolio == folded(stage.trader.journal)
    stage.assert_books_agree()


@pytest.mark.parametrize("is_before", [True, False])
def test_a_crash_while_cancelling_leaves_an_order_that_the_next_start_ends(
    stage: Stage, is_before: bool
) -> None:
    entry = stage.entry()
    stage.kill.raise_(reason="", operator="", time="")
    stage.crash(CancelRequested, is_before=is_before)
    with pytest.raises(Crash):
        stage.cycle()
    stage.restart()

    assert stage.cancelled(entry)
    assert not stage.portfolio.working
    stage.assert_books_agree()


def test_a_cancel_whose_answer_was_lost_in_a_crash_is_known_after_the_start(stage: Stage) -> None:
    entry = stage.entry()
    at_wire(CANCELS, is_delivered=True)(stage)
    stage.kill.raise_(reason="", operator="", time="")
    with pytest.raises(Crash):
        stage.cycle()
    stage.restart()

    assert stage.cancelled(entry)
    assert not stage.portfolio.working


def test_another_version_that_goes_on_with_a_book_says_so_once(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.start()
    stage.restart()
    assert not [each for each in stage.told.alerts if each.code == "version_changed"]
    monkeypatch.setattr(assembly, "code_version", lambda: "9.0.0")
    stage.restart()
    stage.restart()
    (alert,) = [each for each in stage.told.alerts if each.code == "version_changed"]
    assert alert.text.startswith("CHANGE: version 9.0.0 goes on with this book, ")
    assert alert.text.endswith("Next: trader247 preflight")


def test_another_program_below_ours_is_told_of_once_and_kept_with_its_session(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.restart()
    assert not [each for each in stage.told.alerts if each.code == "version_changed"]
    told = json.loads(programs())
    assert {"apsw", "coinbase-advanced-py", "requests", "python", "schema"} <= set(told)
    assert told["trader247"] == code_version()
    was = told["apsw"]
    other = json.dumps({**told, "apsw": "0.0.1"})
    monkeypatch.setattr(assembly, "programs", lambda: other)
    epoch = stage.restart().epoch
    stage.restart()

    (alert,) = [each for each in stage.told.alerts if each.code == "version_changed"]
    assert alert.text.startswith("CHANGE: what this book runs on is not what kept it before: ")
    assert f": apsw 0.0.1 instead of {was}. " in alert.text
    with JournalReader.open(stage.places.journal) as journal:
        kept = [journal.meta(f"programs_{each}").partition(" ")[2] for each in (1, epoch)]
    assert [json.loads(each)["apsw"] for each in kept] == [was, "0.0.1"]


def test_fills_made_while_nobody_looked_are_booked_once_at_the_start(stage: Stage) -> None:
    stage.entry()
    stage.dip()
    stage.begin_minute()
    stage.abandon()
    start = stage.start()

    assert start.collected.fills == 1
    assert not start.was_clean
    assert BTC in stage.portfolio.positions
    stage.assert_books_agree()
    assert stage.restart().collected.fills == 0
    stage.assert_books_agree()


def test_an_intent_without_an_answer_is_unknown_after_a_start_and_never_sent_again(
    stage: Stage,
) -> None:
    stage.crash(IntentRecorded, is_before=False)
    stage.breakout()
    with pytest.raises(Crash):
        stage.cycle()
    start = stage.restart()

    assert start.unresolved == 1
    assert stage.working().state is IntentState.UNKNOWN
    stage.cycle(10)
    assert not stage.portfolio.working
    assert stage.wire.lines(ORDERS) == []


def test_recovering_again_changes_nothing_but_the_sessions(stage: Stage) -> None:
    stage.wire.on(ORDERS, faulty.answer_lost, times=1)
    stage.breakout()
    stage.cycle()
    stage.dip()
    stage.begin_minute()
    stage.restart()
    known, seen = stage.portfolio, stage.journal()
    for _ in range(3):
        stage.restart()
        news = stage.journal()[len(seen) :]
        kinds = {each.event.kind for each in news}
        assert kinds == {"session_started"} or kinds == {"session_started", "alert_raised"}, kinds
        seen = stage.journal()

    after = stage.portfolio
    for name in ("cash", "positions", "working", "settled", "differences", "halts", "realised"):
        assert getattr(after, name) == getattr(known, name), name
    assert len(stage.wire.lines(ORDERS)) == 1, "recovery sends no order"


def test_recovery_that_crashes_itself_is_recovered_from(stage: Stage) -> None:
    at_wire(ORDERS, is_delivered=True)(stage)
    stage.breakout()
    with pytest.raises(Crash):
        stage.cycle()
    stage.dip()
    stage.begin_minute()
    for kind in (SessionStarted, SubmissionSettled, FillBooked, OrderSeen):
        stage.crash(kind, is_before=False)
        with pytest.raises(Crash):
            stage.restart()
    stage.restart()

    assert stage.portfolio.fills_booked == 1
    stage.settle()
    stage.assert_books_agree()


def test_a_start_that_cannot_read_the_venue_knows_what_it_knew_and_buys_nothing(
    stage: Stage,
) -> None:
    stage.position()
    before = stage.portfolio.positions
    stage.wire.on(faulty.EVERYTHING, faulty.request_lost)
    start = stage.restart()

    assert start.collected.error
    assert stage.portfolio.positions == before
    stage.cycle()
    assert stage.portfolio.positions == before
    stage.settle()
    stage.assert_books_agree()


def test_more_than_five_unclean_ends_in_ten_minutes_stop_entries_until_a_person_looks(
    stage: Stage,
) -> None:
    for _ in range(6):
        assert HaltName.CRASH_LOOP not in stage.portfolio.halts
        stage.restart()

    assert HaltName.CRASH_LOOP in stage.portfolio.halts
    assert stage.portfolio.trading_state is TradingState.REDUCING
    assert len(stage.recorded(HaltLatched)) == 1
    assert stage.unlock(HaltName.CRASH_LOOP)[0]


def test_clean_ends_are_no_crash_loop(stage: Stage) -> None:
    for _ in range(8):
        stage.trader.loop.run(cycles=1, until=None)
        trader, stage._trader = stage.trader, None
        trader.close(is_clean=True)
        start = stage.start()
        assert start.was_clean

    assert not stage.portfolio.halts


def test_halts_stand_after_a_restart(stage: Stage) -> None:
    stage.kill.raise_(reason="", operator="", time="")
    stage.cycle()
    stage.kill.lower()
    stage.restart()

    assert HaltName.KILL_SWITCH in stage.portfolio.halts, "deleting the file resumes nothing"
    assert stage.portfolio.trading_state is TradingState.HALTED


@pytest.mark.parametrize(("seconds", "is_latched"), [(0, True), (599, True), (601, False)])
def test_more_than_five_unclean_ends_are_a_crash_loop_within_ten_minutes(
    stage: Stage, seconds: int, is_latched: bool
) -> None:
    """The last of six comes so much later; nothing was recorded in between."""
    for _ in range(5):
        stage.restart()
    assert HaltName.CRASH_LOOP not in stage.portfolio.halts
    stage.wait(seconds)
    stage.restart()
    assert (HaltName.CRASH_LOOP in stage.portfolio.halts) is is_latched
