"""What happens to products: they are halted, opened in part, taken off the list."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, fields
from typing import Any

from trader247.simex.deeds.asked import Asked, Undone
from trader247.simex.exchange import Exchange
from trader247.simex.market import Flags
from trader247.simex.wire.render import Body

EVERY = "*"
STATUSES = ("online", "offline", "internal", "delisted")


class MarketDeeds:
    """The actions on the products of one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.deeds: dict[str, Callable[[Asked], Body]] = {
            "set": self._set,
            "halt": lambda asked: self._flag(asked, trading_disabled=True),
            "resume": self._resume,
            "delist": self._delist,
        }

    def _set(self, asked: Asked) -> Body:
        changes = dict(asked.table("flags"))
        known = {each.name: each.type for each in fields(Flags)}
        for name, value in changes.items():
            if name not in known:
                raise Undone(f"there is no flag {name!r}; there are {', '.join(known)}")
            if name == "status" and value not in STATUSES:
                raise Undone(f"status is one of {', '.join(STATUSES)}, not {value!r}")
            if name != "status" and not isinstance(value, bool):
                raise Undone(f"{name} is true or false")
        return self._flag(asked, **changes)

    def _resume(self, asked: Asked) -> Body:
        for product_id in (products := self._products(asked)):
            self._exchange.set_flags(product_id, Flags())
        return self._told(products)

    def _delist(self, asked: Asked) -> Body:
        """The product goes, and with it every order that rests in it."""
        products = self._products(asked)
        self._flag(asked, status="delisted", trading_disabled=True)
        books = set(products)
        resting = [
            order.order_id
            for order in self._exchange.desk.live.values()
            if self._exchange.book_of(order.terms.product_id) in books
        ]
        if resting:
            self._exchange.cancel(resting)
        return {**self._told(products), "cancelled": resting}

    def _flag(self, asked: Asked, **changes: Any) -> Body:
        products = self._products(asked)
        for product_id in products:
            flags = self._exchange.markets[product_id].own_flags
            self._exchange.set_flags(product_id, flags.with_changes(changes))
        return self._told(products)

    def _products(self, asked: Asked) -> list[str]:
        markets = self._exchange.markets
        written = asked.text("product_id")
        if written == EVERY:
            return list(markets)
        if written not in markets:
            raise Undone(
                f"there is no product {written!r}; there are {', '.join(markets)}", is_refused=True
            )
        return [written]

    def _told(self, products: Iterable[str]) -> Body:
        markets = self._exchange.markets
        return {"products": {each: asdict(markets[each].flags) for each in products}}
