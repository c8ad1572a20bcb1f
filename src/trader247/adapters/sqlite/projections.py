"""What each event does to the tables beside `events`, in the same transaction.

The constraints of those tables are the last guard: an order that nobody intended, a fill booked
twice, a second order while one is unknown are errors of the database, whatever the code believed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from json import loads
from operator import itemgetter
from typing import Any

import apsw

from trader247.adapters.sqlite.chain import canonical
from trader247.adapters.sqlite.codec import encode
from trader247.adapters.sqlite.kinds import to_payload
from trader247.domain.errors import LedgerError
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.orders import (
    FillBooked,
    FillQuarantined,
    FillsAccepted,
    IntentRecorded,
    OrderSeen,
    SubmissionSettled,
)
from trader247.domain.events.people import AlertRaised
from trader247.domain.events.recorded import AnyEvent, Recorded
from trader247.domain.ids import ClientOrderId, OrderId
from trader247.domain.intents import IntentState
from trader247.domain.money import CONTEXT, ZERO
from trader247.domain.orders import OrderState
from trader247.domain.outcomes import Acknowledged, Declined, Outcome, Unknown

_FILL = """
INSERT INTO fills(seq, client_order_id, quarantine, entry_id, trade_id, order_id, product, side,
  price, quantity, fee, liquidity, time)
VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_fill_values = itemgetter(
    *("entry_id", "trade_id", "order_id", "product", "side"),
    *("price", "quantity", "fee", "liquidity", "time"),
)
_INTENT = """
INSERT INTO intents(seq, client_order_id, decision_id, leg, cycle, epoch, product, side, purpose,
  order_type, price, quantity, end_time, strategy, rule, body, body_sha256, created, policy_hash,
  code_version, state)
VALUES(:seq, :client_order_id, :decision_id, :leg, :cycle, :epoch, :product, :side, :purpose,
  :order_type, :price, :quantity, :end_time, :strategy, :rule, :body, :body_sha256, :created,
  :policy_hash, :code_version, 'SUBMITTING')
"""
_ORDER = """
INSERT INTO orders(order_id, client_order_id, product, side, state, price, quantity, filled, fees,
  fill_count, created, end_time, reject_reason, seq)
VALUES(:order_id, :client_order_id, :product, :side, :state, :price, :quantity, :filled, :fees,
  :fill_count, :created, :end_time, :reject_reason, :seq)
ON CONFLICT(order_id) DO UPDATE SET state = excluded.state, price = excluded.price,
  quantity = excluded.quantity, filled = excluded.filled, fees = excluded.fees,
  fill_count = excluded.fill_count, end_time = excluded.end_time,
  reject_reason = excluded.reject_reason, seq = excluded.seq
"""
_NAMED = "UPDATE intents SET order_id = ? WHERE client_order_id = ? AND order_id IS NULL"
_WHOLE = """
SELECT i.seq, i.state, o.state, o.filled, o.fees, o.fill_count FROM intents i
LEFT JOIN orders o ON o.order_id = i.order_id WHERE i.client_order_id = ?
"""
# A fill follows its intent, and soon: a range of the primary key spares an index a fill pays for.
_BOOKED = "SELECT quantity, fee FROM fills WHERE seq > ? AND client_order_id = ?"
_CYCLE = """
INSERT INTO cycles(cycle, seq, segment, offset, length)
VALUES(:cycle, :seq, :segment, :offset, :length)
"""
_DAY = """
INSERT INTO days(day, cycles, endings) VALUES(?, ?, ?)
ON CONFLICT(day) DO UPDATE SET cycles = excluded.cycles, endings = excluded.endings
"""
_ALERT = """
INSERT INTO alerts(seq, time, severity, code, text) VALUES(:seq, :time, :severity, :code, :text)
"""

_OPEN = (IntentState.SUBMITTING.value, IntentState.UNKNOWN.value)
_FINAL = frozenset(state.value for state in OrderState if state.is_final)
_SETTLED = frozenset(state.value for state in IntentState if state.is_settled)


def project(connection: apsw.Connection, recorded: Recorded, payload: Mapping[str, Any]) -> None:
    """Write what `recorded` means into the tables, inside the caller's transaction.

    `payload` is the event as it is stored: the tables hold the very texts that the chain vouches
    for.

    Raises:
        LedgerError: the event contradicts what the journal already holds.
        apsw.ConstraintError: the same, found by the database.
    """
    event: AnyEvent = recorded.event
    seq = recorded.seq
    match event:
        case FillBooked():
            name = event.client_order_id
            connection.execute(_FILL, (seq, name, None, *_fill_values(payload["fill"])))
            if _state(connection, name) != IntentState.ACCEPTED.value:  # its order may be over
                _resolve(connection, name)
        case FillQuarantined():
            connection.execute(_FILL, (seq, None, event.cause, *_fill_values(payload["fill"])))
        case FillsAccepted():
            _end(connection, event.client_order_id)
        case CycleDecided():
            connection.execute(_CYCLE, {**payload["seen"], "seq": seq, "cycle": event.cycle})
            _count(connection, recorded, event)
        case IntentRecorded():
            connection.execute(_INTENT, {**payload["intent"], "seq": seq})
        case SubmissionSettled():
            _settle(connection, event.client_order_id, event.outcome)
        case OrderSeen():
            name = event.order.client_order_id
            connection.execute(_ORDER, {**payload["order"], "seq": seq})
            connection.execute(_NAMED, (event.order.order_id, name))
            _resolve(connection, name)
        case AlertRaised():
            connection.execute(_ALERT, {**payload, "seq": seq, "time": str(recorded.time)})
        case _:
            pass


def derive(connection: apsw.Connection, recorded: Recorded) -> None:
    """As `project`, of an event that was read: only what the tables take of it is told again.

    Raises:
        LedgerError, apsw.ConstraintError: as `project` says.
    """
    event = recorded.event
    payload = {"seen": encode(event.seen)} if isinstance(event, CycleDecided) else to_payload(event)
    project(connection, recorded, payload)


def _count(connection: apsw.Connection, recorded: Recorded, event: CycleDecided) -> None:
    """Add a cycle, and how each product of it ended, to its day's row."""
    day = str(recorded.time)[:10]
    row = connection.execute("SELECT cycles, endings FROM days WHERE day = ?", (day,)).fetchone()
    cycles, endings = (0, Counter[str]()) if row is None else (row[0], Counter(loads(str(row[1]))))
    endings.update(each.reason for each in event.endings.values())
    connection.execute(_DAY, (day, int(str(cycles)) + 1, canonical(endings)))


def _settle(connection: apsw.Connection, client_order_id: ClientOrderId, outcome: Outcome) -> None:
    """Compare and set: only an intent that is not settled may be."""
    before = _state(connection, client_order_id)
    allowed: tuple[str, ...] = _OPEN
    order_id: OrderId | None = None
    match outcome:
        case Acknowledged():
            after, order_id = IntentState.ACCEPTED, outcome.order_id
            # An order declared absent may still turn up: late, but true.
            allowed = (*_OPEN, IntentState.NOT_CREATED.value, IntentState.REJECTED.value)
        case Declined():
            is_rejected = outcome.is_sent and before == IntentState.SUBMITTING.value
            after = IntentState.REJECTED if is_rejected else IntentState.NOT_CREATED
        case Unknown():
            after = IntentState.UNKNOWN
    if before not in allowed:
        raise LedgerError(f"intent {client_order_id} is {before} and cannot become {after.value}")
    connection.execute(
        "UPDATE intents SET state = ?, order_id = coalesce(?, order_id) "
        "WHERE client_order_id = ? AND state = ?",
        (after.value, order_id, client_order_id, before),
    )
    assert connection.changes() == 1, "one intent, in the state just read"
    _resolve(connection, client_order_id)


def _end(connection: apsw.Connection, client_order_id: ClientOrderId) -> None:
    """Compare and set: only an order that waits for its fills ends by some that were set aside."""
    connection.execute(
        "UPDATE intents SET state = ? WHERE client_order_id = ? AND state = ?",
        (IntentState.DONE.value, client_order_id, IntentState.FILLS_PENDING.value),
    )
    if connection.changes() != 1:
        before = _state(connection, client_order_id)
        raise LedgerError(f"intent {client_order_id} is {before} and waits for no fills")


def _resolve(connection: apsw.Connection, client_order_id: ClientOrderId) -> None:
    """Give an intent that the venue knows the state that its order and its fills add up to.

    One whose outcome is unknown stays so: its order must first be compared with what was sent.
    """
    row = connection.execute(_WHOLE, (client_order_id,)).fetchone()
    if row is None or row[1] in _OPEN or (row[2] is None and row[1] in _SETTLED):
        return
    since, before, order_state, filled, fees, fill_count = row
    after = IntentState.ACCEPTED
    if order_state in _FINAL:
        booked = connection.execute(_BOOKED, (since, client_order_id)).fetchall()
        is_whole = _adds_up(booked, filled, fees, fill_count)
        after = IntentState.DONE if is_whole else IntentState.FILLS_PENDING
    if after.value != before:
        connection.execute(
            "UPDATE intents SET state = ? WHERE client_order_id = ?", (after.value, client_order_id)
        )


def _adds_up(
    booked: Sequence[tuple[object, ...]], filled: object, fees: object, fill_count: object
) -> bool:
    """Whether the booked fills are all that the venue totals; summed in Decimal, never in SQL."""
    quantity = paid = ZERO
    for each, fee in booked:
        quantity = CONTEXT.add(quantity, Decimal(str(each)))
        paid = CONTEXT.add(paid, Decimal(str(fee)))
    if quantity != Decimal(str(filled)):
        return False
    return paid == Decimal(str(fees)) or (isinstance(fill_count, int) and len(booked) >= fill_count)


def _state(connection: apsw.Connection, client_order_id: ClientOrderId) -> str:
    row = connection.execute(
        "SELECT state FROM intents WHERE client_order_id = ?", (client_order_id,)
    ).fetchone()
    return "not recorded" if row is None else str(row[0])
