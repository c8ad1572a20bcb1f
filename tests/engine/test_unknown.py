"""Outcomes that nobody knows: looked for at once and often, settled by evidence alone."""

from __future__ import annotations

import re

import pytest
from tests.engine import faulty
from tests.engine.faulty import BOOKS, CANCELS, LISTING, ORDERS, Body
from tests.engine.stage import BTC, Stage, unknowns

from trader247.domain.errors import VenueError
from trader247.domain.events.halts import HaltLatched
from trader247.domain.events.orders import IntentRecorded, SubmissionSettled
from trader247.domain.intents import IntentState
from trader247.domain.outcomes import Acknowledged, Declined
from trader247.domain.reasons import HaltName
from trader247.domain.time import MINUTE


def nothing_listed(body: Body) -> None:
    body["orders"] = []


def lost(stage: Stage) -> None:
    """An entry whose answer never came, and which no listing shows for now."""
    stage.wire.on(ORDERS, faulty.answer_lost, times=1)
    stage.wire.on(LISTING, faulty.edited(nothing_listed))
    stage.breakout()
    stage.cycle()
    assert len(unknowns(stage.portfolio)) == 1


def test_an_order_whose_answer_was_lost_is_found_within_a_second(stage: Stage) -> None:
    lost(stage)
    stage.wire.lift()
    before = stage.now
    stage.trader.loop.run(cycles=None, until=before)

    settled = [each for each in stage.journal() if isinstance(each.event, SubmissionSettled)][-1]
    assert isinstance(settled.event, SubmissionSettled)
    assert isinstance(settled.event.outcome, Acknowledged)
    intent = stage.recorded(IntentRecorded)[0].intent
    assert (settled.time - intent.created).total_seconds() <= 1
    stage.assert_books_agree()


def test_an_order_that_was_never_created_is_settled_within_four_minutes(stage: Stage) -> None:
    stage.wire.on(ORDERS, faulty.request_lost, times=1)
    stage.breakout()
    stage.cycle()
    asked = len(stage.wire.lines(LISTING))
    stage.trader.loop.run(cycles=5, until=None)

    intent = stage.recorded(IntentRecorded)[0].intent
    settled = [
        each
        for each in stage.journal()
        if isinstance(each.event, SubmissionSettled) and isinstance(each.event.outcome, Declined)
    ]
    assert [each.event.ref for each in settled] == [intent.client_order_id]
    assert 240 < (settled[0].time - intent.created).total_seconds() <= 242
    assert len(stage.wire.lines(LISTING)) - asked > 12
    assert len(stage.wire.lines(ORDERS)) == 1, "and never sent again"


def test_a_hold_without_a_listing_keeps_an_order_unknown_until_its_time_is_over(
    stage: Stage,
) -> None:
    lost(stage)
    intent = unknowns(stage.portfolio)[0].intent
    stage.cycle(5)
    assert stage.now < intent.end_time + 2 * MINUTE
    assert [each.state for each in stage.portfolio.working.values()] == [IntentState.UNKNOWN]
    stage.cycle(4)

    assert not stage.portfolio.working
    assert stage.portfolio.settled[intent.client_order_id].state is IntentState.NOT_CREATED
    stage.settle()
    stage.assert_books_agree()


def test_a_cancel_that_a_dead_process_had_recorded_is_sent_by_the_next_one(stage: Stage) -> None:
    entry = stage.entry()
    stage.wire.on(CANCELS, faulty.request_lost, times=1)
    stage.kill.path.touch()
    stage.trader.loop._attention.attend()
    stage.kill.path.unlink()
    stage.abandon()
    assert len(stage.wire.lines(CANCELS)) >= 1

    stage.start()
    assert stage.cancelled(entry)
    assert not stage.portfolio.working
    stage.unlock(HaltName.KILL_SWITCH)
    stage.assert_books_agree()


def test_a_cancel_that_got_no_answer_is_asked_for_each_cycle_until_it_is_over(
    stage: Stage,
) -> None:
    entry = stage.entry()
    stage.wire.on(CANCELS, faulty.request_lost, times=2)
    with pytest.raises(VenueError):
        stage.trader.loop._execution.cancel((entry.intent.client_order_id,), "a test's wish")
    stage.cycle(2)

    assert stage.cancelled(entry)
    assert len(stage.wire.lines(CANCELS)) == 3
    assert BTC not in stage.portfolio.positions


def test_what_turns_up_under_a_halt_is_asked_to_end_before_the_market_is_read(stage: Stage) -> None:
    """Twelve books may take a minute: it would rest, and fill, all the while."""
    lost(stage)
    stage.trader.ledger.record(HaltLatched(HaltName.KILL_SWITCH, "a test's"))
    stage.cycle()
    assert not stage.wire.lines(CANCELS)
    stage.wire.lift()
    known = len(stage.wire.asked)
    stage.cycle()

    asked = [each.line for each in stage.wire.asked[known:]]
    first = next(at for at, line in enumerate(asked) if re.match(CANCELS, line))
    assert first < next(at for at, line in enumerate(asked) if re.match(BOOKS, line))
    assert not stage.portfolio.working


def test_nothing_is_recorded_under_a_stop_that_was_seen(stage: Stage) -> None:
    stage.trader.cycle._passing = lambda _: stage.kill.path.touch()
    stage.breakout()
    report = stage.cycle()

    assert report.orders_sent == 0
    assert not stage.recorded(IntentRecorded)
    assert not stage.wire.lines(ORDERS)
