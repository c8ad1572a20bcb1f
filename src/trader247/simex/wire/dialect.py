"""The exchange in Coinbase's dialect: a request goes in, status and JSON come out.

What the exchange refuses is a 200 that says so; what cannot be read is a 400, what is not there a
404, a private question without a token in order a 401 in plain text. A request that would change
an exchange which is only being looked at, or whose file fails, is a 503, and has not happened.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from trader247.simex.door.entrance import Caller, Entrance
from trader247.simex.door.keyring import Keyring
from trader247.simex.door.limits import Limits
from trader247.simex.errors import ReadOnly, StoreFailed
from trader247.simex.exchange import Exchange
from trader247.simex.switches import Switches
from trader247.simex.wire.account_reading import AccountReading
from trader247.simex.wire.editing import Editing
from trader247.simex.wire.market_reading import MarketReading
from trader247.simex.wire.older import Older
from trader247.simex.wire.portfolios import Portfolios
from trader247.simex.wire.request import TEXT, BadRequest, Headers, Reply, Request, not_found
from trader247.simex.wire.trading import Trading

PREFIX = "/api/v3/brokerage"

_NAMED = re.compile(
    r"/(products|accounts|orders/historical|portfolios)/([^/]+)(/candles|/ticker)?\Z"
)

_MAINTENANCE = Reply(
    503,
    b"<!DOCTYPE html>\n<html><head><title>503</title></head>\n"
    b"<body><h1>Service Unavailable</h1><p>Scheduled maintenance.</p></body></html>\n",
    "text/html; charset=UTF-8",
)


class Wire:
    """One exchange's HTTP face.

    `keep_time` is called before each answer: it brings the exchange to where it should stand.
    `inside` comes between the door and the exchange: it gets a request, and what answers it.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        switches: Switches | None = None,
        keyring: Keyring | None = None,
        machine_s: Callable[[], int] | None = None,
        keep_time: Callable[[], None] | None = None,
        limits: Limits | None = None,
        inside: Callable[[Request, Callable[[Request], Reply]], Reply] | None = None,
    ) -> None:
        switches = Switches(usdc_aliases=False) if switches is None else switches
        self._exchange = exchange
        self._limits = limits
        self._inside = inside
        exchange.has_aliases = switches.usdc_aliases
        exchange.rules = switches.rules
        self._keep_time = exchange.refresh if keep_time is None else keep_time
        self.entrance = Entrance(
            switches=switches,
            venue_s=lambda: exchange.now_us // 1_000_000,
            keyring=keyring,
            machine_s=machine_s,
        )
        self.account = AccountReading(exchange, switches)
        self.trading = Trading(exchange, switches)
        account, trading, editing = self.account, self.trading, Editing(exchange)
        market = MarketReading(exchange, switches)
        portfolios = Portfolios(exchange, account.portfolio)
        older = Older(exchange)
        self._public: dict[tuple[str, str], Callable[[Request], Reply]] = {
            ("GET", "/time"): market.time,
            ("GET", "/market/products"): market.products,
            ("GET", "/market/product_book"): market.product_book,
            **older.public,
        }
        self._public_paths = {path for _, path in self._public}
        self._private: dict[tuple[str, str], Callable[[Request], Reply]] = {
            ("GET", "/products"): market.products,
            ("GET", "/product_book"): market.product_book,
            ("GET", "/best_bid_ask"): market.best_bid_ask,
            ("GET", "/accounts"): account.accounts,
            ("GET", "/orders/historical/batch"): account.orders,
            ("GET", "/orders/historical/fills"): account.fills,
            ("GET", "/transaction_summary"): account.transaction_summary,
            ("GET", "/portfolios"): portfolios.listed,
            **older.private,
            ("POST", "/orders"): trading.create,
            ("POST", "/orders/preview"): trading.preview,
            ("POST", "/orders/batch_cancel"): trading.cancel,
            ("POST", "/orders/edit"): editing.edit,
            ("POST", "/orders/edit_preview"): editing.preview,
            ("POST", "/orders/close_position"): trading.close_position,
        }
        self._named: dict[tuple[str, str], Callable[[Request, str], Reply]] = {
            ("products", ""): market.product,
            ("products", "/candles"): market.candles,
            ("products", "/ticker"): market.ticker,
            ("accounts", ""): account.account,
            ("orders/historical", ""): account.order,
            ("portfolios", ""): portfolios.breakdown,
        }

    def answer(self, request: Request) -> Reply:
        """The reply to a request, whatever it is."""
        path = request.path.removeprefix(PREFIX)
        is_public = path in self._public_paths or path.startswith("/market/")
        headers: Headers = ()
        try:
            self._keep_time()
            if self._exchange.is_closed:
                return _MAINTENANCE
            caller = self.entrance.admit(request, is_public=is_public)
            # The older API has a limit of its own: ten thousand an hour.
            if self._limits is not None and request.path.startswith(PREFIX):
                who = request.peer if is_public else caller.name or ""
                headers = self._limits.spend(who, is_public=is_public)
            reply = self._answer(request, caller)
        except BadRequest as bad:
            reply = bad.reply
        except (ReadOnly, StoreFailed) as unavailable:
            reply = Reply(503, f"Service Unavailable: {unavailable}\n".encode(), TEXT)
        return Reply(reply.status, reply.body, reply.content_type, headers) if headers else reply

    def _answer(self, request: Request, caller: Caller) -> Reply:
        if self._inside is None:
            return self._route(request, caller)
        return self._inside(request, lambda asked: self._route(asked, caller))

    def _route(self, request: Request, caller: Caller) -> Reply:
        path = request.path.removeprefix(PREFIX)
        key = request.method, path
        if key == ("GET", "/key_permissions"):
            return self.account.key_permissions(caller)
        handler = self._public.get(key) or self._private.get(key)
        if handler is not None:
            return handler(request)
        match = _NAMED.match(path.removeprefix("/market"))
        if request.method == "GET" and match:
            named = self._named.get((match[1], match[3] or ""))
            if named is not None and (not path.startswith("/market") or match[1] == "products"):
                return named(request, match[2])
        raise not_found(f"no such endpoint: {request.method} {request.path}")
