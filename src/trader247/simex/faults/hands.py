"""What the faults know of the exchange and may do to it: as little as they need."""

from __future__ import annotations

from collections.abc import Sequence

from trader247.simex.exchange import Exchange
from trader247.simex.store import Query


class Hands:
    """The exchange, as faults take hold of it."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    @property
    def now_us(self) -> int:
        """The exchange's time."""
        return self._exchange.now_us

    def other_order(self, order_id: str) -> tuple[str, str] | None:
        """The newest order but this one: the exchange's id and the client's."""
        for order in self._exchange.store.orders(Query(), 2):
            if order.order_id != order_id:
                return order.order_id, order.client_order_id
        return None

    def entries_of(self, order_ids: Sequence[str]) -> dict[str, list[str]]:
        """The ids of the fills of some orders."""
        query = Query()
        query.any_of("order_id", order_ids)
        entries: dict[str, list[str]] = {each: [] for each in order_ids}
        for fill in self._exchange.store.fills(query, 100_000) if order_ids else ():
            entries[fill.order_id].append(fill.entry_id)
        return entries

    def fill_resting(self, order_id: str, *, hundredths: int) -> bool:
        """Let somebody trade with a resting order at its limit: so much of what remains of it.

        Whether there was one. Raises StoreFailed: nothing has happened.
        """
        return self._exchange.fill_resting(order_id, hundredths=hundredths)
