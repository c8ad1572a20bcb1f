"""The pace: ends in order, stops while it waits, and lets a bug end the process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from requests import Response
from tests.engine import faulty
from tests.engine.faulty import ORDERS, READS
from tests.engine.stage import BTC, Stage

from trader247.domain.events.book import SessionEnded
from trader247.domain.events.halts import HaltLatched
from trader247.domain.events.orders import CancelRequested
from trader247.domain.events.people import AlertRaised
from trader247.domain.intents import IntentState
from trader247.domain.reasons import HaltName, Reason, Severity, TradingState
from trader247.domain.time import Instant
from trader247.engine.cycle import Cycle
from trader247.ports import Clock, Command, CommandKind


def test_a_stop_raised_while_it_waits_cancels_what_works_before_the_next_cycle(
    stage: Stage,
) -> None:
    entry = stage.entry()
    cycles = len(stage.reports)
    began = stage.now

    def stopped() -> None:
        if not stage.kill.is_raised():
            stage.kill.raise_(reason="enough", operator="test", time="")

    stage.inbox.on_look = stopped
    stage.trader.loop.run(cycles=1, until=None)

    assert stage.cancelled(entry)
    assert stage.proofs[0] is True
    latched = stage.recorded(HaltLatched)[0]
    assert latched.name is HaltName.KILL_SWITCH
    times = [each.time for each in stage.journal() if each.event == latched]
    assert times[0] - began < timedelta(seconds=1)
    assert len(stage.reports) == cycles + 1
    assert stage.reports[-1].orders_sent == 0


def test_what_rests_is_asked_to_end_at_once_where_trading_stops_between_two_cycles(
    stage: Stage,
) -> None:
    entry = stage.entry()
    pause = Command("1", CommandKind.PAUSE, {"reason": "I want to look", "operator": "test"})
    stage.inbox.waiting.append(pause)
    stage.trader.loop.run(cycles=1, until=None)

    assert stage.cancelled(entry)
    asked, paused = (
        next(each.time for each in stage.journal() if isinstance(each.event, kind))
        for kind in (CancelRequested, HaltLatched)
    )
    assert asked - paused < timedelta(seconds=2), "not with the next minute's cycle"
    assert len(stage.recorded(CancelRequested)) == 1


def test_ending_the_loop_leaves_nothing_working_and_the_books_read(stage: Stage) -> None:
    entry = stage.entry()
    stage.trader.loop.end("asked to end")
    assert stage.trader.loop.run(cycles=None, until=None) == "asked to end"

    assert stage.cancelled(entry)
    assert not stage.portfolio.working
    assert isinstance(stage.journal()[-1].event, SessionEnded)
    stage.assert_books_agree()


def test_one_cycle_leaves_its_orders_working_and_the_next_process_looks_after_them(
    stage: Stage,
) -> None:
    entry = stage.entry()
    stage.trader.loop.run_once()
    assert stage.working().state is IntentState.ACCEPTED
    stage.restart()
    stage.dip()
    stage.begin_minute()
    stage.trader.loop.run_once()

    assert BTC in stage.portfolio.positions
    assert entry.intent.client_order_id not in stage.portfolio.working
    stage.assert_books_agree()


def test_a_bug_is_told_of_ends_the_process_and_the_next_start_recovers(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.entry()
    sent = len(stage.wire.lines(ORDERS))

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    stage.breakout()
    with monkeypatch.context() as patch:
        patch.setattr(Cycle, "_record", broken)
        with pytest.raises(ZeroDivisionError):
            stage.trader.loop.run(cycles=5, until=None)

    assert len(stage.wire.lines(ORDERS)) == sent, "nothing is sent after it"
    alert = stage.recorded(AlertRaised)[-1]
    assert (alert.severity, alert.code) == (Severity.CRITICAL, "internal_error")
    assert "a bug" in alert.text
    assert stage.told.codes[-1] == "internal_error", "and it is on its way to a person"

    start = stage.restart()
    assert not start.was_clean
    stage.settle()
    stage.assert_books_agree()


def test_what_people_ask_is_done_between_cycles_and_answered(stage: Stage) -> None:
    arguments = {"reason": "lunch", "operator": "test"}
    stage.inbox.waiting.append(Command("1", CommandKind.PAUSE, arguments))
    stage.breakout()
    stage.begin_minute()
    stage.trader.loop.run(cycles=1, until=None)

    assert stage.inbox.answers[0][0]
    assert HaltName.PAUSE in stage.portfolio.halts
    assert stage.portfolio.trading_state is TradingState.REDUCING
    assert stage.wire.lines(ORDERS) == []
    assert stage.ending().reason is Reason.TRADING_STATE


def test_a_venue_that_does_not_answer_at_the_end_cannot_hold_the_process(stage: Stage) -> None:
    stage.entry()
    stage.wire.on(faulty.EVERYTHING, faulty.request_lost)
    stage.trader.loop.end("asked to end")
    stage.trader.loop.run(cycles=None, until=None)

    assert stage.portfolio.working, "nobody knows that it ended"
    stage.wire.lift()
    stage.restart()
    stage.settle()
    stage.assert_books_agree()


def test_a_stop_while_nothing_answers_is_not_called_proven(stage: Stage) -> None:
    stage.entry()
    stage.wire.on(READS, faulty.request_lost)
    stage.kill.raise_(reason="", operator="", time="")
    stage.trader.loop.run(cycles=1, until=None)

    assert stage.proofs
    assert not any(stage.proofs)


def test_a_test_alert_is_handed_over(stage: Stage) -> None:
    stage.inbox.waiting.append(Command("1", CommandKind.ALERT_TEST, {}))
    stage.trader.loop.run(cycles=1, until=None)

    assert stage.told.codes == ["test"]


def test_a_running_trader_accepts_a_movement_that_a_person_explains(stage: Stage) -> None:
    stage.exchange.deposit("USD", Decimal(250))
    stage.cycle(3)
    arguments = {"reason": "savings", "operator": "test"}
    stage.inbox.waiting.append(Command("1", CommandKind.ACCEPT_MOVEMENT, arguments))
    stage.inbox.waiting.append(Command("2", CommandKind.ACCEPT_MOVEMENT, arguments))
    stage.trader.loop.run(cycles=1, until=None)

    assert [is_done for is_done, _ in stage.inbox.answers] == [True, False]
    assert "250 of cash came in" in stage.inbox.answers[0][1]
    assert not stage.portfolio.differences
    stage.assert_books_agree()


def test_a_price_that_nothing_costs_is_refused_and_ends_no_trader(stage: Stage) -> None:
    stage.position()
    stage.cycle(4)
    stage.exchange.deposit("BTC", Decimal("-0.0001"))
    stage.cycle(3)
    words = {"reason": "sent away", "operator": "test", "prices": "BTC-USD=1e999999"}
    stage.inbox.waiting.append(Command("1", CommandKind.ACCEPT_MOVEMENT, words))
    before = stage.portfolio.cash

    assert stage.trader.loop.run(cycles=1, until=None) == "1 cycles done"

    ((is_done, text),) = stage.inbox.answers
    assert (is_done, "BTC-USD=1e999999 is no price" in text) == (False, True)
    assert stage.portfolio.cash == before


def test_a_cycle_from_the_future_is_not_waited_for(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock that was an hour ahead, and is right again at the next start."""
    ledger, began = stage.trader.ledger, stage.now
    wrong = replace(ledger.portfolio, time=began + timedelta(hours=1))
    monkeypatch.setattr(ledger, "_portfolio", wrong)
    stage.trader.loop.run(cycles=1, until=None)
    assert stage.now - began < timedelta(minutes=5)


class SetBack:
    """A machine's clock that somebody sets back; it waits as the machine's does."""

    def __init__(self, inner: Clock) -> None:
        self._inner = inner
        self.by = timedelta(0)

    def now(self) -> Instant:
        return self._inner.now() - self.by

    def monotonic(self) -> timedelta:
        return self._inner.monotonic()

    def wait_until(self, when: Instant, wake: Callable[[], bool]) -> bool:
        return self._inner.wait_until(when + self.by, wake)


def test_a_clock_that_is_set_back_keeps_no_cycle_waiting_where_somebody_asks_meanwhile(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Woken by the post, the rest was waited for by the wall's clock: for an hour nobody looked at
    a stop."""
    clock = SetBack(stage.trader.clock)
    monkeypatch.setattr(stage.trader.loop, "_clock", clock)
    known = len(stage.reports)

    def set_back() -> None:
        if len(stage.reports) == known + 1 and not clock.by:
            clock.by = timedelta(hours=1)
            stage.inbox.waiting.append(Command("1", CommandKind.ALERT_TEST, {}))

    stage.inbox.on_look = set_back
    stage.trader.loop.run(cycles=2, until=None)

    assert clock.by
    first, second = (each.time for each in stage.reports[known:])
    assert second - first < timedelta(minutes=2)


def test_a_clock_that_is_set_back_amid_a_cycle_keeps_the_next_one_waiting_no_longer(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was left as the wait began was an hour and the interval."""
    clock = SetBack(stage.trader.clock)
    monkeypatch.setattr(stage.trader.loop, "_clock", clock)
    known = len(stage.reports)

    def set_back(_: faulty.Ask, deliver: faulty.Deliver) -> Response:
        clock.by = timedelta(hours=1)
        return deliver()

    stage.wire.on(faulty.LISTING, set_back, times=1)
    stage.trader.loop.run(cycles=2, until=None)

    assert clock.by
    first, second = (each.time for each in stage.reports[known:])
    assert second - first < timedelta(minutes=2)


@pytest.mark.parametrize("hours", [-1, 1], ids=["ahead", "back"])
def test_a_run_for_a_time_lasts_as_long_where_the_clock_is_set(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, hours: int
) -> None:
    """By the wall's clock it would end at once, or an hour late."""
    clock = SetBack(stage.trader.clock)
    monkeypatch.setattr(stage.trader.loop, "_clock", clock)
    began = stage.now

    def set_it(_: faulty.Ask, deliver: faulty.Deliver) -> Response:
        clock.by = timedelta(hours=hours)
        return deliver()

    stage.wire.on(faulty.LISTING, set_it, times=1)
    cause = stage.trader.loop.run(cycles=8, until=began + timedelta(minutes=4))

    assert clock.by
    assert cause == "the time asked for is over"
    assert timedelta(minutes=3) < stage.now - began < timedelta(minutes=6)
