"""An exchange that leaves figures out of its answers, which it says as a rule."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from trader247.simex.wire.request import Reply, Request
from trader247.simulation.judged.history import Record

_OK, _OURS = 200, "t247-"


@dataclass(frozen=True, slots=True)
class Figure:
    """A field of each row of a listing, or of a record in an answer.

    With `is_ours` the rows of our own orders that have fills lack it; with `is_new` those of trades
    since it is left out: what was told whole before would be told otherwise.
    """

    path: str
    rows: str
    field: str
    is_ours: bool = False
    is_new: bool = False

    def is_in(self, row: Record, since: str) -> bool:
        """Whether a row lacks it where it is left out `since` then."""
        if self.is_ours:
            is_ours = str(row["client_order_id"]).startswith(_OURS)
            return is_ours and row["number_of_fills"] != "0"
        return self.field in row and (not self.is_new or str(row["trade_time"]) >= since)


FEES = Figure("/orders/historical/batch", "orders", "total_fees", is_ours=True)
COMMISSION = Figure("/historical/fills", "fills", "commission", is_new=True)
FREE = Figure("/brokerage/accounts", "accounts", "available_balance")
HOLD = Figure("/brokerage/accounts", "accounts", "hold")
RATE = Figure("/transaction_summary", "fee_tier", "maker_fee_rate")


class Unsaid:
    """Leaves out what it is told to, and tells of each answer that lacks something."""

    def __init__(self, now_us: Callable[[], int], tell: Callable[[Record], None]) -> None:
        self._now_us, self._tell = now_us, tell
        self._figures: Collection[Figure] = ()
        self._since = ""

    def leave_out(self, figures: Collection[Figure]) -> None:
        """Leave these out from now on, and no others."""
        self._figures = figures
        self._since = datetime.fromtimestamp(self._now_us() / 1_000_000, UTC).isoformat()

    def seen(self, request: Request, reply: Reply) -> Reply:
        """The answer as the trader gets it."""
        for each in self._figures:
            if reply.status == _OK and request.path.endswith(each.path):
                reply = self._without(each, reply)
        return reply

    def _without(self, figure: Figure, reply: Reply) -> Reply:
        told = json.loads(reply.body)
        found = told[figure.rows]
        rows: list[Record] = found if isinstance(found, list) else [found]
        lacking = [each for each in rows if figure.is_in(each, self._since)]
        for row in lacking:
            del row[figure.field]
        if lacking:
            self._tell({"kind": "unsaid", "what": figure.field})
        if lacking and figure is FEES:
            self._tell({"kind": "unwhole", "why": "has an order of ours without its fees"})
        return reply._replace(body=json.dumps(told).encode())
