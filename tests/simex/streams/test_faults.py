"""C55: everything that can go wrong on a stream, through the one hook for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.simex.listener import Listener, events
from tests.simex.scripted import ScriptedFeed
from tests.simex.stand import Stand

from trader247.simex.streams.faults import (
    Abort,
    Act,
    Close,
    Connection,
    Hang,
    NoFaults,
    Outgoing,
    Say,
)

BTC = "BTC-USD"
Plan = Callable[[Outgoing], tuple[Act, ...]]


class Planned(NoFaults):
    """Does to each message of the heart what a function says."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def acts(self, connection: Connection, message: Outgoing) -> tuple[Act, ...]:
        return self._plan(message) if message.channel == "heartbeats" else (Say(message.text),)


def beaten(feed: ScriptedFeed, plan: Plan, seconds: int = 6) -> tuple[list[int], Listener]:
    """The sequence numbers of what is heard of the heart under a plan."""
    stand = Stand(feed, faults=Planned(plan))
    listener = Listener(stand)
    heard = listener.subscribe("heartbeats")
    for _ in range(seconds):
        stand.wait(1)
        heard += listener.heard()
    return [each["sequence_num"] for each in heard], listener


def test_c55_without_a_plan_nothing_goes_wrong(feed: ScriptedFeed) -> None:
    numbers, listener = beaten(feed, lambda message: (Say(message.text),))
    assert numbers == list(range(7))
    assert listener.ended == []


def test_c55_a_gap(feed: ScriptedFeed) -> None:
    numbers, _ = beaten(feed, lambda each: () if each.sequence == 3 else (Say(each.text),))
    assert numbers == [0, 1, 2, 4, 5, 6]


def test_c55_a_duplicate(feed: ScriptedFeed) -> None:
    numbers, _ = beaten(feed, lambda each: (Say(each.text),) * (2 if each.sequence == 3 else 1))
    assert numbers == [0, 1, 2, 3, 3, 4, 5, 6]


def test_c55_out_of_order(feed: ScriptedFeed) -> None:
    held: list[str] = []

    def plan(each: Outgoing) -> tuple[Act, ...]:
        if each.sequence == 3:
            held.append(each.text)
            return ()
        return (Say(each.text), *(Say(held.pop()) for _ in list(held)))

    numbers, _ = beaten(feed, plan)
    assert numbers == [0, 1, 2, 4, 3, 5, 6]


def test_c55_late(feed: ScriptedFeed) -> None:
    numbers, _ = beaten(
        feed, lambda each: (Say(each.text, after_us=2_000_000 if each.sequence == 2 else 0),)
    )
    assert numbers == [0, 1, 3, 4, 2, 5, 6]


@pytest.mark.parametrize("code", [1000, 1001, 1009, 1011])
def test_c55_a_close_with_a_code_after_what_was_said(feed: ScriptedFeed, code: int) -> None:
    numbers, listener = beaten(
        feed, lambda each: (Say(each.text), *([Close(code)] if each.sequence == 3 else []))
    )
    assert numbers == [0, 1, 2, 3]
    assert listener.ended == [code]


def test_c55_an_abrupt_drop(feed: ScriptedFeed) -> None:
    numbers, listener = beaten(
        feed, lambda each: (Abort(),) if each.sequence == 3 else (Say(each.text),)
    )
    assert numbers == [0, 1, 2]
    assert listener.ended == [None]


def test_c55_half_open_says_nothing_and_does_not_close(feed: ScriptedFeed) -> None:
    numbers, listener = beaten(
        feed, lambda each: (Hang(),) if each.sequence == 3 else (Say(each.text),), seconds=200
    )
    assert numbers == [0, 1, 2]
    assert listener.ended == []
    assert listener.subscribe("ticker", BTC) == []
    assert listener.say("nonsense") == []
    assert listener.errors == []


def test_c55_half_open_outlasts_the_patience_with_the_silent(feed: ScriptedFeed) -> None:
    class Hanging(NoFaults):
        def acts(self, connection: Connection, message: Outgoing) -> tuple[Act, ...]:
            return (Say(message.text), *([Hang()] if message.channel == "user" else []))

    stand = Stand(feed, "stream_idle_ms=1000", faults=Hanging())
    listener = Listener(stand)
    assert len(listener.subscribe("user")) == 2
    stand.wait(60)
    assert (listener.heard(), listener.ended) == ([], [])


def test_c55_something_happens_by_itself(feed: ScriptedFeed) -> None:
    class Timed(NoFaults):
        def occurs(self, connection: Connection, now_us: int) -> tuple[Act, ...]:
            return (Close(1001),) if now_us % 60_000_000 >= 7_000_000 else ()

    stand = Stand(feed, faults=Timed())
    listener = Listener(stand)
    listener.subscribe("user")
    stand.wait(6)
    listener.heard()
    assert listener.ended == []
    stand.wait(1)
    listener.heard()
    assert listener.ended == [1001]


def test_c55_a_subscription_is_refused_while_the_connection_is_well(feed: ScriptedFeed) -> None:
    class Refusing(NoFaults):
        def is_subscription_refused(
            self, connection: Connection, channel: str, products: tuple[str, ...]
        ) -> bool:
            return channel == "ticker" and BTC in products

    listener = Listener(Stand(feed, faults=Refusing()))
    assert listener.subscribe("ticker", BTC) == []
    assert listener.errors == ["failure to subscribe"]
    assert events(listener.subscribe("ticker", "ETH-USD"), "subscriptions") == [
        {"subscriptions": {"ticker": ["ETH-USD"]}}
    ]


def test_c55_a_connection_is_refused(feed: ScriptedFeed) -> None:
    class Closed(NoFaults):
        def connection_refused(self, connection: Connection) -> int | None:
            return 503 if connection.number == 1 else None

    stand = Stand(feed, faults=Closed())
    assert [
        each if isinstance(each, int) else 101
        for each in (
            stand.streams.connect("a"),
            stand.streams.connect("a"),
            stand.streams.connect("a"),
        )
    ] == [101, 503, 101]


def test_c55_each_connection_goes_wrong_by_itself(feed: ScriptedFeed) -> None:
    class First(NoFaults):
        def acts(self, connection: Connection, message: Outgoing) -> tuple[Act, ...]:
            return (Abort(),) if connection.number == 0 else (Say(message.text),)

    stand = Stand(feed, faults=First())
    one, two = Listener(stand), Listener(stand)
    assert (one.subscribe("ticker", BTC), one.ended) == ([], [None])
    assert len(two.subscribe("ticker", BTC)) == 2
