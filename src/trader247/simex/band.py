"""Nobody trades far from the middle: what an order would take beyond the band is cancelled."""

from __future__ import annotations

from trader247.simex.book import Side
from trader247.simex.market import Market

_NARROW = ("BTC", "ETH")
_NARROW_PCT, _USUAL_PCT = 2, 3


def within(market: Market, side: Side, limit: int | None) -> int | None:
    """The limit of a taker, in ticks, no further from the middle than the band allows.

    None where a book has no middle: then there is nothing to be protected from.
    """
    levels = market.matching.crowd.levels
    bids, asks = levels(Side.BUY), levels(Side.SELL)
    if not bids or not asks:
        return limit
    twice_mid = bids[0][0] + asks[0][0]
    pct = _NARROW_PCT if market.listing.base in _NARROW else _USUAL_PCT
    if side is Side.BUY:
        edge = twice_mid * (100 + pct) // 200
        return edge if limit is None else min(limit, edge)
    edge = -(-twice_mid * (100 - pct) // 200)
    return edge if limit is None else max(limit, edge)
