"""From a text of the stream to typed messages: a pure function, bounded, without a float.

What is not known to us is `Unused`, since channels, events and enumerations grow. What we know and
cannot read raises: nobody can tell what such a message changed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import compress
from operator import not_
from typing import NoReturn

from trader247.adapters.coinbase import fields as read
from trader247.adapters.coinbase.errors import clean
from trader247.adapters.coinbase.fields import Fields
from trader247.adapters.coinbase.stream.messages import (
    BookChanged,
    Envelope,
    Heartbeat,
    Message,
    OrdersChanged,
    Refused,
    Subscriptions,
    Unused,
)
from trader247.domain.errors import VenueError
from trader247.domain.ids import ProductId

TEXT_MAX = 32 * 1024 * 1024
"""Characters of one message: a large snapshot has five million."""
EVENTS_MAX = 1_000
UPDATES_MAX = 200_000
"""Levels in one message of the book."""
IDS_MAX = 10_000

_SIDES = {"bid": True, "offer": False}
_PLAIN = re.compile(r"(?:[0-9]{1,40}(?:\.[0-9]{0,40})?,)*\Z")
"""Numbers of digits alone, each with a comma after it."""

Level = tuple[Decimal, Decimal]
"""A price, and what rests at it."""


def parse(text: str) -> Envelope:
    """Read one message.

    Raises:
        VenueError: it is no message, or one that we know and cannot read.
    """
    if len(text) > TEXT_MAX:
        raise VenueError(f"a message of the stream has {len(text)} characters")
    try:
        body = _DECODER.decode(text)
    except (ValueError, RecursionError):
        raise VenueError("a message of the stream is no JSON") from None
    if not isinstance(body, dict):
        raise read.malformed("the stream's message", body, "an object")
    if body.get("type") == "error":
        return Envelope("", None, None, None, (Refused(clean(_shown(body))),))
    channel = read.required(body, "channel")
    events = read.records(body, "events")
    if len(events) > EVENTS_MAX:
        raise VenueError(f"a message of the stream has {len(events)} events")
    messages = tuple(each for event in events for each in _messages(channel, event))
    product = events[0].get("product_id") if events else None
    return Envelope(
        channel=channel,
        sequence=read.integer(body, "sequence_num"),
        time=read.instant(body, "timestamp"),
        product=product if isinstance(product, str) else _first_product(events),
        messages=messages,
    )


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_number)
"""Made once: a message costs little more than it."""


def _shown(body: Fields) -> str:
    message = body.get("message")
    return message[:200] if isinstance(message, str) else "the venue does not say why"


def _messages(channel: str, event: Fields) -> Iterator[Message]:
    match channel:
        case "subscriptions":
            yield _subscriptions(event)
        case "heartbeats":
            yield Heartbeat(_counter(event))
        case "l2_data":
            yield _book(event)
        case "user":
            orders = event.get("orders")
            yield OrdersChanged(len(orders) if isinstance(orders, list) else 0)
        case _:
            yield Unused(channel)


def _subscriptions(event: Fields) -> Subscriptions:
    channels: dict[str, tuple[str, ...]] = {}
    for name, ids in read.record(event, "subscriptions").items():
        if not isinstance(ids, list) or len(ids) > IDS_MAX:
            raise read.malformed(f"subscriptions.{clean(name)}", ids, "a list of names")
        channels[name] = tuple(each for each in ids if isinstance(each, str))
    return Subscriptions(channels)


def _counter(event: Fields) -> int | None:
    """Live it is a number, in older documents a text; only a person looks at it."""
    try:
        return read.integer(event, "heartbeat_counter")
    except VenueError:
        return None


def _book(event: Fields) -> Message:
    kind = event.get("type")
    if kind not in ("snapshot", "update"):
        return Unused("l2_data")
    product = read.product_id(event)
    updates = event.get("updates")
    if not isinstance(updates, list) or len(updates) > UPDATES_MAX:
        raise read.malformed("updates", None, f"a list of at most {UPDATES_MAX} levels")
    bids, asks = _plain_levels(updates) or _levels(product, updates)
    return BookChanged(product, kind == "snapshot", tuple(bids), tuple(asks))


def _plain_levels(updates: Sequence[Fields]) -> tuple[list[Level], list[Level]] | None:
    """The bids and asks of levels as they are: plain digits; None where anything is not.

    A book changes at thousands of levels a minute, and this takes a quarter of the time.
    """
    try:
        sides = [_SIDES[each["side"]] for each in updates]  # type: ignore[index] # may raise
        prices = [each["price_level"] for each in updates]
        sizes = [each["new_quantity"] for each in updates]
        # They are texts: nothing else can be joined.
        if _PLAIN.match(f"{','.join(prices)},{','.join(sizes)},") is None:  # type: ignore[arg-type] # may raise
            return None
        # A text with a comma in it is no number here.
        values = list(map(Decimal, prices))  # type: ignore[arg-type] # they were joined
        levels = list(zip(values, map(Decimal, sizes), strict=True))  # type: ignore[arg-type] # these too
    except (KeyError, TypeError, ArithmeticError):
        return None
    if not all(values):
        return None
    return list(compress(levels, sides)), list(compress(levels, map(not_, sides)))


def _levels(product: ProductId, updates: Sequence[Fields]) -> tuple[list[Level], list[Level]]:
    """The bids and asks of any levels. Raises VenueError: one cannot be read, or cannot be."""
    bids: list[Level] = []
    asks: list[Level] = []
    for update in updates:
        if not isinstance(update, dict):
            raise read.malformed("updates", update, "a list of levels")
        is_bid = _SIDES.get(read.text(update, "side"))
        if is_bid is None:
            raise read.malformed("updates.side", update["side"], "bid or offer")
        price, quantity = read.number(update, "price_level"), read.number(update, "new_quantity")
        if price <= 0 or quantity < 0:
            raise VenueError(f"a level of {product} cannot be: {quantity} at {price}")
        (bids if is_bid else asks).append((price, quantity))
    return bids, asks


def _first_product(events: list[Fields]) -> str | None:
    """The product of the first entry of an event that has none itself."""
    for event in events[:1]:
        for name in ("tickers", "trades", "candles"):
            entries = event.get(name)
            if isinstance(entries, list) and entries and isinstance(entries[0], dict):
                product = entries[0].get("product_id")
                return product if isinstance(product, str) else None
    return None
