"""Where at the exchange a request goes, by what it is about."""

from __future__ import annotations

ORDERS = "/api/v3/brokerage/orders"
LISTING = "/api/v3/brokerage/orders/historical/batch"
FILLS = "/api/v3/brokerage/orders/historical/fills"
ACCOUNTS = "/api/v3/brokerage/accounts"
ONE = "/api/v3/brokerage/orders/historical/"
"""How the path of one order begins; its id follows."""
BOOKS = (LISTING, FILLS, ACCOUNTS)
"""What whoever knows how the account stands has read."""
