"""Orders that wait for a price: the last trade wakes them, at their price or beyond it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from trader247.simex.book import Side
from trader247.simex.orders.order import Order, Stop

_SLIPS_PCT = 5
"""How far beyond its trigger a bracket's stop may sell or buy."""


def bracket_stop(side: Side, price: int) -> Stop:
    """A bracket's stop: it buys or sells at the market, a part of the price worse at most."""
    if side is Side.BUY:
        return Stop(price, is_up=True, limit=-(-price * (100 + _SLIPS_PCT) // 100))
    return Stop(price, is_up=False, limit=max(1, price * (100 - _SLIPS_PCT) // 100))


class Waiting:
    """The live orders of all markets whose stop has not been reached."""

    def __init__(self, orders: Iterable[Order] = ()) -> None:
        self._orders: dict[int, Order] = {}
        for order in orders:
            self.add(order)

    def __len__(self) -> int:
        return len(self._orders)

    def __iter__(self) -> Iterator[Order]:
        return iter(self._orders.values())

    def add(self, order: Order) -> None:
        """Let an order wait, if it is one that does."""
        if order.terms.stop is not None and not order.is_triggered:
            self._orders[order.number] = order

    def remove(self, number: int) -> None:
        """Forget an order, if it waited."""
        self._orders.pop(number, None)

    def woken(self, products: Iterable[str], *, low: int | None, high: int | None) -> list[Order]:
        """Those of a market, under any of its names, that trades from `low` to `high` wake.

        The oldest first; None where it is not known that trades went further that way.
        """
        names = set(products)
        woken = [
            order
            for order in self._orders.values()
            if order.terms.product_id in names
            and (stop := order.terms.stop) is not None
            and stop.is_reached(low=low, high=high)
        ]
        return sorted(woken, key=lambda each: each.number)
