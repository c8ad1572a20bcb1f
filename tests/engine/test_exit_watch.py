"""Between two cycles: what the stream says is due is sold, and nothing is ever bought."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.engine import faulty
from tests.engine.conftest import Open
from tests.engine.faulty import ACCOUNTS, FILLS, LISTING, LOOKUP, Body
from tests.engine.stage import BTC, ETH, Stage
from tests.redecided import redecided

from trader247.adapters.coinbase.stream.board import Board
from trader247.adapters.coinbase.stream.messages import BookChanged
from trader247.adapters.coinbase.stream.streamed import MARKET, StreamedBooks
from trader247.adapters.sqlite.reader import JournalReader
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.orders import FillBooked
from trader247.domain.ids import ProductId
from trader247.domain.orders import Side
from trader247.domain.proposals import ExitCause
from trader247.domain.reasons import Reason
from trader247.domain.time import HOUR, SECOND
from trader247.engine.exit_watch import ExitWatch

AGE_MAX = 30 * SECOND


class Streaming:
    """A stream over a stage: it tells what the exchange's book is, when the test says so."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.board = Board()
        clock = stage.trader.clock
        self.books = StreamedBooks(
            self.board, now=clock.now, monotonic=clock.monotonic, age_max=AGE_MAX
        )
        watch = ExitWatch(ledger=stage.trader.ledger, live=self.books, clock=clock)
        stage.trader.loop._watch = watch
        self.board.up(MARKET, clock.monotonic())

    def tell(self, product: ProductId = BTC, *, shift: Decimal = Decimal(0)) -> None:
        """Say how the product's book stands at the exchange now."""
        shown = self.stage.trader.market.snapshot(
            cycle=10**6, products=(product,), reference=product
        )
        quote = shown.quote(product)
        assert quote is not None
        bid, ask = quote.bid.value + shift, quote.ask.value + shift
        heard = self.stage.trader.clock.monotonic()
        change = BookChanged(product, True, ((bid, Decimal(9)),), ((ask, Decimal(9)),))
        self.board.alive(MARKET, heard)
        self.board.changed(change, self.stage.now, heard)

    def wait(self, seconds: int = 10) -> None:
        """Let the loop wait, as between two cycles."""
        self.stage.trader.loop._wait(self.stage.now + timedelta(seconds=seconds))


def fall(stage: Stage) -> None:
    """Let the market come near the stop, stay there until its median has followed, and go on."""
    stage.fall("5.5")
    stage.cycle(6)
    assert BTC in stage.portfolio.positions
    stage.fall("1")
    stage.wait(59)


@pytest.fixture
def streaming(stage: Stage) -> Streaming:
    stage.position()
    return Streaming(stage)


def test_a_stop_that_the_stream_reaches_is_sold_between_two_cycles(streaming: Streaming) -> None:
    stage = streaming.stage
    cycles = stage.portfolio.cycle
    streaming.tell()
    streaming.wait()
    assert stage.portfolio.cycle == cycles, "nothing is due, nothing happens"
    fall(stage)
    streaming.tell()
    before = stage.now
    streaming.wait()
    assert BTC not in stage.portfolio.positions, stage.recorded(CycleDecided)[-1].endings
    sale = stage.orders[-1]
    assert (sale["side"], sale["status"]) == ("SELL", "FILLED")
    assert stage.recorded(FillBooked)[-1].fill.side is Side.SELL
    assert stage.now - before <= 10 * SECOND
    event = stage.recorded(CycleDecided)[-1]
    assert event.is_exits_only
    assert list(event.endings) == [BTC]
    assert event.endings[BTC].reason == Reason.EXIT_SENT.value
    assert ExitCause.STOP.value in event.endings[BTC].detail
    stage.cycle()
    assert not stage.recorded(CycleDecided)[-1].is_exits_only
    stage.assert_books_agree()


def test_a_status_that_a_clock_ahead_has_dated_keeps_no_exit_back(streaming: Streaming) -> None:
    """What was read is yet to come: the gate refused each exit until the next cycle read anew."""
    stage = streaming.stage
    cycle = stage.trader.cycle
    seen = cycle._seen
    assert seen is not None
    views = {
        product: replace(view, product=replace(view.product, read_at=view.product.read_at + HOUR))
        for product, view in seen.views.items()
        if view.product is not None
    }
    cycle._seen = replace(seen, views=views)
    fall(stage)
    streaming.tell()
    streaming.wait()
    assert BTC not in stage.portfolio.positions, stage.recorded(CycleDecided)[-1].endings
    assert stage.recorded(CycleDecided)[-1].is_exits_only


def test_what_was_decided_between_cycles_is_decided_the_same_again(streaming: Streaming) -> None:
    stage = streaming.stage
    fall(stage)
    streaming.tell()
    streaming.wait()
    stage.cycle(2)
    with JournalReader.open(stage.places.journal) as journal:
        again = list(redecided(journal))
    assert [each.unlike for each in again] == [()] * len(again)
    assert len(again) == len(stage.recorded(CycleDecided))
    assert any(each.is_exits_only for each in stage.recorded(CycleDecided))


def test_nothing_is_bought_and_nothing_else_is_touched(streaming: Streaming) -> None:
    stage = streaming.stage
    fall(stage)
    buys = sum(each["side"] == "BUY" for each in stage.orders)
    before = stage.portfolio
    stage.board.move(str(ETH), "0.5")
    stage.wait(61)
    streaming.tell(ETH)
    streaming.tell()
    streaming.wait()
    assert sum(each["side"] == "BUY" for each in stage.orders) == buys
    after = stage.portfolio
    assert after.cycle == before.cycle + 1
    assert before.equity.equity is not None
    assert after.equity.equity is not None
    assert after.equity.equity < before.equity.equity
    assert after.universe == before.universe
    assert after.breakers == before.breakers
    assert after.faults == before.faults
    assert {**after.reasons, BTC: ""} == {**before.reasons, BTC: ""}


def test_an_exit_that_cannot_be_sent_is_not_tried_at_every_look(streaming: Streaming) -> None:
    stage = streaming.stage
    stage.wait(10)
    # The exchange stands still while the stream says otherwise: far below the collar.
    streaming.tell(shift=Decimal(-60_000))
    cycles = stage.portfolio.cycle
    streaming.wait(5)
    assert stage.portfolio.cycle == cycles + 1
    *_, before, judged = stage.recorded(CycleDecided)
    assert judged.endings[BTC].reason == Reason.COLLAR.value
    assert judged.at > before.at, "by the time of now, not of the last reading"
    for _ in range(5):
        streaming.tell(shift=Decimal(-60_000))
        streaming.wait(5)
    assert stage.portfolio.cycle == cycles + 1
    assert BTC in stage.portfolio.positions


def test_an_exit_that_cannot_be_sent_makes_no_other_one_wait(streaming: Streaming) -> None:
    stage = streaming.stage
    stage.position(ETH)
    streaming.tell(ETH)
    streaming.tell(shift=Decimal(-60_000))
    streaming.wait(5)
    stuck = stage.recorded(CycleDecided)[-1]
    assert stuck.is_exits_only
    assert {stuck.endings[BTC].reason, stuck.endings[ETH].reason} == {"collar", "holding"}
    streaming.tell(ETH, shift=Decimal(-2_000))
    streaming.wait(5)
    due = stage.recorded(CycleDecided)[-1]
    assert due.is_exits_only
    assert due.cycle == stuck.cycle + 1
    assert due.endings[ETH].reason != Reason.HOLDING.value


def test_what_is_not_fresh_is_no_reason_to_sell(streaming: Streaming) -> None:
    stage = streaming.stage
    fall(stage)
    streaming.tell()
    stage.wait(4)
    cycles = stage.portfolio.cycle
    streaming.wait()
    assert stage.portfolio.cycle == cycles, "the stream was silent for 4 s"


def test_news_of_orders_makes_the_loop_read_them_and_books_by_the_record_alone(
    stage: Stage,
) -> None:
    stage.entry()
    streaming = Streaming(stage)
    stage.dip()
    stage.wait(45)
    assert not stage.recorded(FillBooked)
    streaming.board.orders_changed()
    streaming.board.orders_changed()
    streaming.wait()
    assert len(stage.recorded(FillBooked)) == 1
    assert not streaming.board.has_order_news()
    stage.assert_books_agree()


def test_news_of_orders_that_comes_while_they_are_read_makes_the_loop_read_them_again(
    stage: Stage,
) -> None:
    stage.entry()
    streaming = Streaming(stage)
    stage.dip()
    stage.wait(45)

    def none_yet(body: Body) -> None:
        assert body["fills"]
        body["fills"].clear()
        streaming.board.orders_changed()

    stage.wire.on(FILLS, faulty.edited(none_yet), times=1)
    streaming.board.orders_changed()
    streaming.wait()
    assert not stage.recorded(FillBooked), "its fill was not listed yet"
    streaming.wait()
    assert len(stage.recorded(FillBooked)) == 1
    assert not streaming.board.has_order_news()
    stage.assert_books_agree()


def test_news_of_orders_that_could_not_be_read_is_news_still(stage: Stage) -> None:
    stage.entry()
    streaming = Streaming(stage)
    stage.dip()
    stage.wait(40)
    failing = stage.wire.on(FILLS, faulty.request_lost)
    streaming.board.orders_changed()
    streaming.wait(3)
    asked = len(stage.wire.lines(FILLS))
    streaming.wait(1)
    assert len(stage.wire.lines(FILLS)) == asked > 0, "a venue that fails is not asked each second"
    stage.wire.lift(failing)
    streaming.wait(6)
    streaming.wait(6)
    assert len(stage.recorded(FillBooked)) == 1
    asked = len(stage.wire.lines(FILLS))
    streaming.wait(6)
    assert len(stage.wire.lines(FILLS)) == asked, "it was read, and is no news any more"
    stage.assert_books_agree()


def test_a_kill_switch_comes_before_an_exit(streaming: Streaming) -> None:
    stage = streaming.stage
    fall(stage)
    streaming.tell()
    stage.kill.raise_(reason="enough", operator="test", time=str(stage.now))
    streaming.wait()
    assert not [each for each in stage.orders if each["side"] == "SELL"]


def test_a_stop_at_the_venue_makes_way_for_another_exit_between_two_cycles(
    open_stage: Open,
) -> None:
    stage = open_stage(
        lambda policy: replace(policy, execution=replace(policy.execution, venue_stops="auto"))
    )
    stage.position()
    stage.cycle()
    for _ in range(3):
        stage.board.move(str(BTC), "7")
        stage.begin_minute()
    stage.begin_minute()
    streaming = Streaming(stage)
    streaming.tell()
    streaming.wait(1)
    sales = [each for each in stage.orders if each["side"] == "SELL"]
    assert [each["status"] for each in sales] == ["CANCELLED"]
    assert stage.reports[-1].is_pressing
    stage.wait(1)
    streaming.tell()
    streaming.wait(1)
    assert BTC not in stage.portfolio.positions
    assert stage.recorded(FillBooked)[-1].fill.side is Side.SELL
    with JournalReader.open(stage.places.journal) as journal:
        assert [each.unlike for each in redecided(journal) if each.unlike] == []
    stage.assert_books_agree()


def test_a_stop_of_which_nothing_could_be_read_since_the_cycle_makes_way_for_nothing(
    open_stage: Open,
) -> None:
    """A sale could not follow: nobody would learn that the stop has ended."""
    stage = open_stage(
        lambda policy: replace(policy, execution=replace(policy.execution, venue_stops="auto"))
    )
    stage.position()
    for _ in range(2):
        stage.board.move(str(BTC), "7")
        stage.begin_minute()
        stage.cycle()
    streaming = Streaming(stage)
    for each in (LISTING, FILLS, ACCOUNTS, LOOKUP):
        stage.wire.on(each, faulty.BROKEN)
    assert stage.trader.reconciler.collect().error
    streaming.tell(shift=stage.portfolio.positions[BTC].target.value / 10)
    streaming.wait(1)

    judged = stage.recorded(CycleDecided)[-1]
    assert judged.is_exits_only
    assert "nothing tells of the end of its stop" in judged.endings[BTC].detail
    sales = [each for each in stage.orders if each["side"] == "SELL"]
    assert [each["status"] for each in sales] == ["OPEN"]
