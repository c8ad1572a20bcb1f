"""What people did: the switch, `kill on`, and an app.yaml that lets nothing be sent."""

from __future__ import annotations

from trader247.simulation.judged.history import Record
from trader247.simulation.judged.witnesses.onlooker import Onlooker
from trader247.simulation.judged.witnesses.orders import Orders


class People(Onlooker):
    """And what rested as they did it."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self.raised = 0
        """How often the switch was raised."""
        self.words_read = 0
        """How often somebody read that nothing rests."""
        self.rested_under_a_stop: set[str] = set()
        """Sales that rested as somebody took back the wish that they stay."""
        self.emptied = self.unproven = 0
        """How often `kill on` proved by itself that nothing rests, and how often it did not."""
        self.ended_by_hand = 0
        """Orders that it found."""
        self.emptied_beside = self.kept_beside = 0
        """How often it did so beside a trader that lives, and how many sales it kept then."""
        self.forbidden = 0
        """How often a person wrote into app.yaml that nothing may be sent."""
        self.kept_and_forbidden = 0
        """Sales that rested by somebody's wish as that was written."""
        self.let_go_under_it = 0
        """How often somebody wanted the switch's halt over while it was on."""
        self._keeps_sales = self._is_on = False

    def _see_kill(self, record: Record) -> None:
        keeps_sales, is_on = bool(record.get("keeps_sales")), record["is_on"]
        self.raised += is_on
        self._is_on = is_on
        if is_on and self._keeps_sales and not keeps_sales:
            self.rested_under_a_stop |= self._orders.resting_sales()
        self._keeps_sales = is_on and keeps_sales

    def _see_asked(self, record: Record) -> None:
        told = record["what"], record["arguments"].get("name")
        is_wanted = told[0] == "release_kill" or told == ("clear_halt", "kill_switch")
        self.let_go_under_it += self._is_on and is_wanted

    def _see_cleared(self, _: Record) -> None:
        self.words_read += 1

    def _see_emptied(self, record: Record) -> None:
        self.emptied += record["is_proven"]
        self.unproven += not record["is_proven"]
        self.ended_by_hand += record["found"]
        if record["is_beside"]:
            self.emptied_beside += record["is_proven"]
            self.kept_beside += record["kept"]

    def _see_settings(self, record: Record) -> None:
        self.forbidden += not record["may_send"]
        if self._keeps_sales and not record["may_send"]:
            self.kept_and_forbidden += len(self._orders.resting_sales())
