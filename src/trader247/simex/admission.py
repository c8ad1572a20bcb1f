"""Reading an order: what it asks for, or why the exchange does not take it.

Nothing is ever rounded into shape: a size or price off the product's grid is refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from trader247.simex import times
from trader247.simex.book import Side
from trader247.simex.market import Market
from trader247.simex.orders import Lifetime, Stop, Terms
from trader247.simex.rules import Rules

UNKNOWN = "UNKNOWN_FAILURE_REASON"

_PLAIN = re.compile(r"[0-9]{1,20}(\.[0-9]{1,20})?\Z")

_STOP_SLIPS_PCT = 5
"""How far beyond its trigger a bracket's stop may sell or buy."""

_KINDS = {
    "market_market_ioc": Lifetime.IOC,
    "sor_limit_ioc": Lifetime.IOC,
    "limit_limit_gtc": Lifetime.GTC,
    "limit_limit_gtd": Lifetime.GTD,
    "limit_limit_fok": Lifetime.FOK,
    "stop_limit_stop_limit_gtc": Lifetime.GTC,
    "stop_limit_stop_limit_gtd": Lifetime.GTD,
    "trigger_bracket_gtc": Lifetime.GTC,
    "trigger_bracket_gtd": Lifetime.GTD,
}

_DIRECTIONS = {"STOP_DIRECTION_STOP_UP": True, "STOP_DIRECTION_STOP_DOWN": False}


@dataclass(frozen=True, slots=True)
class Rejection:
    """A refusal in the wire's codes: `error` of the order, `preview` of its preview."""

    error: str
    preview: str
    message: str


class Refused(Exception):
    """Carries a `Rejection` to whoever asked for the order."""

    def __init__(self, error: str, preview: str, message: str = "") -> None:
        super().__init__(message or preview)
        self.rejection = Rejection(error, preview, message)


def _refuse(code: str, message: str = "") -> Refused:
    return Refused(code, f"PREVIEW_{code}", message)


def _unsupported(message: str = "") -> Refused:
    return Refused("UNSUPPORTED_ORDER_CONFIGURATION", "PREVIEW_INVALID_ORDER_CONFIG", message)


def read_terms(
    *,
    market: Market | None,
    side: str,
    configuration: Mapping[str, Mapping[str, Any]],
    now_us: int,
    rules: Rules,
) -> Terms:
    """What an order asks for, checked against everything but the book and the wallet.

    Raises:
        Refused: with the wire's codes.
    """
    if market is None:
        raise _refuse("INVALID_PRODUCT_ID")
    if side not in ("BUY", "SELL"):
        raise _refuse("INVALID_SIDE")
    if len(configuration) != 1:
        raise _unsupported("exactly one order configuration is needed")
    ((kind, fields),) = configuration.items()
    is_stop, is_bracket = kind.startswith("stop_limit_"), kind.startswith("trigger_bracket_")
    if kind not in _KINDS or (is_stop and not rules.takes_stops):
        raise _unsupported()
    if is_bracket and not rules.takes_brackets:
        raise _unsupported()
    if kind == "market_market_ioc":
        terms = _market_terms(market, Side(side), fields)
    else:
        terms = _limit_terms(market, Side(side), _KINDS[kind], fields, now_us)
    if is_stop:
        terms = replace(terms, stop=_stop(market, fields), is_post_only=False)
    elif is_bracket:
        terms = replace(terms, stop=_trigger(market, terms, fields), is_post_only=False)
    _check_flags(market, terms, rules)
    check_stop(market, terms)
    return terms


def check_stop(market: Market, terms: Terms) -> None:
    """A stop lies on its side of the last trade, and of its own limit. Raises Refused."""
    stop, limit, last = terms.stop, terms.limit, market.last
    if stop is None:
        return
    assert limit is not None
    if stop.is_bracket:
        is_between = limit < last < stop.price if stop.is_up else stop.price < last < limit
        if not is_between:
            raise _refuse("INVALID_BRACKET_PRICES")
        return
    if stop.is_up and stop.price <= last:
        raise Refused(UNKNOWN, "PREVIEW_STOP_PRICE_BELOW_LAST_TRADE_PRICE")
    if not stop.is_up and stop.price >= last:
        raise Refused(UNKNOWN, "PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE")
    if terms.side is Side.BUY and stop.is_up and stop.price > limit:
        raise Refused(UNKNOWN, "PREVIEW_STOP_PRICE_ABOVE_LIMIT_PRICE")
    if terms.side is Side.SELL and not stop.is_up and stop.price < limit:
        raise Refused(UNKNOWN, "PREVIEW_STOP_PRICE_BELOW_LIMIT_PRICE")


def _stop(market: Market, fields: Mapping[str, Any]) -> Stop:
    direction = fields.get("stop_direction")
    if direction not in _DIRECTIONS:
        raise _unsupported("stop_direction is STOP_DIRECTION_STOP_UP or STOP_DIRECTION_STOP_DOWN")
    return Stop(_stop_price(market, fields.get("stop_price")), is_up=_DIRECTIONS[direction])


def _trigger(market: Market, terms: Terms, fields: Mapping[str, Any]) -> Stop:
    """A bracket's stop: it buys or sells at the market, a part of the price worse at most."""
    price = _stop_price(market, fields.get("stop_trigger_price"))
    if terms.side is Side.BUY:
        return Stop(price, is_up=True, limit=-(-price * (100 + _STOP_SLIPS_PCT) // 100))
    return Stop(price, is_up=False, limit=max(1, price * (100 - _STOP_SLIPS_PCT) // 100))


def _stop_price(market: Market, written: object) -> int:
    price = market.price.steps(_number(written))
    if price is None:
        raise Refused(UNKNOWN, "PREVIEW_INVALID_STOP_PRICE_PRECISION")
    if price <= 0:
        raise Refused(UNKNOWN, "PREVIEW_INVALID_STOP_PRICE")
    return price


def _market_terms(market: Market, side: Side, fields: Mapping[str, Any]) -> Terms:
    base, quote = fields.get("base_size"), fields.get("quote_size")
    if (base is None) == (quote is None):
        raise _unsupported("exactly one of base_size and quote_size is needed")
    product = market.listing.product_id
    if base is not None:
        lots = read_size(market, base)
        notional = market.value(market.last, lots)
        _check_quote(market, notional)
        return Terms(product, side, Lifetime.IOC, lots=lots)
    if side is Side.SELL:
        raise _unsupported(
            "rpc error: code = InvalidArgument desc = "
            "Market sells must be parameterized in base currency"
        )
    size = _number(quote)
    if market.price.steps(size) is None:
        raise Refused("INVALID_SIZE_PRECISION", "PREVIEW_INVALID_QUOTE_SIZE_PRECISION")
    _check_quote(market, size)
    return Terms(product, side, Lifetime.IOC, quote_size=size)


def _limit_terms(
    market: Market, side: Side, lifetime: Lifetime, fields: Mapping[str, Any], now_us: int
) -> Terms:
    if fields.get("quote_size") is not None and "stop_trigger_price" in fields:
        raise _refuse("QUOTE_SIZE_NOT_ALLOWED_FOR_BRACKET")
    if fields.get("quote_size") is not None or fields.get("base_size") is None:
        raise _unsupported("base_size is needed")
    lots = read_size(market, fields["base_size"])
    limit = read_price(market, fields.get("limit_price"))
    _check_quote(market, market.value(limit, lots))
    is_post_only = fields.get("post_only") is True
    if is_post_only and lifetime is Lifetime.FOK:
        raise _refuse("POST_ONLY_NOT_ALLOWED_WITH_FOK")
    return Terms(
        market.listing.product_id,
        side,
        lifetime,
        limit=limit,
        lots=lots,
        is_post_only=is_post_only and lifetime is not Lifetime.IOC,
        end_us=_end(fields.get("end_time"), now_us) if lifetime is Lifetime.GTD else None,
    )


def _end(written: object, now_us: int) -> int:
    if not written:
        raise Refused("GTD_ORDERS_MUST_HAVE_END_TIME", "PREVIEW_INVALID_END_TIME")
    try:
        end_us = times.parse(str(written))
    except ValueError as error:
        raise Refused(UNKNOWN, "PREVIEW_INVALID_END_TIME", str(error)) from None
    if end_us <= now_us:
        raise _refuse("END_TIME_IS_IN_THE_PAST")
    return end_us


def _number(written: object) -> Decimal:
    # Only plain text is a number here: no exponent, no sign, no spaces, as on the real wire.
    if not isinstance(written, str) or _PLAIN.match(written) is None:
        raise Refused(UNKNOWN, "PREVIEW_NON_NUMERIC_ORDER_SIZE")
    return Decimal(written)


def read_price(market: Market, written: object) -> int:
    """A limit in ticks. Raises Refused."""
    limit = market.price.steps(_number(written))
    if limit is None:
        raise _refuse("INVALID_PRICE_PRECISION")
    if limit <= 0:
        raise _refuse("INVALID_LIMIT_PRICE")
    return limit


def read_size(market: Market, written: object) -> int:
    """A base size in lots, within the product's bounds. Raises Refused."""
    size = _number(written)
    lots = market.size.steps(size)
    if lots is None:
        raise _refuse("INVALID_SIZE_PRECISION")
    if lots <= 0 or size < market.listing.base_min:
        raise Refused(UNKNOWN, "PREVIEW_INVALID_BASE_SIZE_TOO_SMALL")
    if size > market.listing.base_max:
        raise Refused(UNKNOWN, "PREVIEW_INVALID_BASE_SIZE_TOO_LARGE")
    return lots


def _check_quote(market: Market, notional: Decimal) -> None:
    if notional < market.listing.quote_min:
        raise Refused(UNKNOWN, "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL")
    if notional > market.listing.quote_max:
        raise Refused(UNKNOWN, "PREVIEW_INVALID_QUOTE_SIZE_TOO_LARGE")


def _check_flags(market: Market, terms: Terms, rules: Rules) -> None:
    flags = market.flags
    entry_disabled = Refused("ORDER_ENTRY_DISABLED", "PREVIEW_NOT_ALLOWED_BY_MARKET_STATE")
    if flags.is_halted:
        is_entry = rules.halted_reason == "ORDER_ENTRY_DISABLED"
        raise entry_disabled if is_entry else _refuse(rules.halted_reason)
    if flags.cancel_only or flags.view_only:
        raise entry_disabled
    if flags.limit_only and terms.limit is None:
        raise _unsupported("the product takes limit orders only")
    if flags.post_only and not terms.is_post_only:
        raise _refuse("INVALID_LIMIT_PRICE_POST_ONLY")
    if market.last == 0:
        raise _refuse("MISSING_MARKET_TRADE_DATA")
