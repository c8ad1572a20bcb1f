"""Orders of ours as the exchange has them, and whose end was asked for."""

from __future__ import annotations

from trader247.simulation.judged.history import Record
from trader247.simulation.judged.witnesses.onlooker import Onlooker

_FINAL = ("FILLED", "CANCELLED", "EXPIRED", "FAILED")
_YOUNG_US = 60_000_000


class Orders(Onlooker):
    """Each by our name."""

    def __init__(self) -> None:
        self.there: dict[str, Record] = {}
        """At the exchange, as it wrote each down last."""
        self.ended: set[str] = set()
        self.young_at_start: set[str] = set()
        """What lived, not a minute old, as a process started."""
        self.older = 0
        """Orders that were listed in older words after they had been listed as ended."""
        self.too_late = 0
        """Orders that were recorded, and whose decision was too old once they could leave."""
        self.grown_old = 0
        """Orders that were recorded, and whose quote was too old then."""
        self.kept_back = 0
        """Orders that were recorded, and that our own budget of requests let not leave."""
        self.cancels = 0
        """Requests for the end of orders."""
        self.cancel_wishes: set[str] = set()
        self.cancelled_and_lived: set[str] = set()
        self._cancels: dict[int, str] = {}

    def lives(self, name: str) -> bool:
        """Whether the exchange has such an order, and it has not ended there."""
        row = self.there.get(name)
        return row is not None and row["status"] not in _FINAL

    def resting_sales(self) -> set[str]:
        """Sales that have not ended."""
        return {name for name, row in self.there.items() if row["side"] == "SELL" and _lives(row)}

    def _see_process(self, record: Record) -> None:
        if record["what"] == "started":
            self.young_at_start |= {
                name
                for name, row in self.there.items()
                if record["at_us"] - row["created_us"] < _YOUNG_US and _lives(row)
            }

    def _see_request(self, record: Record) -> None:
        if record["path"].endswith("/batch_cancel"):
            self.cancels += 1
            self._cancels[record["id"]] = record["body"]

    def _see_answer(self, record: Record) -> None:
        asked = self._cancels.pop(record["id"], None)
        if asked is not None and record["status"] == 200:
            self.cancelled_and_lived |= {
                name for name, row in self.there.items() if row["order_id"] in asked and _lives(row)
            }

    def _see_exchange(self, record: Record) -> None:
        for row in record["orders"]:
            if row["is_ours"]:
                self.there[row["client_order_id"]] = row
                if not _lives(row):
                    self.ended.add(row["client_order_id"])

    def _see_older(self, record: Record) -> None:
        self.older += len(self.ended & set(record["orders"]))

    def _read_submission_settled(self, event: Record) -> None:
        outcome = event["payload"]["outcome"]
        self.kept_back += outcome.get("code") == "rate_budget"
        self.too_late += outcome.get("code") == "too_late"
        self.grown_old += (outcome.get("message") or "").startswith("quote ")

    def _read_cancel_requested(self, event: Record) -> None:
        self.cancel_wishes.add(event["payload"]["client_order_id"])


def _lives(row: Record) -> bool:
    return row["status"] not in _FINAL
