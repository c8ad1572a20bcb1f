"""What an order costs: fees, holds, and how far a budget reaches.

Fees are charged in quote currency on top of a buy's value and out of a sell's, exactly. A live buy
holds what it may still cost with its fee (the maker's rate if it is post-only, else the taker's,
unless the rules say otherwise), a live sell what it may still sell.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_FLOOR, Context, Decimal
from typing import NamedTuple

from trader247.simex.book import Level, Side
from trader247.simex.exact import EXACT, QUOTIENT, ZERO
from trader247.simex.market import Market
from trader247.simex.matching import Match
from trader247.simex.orders.order import Order, Terms
from trader247.simex.rules import Rules

MAKER_RATE = Decimal("0.005")
TAKER_RATE = Decimal("0.009")


class Rates(NamedTuple):
    """What a fill costs, as a share of its value."""

    maker: Decimal
    taker: Decimal


INTRO = Rates(MAKER_RATE, TAKER_RATE)

_ONE = Decimal(1)
_VALUE_STEP, _SIZE_STEP = Decimal("1e-14"), Decimal("1e-15")
_WIDE = Context(prec=50)


def with_fee(value: Decimal, rate: Decimal) -> Decimal:
    """What a buy of this value costs."""
    return EXACT.multiply(value, EXACT.add(_ONE, rate))


def paid_in(market: Market, side: Side) -> str:
    """The currency that an order holds and pays with."""
    return market.listing.quote if side is Side.BUY else market.listing.base


def resting_rate(terms: Terms, rates: Rates, rules: Rules) -> Decimal:
    """Whose fee a limit buy holds. What wakes or comes due takes, whatever the rules say."""
    if terms.stop is not None or (terms.is_in_parts and not terms.is_post_only):
        return rates.taker
    if rules.hold_rate == "role":
        return rates.maker if terms.is_post_only else rates.taker
    return rates.maker if rules.hold_rate == "maker" else rates.taker


def first_hold(
    market: Market, terms: Terms, walked: Sequence[Level], rates: Rates, rules: Rules
) -> Decimal:
    """What a new order holds; `walked` is what it would take at once."""
    if terms.quote_size is not None:
        return terms.quote_size
    assert terms.lots is not None
    if terms.side is Side.SELL:
        return market.size.decimal(terms.lots)
    if terms.ladder:
        return with_fee(_worth(market, terms.ladder), resting_rate(terms, rates, rules))
    value = ZERO
    for price, lots in walked:
        value = EXACT.add(value, market.value(price, lots))
    at_once = with_fee(value, rates.taker)
    if terms.dearest is None:
        return at_once
    rate = resting_rate(terms, rates, rules)
    rests = terms.lots - sum(lots for _, lots in walked)
    # Where a resting order holds the maker's fee, what it takes at once costs more.
    return max(
        with_fee(market.value(terms.dearest, terms.lots), rate),
        EXACT.add(at_once, with_fee(market.value(terms.dearest, rests), rate)),
    )


def remaining_hold(market: Market, order: Order, rules: Rules) -> Decimal:
    """What a live order still holds after its fills so far."""
    terms = order.terms
    if terms.side is Side.SELL:
        return market.size.decimal(order.remaining)
    if terms.dearest is not None:
        rate = resting_rate(terms, Rates(order.maker_rate, order.taker_rate), rules)
        if terms.ladder:
            left = [(each.price, each.lots) for each in order.rungs]
            return with_fee(_worth(market, left), rate)
        return with_fee(market.value(terms.dearest, order.remaining), rate)
    if terms.quote_size is None:
        return ZERO
    return EXACT.subtract(terms.quote_size, EXACT.add(order.filled_value, order.fees))


def _worth(market: Market, rungs: Iterable[tuple[int, int]]) -> Decimal:
    """What limits with their lots come to."""
    worth = ZERO
    for price, lots in rungs:
        worth = EXACT.add(worth, market.value(price, lots))
    return worth


def rest_of_budget(market: Market, order: Order, match: Match) -> tuple[Decimal, Decimal, Decimal]:
    """All that a budget has left, spent in one trade: its value, its fee, and what is no lot."""
    assert order.terms.quote_size is not None
    left = EXACT.subtract(order.terms.quote_size, EXACT.add(order.filled_value, order.fees))
    share = EXACT.add(_ONE, order.taker_rate)
    value = QUOTIENT.divide(left, share).quantize(_VALUE_STEP, context=_WIDE)
    size = QUOTIENT.divide(value, market.price.decimal(match.price))
    size = size.quantize(_SIZE_STEP, rounding=ROUND_FLOOR, context=_WIDE)
    return value, EXACT.subtract(left, value), EXACT.subtract(size, market.size.decimal(match.lots))


def affordable(
    market: Market, budget: Decimal, taker_rate: Decimal, ceiling: int | None = None
) -> tuple[list[Level], bool]:
    """What a budget buys of the asks, fees included, in whole lots, and whether it is used up.

    Nothing above `ceiling` is bought.
    """
    walked: list[Level] = []
    for price, available in market.matching.crowd.levels(Side.SELL):
        if ceiling is not None and price > ceiling:
            break
        lot = with_fee(market.value(price, 1), taker_rate)
        lots = min(available, int(EXACT.divide_int(budget, lot)))
        if lots:
            walked.append((price, lots))
            budget = EXACT.subtract(budget, EXACT.multiply(lot, Decimal(lots)))
        if lots < available:
            return walked, bool(walked)
    return walked, False
