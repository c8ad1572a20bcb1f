"""What happens to an account from outside: money comes and goes, and its owner orders by hand."""

from __future__ import annotations

from collections.abc import Callable

from trader247.simex.accounts import InsufficientFunds
from trader247.simex.deeds.asked import Asked, Undone
from trader247.simex.exact import plain
from trader247.simex.exchange import Configuration, Exchange
from trader247.simex.orders.order import USUAL_SOURCE
from trader247.simex.wire.refusal import Rejection
from trader247.simex.wire.render import Body


class AccountDeeds:
    """The actions on the account of one exchange."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.deeds: dict[str, Callable[[Asked], Body]] = {
            "deposit": lambda asked: self._move(asked, sign=1),
            "withdraw": lambda asked: self._move(asked, sign=-1),
            "place": self._place,
            "cancel": self._cancel,
        }

    def _move(self, asked: Asked, *, sign: int) -> Body:
        currency, amount = asked.text("currency").upper(), asked.above_zero("amount")
        if currency not in self._currencies:
            known = ", ".join(sorted(self._currencies))
            raise Undone(f"nothing here trades in {currency!r}; there are {known}", is_refused=True)
        try:
            self._exchange.deposit(currency, amount * sign)
        except InsufficientFunds as error:
            raise Undone(str(error), is_refused=True) from None
        return {"currency": currency, "available": self._available(currency)}

    def _place(self, asked: Asked) -> Body:
        client_order_id = asked.text("client_order_id", self._next_id)
        if self._exchange.store.order_of_client(client_order_id) is not None:
            raise Undone(f"there is an order {client_order_id!r} already", is_refused=True)
        product_id, side = asked.text("product_id"), asked.text("side").upper()
        if self._exchange.find(product_id) is None:
            known = ", ".join(self._exchange.markets)
            raise Undone(f"there is no product {product_id!r}; there are {known}", is_refused=True)
        if side not in ("BUY", "SELL"):
            raise Undone(f"side is BUY or SELL, not {side!r}")
        attached = "attached_order_configuration"
        placed = self._exchange.place(
            client_order_id=client_order_id,
            product_id=product_id,
            side=side,
            configuration=_configuration(asked, "order_configuration"),
            attached=_configuration(asked, attached) if asked.has(attached) else None,
            source=asked.text("source", USUAL_SOURCE),
        )
        if isinstance(placed, Rejection):
            reason = placed.preview if placed.error.startswith("UNKNOWN") else placed.error
            message = f": {placed.message}" if placed.message else ""
            raise Undone(f"the order is refused: {reason}{message}", is_refused=True)
        return {
            "order_id": placed.order_id,
            "client_order_id": client_order_id,
            "status": placed.status.value,
            **({"attached_order_id": placed.attached_id} if placed.attached_id else {}),
        }

    def _cancel(self, asked: Asked) -> Body:
        order_ids = asked.texts("order_ids")
        if asked.yes("all"):
            order_ids = [order.order_id for order in self._exchange.desk.live.values()]
        elif not order_ids:
            raise Undone("order_ids is needed, or all")
        reasons = self._exchange.cancel(order_ids) if order_ids else []
        refused = {
            order_id: reason
            for order_id, reason in zip(order_ids, reasons, strict=True)
            if reason is not None
        }
        if refused:
            told = ", ".join(f"{order_id} ({reason})" for order_id, reason in refused.items())
            raise Undone(f"not cancelled: {told}; all others were", is_refused=True)
        return {"order_ids": order_ids}

    @property
    def _currencies(self) -> set[str]:
        """Everything that a product is made of or paid with."""
        listings = [market.listing for market in self._exchange.listed.values()]
        return {each for listing in listings for each in (listing.base, listing.quote)}

    @property
    def _next_id(self) -> str:
        """An id that no client of ours would make up: the website's."""
        return self._exchange.name("by-hand", self._exchange.desk.orders + 1)

    def _available(self, currency: str) -> str:
        return plain(self._exchange.desk.accounts.available(currency))


def _configuration(asked: Asked, name: str) -> Configuration:
    configuration = asked.table(name)
    if not all(isinstance(terms, dict) for terms in configuration.values()):
        raise Undone(f"{name} holds one object, by the name of its kind")
    return configuration
