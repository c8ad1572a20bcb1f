"""What was to be bought and sold, as the journal records it before it leaves."""

from __future__ import annotations

from collections import Counter

from trader247.simulation.judged.history import Record
from trader247.simulation.judged.witnesses.course import Course
from trader247.simulation.judged.witnesses.fills import Fills
from trader247.simulation.judged.witnesses.onlooker import Onlooker
from trader247.simulation.judged.witnesses.readings import Readings
from trader247.simulation.judged.witnesses.stops import STOP

_NOT_SENT = "not_sent"


class Intents(Onlooker):
    """Each by our name."""

    def __init__(self, course: Course, readings: Readings, fills: Fills) -> None:
        self._course, self._readings, self._fills = course, readings, fills
        self.causes: Counter[str] = Counter()
        """Why something was to be sold, by how often."""
        self.left: set[str] = set()
        """Products of which something was to be sold."""
        self.sales_after_restart: set[str] = set()
        self.sold_unread: set[str] = set()
        """Sales, and no stops, since a list was last refused."""
        self.bought_blindly: set[str] = set()
        """Buys of a cycle that saw no market."""
        self.entries_us: list[int] = []
        """When each entry was recorded."""
        self.bought_anew = 0
        """Entries after a fill was booked a day back."""
        self.bought_after_accepting = 0
        """Buys after somebody accepted fills that were set aside."""
        self.unsent = 0
        """Orders that were recorded, and of which nothing left."""

    def _read_intent_recorded(self, event: Record) -> None:
        intent = event["payload"]["intent"]
        if intent["purpose"] == "entry":
            self.entries_us.append(self._course.now_us)
            self.bought_anew += self._fills.booked_a_day_back > 0
        if intent["side"] == "SELL":
            self._sale(intent)
        else:
            self.bought_after_accepting += self._fills.accepted > 0
            if self._course.is_blind:
                self.bought_blindly.add(intent["client_order_id"])

    def _read_submission_settled(self, event: Record) -> None:
        self.unsent += event["payload"]["outcome"].get("code") == _NOT_SENT

    def _sale(self, intent: Record) -> None:
        name = intent["client_order_id"]
        self.causes[intent.get("exit_cause") or ""] += 1
        self.left.add(intent["product"])
        if self._readings.is_unread and intent["order_type"] != STOP:
            self.sold_unread.add(name)
        if self._course.restarts:
            self.sales_after_restart.add(name)
