"""What was asked of the exchange, and what could not be read, or was not so."""

from __future__ import annotations

from collections import Counter

from trader247.simulation.judged.history import Record
from trader247.simulation.judged.witnesses.onlooker import Onlooker

_MANY_BOOKS = 9
"""Of twelve; two are asked for in each cycle, whatever a stream tells."""
_LISTS = ("/orders/historical/batch", "/orders/historical/fills", "/accounts")


class Readings(Onlooker):
    """Of the account, and of the market."""

    def __init__(self) -> None:
        self.unread = 0
        """Lists of orders, of fills and of wallets that were refused, or never answered."""
        self.wallets_unread = 0
        """Of those, lists of wallets."""
        self.is_unread = False
        """Whether that became of the last one."""
        self.unwhole = 0
        """Pages by which no listing is whole."""
        self.unsaid: Counter[str] = Counter()
        """Answers that lacked a figure, by its field."""
        self.said_otherwise = 0
        """How often a stream alone said that a book is so."""
        self.waits = 0
        """Refusals that said for how long to wait."""
        self.reconnects = 0
        self.asked_for_all = 0
        """Cycles for which nearly every book was asked for."""
        self._lists: set[int] = set()
        self._wallets: set[int] = set()
        self._books_asked = 0

    def _see_request(self, record: Record) -> None:
        path = record["path"]
        if path.endswith("/product_book"):
            self._books_asked += 1
        elif path.endswith(_LISTS):
            self._lists.add(record["id"])
            if path.endswith("/accounts"):
                self._wallets.add(record["id"])

    def _see_answer(self, record: Record) -> None:
        self.waits += "wait_s" in record
        if record["id"] in self._lists:
            self._lists.discard(record["id"])
            self.is_unread = record["status"] != 200
            self.unread += self.is_unread
        if record["id"] in self._wallets:
            self._wallets.discard(record["id"])
            self.wallets_unread += record["status"] != 200

    def _see_unwhole(self, _: Record) -> None:
        self.unwhole += 1

    def _see_unsaid(self, record: Record) -> None:
        self.unsaid[record["what"]] += 1

    def _see_quotes(self, record: Record) -> None:
        self.said_otherwise += any(each.get("is_otherwise") for each in record["touches"].values())

    def _read_cycle_decided(self, event: Record) -> None:
        self.reconnects += event["payload"].get("reconnects", 0)
        self.asked_for_all += self._books_asked >= _MANY_BOOKS
        self._books_asked = 0
