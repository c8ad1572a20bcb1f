"""Reading a scaled order: a ladder of limits between two prices, as one order.

How prices and sizes are spread is not known of Coinbase to the last tick and lot; here it is so.
- Prices: FLAT, or unsaid, are equally far apart; LINEAR_INCREASING ones ever farther as they rise,
  LINEAR_DECREASING ones ever less. A buy's are rounded down to a tick, a sell's up.
- Sizes: EVENLY_SPLIT, or unsaid, are equal; INCREASING ones rise with the price (as 1, 2, 3, by
  `size_diff` from one to the next, or each `size_ratio` times the one before), DECREASING ones
  fall. What is no whole lot goes to the dearest rung, or of a sum to nobody.
- `orders` names each rung by itself; what else is said must agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from trader247.simex.book import Side
from trader247.simex.market import Market
from trader247.simex.orders.order import Lifetime, Terms
from trader247.simex.orders.written import (
    check_sum,
    read_count,
    read_number,
    read_price,
    read_size,
    read_sum,
)
from trader247.simex.wire.refusal import Refused, refused_preview, unsupported

RUNGS_MIN, RUNGS_MAX = 2, 100
_PRICES = ("", "FLAT", "LINEAR_INCREASING", "LINEAR_DECREASING", "CUSTOM_PRICE_DISTRIBUTION")
_SIZES = (
    "",
    "UNKNOWN_DISTRIBUTION",
    "EVENLY_SPLIT",
    "INCREASING",
    "DECREASING",
    "CUSTOM_SIZE_DISTRIBUTION",
)

Fields = Mapping[str, Any]
Ladder = tuple[tuple[int, int], ...]
"""Limits in ticks, each with its lots; the lowest first."""


def read_ladder(market: Market, side: Side, fields: Fields) -> Terms:
    """What a scaled order asks for. Raises Refused."""
    named = fields.get("orders")
    if named:
        ladder, is_post_only = _named(market, named)
        _check_agrees(market, ladder, fields)
    else:
        ladder, is_post_only = _spread(market, side, fields), False
    is_post_only = is_post_only or fields.get("post_only") is True
    for price, lots in ladder:
        _check_rung(market, price, lots)
    lots = sum(each for _, each in ladder)
    read_size(market, market.size.text(lots))
    check_sum(market, market.value(ladder[-1][0], lots))
    return Terms(
        market.listing.product_id,
        side,
        Lifetime.GTC,
        limit=ladder[-1 if side is Side.BUY else 0][0],
        lots=lots,
        is_post_only=is_post_only,
        ladder=ladder,
    )


def _named(market: Market, named: object) -> tuple[Ladder, bool]:
    """The rungs as they are named, and whether they are post-only."""
    if not isinstance(named, list) or not all(isinstance(each, dict) for each in named):
        raise unsupported("orders is a list of rungs")
    _check_count(len(named))
    rungs = []
    for each in named:
        if each.get("base_size") is None or each.get("quote_size") is not None:
            raise unsupported("each of orders needs base_size")
        rungs.append(
            (read_price(market, each.get("limit_price")), read_size(market, each["base_size"]))
        )
    posts = {each.get("post_only") is True for each in named}
    if len(posts) > 1:
        raise unsupported("post_only is the same for all of orders")
    if len({price for price, _ in rungs}) < len(rungs):
        raise _discrepant("two of orders have one limit_price")
    return tuple(sorted(rungs)), posts == {True}


def _check_agrees(market: Market, ladder: Ladder, fields: Fields) -> None:
    """What is said of rungs that are named is true of them."""
    if fields.get("quote_size") is not None:
        raise unsupported("orders are sized in base_size")
    if "num_orders" in fields and read_count(fields["num_orders"]) != len(ladder):
        raise _discrepant("num_orders is not the number of orders")
    for name, found in (("min_price", ladder[0][0]), ("max_price", ladder[-1][0])):
        if fields.get(name) and read_price(market, fields[name]) != found:
            raise _discrepant(f"{name} is not that of orders")
    base, total = fields.get("base_size"), sum(lots for _, lots in ladder)
    if base is not None and read_size(market, base) != total:
        raise _discrepant("base_size is not the sum of orders")


def _spread(market: Market, side: Side, fields: Fields) -> Ladder:
    count = read_count(fields.get("num_orders"))
    if count is None:
        raise _infeasible("num_orders is a whole number")
    _check_count(count)
    low = read_price(market, fields.get("min_price"))
    high = read_price(market, fields.get("max_price"))
    if low >= high:
        raise _infeasible("min_price lies below max_price")
    prices = [
        low + (int if side is Side.BUY else _up)((high - low) * share)
        for share in _places(_word(fields, "price_distribution", _PRICES), count)
    ]
    if len(set(prices)) < count:
        raise _infeasible("there are fewer ticks between the prices than orders")
    base, quote = fields.get("base_size"), fields.get("quote_size")
    if (base is None) == (quote is None):
        raise unsupported("exactly one of base_size and quote_size is needed")
    if quote is None:
        lots = read_size(market, base)
        step = Fraction(market.listing.base_increment)
        shares = [int(each / step) for each in _shares(lots * step, count, fields)]
        shares[-1] += lots - sum(shares)
        return tuple(zip(prices, shares, strict=True))
    if side is Side.SELL:
        raise unsupported("a sale is sized in base_size")
    total = Fraction(read_sum(market, quote))
    return tuple(
        (price, int(each / Fraction(market.value(price, 1))))
        for price, each in zip(prices, _shares(total, count, fields), strict=True)
    )


def _places(word: str, count: int) -> list[Fraction]:
    """Where the rungs lie between the lowest price, at 0, and the highest, at 1."""
    gaps = count - 1
    if word in ("LINEAR_INCREASING", "LINEAR_DECREASING"):
        rising = [Fraction(at * (at + 1), gaps * (gaps + 1)) for at in range(count)]
        return rising if word == "LINEAR_INCREASING" else [1 - each for each in reversed(rising)]
    if word == "CUSTOM_PRICE_DISTRIBUTION":
        raise unsupported("a custom distribution needs orders")
    return [Fraction(at, gaps) for at in range(count)]


def _shares(total: Fraction, count: int, fields: Fields) -> list[Fraction]:
    """What each rung gets of a size, the lowest first."""
    word = _word(fields, "size_distribution", _SIZES)
    if word == "CUSTOM_SIZE_DISTRIBUTION":
        raise unsupported("a custom distribution needs orders")
    if word not in ("INCREASING", "DECREASING"):
        return [total / count] * count
    diff, ratio = fields.get("size_diff"), fields.get("size_ratio")
    if diff and ratio:
        raise _discrepant("size_diff and size_ratio exclude each other")
    if diff:
        step = Fraction(read_number(diff))
        rising = [total / count + step * Fraction(2 * at - count + 1, 2) for at in range(count)]
    else:
        weights = _weights(ratio, count)
        rising = [total * each / sum(weights) for each in weights]
    if rising[0] <= 0:
        raise _infeasible("the sizes differ by so much that one is nothing")
    return rising if word == "INCREASING" else rising[::-1]


def _weights(ratio: object, count: int) -> Sequence[Fraction]:
    if not ratio:
        return [Fraction(at + 1) for at in range(count)]
    factor = Fraction(read_number(ratio))
    if not 1 <= factor <= RUNGS_MAX:
        raise _infeasible(f"size_ratio is from 1 to {RUNGS_MAX}")
    return [factor**at for at in range(count)]


def _check_count(count: int) -> None:
    if not RUNGS_MIN <= count <= RUNGS_MAX:
        raise _infeasible(f"a ladder has {RUNGS_MIN} to {RUNGS_MAX} orders")


def _check_rung(market: Market, price: int, lots: int) -> None:
    listing = market.listing
    size, value = market.size.decimal(lots), market.value(price, lots)
    if lots <= 0 or size < listing.base_min or value < listing.quote_min:
        raise refused_preview("SCALED_MIN_ORDER_VIOLATION")
    if size > listing.base_max or value > listing.quote_max:
        raise refused_preview("SCALED_MAX_ORDER_VIOLATION")


def _word(fields: Fields, name: str, known: Sequence[str]) -> str:
    word = fields.get(name) or ""
    if word not in known:
        raise unsupported(f"{name} is one of {', '.join(known[1:])}")
    return str(word)


def _up(value: Fraction) -> int:
    return -int(-value // 1)


def _infeasible(message: str) -> Refused:
    return refused_preview("SCALED_PARAM_INFEASIBLE", message)


def _discrepant(message: str) -> Refused:
    return refused_preview("SCALED_PARAM_DISCREPANCY", message)
