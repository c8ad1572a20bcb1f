"""Reading the bracket that a buy is to bring along: a profit and a stop for what it bought."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from trader247.simex.book import Side
from trader247.simex.market import Market
from trader247.simex.orders.order import Attached, Lifetime, Order, Terms
from trader247.simex.orders.written import read_number
from trader247.simex.rules import Rules
from trader247.simex.stops import bracket_stop
from trader247.simex.wire.refusal import refused_preview, unsupported

KIND = "trigger_bracket_gtc"


def read_attached(
    market: Market, terms: Terms, configuration: Mapping[str, Mapping[str, Any]], rules: Rules
) -> Terms:
    """The terms of an order with what it brings along. Raises Refused."""
    if not rules.takes_brackets:
        raise unsupported()
    if list(configuration) != [KIND]:
        raise refused_preview("INVALID_ORDER_TYPE_FOR_ATTACHED", f"only {KIND} can be attached")
    if terms.side is Side.SELL:
        raise refused_preview("INVALID_ORDER_SIDE_FOR_ATTACHED_TPSL")
    if terms.stop is not None or terms.ladder or terms.schedule is not None:
        raise refused_preview("ATTACHED_ORDERS_ONLY_ALLOWED_ON_MARKET_LIMIT")
    fields = configuration[KIND]
    if fields.get("base_size") or fields.get("quote_size"):
        raise refused_preview("ATTACHED_ORDER_SIZE_MUST_BE_NIL", "its size is what the order buys")
    if not fields.get("limit_price") or not fields.get("stop_trigger_price"):
        raise refused_preview("SINGLE_LEGGED_TPSL_NOT_ALLOWED")
    attached = Attached(
        _price(market, fields["limit_price"], "TAKE_PROFIT"),
        _price(market, fields["stop_trigger_price"], "STOP_LOSS"),
    )
    check_attached(attached, market.last if terms.limit is None else terms.limit)
    return replace(terms, attached=attached)


def check_attached(attached: Attached, price: int) -> None:
    """What is brought along lies on both sides of the price that is paid. Raises Refused."""
    if attached.limit <= price:
        raise refused_preview("INVALID_ATTACHED_TAKE_PROFIT_PRICE")
    if attached.stop >= price:
        raise refused_preview("INVALID_ATTACHED_STOP_LOSS_PRICE")


def bracket_terms(parent: Order) -> Terms:
    """The bracket over what an order bought."""
    attached = parent.terms.attached
    assert attached is not None
    return Terms(
        parent.terms.product_id,
        Side.SELL,
        Lifetime.GTC,
        limit=attached.limit,
        lots=parent.filled_lots,
        stop=bracket_stop(Side.SELL, attached.stop),
    )


def bracket_configuration(parent: Order, market: Market) -> str:
    """The same as JSON."""
    attached = parent.terms.attached
    assert attached is not None
    fields = {
        "base_size": market.size.text(parent.filled_lots),
        "limit_price": market.price.text(attached.limit),
        "stop_trigger_price": market.price.text(attached.stop),
    }
    return json.dumps({KIND: fields}, separators=(",", ":"))


def _price(market: Market, written: object, leg: str) -> int:
    price = market.price.steps(read_number(written))
    if price is None:
        raise refused_preview(f"INVALID_ATTACHED_{leg}_PRICE_PRECISION")
    if price <= 0:
        raise refused_preview("ATTACHED_ORDER_MUST_HAVE_POSITIVE_PRICES")
    return price
