"""C55: what goes wrong on a stream, as the official client's own class reads it.

Whatever a stream leaves out or says twice, REST tells the fills all the same: that is what a client
goes by in the end.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from tests.simex.listener import Listener, events
from tests.simex.scripted import ScriptedFeed
from tests.simex.stand import Stand

from trader247.simex.faults.streaming import CODES
from trader247.simex.streams.session import Session

FREELY = ("private_per_s=1000000", "public_per_s=1000000", "stream_per_s=1000000")
BTC = "BTC-USD"
Made = Callable[..., Stand]


@pytest.fixture
def made(feed: ScriptedFeed) -> Made:
    return lambda *faults, seed=0: Stand(feed, *FREELY, mishaps=faults, seed=seed)


def beats(stand: Stand, seconds: int = 6) -> tuple[Listener, list[int]]:
    """A connection that hears heartbeats for so long, and the numbers that it heard."""
    listener = Listener(stand)
    heard = listener.subscribe("heartbeats")
    for _ in range(seconds):
        stand.wait(1)
    return listener, [each["sequence_num"] for each in heard + listener.heard()]


def test_c55_without_faults_every_number_comes_once(made: Made) -> None:
    assert beats(made())[1] == [0, 1, 2, 3, 4, 5, 6]


def test_c55_a_gap(made: Made) -> None:
    stand = made("stream_gap@heartbeats:after=2:times=1")
    assert beats(stand)[1] == [0, 1, 2, 4, 5, 6]
    assert stand.plan.told() == {"stream_gap": {"heartbeats": 1}}


def test_c55_a_duplicate(made: Made) -> None:
    assert beats(made("stream_doubled@heartbeats:after=2:times=1"))[1] == [0, 1, 2, 3, 3, 4, 5, 6]


def test_c55_out_of_order(made: Made) -> None:
    assert beats(made("stream_swapped@heartbeats:after=2:times=1"))[1] == [0, 1, 2, 4, 3, 5, 6]


def test_c55_late(made: Made) -> None:
    _, numbers = beats(made("stream_late@heartbeats:ms=3000:after=1:times=1", seed=1))
    assert sorted(numbers) == [0, 1, 2, 3, 4, 5, 6]
    assert numbers != sorted(numbers)


def test_c55_an_abrupt_drop(made: Made) -> None:
    listener, numbers = beats(made("stream_drop@heartbeats:after=2:times=1"))
    assert (numbers, listener.ended) == ([0, 1, 2], [None])


def test_c55_every_closing_code(made: Made) -> None:
    ended = set()
    for seed in range(20):
        listener, _ = beats(made("stream_close@heartbeats:after=1:times=1", seed=seed), 3)
        ended |= set(listener.ended)
    assert ended == set(CODES)


def test_c55_half_open(made: Made) -> None:
    listener, numbers = beats(made("stream_hang@heartbeats:after=2:times=1"), 30)
    assert (numbers, listener.ended) == ([0, 1, 2], [])
    assert not listener.session.is_over


def test_c55_a_heart_that_stops_leaves_no_gap(made: Made) -> None:
    stand = made("stream_silent@heartbeats:after=2:times=1:burst=3")
    listener = Listener(stand)
    heard = listener.subscribe("heartbeats")
    for _ in range(6):
        stand.wait(1)
    heard += listener.heard()
    assert [each["sequence_num"] for each in heard] == [0, 1, 2, 3]
    counters = [each["heartbeat_counter"] for each in events(heard, "heartbeats")]
    assert len(counters) == 3


def test_c55_a_subscription_is_refused_and_the_connection_stays(made: Made) -> None:
    stand = made("stream_refused@level2:times=1")
    listener = Listener(stand)
    assert listener.subscribe("level2", BTC) == []
    assert len(listener.errors) == 1
    assert len(listener.subscribe("level2", BTC)) == 2


def test_c55_a_connection_is_refused(made: Made) -> None:
    stand = made("stream_busy:times=40")
    refused = {stand.streams.connect(f"127.0.0.{number}") for number in range(40)}
    assert refused == {429, 503}
    assert isinstance(stand.streams.connect("127.0.0.50"), Session)


def test_c55_no_fill_is_missed_by_who_asks_rest_after_a_fault(made: Made) -> None:
    faults = ("gap", "doubled", "swapped", "late", "drop", "close", "hang", "silent")
    for name in faults:
        stand = made(f"stream_{name}@user:after=1")
        client, listener = stand.client(), Listener(stand)
        listener.subscribe("user")
        bought = client.market_order_buy("a", BTC, quote_size="50").success_response["order_id"]
        stand.wait(5)
        rows = told(listener.heard())
        order = client.get_order(bought).order
        size = sum(Decimal(each.size) for each in client.get_fills(order_ids=[bought]).fills)
        assert Decimal(order.filled_size) == size > 0
        assert {each["order_id"] for each in rows} <= {bought}
        assert stand.plan.told()[f"stream_{name}"]["user"] >= 1, name


def told(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for event in events(messages, "user") for row in event["orders"]]


def test_c55_the_same_seed_is_the_same_stream(made: Made) -> None:
    fault = "stream_gap=0.3;stream_doubled=0.3;stream_swapped=0.3"
    first, again, other = (beats(made(fault, seed=seed), 30)[1] for seed in (1, 1, 2))
    assert first == again != other
