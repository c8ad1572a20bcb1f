"""Which fills and orders a journal knows already, looked up in its tables."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import apsw

from trader247.adapters.sqlite.database import translated
from trader247.adapters.sqlite.found import Agreed, Found
from trader247.domain.fills import Fill
from trader247.domain.ids import ClientOrderId


class Known:
    """The fills and intents of one journal: asked for with each reading of the venue's books.

    Every method raises StorageError where the disk does not answer.
    """

    def __init__(self, connection: apsw.Connection, path: Path) -> None:
        self._connection = connection
        self._path = path
        self._fills_found, self._intents_found, self._fills_agreed = Found(), Found(), Agreed()

    def has_fill(self, entry_id: str) -> bool:
        """Whether a fill of this entry id is already booked or quarantined."""
        return self._fills_found.has(
            entry_id, lambda: self._is_there("SELECT 1 FROM fills WHERE entry_id = ?", entry_id)
        )

    def contradicts(self, fill: Fill) -> bool:
        """Whether a fill of this entry id stands here with other figures."""
        if self._fills_agreed.has(fill):
            return False
        with translated("read", self._path):
            found = self._connection.execute(
                "SELECT order_id, product, side, price, quantity, fee FROM fills "
                "WHERE entry_id = ?",
                (fill.entry_id,),
            ).fetchone()
        if found is None:
            return False
        order_id, product, side, *figures = map(str, found)
        differs = (order_id, product, side) != (
            fill.order_id,
            str(fill.product),
            fill.side.value,
        ) or [Decimal(each) for each in figures] != [
            fill.price.value,
            fill.quantity.value,
            fill.fee.value,
        ]
        if not differs:
            self._fills_agreed.add(fill)
        return differs

    def repeats_trade(self, fill: Fill) -> bool:
        """Whether another entry of the same trade of the same order is booked."""
        with translated("read", self._path):
            found = self._connection.execute(
                "SELECT 1 FROM fills WHERE quarantine IS NULL AND order_id = ? AND trade_id = ? "
                "AND entry_id <> ?",
                (fill.order_id, fill.trade_id, fill.entry_id),
            )
            return found.fetchone() is not None

    def knows_order(self, client_order_id: ClientOrderId) -> bool:
        """Whether an intent of this id was ever recorded."""
        wanted = "SELECT 1 FROM intents WHERE client_order_id = ?"
        return self._intents_found.has(
            client_order_id, lambda: self._is_there(wanted, client_order_id)
        )

    def _is_there(self, wanted: str, name: str) -> bool:
        with translated("read", self._path):
            return self._connection.execute(wanted, (name,)).fetchone() is not None
