"""Lists for people and outside checks: fills, orders, alerts, in the order of the journal."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

import apsw

from trader247.adapters.sqlite.packed import unpacked
from trader247.adapters.sqlite.rows import last_cycle_at
from trader247.domain.dataclass import dataclass
from trader247.domain.orders import OrderState
from trader247.domain.time import MICROSECOND, Instant


@dataclass(frozen=True, slots=True)
class FillRow:
    """A booked fill; figures are decimal text as received, times RFC 3339."""

    entry_id: str
    trade_id: str
    order_id: str
    client_order_id: str
    product: str
    side: str
    price: str
    quantity: str
    fee: str
    liquidity: str
    time: str
    decision_id: str
    strategy: str


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order of ours: what the venue says of it, or where its intent stands until it does."""

    order_id: str | None
    client_order_id: str
    product: str
    side: str
    price: str | None
    quantity: str | None
    filled: str
    state: str
    end_time: str | None

    @property
    def is_over(self) -> bool:
        """Whether it can fill no more, by the venue's word or by evidence."""
        return self.state in _OVER


_OVER = frozenset({state.value for state in OrderState if state.is_final}) | {
    "REJECTED",
    "NOT_CREATED",
    "DONE",
    "DONE_FILLS_PENDING",
}


@dataclass(frozen=True, slots=True)
class AlertRow:
    """An alert and what became of it.

    `state` is delivered, failing (it is tried again), logged (no channel yet), waiting (for a
    digest, or for the end of quiet hours), folded (told of in a digest) or acknowledged (a person
    knew before it was delivered).
    """

    id: int
    time: str
    severity: str
    code: str
    text: str
    state: str
    attempts: int


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """What became of an alert on one channel so far; `detail` is why it failed, if it did."""

    channel: str
    is_delivered: bool
    attempts: int
    detail: str


def fill_rows(
    connection: apsw.Connection, *, since: Instant | None, limit: int | None
) -> list[FillRow]:
    """Booked fills, oldest first; the newest `limit` where one is given."""
    query = (
        "SELECT f.entry_id, f.trade_id, f.order_id, f.client_order_id, f.product, f.side, f.price, "
        "f.quantity, f.fee, f.liquidity, f.time, i.decision_id, i.strategy "
        "FROM fills f JOIN intents i ON i.client_order_id = f.client_order_id "
        "WHERE f.quarantine IS NULL AND substr(f.time, 1, 19) >= ? ORDER BY f.seq DESC LIMIT ?"
    )
    rows = [FillRow(*map(str, row)) for row in connection.execute(query, _window(since, limit))]
    return [row for row in reversed(rows) if _is_since(row.time, since)]


def order_rows(
    connection: apsw.Connection, *, since: Instant | None, limit: int | None
) -> list[OrderRow]:
    """Orders, oldest first: those of our intents, and those of ours that no intent explains."""
    query = (
        "SELECT * FROM (SELECT coalesce(o.order_id, i.order_id), i.client_order_id, i.product, "
        "i.side, coalesce(o.price, i.price), coalesce(o.quantity, i.quantity), "
        "coalesce(o.filled, '0'), coalesce(o.state, i.state), coalesce(o.end_time, i.end_time), "
        # No more of them than are asked for are joined: of a year that is one in thousands.
        "i.seq AS seq, i.created AS created FROM (SELECT * FROM intents "
        "WHERE substr(created, 1, 19) >= ?1 ORDER BY seq DESC LIMIT ?2) i "
        "LEFT JOIN orders o ON o.client_order_id = i.client_order_id UNION ALL "
        "SELECT o.order_id, o.client_order_id, o.product, o.side, o.price, o.quantity, o.filled, "
        "o.state, o.end_time, o.seq, o.created FROM orders o WHERE NOT EXISTS "
        "(SELECT 1 FROM intents i WHERE i.client_order_id = o.client_order_id)) "
        "WHERE substr(created, 1, 19) >= ?1 ORDER BY seq DESC LIMIT ?2"
    )
    found = connection.execute(query, _window(since, limit)).fetchall()
    rows = [
        OrderRow(
            order_id=_text(row[0]),
            client_order_id=str(row[1]),
            product=str(row[2]),
            side=str(row[3]),
            price=_text(row[4]),
            quantity=_text(row[5]),
            filled=str(row[6]),
            state=str(row[7]),
            end_time=_text(row[8]),
        )
        for row in found
        if _is_since(str(row[10]), since)
    ]
    rows.reverse()
    return rows


def alert_rows(
    connection: apsw.Connection, *, since: Instant | None, limit: int | None
) -> list[AlertRow]:
    """Alerts, oldest first, with what became of them on all channels together."""
    query = (
        "SELECT a.seq, a.time, a.severity, a.code, a.text, max(d.is_delivered), "
        "min(CASE WHEN d.is_delivered THEN d.channel IN ('folded', 'acknowledged') END), "
        "max(CASE WHEN d.is_delivered THEN d.channel END), "
        "coalesce(sum(d.attempts), 0), "
        "min(d.channel = 'folded' OR d.detail = 'waits: quiet hours') FROM alerts a "
        "LEFT JOIN deliveries d ON d.alert = a.seq "
        "WHERE substr(a.time, 1, 19) >= ? GROUP BY a.seq ORDER BY a.seq DESC LIMIT ?"
    )
    found = connection.execute(query, _window(since, limit))
    rows = [
        AlertRow(
            int(str(seq)),
            str(time),
            str(severity),
            str(code),
            str(text),
            str(channel) if is_spared else _state(best, is_waiting=bool(is_waiting)),
            int(str(attempts)),
        )
        for seq, time, severity, code, text, best, is_spared, channel, attempts, is_waiting in found
    ]
    return [row for row in reversed(rows) if _is_since(row.time, since)]


def _state(best: object, *, is_waiting: bool) -> str:
    if best is None:
        return "logged"
    if int(str(best)):
        return "delivered"
    return "waiting" if is_waiting else "failing"


def delivery_rows(connection: apsw.Connection, alert: int) -> list[DeliveryRow]:
    """What became of one alert, by channel."""
    rows = connection.execute(
        "SELECT channel, is_delivered, attempts, detail FROM deliveries WHERE alert = ? "
        "ORDER BY channel",
        (alert,),
    )
    return [
        DeliveryRow(str(channel), bool(is_delivered), int(str(attempts)), str(detail))
        for channel, is_delivered, attempts, detail in rows
    ]


def _window(since: Instant | None, limit: int | None) -> tuple[str, int]:
    """Whole seconds compare as text; the fraction is looked at afterwards."""
    return "" if since is None else str(since)[:19], -1 if limit is None else max(limit, 0)


def _is_since(time: str, since: Instant | None) -> bool:
    return since is None or Instant.parse(time) >= since


def _text(value: object) -> str | None:
    return None if value is None else str(value)


@dataclass(frozen=True, slots=True)
class DayCount:
    """A UTC day: how many cycles it had, and how many product-cycles ended in each reason."""

    day: str
    cycles: int
    reasons: Mapping[str, int]


def days(connection: apsw.Connection, since: Instant | None) -> list[DayCount]:
    """What each UTC day's cycles came to, from `since` on; the day that it cuts is counted anew."""
    first = "" if since is None else str(since)[:10]
    is_cut = since is not None and since.day_start != since
    rows = connection.execute(
        "SELECT day, cycles, endings FROM days WHERE day > ? OR (day = ? AND NOT ?) ORDER BY day",
        (first, first, is_cut),
    )
    found = [DayCount(str(day), int(str(n)), json.loads(str(text))) for day, n, text in rows]
    if since is not None and is_cut:
        found[:0] = _counted(connection, first, since)
    return found


def _counted(connection: apsw.Connection, day: str, since: Instant) -> list[DayCount]:
    """The rest of a day from `since` on, if it has any cycle."""
    before = last_cycle_at(connection, since - MICROSECOND)
    rows = connection.execute(
        "SELECT e.time, e.payload FROM cycles c JOIN events e USING (seq) "
        "WHERE c.cycle > ? ORDER BY c.cycle",
        (-1 if before is None else before,),
    )
    cycles, reasons = 0, Counter[str]()
    for time, payload in rows:
        if not str(time).startswith(day):
            break
        cycles += 1
        endings = json.loads(unpacked(payload))["endings"]
        reasons.update(each["reason"] for each in endings.values())
    return [DayCount(day, cycles, reasons)] if cycles else []


def entries_filled_by_day(connection: apsw.Connection, since: Instant | None) -> dict[str, int]:
    """How many entries of each day traded, by the day on which they were decided."""
    rows = connection.execute(
        "SELECT substr(i.created, 1, 10) AS day, count(DISTINCT i.client_order_id) FROM intents i "
        "JOIN fills f USING (client_order_id) WHERE i.purpose = 'entry' "
        "AND (? IS NULL OR substr(i.created, 1, 19) >= ?) GROUP BY day",
        _second(since),
    )
    return {str(day): int(str(count)) for day, count in rows}


def _second(since: Instant | None) -> tuple[str | None, str | None]:
    second = None if since is None else str(since)[:19]
    return second, second


def busiest_hour(connection: apsw.Connection, back: timedelta) -> int:
    """Orders recorded in the clock hour with most of them, up to `back` before the last one."""
    last = connection.execute("SELECT created FROM intents ORDER BY seq DESC LIMIT 1").fetchone()
    if last is None:
        return 0
    since = str(Instant.parse(str(last[0])) - back)
    found = connection.execute(
        "SELECT count(*) FROM intents WHERE created >= ? GROUP BY substr(created, 1, 13) "
        "ORDER BY 1 DESC LIMIT 1",
        (since,),
    ).get
    return int(str(found))
