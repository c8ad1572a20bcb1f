"""Orders of which nobody knew for a while what had become of them."""

from __future__ import annotations

import json

from trader247.simulation.judged.history import Record
from trader247.simulation.judged.witnesses.onlooker import Onlooker
from trader247.simulation.judged.witnesses.orders import Orders

_IN_DOUBT = ("SUBMITTING", "UNKNOWN")
_GIVEN_UP_US = 250_000_000
"""When three listings may have shown an order not to be there, each late enough."""


class Fates(Onlooker):
    """Of orders, each by our name."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self.doubted: set[str] = set()
        """What was once of unknown fate."""
        self.sales_in_doubt: set[str] = set()
        self.doubted_then_taken: set[str] = set()
        self.unanswered_and_there: set[str] = set()
        self.failed_and_there: set[str] = set()
        """What the journal says to be no order, while it lived."""
        self.unlisted_past_end: set[str] = set()
        """Of unknown fate, and lived past their end at the exchange."""
        self.unseen_for_long: set[str] = set()
        """Of unknown fate, and rested, unfilled, when they might have been given up."""
        self.left_out: set[str] = set()
        """What a listing had not, while it rested."""
        self.left_out_at_its_end: set[str] = set()
        """What no listing had, and that ended."""
        self._names: dict[int, str] = {}
        self._unanswered: set[str] = set()
        self._sales: set[str] = set()

    def _see_request(self, record: Record) -> None:
        if record["method"] == "POST" and record["path"].endswith("/orders"):
            self._names[record["id"]] = json.loads(record["body"])["client_order_id"]

    def _see_answer(self, record: Record) -> None:
        name = self._names.pop(record["id"], None)
        if name is not None and record["status"] is None:
            self._unanswered.add(name)

    def _see_exchange(self, record: Record) -> None:
        self.unanswered_and_there |= {
            row["client_order_id"]
            for row in record["orders"]
            if row["is_ours"] and row["client_order_id"] in self._unanswered
        }

    def _see_leftout(self, record: Record) -> None:
        for name in record["orders"]:
            lives = self._orders.lives(name)
            (self.left_out if lives else self.left_out_at_its_end).add(name)

    def _see_folded(self, record: Record) -> None:
        there = self._orders.there
        self.unlisted_past_end |= {
            name
            for name in self.doubted
            if self._orders.lives(name)
            and there[name]["end_us"] is not None
            and there[name]["end_us"] < record["at_us"]
        }
        in_doubt = (
            each["client_order_id"]
            for each in record["portfolio"]["working"]
            if each["state"] in _IN_DOUBT
        )
        self.unseen_for_long |= {
            name
            for name in in_doubt
            if self._orders.lives(name)
            and not float(there[name]["filled"])
            and record["at_us"] - there[name]["created_us"] > _GIVEN_UP_US
        }

    def _read_intent_recorded(self, event: Record) -> None:
        intent = event["payload"]["intent"]
        if intent["side"] == "SELL":
            self._sales.add(intent["client_order_id"])

    def _read_submission_settled(self, event: Record) -> None:
        name, outcome = event["payload"]["client_order_id"], event["payload"]["outcome"]["is"]
        if outcome == "Unknown":
            self.doubted.add(name)
            if name in self._sales:
                self.sales_in_doubt.add(name)
        elif outcome == "Acknowledged":
            if name in self.doubted:
                self.doubted_then_taken.add(name)
            if name in self._unanswered and name in self._orders.there:
                self.unanswered_and_there.add(name)
        elif self._orders.lives(name):
            self.failed_and_there.add(name)
