"""What an order costs: fees, holds, and how far a budget reaches.

Fees are those of the Intro tier, charged in quote currency on top of a buy's value and out of a
sell's, exactly. A live buy holds what it may still cost with its fee (the maker's rate if it is
post-only, else the taker's), a live sell what it may still sell.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from trader247.simex.book import Level, Side
from trader247.simex.exact import EXACT, ZERO
from trader247.simex.market import Market
from trader247.simex.orders import Order, Terms

MAKER_RATE = Decimal("0.005")
TAKER_RATE = Decimal("0.009")

_ONE = Decimal(1)


def with_fee(value: Decimal, rate: Decimal) -> Decimal:
    """What a buy of this value costs."""
    return EXACT.multiply(value, EXACT.add(_ONE, rate))


def paid_in(market: Market, side: Side) -> str:
    """The currency that an order holds and pays with."""
    return market.listing.quote if side is Side.BUY else market.listing.base


def first_hold(market: Market, terms: Terms, walked: Iterable[Level]) -> Decimal:
    """What a new order holds; `walked` is what it would take at once."""
    if terms.quote_size is not None:
        return terms.quote_size
    assert terms.lots is not None
    if terms.side is Side.SELL:
        return market.size.decimal(terms.lots)
    if terms.limit is not None:
        rate = MAKER_RATE if terms.is_post_only else TAKER_RATE
        return with_fee(market.value(terms.limit, terms.lots), rate)
    value = ZERO
    for price, lots in walked:
        value = EXACT.add(value, market.value(price, lots))
    return with_fee(value, TAKER_RATE)


def remaining_hold(market: Market, order: Order) -> Decimal:
    """What a live order still holds after its fills so far."""
    terms = order.terms
    if terms.side is Side.SELL:
        return market.size.decimal(order.remaining)
    if terms.limit is not None:
        rate = order.maker_rate if terms.is_post_only else order.taker_rate
        return with_fee(market.value(terms.limit, order.remaining), rate)
    if terms.quote_size is None:
        return ZERO
    return EXACT.subtract(terms.quote_size, EXACT.add(order.filled_value, order.fees))


def affordable(market: Market, budget: Decimal) -> tuple[list[Level], bool]:
    """What a budget buys of the asks, fees included, in whole lots, and whether it is used up."""
    walked: list[Level] = []
    for price, available in market.matching.crowd.levels(Side.SELL):
        lot = with_fee(market.value(price, 1), TAKER_RATE)
        lots = min(available, int(EXACT.divide_int(budget, lot)))
        if lots:
            walked.append((price, lots))
            budget = EXACT.subtract(budget, EXACT.multiply(lot, Decimal(lots)))
        if lots < available:
            return walked, bool(walked)
    return walked, False
