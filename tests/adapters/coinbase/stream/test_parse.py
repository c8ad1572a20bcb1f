"""From text to messages: everything that production is said to send, and what it must not."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.adapters.coinbase.stream.script import BEGIN, book, heartbeat, subscribed, text

from trader247.adapters.coinbase.stream import parse as parsing
from trader247.adapters.coinbase.stream.messages import (
    BookChanged,
    Heartbeat,
    OrdersChanged,
    Refused,
    Subscriptions,
    Unused,
)
from trader247.adapters.coinbase.stream.parse import _levels as any_levels
from trader247.adapters.coinbase.stream.parse import _plain_levels, parse
from trader247.domain.errors import VenueError
from trader247.domain.ids import ProductId

BTC = ProductId.parse("BTC-USD")
FIGURES = st.sampled_from(
    [
        "0",
        "12.5",
        "3.",
        "00.1",
        ".5",
        "1e3",
        "-1",
        "x",
        "",
        None,
        5,
        Decimal("2.5"),
        "\u0663",
        "1,2",
    ]
)


def test_a_book_is_read_with_exact_numbers() -> None:
    envelope = parse(book(2, {"60000": "0.5"}, {"60000.01": "0.00000000"}, kind="update"))
    assert (envelope.channel, envelope.sequence, envelope.time) == ("l2_data", 2, BEGIN)
    assert envelope.product == "BTC-USD"
    (change,) = envelope.messages
    assert change == BookChanged(
        BTC,
        is_snapshot=False,
        bids=((Decimal(60000), Decimal("0.5")),),
        asks=((Decimal("60000.01"), Decimal(0)),),
    )


@pytest.mark.parametrize("counter", [3049, "3049"])
def test_a_counter_is_a_number_or_a_text(counter: int | str) -> None:
    assert parse(heartbeat(1, counter)).messages == (Heartbeat(3049),)


def test_a_counter_of_another_kind_is_no_reason_to_fall() -> None:
    assert parse(heartbeat(1, "many")).messages == (Heartbeat(None),)


def test_subscriptions_are_read() -> None:
    assert parse(subscribed(0, "heartbeats", "level2")).messages == (
        Subscriptions({"heartbeats": ("heartbeats",), "level2": ("BTC-USD",)}),
    )


def test_an_error_has_no_envelope() -> None:
    envelope = parse('{"type":"error","message":"authentication failure"}')
    assert envelope.messages == (Refused("authentication failure"),)
    assert envelope.sequence is None


def test_a_client_id_may_be_there() -> None:
    body = json.loads(heartbeat(1))
    assert parse(json.dumps({**body, "client_id": ""})) == parse(json.dumps(body))


@pytest.mark.parametrize("channel", ["status", "ticker", "a_channel_of_next_year"])
def test_other_channels_and_events_are_unused(channel: str) -> None:
    envelope = parse(text(channel, 4, {"type": "news", "tickers": [{"product_id": "BTC-USD"}]}))
    assert envelope.messages == (Unused(channel),)
    assert envelope.product == "BTC-USD"
    assert parse(text("l2_data", 4, {"type": "auction"})).messages == (Unused("l2_data"),)


def test_orders_are_news_and_nothing_of_them_is_read() -> None:
    order = {"order_id": "x", "cumulative_quantity": "not even a number", "status": "NEWLY_MADE_UP"}
    assert parse(text("user", 1, {"type": "update", "orders": [order]})).messages == (
        OrdersChanged(1),
    )
    assert parse(text("user", 1, {"type": "snapshot", "orders": None})).messages == (
        OrdersChanged(0),
    )


def _levels(*updates: object) -> str:
    return text("l2_data", 1, {"type": "update", "product_id": "BTC-USD", "updates": list(updates)})


def _level(**changes: Any) -> dict[str, Any]:
    return {"side": "bid", "price_level": "1", "new_quantity": "1", **changes}


@pytest.mark.parametrize(
    "said",
    [
        "",
        "[]",
        "nonsense",
        "{",
        '{"channel":"heartbeats"}',
        '{"channel":"heartbeats","events":[1]}',
        '{"channel":"heartbeats","events":[{"heartbeat_counter":NaN}]}',
        "[" * 100_000,
        text("subscriptions", 0, {"subscriptions": {"level2": "BTC-USD"}}),
        text("subscriptions", 0, {}),
        text("l2_data", 0, {"type": "update", "product_id": "BTC-USD"}),
        text("l2_data", 0, {"type": "update", "product_id": "btc", "updates": []}),
        _levels(7),
        _levels(_level(side="middle")),
        _levels(_level(side=None)),
        _levels(_level(price_level="")),
        _levels(_level(price_level="-1")),
        _levels(_level(new_quantity="-0.1")),
        _levels(_level(new_quantity="1e999")),
        _levels(_level(price_level=True)),
        heartbeat(1).replace('"sequence_num": 1', '"sequence_num": "x"'),
        heartbeat(1).replace("2026-10-01T", "yesterday "),
    ],
)
def test_what_we_know_and_cannot_read_is_an_error(said: str) -> None:
    with pytest.raises(VenueError):
        parse(said)


def test_everything_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "TEXT_MAX", 10)
    with pytest.raises(VenueError, match="characters"):
        parse(heartbeat(1))
    monkeypatch.undo()
    monkeypatch.setattr(parsing, "UPDATES_MAX", 1)
    with pytest.raises(VenueError, match="levels"):
        parse(_levels(_level(), _level()))
    monkeypatch.setattr(parsing, "EVENTS_MAX", 1)
    with pytest.raises(VenueError, match="events"):
        parse(text("user", 1, {"orders": []}, {"orders": []}))


@given(
    st.lists(
        st.fixed_dictionaries(
            {
                "side": st.sampled_from(["bid", "offer", "ask", None]),
                "price_level": FIGURES,
                "new_quantity": FIGURES,
            }
        ),
        max_size=4,
    )
)
def test_plain_levels_mean_what_any_levels_mean(updates: list[dict[str, object]]) -> None:
    plain = _plain_levels(updates)
    if plain is not None:
        assert repr(plain) == repr(any_levels(BTC, updates))


def test_levels_as_the_venue_sends_them_are_plain() -> None:
    levels = [
        {"side": "bid", "price_level": "90000.01", "new_quantity": "0"},
        {"side": "offer", "price_level": "90000.02", "new_quantity": "0.5"},
    ]
    assert _plain_levels(levels) == (
        [(Decimal("90000.01"), Decimal(0))],
        [(Decimal("90000.02"), Decimal("0.5"))],
    )
