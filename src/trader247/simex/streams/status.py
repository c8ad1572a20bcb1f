"""The channel `status`: what a product is, and whether it is traded; now, and on every change."""

from __future__ import annotations

from trader247.simex.exact import plain
from trader247.simex.exchange import Exchange
from trader247.simex.streams.channel import MICROSECONDS
from trader247.simex.wire import render

_PERIOD_US = 5 * MICROSECONDS


class StatusChannel:
    """Every few seconds, whether it changed or not."""

    name = "status"
    message = "status"
    period_us = _PERIOD_US

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def opening(self, product: str) -> str:
        return self._event("snapshot", product)

    def news(self, product: str) -> str | None:
        return self._event("update", product)

    def keep(self) -> None:
        """Nothing is remembered."""

    def undo(self) -> None:
        """Nothing is remembered."""

    def _event(self, kind: str, product: str) -> str:
        market = self._exchange.markets[product]
        listing = market.listing
        body = {
            "product_type": "SPOT",
            "id": product,
            "base_currency": listing.base,
            "quote_currency": listing.quote,
            "base_increment": plain(listing.base_increment),
            "quote_increment": plain(listing.price_increment),
            "display_name": product.replace("-", "/"),
            "status": market.flags.status,
            "status_message": "",
            "min_market_funds": plain(listing.quote_min),
        }
        return f'{{"type":"{kind}","products":[{render.dumps(body).decode()}]}}'
