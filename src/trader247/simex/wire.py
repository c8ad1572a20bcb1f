"""The exchange in Coinbase's dialect: a request goes in, status and JSON come out.

What the exchange refuses is a 200 that says so; what cannot be read is a 400, what is not there a
404, a private question without a token in order a 401 in plain text. A request that would change
an exchange which is only being looked at, or whose file fails, is a 503, and has not happened.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from trader247.simex.bearer import is_in_order
from trader247.simex.errors import ReadOnly, StoreFailed
from trader247.simex.exchange import Exchange
from trader247.simex.reading import Reading
from trader247.simex.request import TEXT, BadRequest, Reply, Request, not_found
from trader247.simex.trading import Trading

PREFIX = "/api/v3/brokerage"

_UNAUTHORIZED = Reply(401, b"Unauthorized\n", TEXT)
_NAMED = re.compile(r"/(products|accounts|orders/historical)/([^/]+)(/candles|/ticker)?\Z")


class Wire:
    """One exchange's HTTP face."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.reading = Reading(exchange)
        self.trading = Trading(exchange)
        reading, trading = self.reading, self.trading
        self._public: dict[tuple[str, str], Callable[[Request], Reply]] = {
            ("GET", "/time"): reading.time,
            ("GET", "/market/products"): reading.products,
            ("GET", "/market/product_book"): reading.product_book,
        }
        self._private: dict[tuple[str, str], Callable[[Request], Reply]] = {
            ("GET", "/products"): reading.products,
            ("GET", "/product_book"): reading.product_book,
            ("GET", "/best_bid_ask"): reading.best_bid_ask,
            ("GET", "/accounts"): reading.accounts,
            ("GET", "/orders/historical/batch"): reading.orders,
            ("GET", "/orders/historical/fills"): reading.fills,
            ("GET", "/transaction_summary"): reading.transaction_summary,
            ("GET", "/key_permissions"): reading.key_permissions,
            ("GET", "/portfolios"): reading.portfolios,
            ("POST", "/orders"): trading.create,
            ("POST", "/orders/preview"): trading.preview,
            ("POST", "/orders/batch_cancel"): trading.cancel,
            ("POST", "/orders/close_position"): trading.close_position,
        }
        self._named: dict[tuple[str, str], Callable[[Request, str], Reply]] = {
            ("products", ""): reading.product,
            ("products", "/candles"): reading.candles,
            ("products", "/ticker"): reading.ticker,
            ("accounts", ""): reading.account,
            ("orders/historical", ""): reading.order,
        }

    def answer(self, request: Request) -> Reply:
        """The reply to a request, whatever it is."""
        path = request.path.removeprefix(PREFIX)
        is_public = path == "/time" or path.startswith("/market/")
        if not self._is_authorized(request, is_public=is_public):
            return _UNAUTHORIZED
        try:
            self._exchange.refresh()
            return self._route(request, path)
        except BadRequest as bad:
            return bad.reply
        except (ReadOnly, StoreFailed) as unavailable:
            return Reply(503, f"Service Unavailable: {unavailable}\n".encode(), TEXT)

    def _is_authorized(self, request: Request, *, is_public: bool) -> bool:
        if request.authorization is None:
            return is_public
        return is_in_order(
            request.authorization,
            method=request.method,
            host=request.host,
            path=request.path,
            now_s=self._exchange.now_us // 1_000_000,
        )

    def _route(self, request: Request, path: str) -> Reply:
        key = request.method, path
        handler = self._public.get(key) or self._private.get(key)
        if handler is not None:
            return handler(request)
        match = _NAMED.match(path.removeprefix("/market"))
        if request.method == "GET" and match:
            named = self._named.get((match[1], match[3] or ""))
            if named is not None and (not path.startswith("/market") or match[1] == "products"):
                return named(request, match[2])
        raise not_found(f"no such endpoint: {request.method} {request.path}")
