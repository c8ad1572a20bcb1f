"""What is written in an order: sizes, prices and times, as the product's grid has them.

Nothing is ever rounded into shape: a size or price off the grid is refused.
"""

from __future__ import annotations

import re
from decimal import Decimal

from trader247.simex.market import Market
from trader247.simex.wire import times
from trader247.simex.wire.refusal import Refused, refused, refused_preview

_PLAIN = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?\Z")


def read_number(written: object) -> Decimal:
    """A number. Raises Refused."""
    # Only plain text is a number here: no exponent, no sign, no spaces, as on the real wire.
    if not isinstance(written, str) or _PLAIN.match(written) is None:
        raise refused_preview("NON_NUMERIC_ORDER_SIZE")
    return Decimal(written)


def read_count(written: object) -> int | None:
    """A whole number, as JSON has it or as text; None where it is neither."""
    if isinstance(written, str) and written.isascii() and written.isdigit() and len(written) <= 9:
        return int(written)
    is_whole = isinstance(written, int) and not isinstance(written, bool)
    return written if is_whole and isinstance(written, int) and 0 <= written < 10**9 else None


def read_price(market: Market, written: object) -> int:
    """A limit in ticks. Raises Refused."""
    limit = market.price.steps(read_number(written))
    if limit is None:
        raise refused("INVALID_PRICE_PRECISION")
    if limit <= 0:
        raise refused("INVALID_LIMIT_PRICE")
    return limit


def read_stop_price(market: Market, written: object) -> int:
    """A trigger in ticks. Raises Refused."""
    price = market.price.steps(read_number(written))
    if price is None:
        raise refused_preview("INVALID_STOP_PRICE_PRECISION")
    if price <= 0:
        raise refused_preview("INVALID_STOP_PRICE")
    return price


def read_size(market: Market, written: object) -> int:
    """A base size in lots, within the product's bounds. Raises Refused."""
    size = read_number(written)
    lots = market.size.steps(size)
    if lots is None:
        raise refused("INVALID_SIZE_PRECISION")
    if lots <= 0 or size < market.listing.base_min:
        raise refused_preview("INVALID_BASE_SIZE_TOO_SMALL")
    if size > market.listing.base_max:
        raise refused_preview("INVALID_BASE_SIZE_TOO_LARGE")
    return lots


def read_sum(market: Market, written: object) -> Decimal:
    """A sum in quote currency, within the product's bounds. Raises Refused."""
    size = read_number(written)
    if market.price.steps(size) is None:
        raise Refused("INVALID_SIZE_PRECISION", "PREVIEW_INVALID_QUOTE_SIZE_PRECISION")
    check_sum(market, size)
    return size


def check_sum(market: Market, notional: Decimal) -> None:
    """A value lies within the product's bounds. Raises Refused."""
    if notional < market.listing.quote_min:
        raise refused_preview("INVALID_QUOTE_SIZE_TOO_SMALL")
    if notional > market.listing.quote_max:
        raise refused_preview("INVALID_QUOTE_SIZE_TOO_LARGE")


def read_end(written: object, now_us: int) -> int:
    """When an order ends. Raises Refused."""
    if not written:
        raise Refused("GTD_ORDERS_MUST_HAVE_END_TIME", "PREVIEW_INVALID_END_TIME")
    try:
        end_us = times.parse(str(written))
    except ValueError as error:
        raise refused_preview("INVALID_END_TIME", str(error)) from None
    if end_us <= now_us:
        raise refused("END_TIME_IS_IN_THE_PAST")
    return end_us
