"""Which books of the stream are traded on: fresh by every clock, moving, and not in doubt."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from tests.adapters.coinbase.stream.script import BEGIN

from trader247.adapters.coinbase.depth import depth_of
from trader247.adapters.coinbase.stream.board import Board
from trader247.adapters.coinbase.stream.messages import BookChanged
from trader247.adapters.coinbase.stream.streamed import CHECKS, DOUBT, MARKET, ORDERS, StreamedBooks
from trader247.domain.ids import ProductId
from trader247.domain.market import Quote
from trader247.domain.money import Price, Quantity
from trader247.domain.time import MICROSECOND, SECOND, Instant

BTC, ETH = ProductId.parse("BTC-USD"), ProductId.parse("ETH-USD")
ONE = Decimal(1)


class Bench:
    """A board, and the two clocks by which it is read."""

    def __init__(self) -> None:
        self.board = Board()
        self.steady = timedelta(seconds=100)
        self.offset = timedelta(0)
        self.books = StreamedBooks(
            self.board,
            now=lambda: self.venue_now,
            monotonic=lambda: self.steady,
            age_max=30 * SECOND,
        )
        self.board.up(MARKET, self.steady)

    @property
    def venue_now(self) -> Instant:
        return BEGIN + (self.steady - timedelta(seconds=100)) + self.offset

    def tell(
        self, bid: str, ask: str, *, product: ProductId = BTC, time: Instant | None = None
    ) -> None:
        change = BookChanged(product, True, ((Decimal(bid), ONE),), ((Decimal(ask), ONE),))
        self.board.changed(change, time or self.venue_now, self.steady)

    def touch(self, *, time: Instant | None = None) -> None:
        """A message about a level far away: the best prices stand still."""
        change = BookChanged(BTC, False, ((ONE, ONE),), ())
        self.board.changed(change, time or self.venue_now, self.steady)

    def wait(self, seconds: float) -> None:
        """Let time pass with heartbeats."""
        self.steady += timedelta(seconds=seconds)
        self.board.alive(MARKET, self.steady)

    def is_used(self) -> bool:
        assert (self.books.book(BTC) is not None) == bool(self.books.quotes((BTC,)))
        return self.books.book(BTC) is not None


def quote(mid: str) -> Quote:
    price = Price(Decimal(mid))
    return Quote(price, price, Quantity(ONE), Quantity(ONE), BEGIN)


def test_a_fresh_book_is_used_with_its_own_time() -> None:
    bench = Bench()
    assert not bench.is_used()
    bench.tell("100", "101")
    (streamed,) = bench.books.quotes((BTC, ETH)).values()
    assert (str(streamed.bid), str(streamed.ask), streamed.time) == ("100", "101", BEGIN)


def test_a_book_of_which_nothing_is_heard_any_more_is_not_used() -> None:
    bench = Bench()
    bench.tell("100", "101")
    bench.wait(30)
    assert bench.is_used()
    bench.wait(0.001)
    assert not bench.is_used()


def test_frozen_times_under_live_messages_are_not_used() -> None:
    bench = Bench()
    frozen = bench.venue_now
    for second in range(31):
        bench.tell(f"{100 + second}", "200", time=frozen)
        assert bench.is_used(), second
        bench.wait(1)
    bench.tell("150", "200", time=frozen)
    assert not bench.is_used()


def test_frozen_prices_under_live_times_are_not_used() -> None:
    bench = Bench()
    bench.tell("100", "101")
    for _ in range(30):
        bench.wait(1)
        bench.touch()
        assert bench.is_used()
    bench.wait(0.001)
    bench.touch()
    assert not bench.is_used()
    bench.tell("100.5", "101")
    assert bench.is_used()


def test_a_time_ahead_of_the_venues_clock_is_not_used() -> None:
    bench = Bench()
    bench.tell("100", "101", time=bench.venue_now + 5 * SECOND)
    assert bench.is_used()
    bench.tell("100", "101", time=bench.venue_now + 5 * SECOND + MICROSECOND)
    assert not bench.is_used()


def test_a_stream_without_heartbeats_is_not_used() -> None:
    bench = Bench()
    bench.tell("100", "101")
    bench.steady += timedelta(seconds=3)
    assert bench.is_used()
    bench.steady += MICROSECOND
    assert not bench.is_used()


def test_a_stream_that_ended_is_not_used() -> None:
    bench = Bench()
    bench.tell("100", "101")
    bench.board.down(MARKET, "messages were lost", [])
    assert not bench.is_used()


@pytest.mark.parametrize(("asked", "is_in_doubt"), [("101", False), ("101.02", True), ("98", True)])
def test_a_product_on_which_stream_and_answer_disagree_is_in_doubt_for_a_while(
    asked: str, is_in_doubt: bool
) -> None:
    bench = Bench()
    bench.tell("99", "101")
    assert bool(bench.books.compared(BTC, quote(asked))) is is_in_doubt
    assert bench.is_used() is not is_in_doubt
    if is_in_doubt:
        bench.wait(DOUBT.total_seconds() - 1)
        bench.tell("99", "101")
        assert not bench.is_used()
        # Whoever asks meanwhile learns of it, and one that agrees does not end it.
        assert "100" in bench.books.compared(BTC, quote("100"))
        bench.wait(1)
        bench.tell("99", "101")
        assert bench.is_used()
        assert not bench.books.compared(BTC, quote("100"))


def test_in_turn_each_product_is_asked_for_all_the_same() -> None:
    bench = Bench()
    products = [ProductId.parse(f"P{number}-USD") for number in range(7)]
    for product in products:
        bench.tell("100", "101", product=product)
    asked: list[ProductId] = []
    for _ in range(4):
        bench.books.begin(products)
        without = [each for each in products if bench.books.book(each) is None]
        assert len(without) == CHECKS
        # Between cycles all of them are known.
        assert len(bench.books.quotes(products)) == 7
        asked += without
    assert set(asked) == set(products)


def test_depth_is_summed_from_the_levels() -> None:
    bench = Bench()
    bench.tell("99.99", "100.01")
    levels = bench.books.book(BTC)
    assert levels is not None
    shown = depth_of(levels)
    assert {str(each) for each in shown.bids} == {"99.99"}
    assert {str(each) for each in shown.asks} == {"100.01"}


def test_each_new_beginning_of_a_stream_is_counted_once() -> None:
    bench = Bench()
    assert bench.books.take_reconnects() == 0, "the first time is no restart"
    bench.board.down(MARKET, "reset", ())
    bench.board.up(MARKET, bench.steady)
    bench.board.up(ORDERS, bench.steady)
    assert bench.books.take_reconnects() == 1
    assert bench.books.take_reconnects() == 0
    for _ in range(1_500):
        bench.board.up(ORDERS, bench.steady)
    assert bench.books.take_reconnects() == 1_500
