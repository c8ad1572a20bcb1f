"""Whatever clients ask of the streams, in whatever order, each hears one whole and true story."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.simex.conftest import market
from tests.simex.listener import Listener, events
from tests.simex.scripted import ScriptedFeed, listing
from tests.simex.stand import Stand
from tests.simex.streams.test_conformance import BTC, ETH, FREELY, applied, rest_book
from tests.simex.test_fuzz import junk

channels = st.sampled_from(
    ["heartbeats", "ticker", "ticker_batch", "level2", "candles", "market_trades", "status", "user"]
)
products = st.lists(st.sampled_from([BTC, ETH, "BTC-USDC", "ETH-USDC"]), max_size=3)
requests = st.one_of(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.one_of(st.sampled_from(["subscribe", "unsubscribe"]), junk),
            "channel": st.one_of(channels, junk),
            "product_ids": st.one_of(products, junk),
            "jwt": junk,
        },
    ),
    junk,
    st.text(max_size=20),
    st.sampled_from(["[" * 5000, '"\\ud800"', '{"type":"subscribe","channel":"\\ud800"}', "NaN"]),
)


def stand() -> Stand:
    return Stand(ScriptedFeed(market, listing(), listing("ETH-USD"), history=1440), *FREELY)


@settings(max_examples=40, deadline=None)
@given(st.lists(requests, max_size=12))
def test_nonsense_is_an_error_or_nothing_and_sense_is_heard_after_it(asked: list[Any]) -> None:
    made = stand()
    listener = Listener(made)
    for each in asked:
        listener.say(each)
        made.wait(1)
        listener.heard()
    assert listener.ended == []
    assert listener.subscribe("ticker", BTC)[-1]["channel"] == "ticker"
    made.exchange.store.close()


steps = st.one_of(
    st.tuples(st.sampled_from(["subscribe", "unsubscribe"]), channels, products),
    st.tuples(st.just("wait"), st.integers(1, 90), st.none()),
    st.tuples(st.just("rest"), st.integers(0, 2), st.none()),
    st.tuples(st.just("take"), st.none(), st.none()),
    st.tuples(st.just("cancel"), st.none(), st.none()),
)


@settings(max_examples=25, deadline=None)
@given(st.lists(steps, max_size=25))
@example([("wait", 80, None), ("wait", 80, None), ("take", None, None)])
def test_numbers_have_no_gap_and_the_book_is_rest_s(script: list[tuple[str, Any, Any]]) -> None:
    made = stand()
    client, watching, other = made.client(), Listener(made), Listener(made)
    book: dict[str, dict[str, str]] = {"bid": {}, "offer": {}}
    known: dict[str, str] = {}
    heard = watching.subscribe("level2", BTC) + watching.subscribe("user")
    # Whoever hears nothing for long is put out, and its book stands still.
    heard += watching.subscribe("heartbeats")
    for number, (act, what, which) in enumerate(script):
        match act:
            case "wait":
                made.wait(what)
            case "rest":
                price = ("59990", "59950", "50000")[what]
                client.limit_order_gtc_buy(str(number), BTC, "0.001", price)
            case "take":
                client.market_order_buy(str(number), BTC, quote_size="50")
            case "cancel":
                client.cancel_orders(
                    [each.order_id for each in client.list_orders().orders] or ["x"]
                )
            case _:
                getattr(other, act)(what, *which)
        heard += watching.heard()
        other.heard()
    assert not watching.ended
    applied(book, events(heard, "l2_data"))
    assert book == rest_book(made, BTC)
    assert [each["sequence_num"] for each in heard] == list(range(len(heard)))
    for event in events(heard, "user"):
        known |= {row["order_id"]: row["status"] for row in event["orders"]}
    listed = {each.order_id: each.status for each in client.list_orders().orders}
    assert known == listed
    made.exchange.store.close()
