"""Answers of the shape that the venue gives, to be changed by the tests."""

from __future__ import annotations

from typing import Any


def product(**changes: object) -> dict[str, object]:
    return {
        "product_id": "BTC-USD",
        "price": "60000.01",
        "volume_24h": "11005.02587005",
        "base_increment": "0.00000001",
        "quote_increment": "0.01",
        "quote_min_size": "1",
        "quote_max_size": "150000000",
        "base_min_size": "0.00000001",
        "base_max_size": "3400",
        "is_disabled": False,
        "status": "online",
        "cancel_only": False,
        "limit_only": False,
        "post_only": False,
        "trading_disabled": False,
        "auction_mode": False,
        "view_only": False,
        "product_type": "SPOT",
        "price_increment": "0.01",
        "approximate_quote_24h_volume": "660301662.25",
        "new_at": "2023-01-01T00:00:00Z",
        "fcm_trading_session_details": None,
        **changes,
    }


def order(**changes: object) -> dict[str, object]:
    return {
        "order_id": "52cfe5e2-0b29-4c19-a245-a6a773de5030",
        "product_id": "BTC-USD",
        "order_configuration": {
            "limit_limit_gtd": {
                "base_size": "0.001",
                "limit_price": "60000",
                "end_time": "2026-10-01T12:05:00Z",
                "post_only": True,
            }
        },
        "side": "BUY",
        "client_order_id": "t247-abc123-1-0c5f3c6a",
        "status": "FILLED",
        "created_time": "2026-10-01T12:00:00.311286Z",
        "filled_size": "0.001",
        "average_filled_price": "60000",
        "fee": "",
        "number_of_fills": "2",
        "total_fees": "0.3",
        "reject_reason": "REJECT_REASON_UNSPECIFIED",
        **changes,
    }


def fill(**changes: object) -> dict[str, object]:
    return {
        "entry_id": "e1",
        "trade_id": "t1",
        "order_id": "52cfe5e2-0b29-4c19-a245-a6a773de5030",
        "trade_time": "2026-10-01T12:00:07.091377090Z",
        "trade_type": "FILL",
        "price": "60000",
        "size": "0.0006",
        "commission": "0.18",
        "product_id": "BTC-USD",
        "sequence_timestamp": "2026-10-01T12:00:07.092520Z",
        "liquidity_indicator": "MAKER",
        "size_in_quote": False,
        "side": "BUY",
        **changes,
    }


def account(currency: str = "USD", available: object = "10", hold: object = "1") -> dict[str, Any]:
    return {
        "uuid": "u",
        "currency": currency,
        "available_balance": {"value": available, "currency": currency},
        "hold": {"value": hold, "currency": currency},
        "type": "ACCOUNT_TYPE_FIAT",
    }


def book(
    bids: list[tuple[str, str]], asks: list[tuple[str, str]], /, **changes: object
) -> dict[str, Any]:
    return {
        "pricebook": {
            "product_id": "BTC-USD",
            "bids": [{"price": price, "size": size} for price, size in bids],
            "asks": [{"price": price, "size": size} for price, size in asks],
            "time": "2026-10-01T12:00:00.123456Z",
            **changes,
        }
    }
