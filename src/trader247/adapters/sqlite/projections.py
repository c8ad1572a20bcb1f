"""What each event does to the tables beside `events`, in the same transaction.

The constraints of those tables are the last guard: an order that nobody intended, a fill booked
twice, a second order while one is unknown are errors of the database, whatever the code believed.
"""

from __future__ import annotations

from decimal import Decimal

import apsw

from trader247.domain.errors import LedgerError
from trader247.domain.events import (
    AlertRaised,
    AnyEvent,
    CycleDecided,
    FillBooked,
    FillQuarantined,
    IntentRecorded,
    OrderSeen,
    Recorded,
    SubmissionSettled,
)
from trader247.domain.ids import ClientOrderId, OrderId
from trader247.domain.money import CONTEXT, ZERO
from trader247.domain.orders import (
    Acknowledged,
    Declined,
    Fill,
    IntentState,
    Order,
    OrderState,
    Outcome,
    RecordedIntent,
    Unknown,
)

_OPEN = (IntentState.SUBMITTING.value, IntentState.UNKNOWN.value)
_FINAL = frozenset(state.value for state in OrderState if state.is_final)
_SETTLED = frozenset(state.value for state in IntentState if state.is_settled)


def project(connection: apsw.Connection, recorded: Recorded) -> None:
    """Write what `recorded` means into the tables, inside the caller's transaction.

    Raises:
        LedgerError: the event contradicts what the journal already holds.
        apsw.ConstraintError: the same, found by the database.
    """
    event: AnyEvent = recorded.event
    match event:
        case FillBooked():
            _fill(connection, recorded.seq, event.fill, event.client_order_id, None)
            _resolve(connection, event.client_order_id)
        case FillQuarantined():
            _fill(connection, recorded.seq, event.fill, None, event.cause)
        case CycleDecided():
            connection.execute(
                "INSERT INTO cycles(cycle, seq, segment, offset, length) VALUES(?,?,?,?,?)",
                (
                    event.cycle,
                    recorded.seq,
                    event.seen.segment,
                    event.seen.offset,
                    event.seen.length,
                ),
            )
        case IntentRecorded():
            _intent(connection, recorded.seq, event.intent)
        case SubmissionSettled():
            _settle(connection, event.client_order_id, event.outcome)
        case OrderSeen():
            _order(connection, recorded.seq, event.order)
            _resolve(connection, event.order.client_order_id)
        case AlertRaised():
            connection.execute(
                "INSERT INTO alerts(seq, time, severity, code, text) VALUES(?,?,?,?,?)",
                (
                    recorded.seq,
                    str(recorded.time),
                    event.severity.value,
                    event.code,
                    event.text,
                ),
            )
        case _:
            pass


def _fill(
    connection: apsw.Connection,
    seq: int,
    fill: Fill,
    client_order_id: ClientOrderId | None,
    quarantine: str | None,
) -> None:
    connection.execute(
        "INSERT INTO fills(seq, entry_id, trade_id, order_id, client_order_id, product, side, "
        "price, quantity, fee, liquidity, time, quarantine) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            seq,
            fill.entry_id,
            fill.trade_id,
            fill.order_id,
            client_order_id,
            str(fill.product),
            fill.side.value,
            str(fill.price),
            str(fill.quantity),
            str(fill.fee),
            fill.liquidity.value,
            str(fill.time),
            quarantine,
        ),
    )


def _intent(connection: apsw.Connection, seq: int, intent: RecordedIntent) -> None:
    connection.execute(
        "INSERT INTO intents(seq, client_order_id, decision_id, leg, cycle, epoch, product, side, "
        "purpose, order_type, price, quantity, end_time, strategy, rule, body, body_sha256, "
        "created, policy_hash, code_version, state) "
        "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,'SUBMITTING')",
        (
            seq,
            intent.client_order_id,
            intent.decision_id,
            intent.leg,
            intent.cycle,
            intent.epoch,
            str(intent.product),
            intent.side.value,
            intent.purpose.value,
            intent.order_type.value,
            str(intent.price),
            str(intent.quantity),
            str(intent.end_time),
            intent.strategy,
            intent.rule,
            intent.body,
            intent.body_sha256,
            str(intent.created),
            intent.policy_hash,
            intent.code_version,
        ),
    )


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


def _order(connection: apsw.Connection, seq: int, order: Order) -> None:
    connection.execute(
        "INSERT INTO orders(order_id, client_order_id, product, side, state, price, quantity, "
        "filled, fees, fill_count, created, end_time, reject_reason, seq) "
        "VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT(order_id) DO UPDATE SET "
        "state = excluded.state, price = excluded.price, quantity = excluded.quantity, "
        "filled = excluded.filled, fees = excluded.fees, fill_count = excluded.fill_count, "
        "end_time = excluded.end_time, reject_reason = excluded.reject_reason, "
        "seq = excluded.seq",
        (
            order.order_id,
            order.client_order_id,
            str(order.product),
            order.side.value,
            order.state.value,
            None if order.price is None else str(order.price),
            None if order.quantity is None else str(order.quantity),
            str(order.filled),
            str(order.fees),
            order.fill_count,
            str(order.created),
            None if order.end_time is None else str(order.end_time),
            order.reject_reason,
            seq,
        ),
    )
    connection.execute(
        "UPDATE intents SET order_id = ? WHERE client_order_id = ? AND order_id IS NULL",
        (order.order_id, order.client_order_id),
    )


def _resolve(connection: apsw.Connection, client_order_id: ClientOrderId) -> None:
    """Give an intent that the venue knows the state that its order and its fills add up to.

    One whose outcome is unknown stays so: its order must first be compared with what was sent.
    """
    row = connection.execute(
        "SELECT i.state, o.state, o.filled, o.fees, o.fill_count FROM intents i "
        "LEFT JOIN orders o ON o.order_id = i.order_id WHERE i.client_order_id = ?",
        (client_order_id,),
    ).fetchone()
    if row is None or row[0] in _OPEN or (row[1] is None and row[0] in _SETTLED):
        return
    before, order_state, filled, fees, fill_count = row
    after = IntentState.ACCEPTED
    if order_state in _FINAL:
        is_whole = _is_whole(connection, client_order_id, filled, fees, fill_count)
        after = IntentState.DONE if is_whole else IntentState.FILLS_PENDING
    if after.value != before:
        connection.execute(
            "UPDATE intents SET state = ? WHERE client_order_id = ?", (after.value, client_order_id)
        )


def _is_whole(
    connection: apsw.Connection,
    client_order_id: ClientOrderId,
    filled: object,
    fees: object,
    fill_count: object,
) -> bool:
    """Whether the booked fills are all that the venue totals; summed in Decimal, never in SQL."""
    count = 0
    booked = paid = ZERO
    for quantity, fee in connection.execute(
        "SELECT quantity, fee FROM fills WHERE client_order_id = ?", (client_order_id,)
    ):
        count += 1
        booked = CONTEXT.add(booked, Decimal(str(quantity)))
        paid = CONTEXT.add(paid, Decimal(str(fee)))
    if booked != Decimal(str(filled)):
        return False
    return paid == Decimal(str(fees)) or (isinstance(fill_count, int) and count >= fill_count)


def _state(connection: apsw.Connection, client_order_id: ClientOrderId) -> str:
    row = connection.execute(
        "SELECT state FROM intents WHERE client_order_id = ?", (client_order_id,)
    ).fetchone()
    return "not recorded" if row is None else str(row[0])
