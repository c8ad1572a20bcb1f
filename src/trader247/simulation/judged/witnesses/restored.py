"""A journal that was gone back to an older copy of itself, and what it did not know."""

from __future__ import annotations

from trader247.simulation.judged.history import Record
from trader247.simulation.judged.witnesses.course import Course
from trader247.simulation.judged.witnesses.fills import REACH_US, Fills
from trader247.simulation.judged.witnesses.onlooker import Onlooker
from trader247.simulation.judged.witnesses.orders import Orders


class Restored(Onlooker):
    """Orders by our name."""

    def __init__(self, course: Course, orders: Orders, fills: Fills) -> None:
        self._course, self._orders, self._fills = course, orders, fills
        self.times = 0
        self.forgotten: set[str] = set()
        """Orders that the exchange has, and a restored journal did not know."""
        self.void: set[str] = set()
        """Lost, and ended with nothing filled, no reading's reach before."""
        self.epochs: set[int] = set()
        """Of lost orders, after that of the journal that was gone back to."""
        self.taken_back: set[str] = set()
        self.taken_back_in_part = 0
        """Orders that had filled in part, and not whole, when they were taken back."""
        self.filled_before_taken_back: set[str] = set()
        """Orders that a restored journal had lost, and that had filled before it knew of them."""
        self.told_out_of_reach: set[str] = set()
        """Of those, what was known of so late that no usual reading goes back to its fill."""
        self.kept_back_for_a_hold = 0
        """Cycles that refused a buy for want of free cash while one that was lost rested."""
        self.asked_to_end = 0
        """Requests to end lost orders that were not taken back yet."""
        self._recorded: dict[str, int] = {}
        self._epochs: list[tuple[int, int]] = []

    def _see_restored(self, record: Record) -> None:
        self.times += 1
        there, ended = self._orders.there, self._orders.ended
        lost = {name for name, seq in self._recorded.items() if seq > record["seq"]}
        self.forgotten |= lost & there.keys()
        self.void |= {
            name
            for name in lost & ended
            if not float(there[name]["filled"])
            and record["at_us"] - there[name]["updated_us"] > REACH_US
        }
        names = {name: seq for name, seq in self._recorded.items() if name in self.forgotten}
        begun = [(seq, epoch) for seq, epoch in self._epochs if seq > record["seq"]]
        self.epochs |= {
            epoch for seq, epoch in begun if any(recorded > seq for recorded in names.values())
        }
        self.taken_back -= lost

    def _read_session_started(self, event: Record) -> None:
        self._epochs.append((event["seq"], event["payload"]["epoch"]))

    def _read_intent_recorded(self, event: Record) -> None:
        name, now_us = event["payload"]["intent"]["client_order_id"], self._course.now_us
        self._recorded[name] = event["seq"]
        if name not in self.forgotten:
            return
        self.taken_back.add(name)
        row = self._orders.there[name]
        filled = float(row["filled"])
        if filled:
            self.filled_before_taken_back.add(name)
        if now_us - self._fills.first_us.get(name, now_us) > REACH_US:
            self.told_out_of_reach.add(name)
        self.taken_back_in_part += 0 < filled < float(row["size"] or 0)

    def _read_cancel_requested(self, event: Record) -> None:
        name = event["payload"]["client_order_id"]
        self.asked_to_end += name in self.forgotten and name not in self.taken_back

    def _read_cycle_decided(self, event: Record) -> None:
        rests = any(self._orders.lives(name) for name in self.forgotten)
        endings = event["payload"]["endings"].values()
        self.kept_back_for_a_hold += rests and any(
            each["reason"] == "buying_power" for each in endings
        )
