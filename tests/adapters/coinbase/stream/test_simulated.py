"""C55 from the client's side: whatever the stream does wrong, no wrong book is traded on."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.adapters.coinbase.stream.script import Time
from tests.simex.scripted import START, ScriptedFeed, bar, listing
from tests.simex.stand import Stand

from trader247.adapters.coinbase.depth import Levels
from trader247.adapters.coinbase.stream.board import Board
from trader247.adapters.coinbase.stream.errors import StreamBroken
from trader247.adapters.coinbase.stream.feed import BOOK, Feed
from trader247.adapters.coinbase.stream.session import Wanted
from trader247.adapters.coinbase.stream.streamed import MARKET, StreamedBooks
from trader247.domain.ids import ProductId
from trader247.domain.time import SECOND, Instant
from trader247.simex.book import Side
from trader247.simex.feeds.feed import MinuteBar
from trader247.simex.path import MINUTE_US
from trader247.simex.streams.session import End, Session

BTC, ETH = ProductId.parse("BTC-USD"), ProductId.parse("ETH-USD")
MINUTES = 3
FAULTS = (
    "stream_gap",
    "stream_doubled",
    "stream_swapped",
    "stream_late",
    "stream_hang",
    "stream_drop",
    "stream_close",
    "stream_refused",
    "stream_busy",
)


def market(minute: int) -> Mapping[str, MinuteBar]:
    """Prices that are others at each of a minute's points."""
    shift = 10_000 * (minute % 5)
    return {
        "BTC-USD": bar(6_000_000 + shift, 6_020_000 + shift, 5_990_000 + shift, 6_003_000 + shift),
        "ETH-USD": bar(300_000 + minute % 9, 301_000, 299_000, 300_005),
    }


class Wired:
    """A connection to the stand, where time passes by waiting."""

    is_open = True

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        connected = bench.stand.streams.connect("127.0.0.1")
        if not isinstance(connected, Session):
            raise StreamBroken(f"refused with {connected}")
        self._session = connected

    def say(self, text: str) -> None:
        self._bench.stand.streams.hear(self._session, text)

    def receive(self, seconds: float) -> list[str]:
        taken = self._session.take()
        if taken is None:
            self._bench.pass_time(seconds)
            return []
        if isinstance(taken, End):
            raise StreamBroken(f"ended with {taken.code}")
        return [taken]

    def close(self) -> None:
        self._bench.stand.streams.leave(self._session)


class Bench:
    """Our feed on the simulated exchange's own streams, and the truth beside it."""

    def __init__(
        self, *, mishaps: tuple[str, ...] = (), switches: tuple[str, ...] = (), seed: int = 0
    ) -> None:
        feed = ScriptedFeed(market, listing(), listing("ETH-USD"), history=2 * 1440)
        self.stand = Stand(feed, "stream_per_s=1000", *switches, mishaps=mishaps, seed=seed)
        self.time = Time()
        self.board = Board()
        self.told: list[str] = []
        self.slack_us = 5_000_000
        self.truth: dict[tuple[ProductId, int], set[tuple[Decimal, Decimal]]] = {}
        self.looked: dict[bool, int] = {True: 0, False: 0}
        self.begun_us = self.stand.exchange.now_us
        self.books = StreamedBooks(
            self.board,
            now=lambda: Instant(self.stand.exchange.now_us),
            monotonic=self.time.monotonic,
            age_max=30 * SECOND,
        )
        self.feed = Feed(
            MARKET,
            (Wanted(BOOK, (BTC, ETH)),),
            self.board,
            connect=lambda: Wired(self),
            monotonic=self.time.monotonic,
            pause=self.pass_time,
            jitter=random.Random(seed).random,
            is_over=lambda: self.time.now >= timedelta(minutes=MINUTES),
            on_change=self.told.append,
        )

    def pass_time(self, seconds: float) -> None:
        """Both clocks go on; the truth is noted, and what is traded on compared with it."""
        self._note()
        self.time.pause(seconds)
        self.stand.wait(seconds)
        self._note()
        for product in (BTC, ETH):
            levels = self.books.book(product)
            self.looked[levels is not None] += 1
            if levels is not None:
                self.compare(product, levels)

    def compare(self, product: ProductId, levels: Levels) -> None:
        best = levels.bids[0][0], levels.asks[0][0]
        now_us = self.stand.exchange.now_us
        lately = range(max(self.begun_us, now_us - self.slack_us), now_us + 1, 250_000)
        known = {each for at in lately for each in self.truth.get((product, at), set())}
        assert best in known, f"{product} {best} was not the book of the last seconds"

    def _note(self) -> None:
        now_us = self.stand.exchange.now_us
        for product in (BTC, ETH):
            matching = self.stand.exchange.markets[str(product)].matching
            grid = self.stand.exchange.markets[str(product)].price
            best = tuple(
                grid.decimal(matching.levels(side)[0][0]) for side in (Side.BUY, Side.SELL)
            )
            self.truth.setdefault((product, now_us), set()).add((best[0], best[1]))


def test_without_faults_the_book_is_there_all_the_time() -> None:
    bench = Bench()
    bench.feed.run()
    assert bench.begun_us == START * MINUTE_US
    assert bench.looked[True] > 50 * bench.looked[False]
    assert bench.told == [""]
    assert bench.board.condition(MARKET).connects == 1


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_goes_wrong_no_book_is_wrong_and_it_comes_back(fault: str) -> None:
    bench = Bench(mishaps=(f"{fault}=0.02",), seed=1)
    bench.feed.run()
    assert bench.looked[True] > bench.looked[False], bench.looked


def test_a_storm_of_everything_is_lived_through() -> None:
    bench = Bench(mishaps=tuple(f"{fault}=0.02" for fault in FAULTS), seed=5)
    bench.feed.run()
    assert bench.board.condition(MARKET).connects > 3
    assert bench.looked[True] > 100


@pytest.mark.parametrize(
    "switch",
    [
        "sequence_scope=product",
        "client_id=off",
        "heartbeat_counter=text",
        "stream_close=normal",
    ],
)
def test_what_is_not_known_of_the_venue_makes_no_difference(switch: str) -> None:
    bench = Bench(switches=(switch,))
    bench.feed.run()
    assert bench.looked[True] > 50 * bench.looked[False]
    assert bench.board.condition(MARKET).connects == 1
    broken = Bench(switches=(switch,), mishaps=("stream_gap=0.02",), seed=3)
    if switch == "sequence_scope=product":
        # Then the next message of the same product alone tells of a lost one: the age is the bound.
        broken.slack_us = 31_000_000
    broken.feed.run()
    assert broken.board.condition(MARKET).connects > 1
