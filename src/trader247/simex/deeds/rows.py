"""What happens to fills afterwards: taken back, corrected, and rows that are bookkeeping alone."""

from __future__ import annotations

from collections.abc import Callable

from trader247.simex.accounts import InsufficientFunds
from trader247.simex.deeds.asked import Asked, Undone
from trader247.simex.exchange import Exchange
from trader247.simex.orders.order import Fill, Kind
from trader247.simex.store import Query
from trader247.simex.wire.render import Body


class RowDeeds:
    """The actions on the fills of one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.deeds: dict[str, Callable[[Asked], Body]] = {
            "reverse": self._reverse,
            "correct": self._correct,
            "synthetic": self._synthetic,
        }

    def _reverse(self, asked: Asked) -> Body:
        """A fill is taken back, and with it what it did to order and wallets."""
        return self._revised(asked, None)

    def _correct(self, asked: Asked) -> Body:
        """A fill is taken back, and comes again at another price."""
        fill = self._fill(asked)
        market = self._exchange.listed[fill.product_id]
        price = market.price.steps(asked.above_zero("price"))
        if price is None:
            raise Undone("price is a whole number of the product's increments", is_refused=True)
        return self._revised(asked, price)

    def _synthetic(self, asked: Asked) -> Body:
        """A row that looks like a fill, and moves nothing."""
        row = self._exchange.note(self._fill(asked))
        return {"entry_id": row.entry_id}

    def _revised(self, asked: Asked, price: int | None) -> Body:
        try:
            rows = self._exchange.revise(self._fill(asked), price)
        except InsufficientFunds as error:
            raise Undone(f"it is spent: {error}", is_refused=True) from None
        return {"entries": [{"entry_id": each.entry_id, "type": each.kind.value} for each in rows]}

    def _fill(self, asked: Asked) -> Fill:
        entry_id = asked.text("entry_id")
        found = self._rows("entry_id", entry_id)
        if not found or found[0].kind is not Kind.FILL:
            raise Undone(f"there is no fill {entry_id!r}", is_refused=True)
        fill = found[0]
        if any(each.kind is Kind.REVERSAL for each in self._rows("trade_id", fill.trade_id)):
            raise Undone(f"the fill {entry_id!r} is taken back already", is_refused=True)
        if fill.dust:
            raise Undone("a fill of no whole lots cannot be revised", is_refused=True)
        order = self._exchange.store.order(fill.order_id)
        if order is None or not order.status.is_final:
            raise Undone("the order of this fill still lives: cancel it first", is_refused=True)
        return fill

    def _rows(self, column: str, value: str) -> list[Fill]:
        query = Query()
        query.any_of(column, [value])
        return self._exchange.store.fills(query, 10)
