"""What whoever runs the exchange can do to it, by the name of the action."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from trader247.simex.deeds.account import AccountDeeds
from trader247.simex.deeds.admin import Handler
from trader247.simex.deeds.asked import Asked, Undone
from trader247.simex.deeds.fees import FeeDeeds
from trader247.simex.deeds.keys import KeyDeeds
from trader247.simex.deeds.market import MarketDeeds
from trader247.simex.deeds.rows import RowDeeds
from trader247.simex.deeds.scheduling import CalendarDeeds
from trader247.simex.door.keyring import Keyring
from trader247.simex.exact import plain
from trader247.simex.exchange import Exchange
from trader247.simex.wire import times
from trader247.simex.wire.render import Body, dumps
from trader247.simex.wire.request import Reply, Request, failure

Deed = Callable[[Asked], Body]


class Deeds:
    """The actions on one exchange; where it is served, on the keys of its clients as well."""

    def __init__(
        self,
        exchange: Exchange,
        *,
        keyring: Keyring | None = None,
        save_keys: Callable[[], None] | None = None,
        keep_time: Callable[[], None] | None = None,
    ) -> None:
        self._keep_time = exchange.refresh if keep_time is None else keep_time
        self._exchange = exchange
        self._calendar, self._fees = CalendarDeeds(exchange), FeeDeeds(exchange)
        self._deeds: dict[str, Deed] = {
            **AccountDeeds(exchange).deeds,
            **MarketDeeds(exchange).deeds,
            **self._calendar.deeds,
            **self._fees.deeds,
            **RowDeeds(exchange).deeds,
            "show": self._show,
        }
        self._keyring = keyring
        if keyring is not None and save_keys is not None:
            self._deeds |= KeyDeeds(keyring, save_keys).deeds

    def do(self, asked: Mapping[str, Any]) -> Body:
        """Do one thing, and say what came of it.

        Raises:
            Undone: nothing has happened; it says why.
            StoreFailed: nothing has happened.
        """
        fields = Asked(asked)
        action = fields.text("action")
        deed = self._deeds.get(action)
        if deed is None:
            known = ", ".join(sorted(self._deeds))
            raise Undone(f"there is no action {action!r} here; there are {known}")
        done = deed(fields)
        return {"action": action, "time": times.text(self._exchange.now_us), **done}

    def handlers(self) -> dict[tuple[str, str], Handler]:
        """What to add to the operator's door."""
        return {("POST", "/sim/do"): self.answer}

    async def answer(self, request: Request) -> Reply:
        """The same over the wire: 400 for what cannot be read, 409 for what is refused."""
        self._keep_time()
        try:
            return Reply(200, dumps(self.do(request.body)))
        except Undone as undone:
            status, error = (409, "REFUSED") if undone.is_refused else (400, "INVALID_ARGUMENT")
            raise failure(status, error, str(undone)) from None

    def _show(self, _: Asked) -> Body:
        exchange = self._exchange
        keys = [] if self._keyring is None else list(self._keyring)
        return {
            "market": exchange.store.identity.label,
            "products": {
                product_id: asdict(market.flags) for product_id, market in exchange.markets.items()
            },
            "accounts": {
                each.currency: {"available": plain(each.available), "hold": plain(each.hold)}
                for each in exchange.desk.accounts
            },
            "live_orders": len(exchange.desk.live),
            "fees": self._fees.told(),
            **self._calendar.told(),
            "keys": [
                {
                    "name": key.name,
                    "can_view": key.can_view,
                    "can_trade": key.can_trade,
                    "can_transfer": key.can_transfer,
                    "is_revoked": key.is_revoked,
                }
                for key in keys
            ],
        }
