"""Where a fault may strike: the exchange's endpoints and channels, each by a short name."""

from __future__ import annotations

import re
from functools import lru_cache

PREFIX = "/api/v3/brokerage"

_FIXED = {
    ("GET", "/time"): "time",
    ("GET", "/products"): "products",
    ("GET", "/market/products"): "products",
    ("GET", "/product_book"): "book",
    ("GET", "/market/product_book"): "book",
    ("GET", "/best_bid_ask"): "best_bid_ask",
    ("GET", "/accounts"): "accounts",
    ("GET", "/orders/historical/batch"): "orders",
    ("GET", "/orders/historical/fills"): "fills",
    ("GET", "/transaction_summary"): "summary",
    ("GET", "/key_permissions"): "permissions",
    ("GET", "/portfolios"): "portfolios",
    ("POST", "/orders"): "create",
    ("POST", "/orders/preview"): "preview",
    ("POST", "/orders/batch_cancel"): "cancel",
    ("POST", "/orders/edit"): "edit",
    ("POST", "/orders/edit_preview"): "edit_preview",
}
_NAMED = (
    (re.compile(r"(/market)?/products/[^/]+/candles\Z"), "candles"),
    (re.compile(r"(/market)?/products/[^/]+/ticker\Z"), "trades"),
    (re.compile(r"(/market)?/products/[^/]+\Z"), "product"),
    (re.compile(r"/accounts/[^/]+\Z"), "account"),
    (re.compile(r"/orders/historical/[^/]+\Z"), "order"),
    (re.compile(r"/portfolios/[^/]+\Z"), "portfolio"),
)

ENDPOINTS = (*dict.fromkeys(_FIXED.values()), *(name for _, name in _NAMED), "other")
CHANNELS = (
    "heartbeats",
    "ticker",
    "ticker_batch",
    "level2",
    "candles",
    "market_trades",
    "status",
    "user",
    "subscriptions",
    "connection",
)


@lru_cache(maxsize=256)
def endpoint_of(method: str, path: str) -> str:
    """The name of the endpoint that a request is for; what does not exist is `other`."""
    short = path.removeprefix(PREFIX)
    fixed = _FIXED.get((method, short))
    if fixed is not None:
        return fixed
    if method == "GET":
        for pattern, name in _NAMED:
            if pattern.match(short):
                return name
    return "other"
