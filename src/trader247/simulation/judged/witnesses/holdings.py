"""What is held, and what became of it by other hands than the trader's."""

from __future__ import annotations

from collections import Counter

from trader247.simulation.judged.history import Record
from trader247.simulation.judged.witnesses.onlooker import Onlooker


class Holdings(Onlooker):
    """Each by its product."""

    def __init__(self) -> None:
        self.adopted: set[str] = set()
        self.adopted_beside = 0
        """How often coins were adopted of which some were held."""
        self.sold_by_hand: Counter[str] = Counter()
        """How many sales by hand were booked as such."""
        self.taken_back_from_dust = 0
        self.flows = 0
        """How often money that was moved by hand was booked as such."""
        self.fees_differ = 0
        """Breaks over what an order filled, or paid."""
        self.broken_beside = 0
        """Breaks told of coins while a sale of them rested."""
        self._held: set[str] = set()
        self._on_sale: set[str] = set()
        """Coins of which a sale rests, as the last cycle left it."""

    def _see_folded(self, record: Record) -> None:
        portfolio = record["portfolio"]
        self._held = {each["product"] for each in portfolio["positions"]}
        self._on_sale = {
            each["product"].partition("-")[0]
            for each in portfolio["working"]
            if each["side"] == "SELL"
        }

    def _read_holding_adopted(self, event: Record) -> None:
        product = event["payload"]["product"]
        self.adopted.add(product)
        self.adopted_beside += product in self._held

    def _read_lots_sold_by_hand(self, event: Record) -> None:
        self.sold_by_hand[event["payload"]["product"]] += 1

    def _read_dust_taken_back(self, _: Record) -> None:
        self.taken_back_from_dust += 1

    def _read_cash_flowed(self, _: Record) -> None:
        self.flows += 1

    def _read_difference_found(self, event: Record) -> None:
        payload = event["payload"]
        what, _, key = payload["key"].partition(":")
        self.fees_differ += payload["is_break"] and what == "fills"
        self.broken_beside += payload["is_break"] and key in self._on_sale
