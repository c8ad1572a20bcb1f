"""Orders and fills as a copy shows them that lags behind the exchange, or errs.

Rows in the wire's words go in, and come out as they are seen. What befalls an order or a fill is
decided once, and lasts its time: whoever looks twice sees the same, until it is over.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from uuid import NAMESPACE_URL, uuid5

from trader247.simex.exact import EXACT, plain
from trader247.simex.faults.plan import Plan
from trader247.simex.wire import times
from trader247.simex.wire.render import Body

_NOTHING_YET = {
    "status": "OPEN",
    "completion_percentage": "0",
    "filled_size": "0",
    "average_filled_price": "0",
    "number_of_fills": "0",
    "filled_value": "0",
    "total_fees": "0",
    "total_value_after_fees": "0",
    "settled": False,
    "cancel_message": "",
    "last_fill_time": None,
}
_NOTHING_FILLED = {
    name: value
    for name, value in _NOTHING_YET.items()
    if name not in ("status", "settled", "cancel_message")
}
ENDED_EARLY = ("CANCELLED", "EXPIRED")
_ERROR = Decimal("1.1")
"""A wrong commission is this many times the right one."""


class Rows:
    """How rows are seen at one place at one time."""

    def __init__(self, plan: Plan, place: str, now_us: int) -> None:
        self._plan = plan
        self._place = place
        self._now_us = now_us

    def is_young(self, name: str, thing: str, since: str) -> bool:
        """Whether a fault befell something at a time, and still lasts."""
        shot = self._plan.hold(name, self._place, thing)
        if shot is None or self._now_us >= times.parse(since) + shot.span_us():
            return False
        self._plan.mark(name, self._place, thing)
        return True

    def order(self, row: Body, entries: list[str]) -> Body:
        """An order; `entries` are its fills."""
        order_id = row["order_id"]
        if self._is_changed(row) and self.is_young(
            "stale_state", order_id, row["last_update_time"]
        ):
            return {**row, **_NOTHING_YET, "last_update_time": row["created_time"]}
        if self.is_understated(row):
            self._plan.mark("early_end", self._place, order_id)
            return {**row, **_NOTHING_FILLED}
        split = sum(self._plan.hold("split_fills", "fills", each) is not None for each in entries)
        return (
            {**row, "number_of_fills": str(int(row["number_of_fills"]) + split)} if split else row
        )

    def is_understated(self, row: Body) -> bool:
        """Whether an order stands as ended with nothing filled, though it was filled in part."""
        if row["status"] not in ENDED_EARLY or row["number_of_fills"] == "0":
            return False
        shot = self._plan.hold("early_end", self._place, row["order_id"])
        ended_us = times.parse(row["last_update_time"])
        return shot is not None and self._now_us < ended_us + shot.span_us()

    @staticmethod
    def _is_changed(row: Body) -> bool:
        return bool(row["status"] != "OPEN" or row["number_of_fills"] != "0")

    def fill(self, row: Body) -> list[Body]:
        """The entries that are listed in a fill's place, newest first."""
        entry = row["entry_id"]
        if self.is_young("late_fills", entry, row["sequence_timestamp"]):
            return []
        seen = self._corrected(row) or self._split(row) or [self._restated(row)]
        if self._plan.hold("doubled_fills", self._place, entry) is not None:
            self._plan.mark("doubled_fills", self._place, entry)
            return seen + seen
        return seen

    def is_restated(self, row: Body) -> bool:
        """Whether a fill is listed otherwise by now than it was made, by the same id."""
        shot = self._plan.hold("restated_fills", self._place, row["entry_id"])
        if shot is None:
            return False
        # Not at some moment until then: whoever looked until then has seen it as it was made.
        return self._now_us >= times.parse(row["sequence_timestamp"]) + 1000 * shot.rule.ms

    def _restated(self, row: Body) -> Body:
        if not self.is_restated(row):
            return row
        self._plan.mark("restated_fills", self._place, row["entry_id"])
        return {**row, **_commission(row, EXACT.multiply(Decimal(row["commission"]), _ERROR))}

    def _split(self, row: Body) -> list[Body] | None:
        """Two entries of one trade, together what the one is."""
        entry = row["entry_id"]
        shot = self._plan.hold("split_fills", self._place, entry)
        if shot is None:
            return None
        size, commission = Decimal(row["size"]), Decimal(row["commission"])
        first_size = _half(size)
        if not 0 < first_size < size:
            return None
        self._plan.mark("split_fills", self._place, entry)
        first_commission = _half(commission)
        second = {
            "entry_id": _other(entry, "second"),
            "size": plain(EXACT.subtract(size, first_size)),
            **_commission(row, EXACT.subtract(commission, first_commission)),
        }
        first = {"size": plain(first_size), **_commission(row, first_commission)}
        return [{**row, **second}, {**row, **first}]

    def _corrected(self, row: Body) -> list[Body] | None:
        """A wrong commission; later its reversal, and the right one."""
        entry = row["entry_id"]
        shot = self._plan.hold("corrected_fills", self._place, entry)
        if shot is None:
            return None
        self._plan.mark("corrected_fills", self._place, entry)
        wrong_commission = EXACT.multiply(Decimal(row["commission"]), _ERROR)
        wrong = {**row, **_commission(row, wrong_commission)}
        due_us = times.parse(row["sequence_timestamp"]) + shot.span_us()
        if self._now_us < due_us:
            return [wrong]
        due = times.text(due_us)
        reversal = {
            **wrong,
            "entry_id": _other(entry, "reversal"),
            "trade_type": "REVERSAL",
            "sequence_timestamp": due,
        }
        correction = {
            **row,
            "entry_id": _other(entry, "correction"),
            "trade_type": "CORRECTION",
            "sequence_timestamp": due,
        }
        return [correction, reversal, wrong]


def _half(value: Decimal) -> Decimal:
    return EXACT.divide(value, Decimal(2)).quantize(value, rounding=ROUND_DOWN)


def _other(entry: str, what: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{entry}/{what}"))


def _commission(row: Body, commission: Decimal) -> Body:
    text = plain(commission)
    detail = {"total_commission": text, "client_commission": text}
    return {
        "commission": text,
        "commission_detail_total": {**row["commission_detail_total"], **detail},
    }
