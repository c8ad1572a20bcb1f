"""Fills of orders of ours: at the exchange, as listed, and as the journal books them."""

from __future__ import annotations

from collections import Counter

from trader247.simulation.judged.history import Record
from trader247.simulation.judged.witnesses.course import Course
from trader247.simulation.judged.witnesses.onlooker import Onlooker
from trader247.simulation.judged.witnesses.orders import Orders

REACH_US = 300_000_000
"""How far back each reading goes."""
_PIECES = 5
"""How many fills at once are many."""


class Fills(Onlooker):
    """Each by its entry, orders by our name."""

    def __init__(self, course: Course, orders: Orders) -> None:
        self._course, self._orders = course, orders
        self.there: dict[str, str] = {}
        """At the exchange: which order's each is."""
        self.first_us: dict[str, int] = {}
        """When each order filled first."""
        self.parts: Counter[str] = Counter()
        """How many fills each order has."""
        self.booked: Counter[str] = Counter()
        self.while_down: set[str] = set()
        self.after_cancel: dict[str, set[str]] = {}
        """Of each order, what came after its end had been asked for."""
        self.ended_in_part: set[str] = set()
        """Orders that ended with a part of them filled that was not booked then."""
        self.in_pieces_alone: set[str] = set()
        """Orders that filled in many pieces at once, with no fill of ours for minutes before."""
        self.noted = 0
        """Rows of fills that move nothing."""
        self.retold = 0
        """Fills that were listed otherwise than the exchange made them."""
        self.understated: set[str] = set()
        """Orders that were listed as ended with nothing filled, though something was."""
        self.booked_when_over: set[str] = set()
        """Of those, what had a fill booked after such a listing."""
        self.booked_a_day_back = 0
        """Fills that were booked on an earlier day than one before."""
        self.set_aside = 0
        """Fills and other entries that were set aside."""
        self.accepted = 0
        """Fills that were set aside, and that somebody accepted."""
        self._day = ""
        self._burst_us = self._last_us = -REACH_US
        self._burst = 0

    def _see_exchange(self, record: Record) -> None:
        for row in record["orders"]:
            if row["is_ours"]:
                self._order(row["client_order_id"], row)
        names = {row["order_id"]: name for name, row in self._orders.there.items()}
        for fill in record["fills"]:
            self.noted += fill["kind"] == "SYNTHETIC"
            name = names.get(fill["order_id"])
            if name is not None and fill["kind"] == "FILL":
                self._fill(name, fill["entry_id"], fill["time_us"])

    def _order(self, name: str, row: Record) -> None:
        if self._orders.lives(name):
            return
        if 0 < float(row["filled"]) < float(row["size"] or 0):
            entries = (entry for entry, of in self.there.items() if of == name)
            if any(entry not in self.booked for entry in entries):
                self.ended_in_part.add(name)

    def _fill(self, name: str, entry: str, at_us: int) -> None:
        self.there[entry] = name
        self.parts[name] += 1
        self.first_us.setdefault(name, at_us)
        self._in_a_moment(name, at_us)
        if not self._course.is_up:
            self.while_down.add(entry)
        if name in self._orders.cancel_wishes:
            self.after_cancel.setdefault(name, set()).add(entry)

    def _in_a_moment(self, name: str, at_us: int) -> None:
        if at_us - self._last_us > REACH_US:
            self._burst_us, self._burst = at_us, 0
        self._last_us = at_us
        self._burst += at_us == self._burst_us
        if self._burst >= _PIECES:
            self.in_pieces_alone.add(name)

    def _see_retold(self, record: Record) -> None:
        self.retold += len(record["entries"])

    def _see_understated(self, record: Record) -> None:
        self.understated |= set(self.there.values()) & set(record["orders"])

    def _read_fill_booked(self, event: Record) -> None:
        payload = event["payload"]
        self.booked[payload["fill"]["entry_id"]] += 1
        self.booked_when_over |= {payload["client_order_id"]} & self.understated
        day = event["time"][:10]
        self.booked_a_day_back += day < self._day
        self._day = max(self._day, day)

    def _read_fill_quarantined(self, _: Record) -> None:
        self.set_aside += 1

    def _read_fills_accepted(self, event: Record) -> None:
        self.accepted += len(event["payload"].get("fills", ()))
