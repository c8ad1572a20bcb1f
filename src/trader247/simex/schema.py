"""The exchange's file: its tables, and its rows as values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from decimal import Decimal
from functools import lru_cache
from typing import Any

from trader247.simex.accounts import Account
from trader247.simex.book import Side
from trader247.simex.feeds.feed import Feed, Listing
from trader247.simex.orders.order import (
    USUAL_SOURCE,
    Attached,
    Edit,
    Fill,
    Kind,
    Lifetime,
    Order,
    Rung,
    Schedule,
    Status,
    Stop,
    Terms,
)

APPLICATION_ID = 0x74323478
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Identity:
    """Which market a file belongs to, with all that is needed to read it without its feed."""

    identity: str
    label: str
    listings: tuple[Listing, ...]

    @staticmethod
    def of(feed: Feed) -> Identity:
        return Identity(feed.identity, feed.label, tuple(feed.listings))


Row = Sequence[str | int | None]
"""What SQLite holds: money is text, times are microseconds, prices ticks and sizes lots."""

SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1), value TEXT NOT NULL) STRICT;
CREATE TABLE feed (id INTEGER PRIMARY KEY CHECK (id = 1), state BLOB NOT NULL) STRICT;
CREATE TABLE minutes (minute INTEGER PRIMARY KEY, bars BLOB NOT NULL) STRICT;
CREATE TABLE accounts (
    currency TEXT PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, total TEXT NOT NULL, hold TEXT NOT NULL,
    created_us INTEGER NOT NULL, updated_us INTEGER NOT NULL
) STRICT;
CREATE TABLE orders (
    number INTEGER PRIMARY KEY, order_id TEXT NOT NULL UNIQUE,
    client_order_id TEXT NOT NULL UNIQUE,
    product_id TEXT NOT NULL, side TEXT NOT NULL, lifetime TEXT NOT NULL,
    limit_ticks INTEGER, lots INTEGER, quote_size TEXT, is_post_only INTEGER NOT NULL,
    end_us INTEGER, configuration TEXT NOT NULL, maker_rate TEXT NOT NULL,
    taker_rate TEXT NOT NULL, created_us INTEGER NOT NULL, updated_us INTEGER NOT NULL,
    status TEXT NOT NULL, last_fill_us INTEGER, filled_lots INTEGER NOT NULL,
    filled_value TEXT NOT NULL, fees TEXT NOT NULL, fill_count INTEGER NOT NULL,
    held TEXT NOT NULL, ahead INTEGER NOT NULL, reject_reason TEXT NOT NULL,
    cancel_message TEXT NOT NULL, edits TEXT NOT NULL DEFAULT '[]',
    more TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX orders_created ON orders (created_us);
CREATE INDEX orders_live ON orders (number) WHERE status IN ('OPEN', 'CANCEL_QUEUED');
CREATE TABLE fills (
    number INTEGER PRIMARY KEY, entry_id TEXT NOT NULL UNIQUE, trade_id TEXT NOT NULL,
    order_id TEXT NOT NULL REFERENCES orders (order_id), product_id TEXT NOT NULL,
    side TEXT NOT NULL, price INTEGER NOT NULL, lots INTEGER NOT NULL, commission TEXT NOT NULL,
    is_maker INTEGER NOT NULL, time_us INTEGER NOT NULL, kind TEXT NOT NULL DEFAULT 'FILL',
    dust TEXT NOT NULL DEFAULT '0'
) STRICT;
CREATE INDEX fills_time ON fills (time_us);
CREATE INDEX fills_order ON fills (order_id);
"""

UNENDED = "status IN ('OPEN', 'CANCEL_QUEUED')"
"""The orders to which something can still happen."""

ADDITIONS = {"orders": {"edits": "[]", "more": "{}"}, "fills": {"kind": "FILL", "dust": "0"}}
"""What a file from an earlier version lacks: columns of a table, and what is in them then."""

ADD_INDEX = f"CREATE INDEX IF NOT EXISTS orders_live ON orders (number) WHERE {UNENDED}"


COLUMNS = {
    "orders": "number order_id client_order_id product_id side lifetime limit_ticks lots quote_size"
    " is_post_only end_us configuration maker_rate taker_rate created_us updated_us status"
    " last_fill_us filled_lots filled_value fees fill_count held ahead reject_reason"
    " cancel_message edits more",
    "fills": "number entry_id trade_id order_id product_id side price lots commission is_maker"
    " time_us kind dust",
}
"""A row's columns in their order here: an older file may have them in another."""


def _upsert(table: str, key: str, names: str) -> str:
    """Write a whole row, in its place where it is there already."""
    columns = names.split()
    updates = ",".join(f"{name}=excluded.{name}" for name in columns if name != key)
    return (
        f"INSERT INTO {table} ({','.join(columns)}) VALUES ({','.join('?' * len(columns))}) "  # noqa: S608 - our own names
        f"ON CONFLICT ({key}) DO UPDATE SET {updates}"
    )


SAVE_ACCOUNT = _upsert("accounts", "currency", "currency uuid total hold created_us updated_us")
SAVE_ORDER = _upsert("orders", "number", COLUMNS["orders"])
SAVE_FILL = _upsert("fills", "number", COLUMNS["fills"])


def account_row(account: Account) -> Row:
    return (
        account.currency,
        account.uuid,
        str(account.total),
        str(account.hold),
        account.created_us,
        account.updated_us,
    )


def read_account(row: Row) -> Account:
    currency, uuid, total, hold, created_us, updated_us = row
    assert isinstance(created_us, int)
    assert isinstance(updated_us, int)
    return Account(
        str(currency), str(uuid), Decimal(str(total)), Decimal(str(hold)), created_us, updated_us
    )


def order_row(order: Order) -> Row:
    terms = order.terms
    return (
        order.number,
        order.order_id,
        order.client_order_id,
        terms.product_id,
        terms.side.value,
        terms.lifetime.name,
        terms.limit,
        terms.lots,
        None if terms.quote_size is None else str(terms.quote_size),
        int(terms.is_post_only),
        terms.end_us,
        order.configuration,
        str(order.maker_rate),
        str(order.taker_rate),
        order.created_us,
        order.updated_us,
        order.status.value,
        order.last_fill_us,
        order.filled_lots,
        str(order.filled_value),
        str(order.fees),
        order.fill_count,
        str(order.held),
        order.ahead,
        order.reject_reason,
        order.cancel_message,
        json.dumps([(each.price, each.size, each.time_us) for each in order.edits]),
        _more(order),
    )


def _more(order: Order) -> str:
    """What few orders have, where it is not as usual."""
    stop = order.terms.stop
    told: dict[str, Any] = {
        "stop": None if stop is None else [stop.price, stop.is_up, stop.limit],
        "is_triggered": order.is_triggered or None,
        "cancel_due_us": order.cancel_due_us,
        "dust": str(order.dust) if order.dust else None,
        "source": None if order.source == USUAL_SOURCE else order.source,
        "ladder": order.terms.ladder or None,
        "schedule": _values(order.terms.schedule),
        "attached": _values(order.terms.attached),
        "rungs": [_values(each) for each in order.rungs] or None,
        "begun": order.begun or None,
        "attached_id": order.attached_id or None,
        "originating_id": order.originating_id or None,
    }
    return json.dumps({name: value for name, value in told.items() if value is not None})


def _values(value: Schedule | Attached | Rung | None) -> tuple[int, ...] | None:
    return None if value is None else astuple(value)


def read_order(row: Row) -> Order:
    more: dict[str, Any] = json.loads(_text(row[27]))
    stop, schedule, attached = (more.get(name) for name in ("stop", "schedule", "attached"))
    terms = Terms(
        product_id=_text(row[3]),
        side=Side(row[4]),
        lifetime=Lifetime[_text(row[5])],
        limit=_maybe(row[6]),
        lots=_maybe(row[7]),
        quote_size=None if row[8] is None else Decimal(_text(row[8])),
        is_post_only=bool(row[9]),
        end_us=_maybe(row[10]),
        stop=None if stop is None else Stop(*stop),
        ladder=tuple((price, lots) for price, lots in more.get("ladder", ())),
        schedule=None if schedule is None else Schedule(*schedule),
        attached=None if attached is None else Attached(*attached),
    )
    return Order(
        number=_whole(row[0]),
        order_id=_text(row[1]),
        client_order_id=_text(row[2]),
        terms=terms,
        configuration=_text(row[11]),
        maker_rate=Decimal(_text(row[12])),
        taker_rate=Decimal(_text(row[13])),
        created_us=_whole(row[14]),
        updated_us=_whole(row[15]),
        status=Status(row[16]),
        last_fill_us=_maybe(row[17]),
        filled_lots=_whole(row[18]),
        filled_value=Decimal(_text(row[19])),
        fees=Decimal(_text(row[20])),
        fill_count=_whole(row[21]),
        held=Decimal(_text(row[22])),
        ahead=_whole(row[23]),
        reject_reason=_text(row[24]),
        cancel_message=_text(row[25]),
        edits=tuple(Edit(*each) for each in json.loads(_text(row[26]))),
        is_triggered=bool(more.get("is_triggered")),
        cancel_due_us=more.get("cancel_due_us"),
        dust=Decimal(more.get("dust", 0)),
        source=more.get("source", USUAL_SOURCE),
        rungs=[Rung(*each) for each in more.get("rungs", ())],
        begun=more.get("begun", 0),
        attached_id=more.get("attached_id", ""),
        originating_id=more.get("originating_id", ""),
    )


def fill_row(fill: Fill) -> Row:
    return (
        fill.number,
        fill.entry_id,
        fill.trade_id,
        fill.order_id,
        fill.product_id,
        fill.side.value,
        fill.price,
        fill.lots,
        str(fill.commission),
        int(fill.is_maker),
        fill.time_us,
        fill.kind.value,
        str(fill.dust),
    )


def read_fill(row: Row) -> Fill:
    return Fill(
        number=_whole(row[0]),
        entry_id=_text(row[1]),
        trade_id=_text(row[2]),
        order_id=_text(row[3]),
        product_id=_text(row[4]),
        side=Side(row[5]),
        price=_whole(row[6]),
        lots=_whole(row[7]),
        commission=Decimal(_text(row[8])),
        is_maker=bool(row[9]),
        time_us=_whole(row[10]),
        kind=Kind(row[11]),
        dust=Decimal(_text(row[12])),
    )


def _text(value: str | int | None) -> str:
    assert isinstance(value, str)
    return value


def _whole(value: str | int | None) -> int:
    assert isinstance(value, int)
    return value


def _maybe(value: str | int | None) -> int | None:
    return None if value is None else _whole(value)


def identity_text(identity: Identity) -> str:
    """A market's identity as JSON."""
    listings = [
        {
            each.name: str(value) if isinstance(value, Decimal) else value
            for each in fields(listing)
            for value in (getattr(listing, each.name),)
        }
        for listing in identity.listings
    ]
    return json.dumps(
        {"identity": identity.identity, "label": identity.label, "listings": listings}
    )


def read_identity(text: str) -> Identity:
    """The inverse of `identity_text`."""
    written: dict[str, Any] = json.loads(text)
    listings = tuple(_listing(values) for values in written["listings"])
    return Identity(written["identity"], written["label"], listings)


def _listing(written: dict[str, Any]) -> Listing:
    exact = {each.name for each in fields(Listing) if each.type == "Decimal"}
    values: dict[str, Any] = {
        name: Decimal(value) if name in exact else value for name, value in written.items()
    }
    return Listing(**values)


@lru_cache
def selection(table: str) -> str:
    """What to begin a question for rows of a table with."""
    return f"SELECT {','.join(COLUMNS[table].split())} FROM {table}"  # noqa: S608 - our own words
