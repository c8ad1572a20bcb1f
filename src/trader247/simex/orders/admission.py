"""Reading an order: what it asks for, or why the exchange does not take it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from trader247.simex.book import Side
from trader247.simex.market import Market
from trader247.simex.orders.attachment import read_attached
from trader247.simex.orders.ladder import read_ladder
from trader247.simex.orders.order import Lifetime, Stop, Terms
from trader247.simex.orders.schedule import read_schedule
from trader247.simex.orders.written import (
    check_sum,
    read_end,
    read_price,
    read_size,
    read_stop_price,
    read_sum,
)
from trader247.simex.rules import Rules
from trader247.simex.stops import bracket_stop
from trader247.simex.wire.refusal import Refused, refused, refused_preview, unsupported

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
    "scaled_limit_gtc": Lifetime.GTC,
    "twap_limit_gtd": Lifetime.GTD,
}

_DIRECTIONS = {"STOP_DIRECTION_STOP_UP": True, "STOP_DIRECTION_STOP_DOWN": False}


def read_terms(
    *,
    market: Market | None,
    side: str,
    configuration: Mapping[str, Mapping[str, Any]],
    now_us: int,
    rules: Rules,
    attached: Mapping[str, Mapping[str, Any]] | None = None,
) -> Terms:
    """What an order asks for, checked against everything but the book and the wallet.

    `attached` is the configuration of the order that it is to bring along.

    Raises:
        Refused: with the wire's codes.
    """
    if market is None:
        raise refused("INVALID_PRODUCT_ID")
    if side not in ("BUY", "SELL"):
        raise refused("INVALID_SIDE")
    if len(configuration) != 1:
        raise unsupported("exactly one order configuration is needed")
    ((kind, fields),) = configuration.items()
    is_stop, is_bracket = kind.startswith("stop_limit_"), kind.startswith("trigger_bracket_")
    if kind not in _KINDS or (is_stop and not rules.takes_stops):
        raise unsupported()
    if is_bracket and not rules.takes_brackets:
        raise unsupported()
    if kind == "market_market_ioc":
        terms = _market_terms(market, Side(side), fields)
    elif kind == "scaled_limit_gtc":
        terms = read_ladder(market, Side(side), fields)
    elif kind == "twap_limit_gtd":
        terms = read_schedule(market, Side(side), fields, now_us)
    else:
        terms = _limit_terms(market, Side(side), _KINDS[kind], fields, now_us)
    if is_stop:
        terms = replace(terms, stop=_stop(market, fields), is_post_only=False)
    elif is_bracket:
        terms = replace(terms, stop=_trigger(market, terms, fields), is_post_only=False)
    if attached:
        terms = read_attached(market, terms, attached, rules)
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
            raise refused("INVALID_BRACKET_PRICES")
        return
    if stop.is_up and stop.price <= last:
        raise refused_preview("STOP_PRICE_BELOW_LAST_TRADE_PRICE")
    if not stop.is_up and stop.price >= last:
        raise refused_preview("STOP_PRICE_ABOVE_LAST_TRADE_PRICE")
    if terms.side is Side.BUY and stop.is_up and stop.price > limit:
        raise refused_preview("STOP_PRICE_ABOVE_LIMIT_PRICE")
    if terms.side is Side.SELL and not stop.is_up and stop.price < limit:
        raise refused_preview("STOP_PRICE_BELOW_LIMIT_PRICE")


def _stop(market: Market, fields: Mapping[str, Any]) -> Stop:
    direction = fields.get("stop_direction")
    if direction not in _DIRECTIONS:
        raise unsupported("stop_direction is STOP_DIRECTION_STOP_UP or STOP_DIRECTION_STOP_DOWN")
    return Stop(read_stop_price(market, fields.get("stop_price")), is_up=_DIRECTIONS[direction])


def _trigger(market: Market, terms: Terms, fields: Mapping[str, Any]) -> Stop:
    return bracket_stop(terms.side, read_stop_price(market, fields.get("stop_trigger_price")))


def _market_terms(market: Market, side: Side, fields: Mapping[str, Any]) -> Terms:
    base, quote = fields.get("base_size"), fields.get("quote_size")
    if (base is None) == (quote is None):
        raise unsupported("exactly one of base_size and quote_size is needed")
    product = market.listing.product_id
    if base is not None:
        lots = read_size(market, base)
        notional = market.value(market.last, lots)
        check_sum(market, notional)
        return Terms(product, side, Lifetime.IOC, lots=lots)
    if side is Side.SELL:
        raise unsupported(
            "rpc error: code = InvalidArgument desc = "
            "Market sells must be parameterized in base currency"
        )
    return Terms(product, side, Lifetime.IOC, quote_size=read_sum(market, quote))


def _limit_terms(
    market: Market, side: Side, lifetime: Lifetime, fields: Mapping[str, Any], now_us: int
) -> Terms:
    if fields.get("quote_size") is not None and "stop_trigger_price" in fields:
        raise refused("QUOTE_SIZE_NOT_ALLOWED_FOR_BRACKET")
    if fields.get("quote_size") is not None or fields.get("base_size") is None:
        raise unsupported("base_size is needed")
    lots = read_size(market, fields["base_size"])
    limit = read_price(market, fields.get("limit_price"))
    check_sum(market, market.value(limit, lots))
    is_post_only = fields.get("post_only") is True
    if is_post_only and lifetime is Lifetime.FOK:
        raise refused("POST_ONLY_NOT_ALLOWED_WITH_FOK")
    return Terms(
        market.listing.product_id,
        side,
        lifetime,
        limit=limit,
        lots=lots,
        is_post_only=is_post_only and lifetime is not Lifetime.IOC,
        end_us=read_end(fields.get("end_time"), now_us) if lifetime is Lifetime.GTD else None,
    )


def _check_flags(market: Market, terms: Terms, rules: Rules) -> None:
    flags = market.flags
    entry_disabled = Refused("ORDER_ENTRY_DISABLED", "PREVIEW_NOT_ALLOWED_BY_MARKET_STATE")
    if flags.is_halted:
        is_entry = rules.halted_reason == "ORDER_ENTRY_DISABLED"
        raise entry_disabled if is_entry else refused(rules.halted_reason)
    if flags.cancel_only or flags.view_only:
        raise entry_disabled
    if flags.limit_only and terms.limit is None:
        raise unsupported("the product takes limit orders only")
    if flags.post_only and not terms.is_post_only:
        raise refused("INVALID_LIMIT_PRICE_POST_ONLY")
    if market.last == 0:
        raise refused("MISSING_MARKET_TRADE_DATA")
