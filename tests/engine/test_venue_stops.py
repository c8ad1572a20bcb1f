"""The protective stop of a position, kept at the venue where the venue takes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from requests import Response
from tests.engine import faulty
from tests.engine.conftest import Open
from tests.engine.faulty import CANCELS, ORDERS
from tests.engine.stage import BTC, ETH, Stage

from trader247.core.policy import Policy
from trader247.domain.events import IntentRecorded
from trader247.domain.orders import ExitCause, IntentState, OrderType, RecordedIntent, Side
from trader247.domain.reasons import HaltName, Reason
from trader247.domain.time import HOUR, MINUTE
from trader247.engine.startup import folded

UNSUPPORTED = faulty.answered(
    200,
    '{"success":false,"error_response":{"error":"UNSUPPORTED_ORDER_CONFIGURATION",'
    '"message":"not here"}}',
)


def kept_at_the_venue(policy: Policy) -> Policy:
    return replace(policy, execution=replace(policy.execution, venue_stops="auto"))


@pytest.fixture
def stage(open_stage: Open) -> Stage:
    return open_stage(kept_at_the_venue)


def stops(stage: Stage) -> list[RecordedIntent]:
    """Every stop that was sent, oldest first."""
    intents = [each.intent for each in stage.recorded(IntentRecorded)]
    return [each for each in intents if each.order_type is OrderType.STOP_LIMIT_GTD]


def at_venue(stage: Stage) -> list[str]:
    """The states of the stops that the exchange has, oldest first."""
    return [
        each["status"]
        for each in stage.orders
        if "stop_limit_stop_limit_gtd" in each["order_configuration"]
    ]


def rise(stage: Stage) -> None:
    """Let the price pass the target within three minutes."""
    for _ in range(3):
        stage.board.move(str(BTC), "7")
        stage.begin_minute()
    stage.begin_minute()


def protected(stage: Stage) -> None:
    """A position whose stop rests at the venue."""
    stage.position()
    stage.cycle()
    assert at_venue(stage) == ["OPEN"]
    assert stage.ending().reason is Reason.HOLDING


def test_a_position_gets_its_stop_at_the_venue(stage: Stage) -> None:
    protected(stage)
    (intent,) = stops(stage)
    position = stage.portfolio.positions[BTC]
    assert intent.side is Side.SELL
    assert intent.exit_cause is ExitCause.STOP
    assert intent.quantity == position.quantity
    assert intent.stop_price is not None
    assert Decimal(0) <= intent.stop_price.value - position.stop.value < Decimal("0.01")
    assert intent.price < intent.stop_price
    assert intent.end_time - intent.created <= 15 * MINUTE
    stage.cycle(3)
    assert len(stops(stage)) == 1, "one is enough"
    assert stage.working(side=Side.SELL).state is IntentState.ACCEPTED


def test_a_stop_that_fills_at_the_venue_is_booked_as_the_positions_exit(stage: Stage) -> None:
    protected(stage)
    stage.fall("6.2")
    stage.cycle(2)

    assert BTC not in stage.portfolio.positions
    assert stage.portfolio.history[BTC].last_stop is not None
    assert at_venue(stage) == ["FILLED"]
    assert len(stage.wire.lines(ORDERS)) == 2, "entry and stop, and no sale besides"
    stage.settle()
    stage.assert_books_agree()


def test_a_stop_is_renewed_when_its_time_is_over(stage: Stage) -> None:
    protected(stage)
    stage.wait(16 * 60)
    stage.cycle(3)

    first, second = stops(stage)
    assert at_venue(stage) == ["EXPIRED", "OPEN"]
    assert (first.decision_id, first.leg + 1) == (second.decision_id, second.leg)
    stage.assert_orders_are_ours_once()


def test_another_exit_waits_for_the_last_word_of_the_stop(stage: Stage) -> None:
    protected(stage)
    rise(stage)
    report = stage.cycle()
    assert report.endings[BTC].reason is Reason.ORDER_WORKING
    assert report.is_pressing
    assert at_venue(stage) == ["CANCELLED"]
    assert [each.purpose.value for each in _intents(stage)] == ["entry", "exit"]
    stage.cycle(2)

    assert BTC not in stage.portfolio.positions
    assert _intents(stage)[-1].exit_cause is ExitCause.TARGET
    stage.settle()
    stage.assert_books_agree()


def test_a_stop_that_cannot_be_cancelled_holds_the_lots_and_nothing_is_sold_twice(
    stage: Stage,
) -> None:
    protected(stage)
    rule = stage.wire.on(CANCELS, faulty.request_lost)
    rise(stage)
    stage.cycle(3)
    assert len(_intents(stage)) == 2, "the lots are held once"
    stage.wire.lift(rule)
    stage.cycle(3)

    assert BTC not in stage.portfolio.positions
    stage.settle()
    stage.assert_books_agree()


def test_a_stop_that_fills_while_it_is_cancelled_is_the_exit(stage: Stage) -> None:
    protected(stage)
    stage.wire.on(CANCELS, faulty.answer_lost, times=1)
    stage.fall("8")
    stage.cycle(3)

    assert BTC not in stage.portfolio.positions
    stage.settle()
    stage.assert_books_agree()


def test_the_loop_does_not_wait_a_minute_for_a_sale_that_waits_for_a_stop(stage: Stage) -> None:
    protected(stage)
    rise(stage)
    before = len(stage.reports)
    stage.trader.loop.run(cycles=2, until=None)

    first, second = stage.reports[before:]
    assert first.is_pressing
    assert (second.time - first.time).total_seconds() < 5
    assert second.endings[BTC].reason is Reason.EXIT_SENT


def test_where_the_venue_takes_no_stops_they_are_watched_locally(stage: Stage) -> None:
    rule = stage.wire.on(ORDERS, _only_stops(UNSUPPORTED))
    stage.position()
    stage.cycle(3)
    assert len(stops(stage)) == 1, "it is not asked each minute"
    assert stage.ending().reason is Reason.HOLDING
    assert not stage.portfolio.working
    assert not stage.portfolio.halts
    stage.wire.lift(rule)
    stage.fall("7")
    stage.cycle(6)

    assert BTC not in stage.portfolio.positions
    assert _intents(stage)[-1].order_type is OrderType.LIMIT_IOC
    stage.settle()
    stage.assert_books_agree()


def test_a_venue_that_declined_is_asked_again_after_an_hour(stage: Stage) -> None:
    stage.wire.on(ORDERS, _only_stops(UNSUPPORTED), times=2)
    stage.position()
    stage.cycle()
    assert len(stops(stage)) == 1
    stage.wait(int(HOUR.total_seconds()))
    stage.cycle(2)
    assert len(stops(stage)) == 2


def test_more_lots_get_a_larger_stop(stage: Stage) -> None:
    stage.entry()
    stage.dip(volume=30_000)
    stage.cycle(2)
    (first,) = stops(stage)
    stage.dip()
    stage.cycle(3)

    assert stops(stage)[-1].quantity > first.quantity
    assert stops(stage)[-1].quantity == stage.portfolio.positions[BTC].quantity
    assert at_venue(stage) == ["CANCELLED", "OPEN"]


def test_a_halt_takes_the_stop_away(stage: Stage) -> None:
    protected(stage)
    stage.kill.path.touch()
    stage.cycle()
    assert at_venue(stage) == ["CANCELLED"]
    assert stage.portfolio.trading_state.value == "HALTED"
    assert HaltName.KILL_SWITCH in stage.portfolio.halts


def test_a_process_that_comes_after_knows_the_stop_and_places_no_second_one(stage: Stage) -> None:
    protected(stage)
    stage.restart()
    stage.cycle(2)
    assert len(stops(stage)) == 1
    assert stage.portfolio == folded(stage.trader.journal)


def test_without_the_setting_no_stop_leaves(open_stage: Open) -> None:
    stage = open_stage()
    stage.position(ETH)
    stage.cycle(2)
    assert not stops(stage)


def _intents(stage: Stage) -> list[RecordedIntent]:
    return [each.intent for each in stage.recorded(IntentRecorded)]


def _only_stops(fault: faulty.Fault) -> faulty.Fault:
    def striking(ask: faulty.Ask, deliver: Callable[[], Response]) -> Response:
        if "stop_limit_stop_limit_gtd" in ask.body["order_configuration"]:
            return fault(ask, deliver)
        return deliver()

    return striking
