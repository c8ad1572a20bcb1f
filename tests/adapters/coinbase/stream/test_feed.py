"""A stream kept up: everything that can be wrong with one ends in a new one, subscribed whole."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta

import pytest
from tests.adapters.coinbase.stream.script import (
    Network,
    Step,
    Time,
    book,
    heartbeat,
    subscribed,
    text,
)

from trader247.adapters.coinbase.stream.board import Board, Condition, Streamed
from trader247.adapters.coinbase.stream.errors import StreamBroken
from trader247.adapters.coinbase.stream.feed import Feed
from trader247.adapters.coinbase.stream.session import Wanted
from trader247.domain.ids import ProductId
from trader247.domain.time import SECOND

BTC = ProductId.parse("BTC-USD")
BEGUN = [subscribed(0, "heartbeats"), subscribed(1, "heartbeats", "level2")]
SNAPSHOT = book(2, {"100": "1"}, {"101": "1"})
UP: Sequence[Step] = [*BEGUN, SNAPSHOT]


class Bench:
    """One feed on scripted connections; run it, and look at the board."""

    def __init__(
        self,
        *scripts: Sequence[Step] | StreamBroken,
        channel: str = "level2",
        products: tuple[ProductId, ...] = (BTC,),
    ) -> None:
        self.time = Time()
        self.board = Board()
        self.network = Network(self.time, list(scripts))
        self.tokens = 0
        self.causes: list[str] = []
        self.told: list[str] = []
        self.seen: list[Condition] = []
        self.books: list[Streamed] = []
        draw = random.Random(7)
        self.refused: list[tuple[ProductId, ...]] = []
        products = products if channel == "level2" else ()
        self.feed = Feed(
            "market",
            (Wanted(channel, products, self._token),),
            self.board,
            connect=self.network.connect,
            monotonic=self.time.monotonic,
            pause=self.time.pause,
            jitter=draw.random,
            is_over=self._is_over,
            on_change=self.told.append,
            on_refused=lambda refused: self.refused.append(tuple(refused)),
        )
        self._over = self.network.over()

    def run(self) -> Bench:
        self.feed.run()
        return self

    def _token(self) -> str:
        self.tokens += 1
        return f"token {self.tokens}"

    def _is_over(self) -> bool:
        condition = self.board.condition("market")
        if not self.seen or self.seen[-1] != condition:
            self.seen.append(condition)
        if condition.cause and (not self.causes or self.causes[-1] != condition.cause):
            self.causes.append(condition.cause)
        known = self.board.book(BTC)
        if known is not None:
            self.books.append(known)
        return self._over()


def test_it_subscribes_one_channel_a_message_heartbeats_first_with_a_fresh_token_each() -> None:
    bench = Bench([StreamBroken("lost")], UP).run()
    first, second = bench.network.made
    assert first.said == [
        {"type": "subscribe", "product_ids": [], "channel": "heartbeats"},
        {
            "type": "subscribe",
            "product_ids": ["BTC-USD"],
            "channel": "level2",
            "jwt": "token 1",
        },
    ]
    # Everything again after a reconnect, heartbeats too, and no token is used twice.
    assert [each["channel"] for each in second.said] == ["heartbeats", "level2"]
    assert second.said[1]["jwt"] == "token 2"
    assert first.is_closed


def test_a_book_stands_while_the_stream_is_up_and_is_forgotten_with_it() -> None:
    bench = Bench([*UP, book(3, {"100.5": "2"}, {}, kind="update", at=4), 0.25, heartbeat(4)]).run()
    streamed = bench.books[-1]
    assert str(streamed.levels.bids[0][0]) == "100.5"
    assert any(each.is_up for each in bench.seen)
    assert bench.board.book(BTC) is None, "nothing is left of a stream that ended"


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        ([book(4, {"99": "1"}, {}, kind="update")], "messages were lost"),
        ([StreamBroken("the server closed it (1000)")], "closed it (1000)"),
        ([StreamBroken("the connection was lost")], "lost"),
        ([60.0], "nothing was heard for"),
        (['{"type":"error","message":"authentication failure"}'], "refused: authentication"),
        (["not JSON"], "no JSON"),
        ([text("l2_data", 3, {"type": "update", "product_id": "BTC-USD"})], "cannot read"),
    ],
)
def test_whatever_is_wrong_ends_the_connection_and_the_next_one_is_subscribed_whole(
    fault: Sequence[Step], cause: str
) -> None:
    bench = Bench([*UP, *fault], UP).run()
    assert any(cause in each for each in bench.causes), bench.causes
    assert len(bench.network.made) == 2
    assert [each["channel"] for each in bench.network.made[1].said] == ["heartbeats", "level2"]
    assert bench.board.condition("market").connects == 2


def test_a_half_open_connection_is_found_out_within_four_seconds() -> None:
    beats = [step for n in range(3, 23) for step in (1.0, heartbeat(n))]
    bench = Bench([*UP, *beats, 60.0], UP).run()
    silent_since = 20
    assert silent_since < bench.network.at[1].total_seconds() <= silent_since + 6
    assert any("nothing was heard for 3 s" in each for each in bench.causes)


def test_a_subscription_that_is_never_confirmed_has_failed() -> None:
    beats = [step for n in range(1, 12) for step in (1.0, heartbeat(n))]
    bench = Bench([subscribed(0, "heartbeats"), *beats], UP).run()
    assert any("not confirmed" in each for each in bench.causes)
    assert bench.network.at[1] < 8 * SECOND
    assert bench.board.condition("market").connects == 1


def test_repeated_messages_and_late_ones_change_nothing() -> None:
    update = book(3, {"100": "7"}, {}, kind="update")
    late = book(3, {"100": "9"}, {}, kind="update")
    bench = Bench([*UP, update, update, late, SNAPSHOT, 0.25, heartbeat(4)]).run()
    assert str(bench.books[-1].levels.bids[0][1]) == "7"
    assert len(bench.network.made) == 1


def test_it_comes_back_with_jitter_under_a_ceiling_that_doubles_and_is_bounded() -> None:
    broken = [StreamBroken("no connection")] * 12
    bench = Bench(*broken, UP).run()
    waits = [
        (after - before).total_seconds()
        for before, after in zip(bench.network.at, bench.network.at[1:], strict=False)
    ]
    assert len(waits) == 12
    assert all(wait <= min(30, 2**n) + 0.5 for n, wait in enumerate(waits)), waits
    assert len({round(each, 3) for each in waits}) > 6, "no jitter"
    again = Bench(*broken, UP).run()
    assert again.network.at == bench.network.at, "the same seed waits as long"
    # It is said once that it is down, and once that it is up again.
    assert bench.told == ["no connection", ""]


def test_after_a_good_while_the_ceiling_begins_anew() -> None:
    beats = [step for n in range(3, 66) for step in (1.0, heartbeat(n))]
    bench = Bench(
        *[StreamBroken("no connection")] * 8, [*UP, *beats, StreamBroken("lost")], UP
    ).run()
    back = bench.network.at[-1] - bench.network.at[-2] - timedelta(seconds=63)
    assert back <= 2 * SECOND


REFUSAL = '{"type":"error","message":"failure to subscribe"}'
ADA = ProductId.parse("ADA-USD")


def test_where_one_product_is_refused_the_others_are_streamed() -> None:
    beats = [step for n in range(4, 12) for step in (1.0, heartbeat(n))]
    singly = [*BEGUN, REFUSAL, SNAPSHOT, 0.25, heartbeat(3), *beats]
    bench = Bench([*BEGUN[:1], REFUSAL], singly, products=(ADA, BTC)).run()
    whole, single = ([each["product_ids"] for each in made.said] for made in bench.network.made)
    assert whole == [[], ["ADA-USD", "BTC-USD"]]
    assert single == [[], ["ADA-USD"], ["BTC-USD"]]
    assert bench.books, "the one that is streamed is used"
    assert bench.refused == [(ADA,)], "which one is not, is said once"
    assert bench.told == ["the venue refused: failure to subscribe", ""]


def test_products_are_asked_for_together_again_once_none_is_refused() -> None:
    broken = StreamBroken("lost")
    bench = Bench([REFUSAL], [*UP, 1.0, broken], UP, products=(ADA, BTC)).run()
    assert [len(each.said) for each in bench.network.made] == [2, 3, 2]


@pytest.mark.parametrize("channel", ["level2", "user"])
def test_a_refusal_of_the_only_thing_asked_for_ends_the_connection(channel: str) -> None:
    opening = [subscribed(0, "heartbeats"), REFUSAL]
    bench = Bench(opening, opening, [subscribed(0, "heartbeats")], channel=channel).run()
    assert len(bench.network.made) == 3
    assert bench.refused == []


def test_a_venue_that_refuses_every_product_is_not_streamed_from() -> None:
    beats = [step for n in range(1, 12) for step in (1.0, heartbeat(n))]
    singly = [subscribed(0, "heartbeats"), REFUSAL, REFUSAL, *beats]
    bench = Bench([REFUSAL], singly, UP, products=(ADA, BTC)).run()
    assert any("not confirmed" in each for each in bench.causes)
    assert bench.network.at[2] < 15 * SECOND


def test_order_news_is_counted_and_taken_once() -> None:
    news = text("user", 2, {"type": "update", "orders": [{"order_id": "a"}]})
    opening = [subscribed(0, "heartbeats"), subscribed(1, "heartbeats", "user")]
    bench = Bench([*opening, news, news], channel="user").run()
    assert bench.board.has_order_news()
    assert bench.board.take_order_news() == 1
    assert not bench.board.has_order_news()


def test_a_bug_in_the_thread_is_seen_on_the_board_and_not_swallowed() -> None:
    bench = Bench(UP)
    bench.network.connect = lambda: 1 / 0  # type: ignore[method-assign, assignment, return-value]
    bench.feed._connect = bench.network.connect
    with pytest.raises(ZeroDivisionError):
        bench.run()
    assert "internal error" in bench.board.condition("market").cause
