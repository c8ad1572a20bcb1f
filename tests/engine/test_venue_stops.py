"""The protective stop of a position, kept at the venue where the venue takes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from requests import Response
from tests.engine import faulty
from tests.engine.conftest import Open
from tests.engine.faulty import CANCELS, LISTING, ORDERS
from tests.engine.stage import BTC, ETH, Stage, kept_at_the_venue, shipped
from tests.engine.test_dust import delisted
from tests.engine.test_loop import SetBack

from trader247.core.policy import ExecutionPolicy
from trader247.domain.errors import NotAllowed, TapeEnded
from trader247.domain.events.book import SessionEnded
from trader247.domain.events.halts import HaltLatched
from trader247.domain.events.holdings import FlattenAsked
from trader247.domain.events.orders import IntentRecorded
from trader247.domain.intents import IntentState, RecordedIntent
from trader247.domain.orders import OrderType, Side
from trader247.domain.proposals import ExitCause
from trader247.domain.reasons import HaltName, Reason, TradingState
from trader247.domain.time import HOUR, MINUTE, Instant
from trader247.engine.startup import folded

UNSUPPORTED = faulty.answered(
    200,
    '{"success":false,"error_response":{"error":"UNSUPPORTED_ORDER_CONFIGURATION",'
    '"message":"not here"}}',
)
NO_FUNDS = faulty.answered(
    200,
    '{"success":false,"error_response":{"error":"INSUFFICIENT_FUND","message":"not yet"}}',
)


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


def test_none_is_laid_by_a_process_that_has_not_read_the_account_yet(stage: Stage) -> None:
    """Its journal has gone back to a backup, and does not know of the one that rests."""
    stage.entry()
    stage.dip()
    stage.wire.on(ORDERS, faulty.never_left)
    stage.cycle()
    stage.wire.lift()
    backup = stage.backed_up()
    stage.cycle()
    assert at_venue(stage) == ["OPEN"]

    stage.go_back(backup)
    stage.wire.on(LISTING, faulty.request_lost)
    stage.start()
    known = len(stops(stage))
    stage.cycle(3)
    assert BTC in stage.portfolio.positions
    assert len(stops(stage)) == known
    stage.wire.lift()
    stage.cycle(3)
    assert at_venue(stage)[0] == "CANCELLED"
    assert at_venue(stage)[-1] == "OPEN"


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
    stage.cycle(6)

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


def test_one_cycle_alone_sees_a_stop_through_that_makes_way(stage: Stage) -> None:
    """Cron comes back in a minute at the earliest: until then it had neither a stop nor a sale."""
    protected(stage)
    rise(stage)
    before = len(stage.reports)
    stage.trader.loop.run_once()

    assert at_venue(stage) == ["CANCELLED"]
    assert stage.held("BTC") == 0
    first, *_, last = stage.reports[before:]
    assert (first.orders_sent, last.orders_sent) == (0, 1)
    assert last.after(first).orders_sent == 1
    assert last.after(first).collected.fills == last.collected.fills > 0
    assert BTC not in stage.portfolio.positions
    stage.assert_books_agree()


def test_one_cycle_alone_leaves_a_stop_whose_end_is_not_told_to_the_next_one(stage: Stage) -> None:
    protected(stage)
    rise(stage)
    stage.wire.on(CANCELS, faulty.request_lost)
    began, before = stage.now, len(stage.reports)
    stage.trader.loop.run_once()
    assert stage.now - began <= MINUTE / 2, "the next one is not kept from its turn"
    assert len(stage.reports) - before > 3

    stage.wire.lift()
    stage.restart()
    stage.trader.loop.run_once()
    assert stage.held("BTC") == 0
    stage.settle()
    stage.assert_books_agree()


def test_one_cycle_alone_lays_the_stop_for_which_another_makes_way(stage: Stage) -> None:
    stage.entry()
    stage.dip(volume=30_000)
    stage.cycle(2)
    assert at_venue(stage) == ["OPEN"]
    stage.dip()
    stage.begin_minute()
    stage.trader.loop.run_once()

    assert at_venue(stage) == ["CANCELLED", "OPEN"]
    assert stops(stage)[-1].quantity == stage.portfolio.positions[BTC].quantity


def test_one_cycle_alone_asks_no_venue_for_stops_again_and_again(stage: Stage) -> None:
    stage.entry()
    stage.dip(volume=30_000)
    stage.cycle(2)
    stage.wire.on(ORDERS, only_stops(UNSUPPORTED))
    stage.dip()
    stage.begin_minute()
    before = len(stage.reports)
    stage.trader.loop.run_once()
    assert len(stage.reports) - before == 2, "once more, and it was declined"


class AtItsEnd(SetBack):
    """The clock of a tape that ends once a cycle is over."""

    def wait_until(self, when: Instant, wake: Callable[[], bool]) -> bool:
        if self._inner.now() < when:
            raise TapeEnded("the tape has ended")
        return super().wait_until(when, wake)


def test_one_cycle_alone_on_a_tape_that_ends_with_it_is_done(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    protected(stage)
    rise(stage)
    monkeypatch.setattr(stage.trader.loop, "_clock", AtItsEnd(stage.trader.clock))
    stage.trader.loop.run_once()
    assert stage.reports[-1].is_pressing
    assert isinstance(stage.journal()[-1].event, SessionEnded)


def test_where_the_venue_takes_no_stops_they_are_watched_locally(stage: Stage) -> None:
    rule = stage.wire.on(ORDERS, only_stops(UNSUPPORTED))
    stage.position()
    stage.cycle(4)
    assert len(stops(stage)) == 2, "it is not asked each minute"
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


def test_a_venue_that_declined_once_is_asked_again_a_minute_later(stage: Stage) -> None:
    """What a stop of before had on hold is free a little after it has ended."""
    rule = stage.wire.on(ORDERS, only_stops(NO_FUNDS))
    stage.position()
    stage.wire.lift(rule)
    assert (len(stops(stage)), at_venue(stage)) == (1, [])
    stage.cycle()
    assert at_venue(stage) == ["OPEN"]


def test_a_venue_that_goes_on_declining_is_asked_less_and_less_often(stage: Stage) -> None:
    stage.wire.on(ORDERS, only_stops(UNSUPPORTED))
    stage.position()
    stage.cycle(8)
    first, second, third = [each.created for each in stops(stage)]
    assert MINUTE <= second - first < 2 * MINUTE
    assert 5 * MINUTE <= third - second < 6 * MINUTE
    stage.wait(int(HOUR.total_seconds()))
    stage.cycle(3)
    assert len(stops(stage)) == 4, "the fourth time after an hour"


def test_a_stop_that_rested_begins_the_row_anew(stage: Stage) -> None:
    rule = stage.wire.on(ORDERS, only_stops(UNSUPPORTED))
    stage.position()
    stage.cycle(8)
    stage.wire.lift(rule)
    stage.wait(int(HOUR.total_seconds()))
    stage.cycle(2)
    assert at_venue(stage) == ["OPEN"]
    rule = stage.wire.on(ORDERS, only_stops(NO_FUNDS))
    stage.wait(16 * 60)
    stage.cycle()
    stage.wire.lift(rule)
    assert at_venue(stage)[-1] != "OPEN"
    stage.cycle(2)
    assert at_venue(stage)[-1] == "OPEN"


def test_a_stop_that_the_venue_took_after_all_ends_the_wait(stage: Stage) -> None:
    """Its quarter of an hour ends within the hour of the refusal: the next is laid at once."""
    rule = stage.wire.on(ORDERS, only_stops(NO_FUNDS))
    stage.position()
    stage.wire.lift(rule)
    stage.cycle()
    assert at_venue(stage) == ["OPEN"]
    stage.wait(16 * 60)
    stage.cycle(2)
    assert at_venue(stage) == ["EXPIRED", "OPEN"]
    assert BTC not in stage.portfolio.stops_refused


def test_a_stop_that_never_reached_the_venue_is_no_answer_of_it(stage: Stage) -> None:
    """What came of it is known after five minutes: the wait goes by what the venue said."""
    rule = stage.wire.on(ORDERS, only_stops(NO_FUNDS))
    stage.position()
    stage.wire.lift(rule)
    rule = stage.wire.on(ORDERS, only_stops(faulty.request_lost))
    stage.cycle()
    stage.wire.lift(rule)
    stage.cycle(8)
    known = {**stage.portfolio.settled, **stage.portfolio.working}
    assert [known[each.client_order_id].state for each in stops(stage)] == [
        IntentState.REJECTED,
        IntentState.NOT_CREATED,
        IntentState.ACCEPTED,
    ]


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


def test_a_switch_that_keeps_sales_leaves_the_stop_and_says_so(stage: Stage) -> None:
    protected(stage)
    stage.entry(ETH)
    raise_(stage, keeps_sales=True)
    stage.trader.loop.run(cycles=1, until=None)

    assert (stage.proofs, stage.kept) == ([True], [1])
    assert at_venue(stage) == ["OPEN"]
    assert stage.working(side=Side.SELL).cancel_requested is None
    assert ETH not in {each.intent.product for each in stage.portfolio.working.values()}
    assert stage.portfolio.trading_state is TradingState.HALTED


def test_a_stop_that_is_kept_makes_way_for_nothing_while_nothing_is_sent(stage: Stage) -> None:
    protected(stage)
    raise_(stage, keeps_sales=True)
    rise(stage)
    stage.cycle(2)
    assert at_venue(stage) == ["OPEN"]
    stage.wait(16 * 60)
    stage.cycle(2)
    assert at_venue(stage) == ["EXPIRED"], "and it is not renewed"
    assert not stage.portfolio.working


def test_a_stop_that_is_kept_still_sells(stage: Stage) -> None:
    protected(stage)
    raise_(stage, keeps_sales=True)
    stage.cycle()
    stage.fall("6.2")
    stage.cycle(2)
    assert BTC not in stage.portfolio.positions
    stage.assert_books_agree()


def test_raised_again_without_the_wish_everything_goes(stage: Stage) -> None:
    protected(stage)
    raise_(stage, keeps_sales=True)

    def once_more() -> None:
        if stage.proofs:
            raise_(stage, keeps_sales=False)

    stage.inbox.on_look = once_more
    stage.trader.loop.run(cycles=2, until=None)
    assert (stage.proofs, stage.kept) == ([True, True], [1, 0])
    assert at_venue(stage) == ["CANCELLED"]


def test_a_start_under_a_switch_that_keeps_sales_leaves_the_stop(stage: Stage) -> None:
    protected(stage)
    stage.abandon()
    raise_(stage, keeps_sales=True)
    stage.start()
    assert at_venue(stage) == ["OPEN"]
    stage.kill.path.write_bytes(b"")
    stage.restart()
    assert at_venue(stage) == ["CANCELLED"]


def test_a_switch_that_keeps_sales_keeps_the_stop_that_a_restored_journal_takes_back(
    stage: Stage,
) -> None:
    """Nobody here knows what it is for, so it goes once the switch is let go, and not before."""
    stage.cycle()
    backup = stage.backed_up()
    protected(stage)
    stage.go_back(backup)
    raise_(stage, keeps_sales=True)
    stage.start()
    stage.trader.loop.run(cycles=2, until=None)
    assert at_venue(stage)[0] == "OPEN"
    assert (stage.proofs[-1], stage.kept[-1]) == (True, 1)

    stage.kill.lower()
    stage.unlock(HaltName.KILL_SWITCH)
    stage.cycle()
    assert at_venue(stage)[0] == "CANCELLED"


def test_another_halt_takes_away_what_a_switch_kept(stage: Stage) -> None:
    protected(stage)
    raise_(stage, keeps_sales=True)
    stage.cycle()
    stage.trader.ledger.record(HaltLatched(HaltName.KEY, "revoked"))
    stage.cycle()
    assert at_venue(stage) == ["CANCELLED"]


def test_at_an_orderly_end_the_stop_is_left_and_the_next_run_goes_on_with_it(stage: Stage) -> None:
    protected(stage)
    stage.entry(ETH)
    stage.trader.loop.run(cycles=1, until=None)
    assert at_venue(stage) == ["OPEN"]
    assert [each.intent.product for each in stage.portfolio.working.values()] == [BTC]
    stage.restart()
    stage.cycle(2)

    assert len(stops(stage)) == 1, "no second one"
    assert at_venue(stage) == ["OPEN"], "it is no stranger"
    assert not stage.portfolio.halts
    assert stage.portfolio == folded(stage.trader.journal)


def test_a_stop_that_sold_while_nobody_ran_is_booked_by_the_next_run(stage: Stage) -> None:
    protected(stage)
    stage.trader.loop.run(cycles=1, until=None)
    stage.fall("6.2")
    stage.wait(70)
    stage.restart()
    assert BTC not in stage.portfolio.positions
    stage.cycle()
    stage.settle()
    stage.assert_books_agree()


def test_a_stop_that_ran_out_while_nobody_ran_is_renewed(stage: Stage) -> None:
    protected(stage)
    stage.trader.loop.run(cycles=1, until=None)
    stage.wait(20 * 60)
    stage.restart()
    stage.cycle(2)
    assert at_venue(stage) == ["EXPIRED", "OPEN"]


def test_a_limit_that_the_price_jumps_over_gives_way_to_a_sale_at_once(stage: Stage) -> None:
    protected(stage)
    stage.fall("9")
    stage.wait(61)
    report = stage.cycle()
    assert report.endings[BTC].reason is Reason.COLLAR, "a single wrong tick sells nothing"
    assert at_venue(stage) == ["OPEN"], "so the stop is not given up for nothing"
    for _ in range(4):
        report = stage.cycle()
        if report.is_pressing:
            break
    assert at_venue(stage) == ["CANCELLED"]
    stage.trader.loop.run(cycles=1, until=None)
    assert BTC not in stage.portfolio.positions
    assert _intents(stage)[-1].order_type is OrderType.LIMIT_IOC
    stage.settle()
    stage.assert_books_agree()


def test_a_paused_book_goes_on_renewing_its_stops(stage: Stage) -> None:
    protected(stage)
    for name in (HaltName.PAUSE, HaltName.DAILY_STOP):
        stage.trader.ledger.record(HaltLatched(name, "for the test"))
    stage.wait(16 * 60)
    stage.cycle(2)
    assert at_venue(stage) == ["EXPIRED", "OPEN"]
    assert stage.portfolio.trading_state is TradingState.REDUCING


def test_a_silent_venue_is_not_asked_every_second_for_ever(stage: Stage) -> None:
    protected(stage)
    stage.wire.on(CANCELS, faulty.request_lost)
    rise(stage)
    before = len(stage.reports)
    stage.trader.loop.run(cycles=60, until=None)
    pressing = [each for each in stage.reports[before:] if each.is_pressing]
    assert 1 <= len(pressing) <= 31
    assert not stage.reports[-1].is_pressing


def raise_(stage: Stage, *, keeps_sales: bool) -> None:
    stage.kill.raise_(
        reason="test", operator="me", time="2026-01-05T00:00:00Z", keeps_sales=keeps_sales
    )


def test_a_process_that_comes_after_knows_the_stop_and_places_no_second_one(stage: Stage) -> None:
    protected(stage)
    stage.restart()
    stage.cycle(2)
    assert len(stops(stage)) == 1
    assert stage.portfolio == folded(stage.trader.journal)


def test_stops_are_kept_at_the_venue_as_shipped() -> None:
    assert shipped().policy.execution.venue_stops == "auto"
    assert ExecutionPolicy().venue_stops == "auto"


def test_without_the_setting_no_stop_leaves(open_stage: Open) -> None:
    stage = open_stage()
    stage.position(ETH)
    stage.cycle(2)
    assert not stops(stage)


def _intents(stage: Stage) -> list[RecordedIntent]:
    return [each.intent for each in stage.recorded(IntentRecorded)]


def only_stops(fault: faulty.Fault) -> faulty.Fault:
    def striking(ask: faulty.Ask, deliver: Callable[[], Response]) -> Response:
        if "stop_limit_stop_limit_gtd" in ask.body["order_configuration"]:
            return fault(ask, deliver)
        return deliver()

    return striking


def test_stops_of_others_end_where_what_is_delisted_is_handed_over(stage: Stage) -> None:
    """A stop that rests is an order under way, and one is always renewed."""
    stage.position(ETH)
    stage.wait(3_600)
    stage.position(BTC)
    stage.cycle()
    assert at_venue(stage)[-2:] == ["OPEN", "OPEN"]
    stage.wire.on(r"GET /(market|products).*", delisted)
    stage.cycle(2)
    resting = [each for each in stage.portfolio.working.values() if each.intent.product == ETH]
    assert resting, "the other position's stop rests"
    price = {BTC: stage.portfolio.positions[BTC].entry_price}
    with pytest.raises(NotAllowed, match="no break to accept"):
        stage.trader.accepting.accept("delisted", prices={ETH: price[BTC]})
    assert all(not stage.cancelled(each) for each in resting), "nothing was to be accepted"
    stage.trader.accepting.accept("delisted", prices=price)
    assert list(stage.portfolio.positions) == [ETH]
    stage.cycle(2)
    assert any(each.intent.product == ETH for each in stage.portfolio.working.values())


def test_a_refusal_that_a_clock_ahead_has_dated_keeps_no_stop_away(open_stage: Open) -> None:
    stage = open_stage(kept_at_the_venue)
    stage.entry()
    rule = stage.wire.on(ORDERS, UNSUPPORTED)
    stage.dip()
    stage.cycle(8)
    assert BTC in stage.portfolio.stops_refused
    stage.wire.lift(rule)
    stage.cycle(3)
    assert at_venue(stage) == []
    ledger = stage.trader.ledger
    ahead = {BTC: stage.now + 24 * HOUR}
    ledger._portfolio = replace(ledger.portfolio, stops_refused=ahead)
    stage.cycle()
    assert at_venue(stage) == ["OPEN"]


def test_a_sale_that_is_due_and_cannot_be_sent_leaves_the_position_its_stop(stage: Stage) -> None:
    """Without candles there is no median, and no sale; its stop ends after a quarter of an hour."""
    protected(stage)
    stage.wire.on(r"GET /market/products/.*/candles\Z", faulty.BROKEN)
    stage.wait(11 * 60)
    stage.cycle()
    stage.trader.ledger.record(FlattenAsked(BTC, stage.now + 2 * HOUR, "sell it", "test"))
    for _ in range(12):
        stage.cycle()
        assert stage.ending().reason is Reason.COLLAR
        assert stage.ending().detail.startswith("flatten is due: no median")
    assert at_venue(stage) == ["EXPIRED", "OPEN"], "what cannot leave is not left without a stop"
    stage.wire.lift()
    stage.cycle(8)
    assert BTC not in stage.portfolio.positions
    stage.settle()
    stage.assert_books_agree()
