"""A cycle on a venue in trouble: entries stop, exits and cancels go on, and it ends by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
import requests
from requests import Response
from tests.engine import faulty
from tests.engine.faulty import BOOKS, CANCELS, EVERYTHING, ORDERS, READS
from tests.engine.stage import BTC, ETH, SOL, Stage

from trader247.app.wiring import assembly
from trader247.app.wiring import by_mode as wiring
from trader247.domain.events.halts import BreakerClosed, BreakerOpened, HaltLatched
from trader247.domain.events.holdings import FlattenAsked
from trader247.domain.events.money import FeesRead
from trader247.domain.ids import OrderId
from trader247.domain.intents import IntentState
from trader247.domain.reasons import BreakerName, HaltName, Reason, TradingState
from trader247.domain.time import HOUR, MINUTE, Instant


def test_three_errors_running_stop_entries_and_let_exits_leave(stage: Stage) -> None:
    stage.position()
    stage.wire.on(EVERYTHING, faulty.request_lost)
    stage.cycle()
    stage.wire.lift()
    stage.breakout(ETH)
    stage.cycle()
    assert BreakerName.API_ERRORS in stage.portfolio.breakers
    assert stage.ending(ETH).reason is Reason.BREAKER_OPEN
    stage.fall("7")
    stage.cycle(4)
    assert BTC not in stage.portfolio.positions
    assert stage.portfolio.trading_state is TradingState.ACTIVE, "a breaker is no halt"


def test_a_breaker_of_errors_closes_after_two_clean_cycles(stage: Stage) -> None:
    stage.cycle()
    stage.wire.on(EVERYTHING, faulty.request_lost)
    stage.cycle()
    stage.wire.lift()
    stage.cycle()
    assert BreakerName.API_ERRORS in stage.portfolio.breakers
    stage.cycle(6)
    assert not stage.portfolio.breakers
    closed = {each.name for each in stage.recorded(BreakerClosed)}
    assert BreakerName.API_ERRORS in closed
    stage.entry()


def test_rate_limits_open_a_breaker_that_closes_by_itself(stage: Stage) -> None:
    stage.cycle()
    limited = stage.wire.on(BOOKS, faulty.RATE_LIMITED, times=3)
    stage.cycle()
    assert limited.applied == 3
    stage.breakout()
    stage.cycle()
    assert BreakerName.RATE_LIMIT in stage.portfolio.breakers
    assert stage.ending().reason is Reason.BREAKER_OPEN
    stage.cycle(4)
    assert BreakerName.RATE_LIMIT in stage.portfolio.breakers, "five minutes are not over"
    stage.cycle(3)
    assert not stage.portfolio.breakers
    stage.entry()


def test_a_rate_limit_slows_reads_down_by_the_venues_own_clock(stage: Stage) -> None:
    asked: list[Instant] = []
    stage.wire.on(BOOKS, _limited_at(stage, asked), times=3)
    stage.cycle()

    gaps = [later - earlier for earlier, later in pairwise(asked)]
    assert gaps == sorted(gaps)
    assert gaps[0] >= timedelta(seconds=1), "it holds off, longer each time"


def test_no_number_of_reads_or_refusals_holds_a_cancel_back(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = stage.entry()
    stage.abandon()
    monkeypatch.setattr(wiring, "SIMULATED_REQUESTS_PER_SECOND", 1)
    stage.start()
    stage.wire.on(READS, faulty.RATE_LIMITED)
    raised: list[Instant] = []
    cancelled: list[Instant] = []

    def raise_stop(_: faulty.Ask) -> None:
        if not raised:
            raised.append(stage.now)
            stage.kill.raise_(reason="", operator="", time="")

    stage.wire.on(CANCELS, faulty.after(lambda _: cancelled.append(stage.now)))
    stage.inbox.on_look = lambda: raise_stop(faulty.Ask("", "", b""))
    stage.trader.loop.run(cycles=1, until=None)

    assert cancelled[0] - raised[0] <= timedelta(seconds=5)
    assert stage.cancelled(entry)


def test_a_storm_of_cancels_is_slowed_and_a_stops_are_not(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.abandon()
    monkeypatch.setattr(wiring, "SIMULATED_REQUESTS_PER_SECOND", 30)
    stage.start()
    venue, began = stage.trader.venue, stage.now
    for _ in range(32):
        venue.cancel([OrderId("nobody's")])
    assert timedelta(seconds=3) <= stage.now - began < timedelta(seconds=8)
    stage.kill.raise_(reason="", operator="", time="")
    began = stage.now
    for _ in range(30):
        venue.cancel([OrderId("nobody's")])
    assert stage.now - began <= timedelta(seconds=2), "thirty a second, and no other limit"


def test_a_cycle_that_asked_for_everything_has_room_for_its_order(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.abandon()
    monkeypatch.setattr(wiring, "SIMULATED_REQUESTS_PER_SECOND", 2)
    stage.start()
    asked: list[Instant] = []
    stage.wire.on(READS, faulty.after(lambda _: asked.append(stage.now)))
    stage.entry()

    assert len(asked) > 2, "reads alone would have used the second up"
    assert [each.state for each in stage.portfolio.working.values()] == [IntentState.ACCEPTED]


def test_requests_keep_to_their_budget(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.abandon()
    monkeypatch.setattr(wiring, "SIMULATED_REQUESTS_PER_SECOND", 5)
    stage.start()
    asked: list[Instant] = []
    stage.wire.on(READS, faulty.after(lambda _: asked.append(stage.now)))
    stage.cycle(2)

    assert len(asked) > 20
    for first in asked:
        within = [at for at in asked if first <= at < first + timedelta(seconds=10)]
        assert len(within) <= 5 * 10 + 5


def test_a_market_that_moves_too_fast_stops_entries_and_ends_buys(stage: Stage) -> None:
    entry = stage.entry(ETH)
    stage.fall("5.5", BTC)
    stage.cycle()

    assert BreakerName.VOLATILITY in stage.portfolio.breakers
    assert stage.cancelled(entry)
    stage.cycle(29)
    assert BreakerName.VOLATILITY in stage.portfolio.breakers, "half an hour is not over"
    stage.cycle(2)
    assert not stage.portfolio.breakers
    opened = [each.name for each in stage.recorded(BreakerOpened)]
    assert opened == [BreakerName.VOLATILITY]


def test_a_part_of_the_market_that_cannot_be_read_does_not_stop_the_rest(stage: Stage) -> None:
    stage.position(BTC)
    stage.wire.on(r"GET /market/products/ETH-USD/candles\Z", faulty.BROKEN)
    report = stage.cycle()

    assert report.endings[ETH].reason is Reason.BARS_MISSING
    assert report.endings[BTC].reason is Reason.HOLDING
    assert report.equity is not None


def test_a_market_that_cannot_be_read_at_all_still_ends_every_product_in_a_reason(
    stage: Stage,
) -> None:
    stage.position()
    stage.wire.on(r"GET /(market|time)", faulty.EDGE_PAGE)
    report = stage.cycle()

    assert report.unreachable
    assert report.equity is None
    assert set(stage.policy.universe.products) <= set(report.endings)
    assert "data_unavailable" in stage.told.codes
    assert stage.wire.lines(ORDERS)[1:] == []


def test_a_thousand_dollars_that_nobody_explains_are_no_profit(stage: Stage) -> None:
    stage.cycle()
    before = stage.portfolio.realised
    stage.exchange.deposit("USD", Decimal(1000))
    stage.cycle()

    assert stage.portfolio.realised == before
    assert stage.portfolio.equity.equity is not None
    assert stage.portfolio.equity.equity.value == Decimal(10_000)


def _limited_at(stage: Stage, asked: list[Instant]) -> faulty.Fault:
    def fault(ask: faulty.Ask, deliver: faulty.Deliver) -> Response:
        asked.append(stage.now)
        return faulty.RATE_LIMITED(ask, deliver)

    return fault


@pytest.mark.parametrize(
    ("free", "is_open"), [(1_000_000_000, False), (999_999_999, True), (None, True)]
)
def test_under_a_gigabyte_of_room_nothing_is_bought(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, free: int | None, is_open: bool
) -> None:
    stage.cycle()
    monkeypatch.setattr(assembly, "free_bytes", lambda _: free)
    stage.cycle()
    stage.breakout()
    stage.cycle()
    assert (BreakerName.DISK in stage.portfolio.breakers) is is_open
    assert (stage.ending().reason is Reason.BREAKER_OPEN) is is_open
    monkeypatch.undo()
    stage.cycle(7)
    assert BreakerName.DISK not in stage.portfolio.breakers


@pytest.mark.parametrize(("seconds", "is_open"), [(5, False), (6, True)])
def test_the_venues_latency_opens_its_breaker_above_five_seconds(
    stage: Stage, seconds: int, is_open: bool
) -> None:
    """Every answer takes so long: as long as that lasts, and five minutes, nothing is bought."""
    stage.cycle()

    def dawdle(_: faulty.Ask) -> None:
        clock = stage.trader.clock
        clock.wait_until(clock.now() + timedelta(seconds=seconds), lambda: False)

    slow = stage.wire.on(READS, faulty.after(dawdle))
    stage.cycle()
    assert slow.applied
    stage.wire.lift()
    stage.cycle()
    assert (BreakerName.LATENCY in stage.portfolio.breakers) is is_open


def test_the_fee_tier_is_read_anew_each_hour_and_not_each_minute(stage: Stage) -> None:
    stage.cycle(2)
    assert len(stage.recorded(FeesRead)) == 1
    stage.wait(3_600)
    stage.cycle()
    first, again = (each.tier.read_at for each in stage.recorded(FeesRead))
    assert HOUR <= again - first <= HOUR + 2 * MINUTE


def test_a_fee_tier_that_a_clock_ahead_has_dated_is_read_anew(stage: Stage) -> None:
    stage.cycle(2)
    (known,) = (each.tier for each in stage.recorded(FeesRead))
    stage.trader.ledger.record(FeesRead(replace(known, read_at=stage.now + 24 * HOUR)))
    stage.cycle(3)
    *_, last = (each.tier for each in stage.recorded(FeesRead))
    assert last.read_at <= stage.now
    assert len(stage.recorded(FeesRead)) == 3


def _two_to_sell(stage: Stage) -> None:
    """Two positions under their stops, of which the median knows."""
    for product in (BTC, ETH):
        stage.position(product)
    for product in (BTC, ETH):
        stage.board.move(str(product), "-7")
    for _ in range(4):
        stage.begin_minute()


def test_a_sale_for_which_a_slow_answer_left_no_time_is_sent_a_second_later(stage: Stage) -> None:
    """A decision is old after two seconds: one position a minute left a market that fell."""
    _two_to_sell(stage)
    stage.wire.on(ORDERS, faulty.before_answer(lambda: stage.wait(3)))
    report = stage.cycle()
    assert report.endings[BTC].reason is Reason.EXIT_SENT
    assert report.endings[ETH].reason is Reason.NOT_SENT
    assert report.is_pressing
    stage.wait(1)
    assert not stage.trader.cycle.run().is_pressing
    assert not stage.portfolio.positions


def test_a_sale_that_finds_no_connection_presses_nothing(stage: Stage) -> None:
    _two_to_sell(stage)
    stage.wire.on(ORDERS, faulty.never_left)
    report = stage.cycle()
    assert {report.endings[each].reason for each in (BTC, ETH)} == {Reason.NOT_SENT}
    assert not report.is_pressing, "a second later there is none either"


def test_a_sale_for_which_the_budget_had_no_room_is_sent_a_second_later(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    _two_to_sell(stage)
    stage.abandon()
    monkeypatch.setattr(wiring, "SIMULATED_REQUESTS_PER_SECOND", 2)
    stage.start()
    report = stage.cycle()
    assert report.endings[BTC].reason is Reason.EXIT_SENT
    assert report.endings[ETH].detail == "no room for an order in the rate budget"
    assert report.is_pressing
    stage.wait(1)
    stage.trader.cycle.run()
    assert not stage.portfolio.positions


def test_a_cancel_that_hangs_keeps_no_sale_back(stage: Stage) -> None:
    """Its answer is waited for longer than a decision holds: nothing could leave in any cycle."""
    stage.position(BTC)
    resting = stage.entry(SOL)
    stage.trader.ledger.record(FlattenAsked(BTC, stage.now + HOUR, "sell it", "test"))
    stage.fall("5.5", ETH)

    def hang(_: faulty.Ask, __: faulty.Deliver) -> Response:
        stage.wait(10)
        raise requests.ReadTimeout("no answer in time")

    stage.wire.on(CANCELS, hang)
    report = stage.cycle()
    assert stage.portfolio.working[resting.intent.client_order_id].cancel_requested is not None
    assert report.endings[BTC].reason is Reason.EXIT_SENT, report.endings[BTC]
    assert BTC not in stage.portfolio.positions


def test_a_cancel_that_hangs_keeps_no_other_cancel_back(stage: Stage) -> None:
    """Asked for one after the other, the last of many buys could fill for minutes after a stop."""
    resting = [stage.entry(ETH), stage.entry(SOL)]
    stage.trader.ledger.record(HaltLatched(HaltName.DAILY_STOP, "a test's"))
    asked: list[list[str]] = []

    def hang(ask: faulty.Ask, _: faulty.Deliver) -> Response:
        asked.append(ask.body["order_ids"])
        stage.wait(10)
        raise requests.ReadTimeout("no answer in time")

    stage.wire.on(CANCELS, hang)
    stage.cycle()
    assert asked == [[each.order_id for each in resting]]
    working = stage.portfolio.working.values()
    assert all(each.cancel_requested is not None for each in working)
