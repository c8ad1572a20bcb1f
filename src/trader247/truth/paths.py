"""Where at the exchange a request goes, by what it is about."""

from __future__ import annotations

ORDERS = "/api/v3/brokerage/orders"
LISTING = "/api/v3/brokerage/orders/historical/batch"
FILLS = "/api/v3/brokerage/orders/historical/fills"
ACCOUNTS = "/api/v3/brokerage/accounts"
BOOKS = (LISTING, FILLS, ACCOUNTS)
"""What whoever knows how the account stands has read."""
