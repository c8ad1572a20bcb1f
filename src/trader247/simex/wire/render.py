"""The exchange's values as the wire's JSON: Coinbase's field names, every figure as text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from trader247.simex.accounts import Account
from trader247.simex.book import Level, Side
from trader247.simex.charts import DayFigures
from trader247.simex.exact import EXACT, QUOTIENT, ZERO, plain
from trader247.simex.market import Market
from trader247.simex.orders.order import Fill, Order, Status, Terms
from trader247.simex.wire import times

Body = dict[str, Any]

FIAT = {"USD": "US Dollar", "EUR": "Euro", "GBP": "British Pound"}
_TEN_THOUSAND = Decimal(10_000)


_COMPACT = json.JSONEncoder(separators=(",", ":"), check_circular=False)
"""Made once: `json.dumps` would make one for each text. Nothing that is written is its own part:
to look for that takes as long as writing."""


def dumps(body: Any) -> bytes:
    """Compact JSON."""
    return _COMPACT.encode(body).encode()


def account(account: Account, portfolio: str) -> Body:
    return {
        "uuid": account.uuid,
        "name": f"{account.currency} Wallet",
        "currency": account.currency,
        "available_balance": {"value": plain(account.available), "currency": account.currency},
        "default": True,
        "active": True,
        "created_at": times.text(account.created_us),
        "updated_at": times.text(account.updated_us),
        "deleted_at": None,
        "type": "ACCOUNT_TYPE_FIAT" if account.currency in FIAT else "ACCOUNT_TYPE_CRYPTO",
        "ready": True,
        "hold": {"value": plain(account.hold), "currency": account.currency},
        "retail_portfolio_id": portfolio,
        "platform": "ACCOUNT_PLATFORM_CONSUMER",
    }


def figures(market: Market, day: DayFigures) -> dict[str, str]:
    """What of a product its market moves: plain decimals."""
    listing = market.listing
    turnover = EXACT.multiply(
        Decimal(day.turnover), EXACT.multiply(listing.price_increment, listing.base_increment)
    )
    return {
        "price": market.price.text(market.last) if market.last else "",
        "price_percentage_change_24h": change(market.last, day.price_then),
        "volume_24h": market.size.text(day.volume),
        "volume_percentage_change_24h": change(day.volume, day.volume_before),
        "approximate_quote_24h_volume": _rounded(turnover, "0.01"),
    }


def product(market: Market, moving: dict[str, str]) -> Body:
    """A product with its `figures`."""
    listing, flags = market.listing, market.flags
    increment = plain(listing.price_increment)
    return {
        "product_id": listing.product_id,
        "price": moving["price"],
        "price_percentage_change_24h": moving["price_percentage_change_24h"],
        "volume_24h": moving["volume_24h"],
        "volume_percentage_change_24h": moving["volume_percentage_change_24h"],
        "base_increment": plain(listing.base_increment),
        "quote_increment": increment,
        "quote_min_size": plain(listing.quote_min),
        "quote_max_size": plain(listing.quote_max),
        "base_min_size": plain(listing.base_min),
        "base_max_size": plain(listing.base_max),
        "base_name": listing.base_name,
        "quote_name": FIAT.get(listing.quote, listing.quote),
        "watched": False,
        "is_disabled": flags.is_disabled,
        "new": False,
        "status": flags.status,
        "cancel_only": flags.cancel_only,
        "limit_only": flags.limit_only,
        "post_only": flags.post_only,
        "trading_disabled": flags.trading_disabled,
        "auction_mode": flags.auction_mode,
        "product_type": "SPOT",
        "quote_currency_id": listing.quote,
        "base_currency_id": listing.base,
        "fcm_trading_session_details": None,
        "mid_market_price": "",
        "alias": "",
        "alias_to": [],
        "base_display_symbol": listing.base,
        "quote_display_symbol": listing.quote,
        "view_only": flags.view_only,
        "price_increment": increment,
        "display_name": listing.product_id,
        "product_venue": "CBE",
        "approximate_quote_24h_volume": moving["approximate_quote_24h_volume"],
        "new_at": times.text(listing.listed_at * 1_000_000),
        "market_cap": "",
        "base_cbrn": "",
        "quote_cbrn": "",
        "product_cbrn": "",
        "icon_color": "",
        "icon_url": "",
        "display_name_overwrite": "",
        "is_alpha_testing": False,
        "about_description": "",
        "best_bid_price": "",
        "best_ask_price": "",
    }


def levels(market: Market, side: Side, limit: int, step: int = 1) -> str:
    """One side of the book as JSON, best first, so many ticks as one level."""
    rows = []
    known, size = 0, ""
    whole = market.matching.levels(side)
    found = (whole if step == 1 else _joined_levels(whole, side, step))[:limit]
    prices = market.price.texts([ticks for ticks, _ in found])
    for price, (_, lots) in zip(prices, found, strict=True):
        # Most levels hold the same quantity: its text is made once.
        if lots != known:
            known, size = lots, market.size.text(lots)
        rows.append(f'{{"price":"{price}","size":"{size}"}}')
    return f"[{','.join(rows)}]"


def _joined_levels(levels: Iterable[Level], side: Side, step: int) -> list[Level]:
    """Levels of whole steps: a bid counts at the one below it, an ask at the one above."""
    joined: dict[int, int] = {}
    for ticks, lots in levels:
        at = ticks // step * step if side is Side.BUY else -(-ticks // step) * step
        joined[at] = joined.get(at, 0) + lots
    return [(at, lots) for at, lots in joined.items() if at > 0]


def pricebook(market: Market, limit: int, now_us: int, step: int = 1) -> str:
    """One product's book as JSON."""
    bids, asks = (levels(market, side, limit, step) for side in (Side.BUY, Side.SELL))
    return (
        f'{{"product_id":"{market.listing.product_id}","bids":{bids},'
        f'"asks":{asks},"time":"{times.text(now_us)}"}}'
    )


def product_book(market: Market, limit: int, now_us: int, step: int = 1) -> bytes:
    """The answer on one product's book, written by hand because it is asked for most."""
    bids = market.matching.levels(Side.BUY)
    asks = market.matching.levels(Side.SELL)
    mid = spread = basis_points = ""
    if bids and asks:
        bid, ask = bids[0][0], asks[0][0]
        tick = market.listing.price_increment
        middle = EXACT.multiply(tick, EXACT.divide(Decimal(bid + ask), Decimal(2)))
        mid, spread = plain(middle), market.price.text(ask - bid)
        difference = QUOTIENT.multiply(EXACT.multiply(tick, Decimal(ask - bid)), _TEN_THOUSAND)
        basis_points = _rounded(QUOTIENT.divide(difference, middle), "0.000000000001")
    last = market.price.text(market.last) if market.last else ""
    book = pricebook(market, limit, now_us, step)
    return (
        f'{{"pricebook":{book},"last":"{last}","mid_market":"{mid}",'
        f'"spread_bps":"{basis_points}","spread_absolute":"{spread}"}}'
    ).encode()


def order(order: Order, market: Market, *, user: str, portfolio: str) -> Body:
    """The wire's order. The average price is a quotient: 16 decimals of it."""
    terms = order.terms
    size = EXACT.add(market.size.decimal(order.filled_lots), order.dust)
    average = QUOTIENT.divide(order.filled_value, size) if size else ZERO
    is_buy = terms.side is Side.BUY
    after_fees = (EXACT.add if is_buy else EXACT.subtract)(order.filled_value, order.fees)
    is_done = order.status.is_final
    return {
        "order_id": order.order_id,
        "product_id": terms.product_id,
        "user_id": user,
        "order_configuration": json.loads(order.configuration),
        "side": terms.side.value,
        "client_order_id": order.client_order_id,
        "status": order.status.value,
        "time_in_force": terms.lifetime.value,
        "created_time": times.text(order.created_us),
        "completion_percentage": _completion(order),
        "filled_size": plain(size),
        "average_filled_price": _rounded(average, "0.0000000000000001"),
        "fee": "",
        "number_of_fills": str(order.fill_count),
        "filled_value": plain(order.filled_value),
        "pending_cancel": order.status is Status.CANCEL_QUEUED,
        "size_in_quote": terms.quote_size is not None,
        "total_fees": plain(order.fees),
        "size_inclusive_of_fees": terms.quote_size is not None,
        "total_value_after_fees": plain(after_fees),
        "trigger_status": _trigger_status(order),
        "order_type": kind_of(terms),
        "reject_reason": order.reject_reason,
        "settled": is_done and order.status is not Status.FAILED,
        "product_type": "SPOT",
        "reject_message": "",
        "cancel_message": order.cancel_message,
        "order_placement_source": order.source,
        "outstanding_hold_amount": plain(order.held),
        "is_liquidation": False,
        "last_fill_time": None if order.last_fill_us is None else times.text(order.last_fill_us),
        "edit_history": [
            {
                "price": each.price,
                "size": each.size,
                "replace_accept_timestamp": times.text(each.time_us),
            }
            for each in order.edits
        ],
        "leverage": "",
        "margin_type": "UNKNOWN_MARGIN_TYPE",
        "retail_portfolio_id": portfolio,
        "originating_order_id": order.originating_id,
        "attached_order_id": order.attached_id,
        "attached_order_configuration": _attached(order, market),
        "last_update_time": times.text(order.updated_us),
    }


def fill(fill: Fill, market: Market, *, user: str, portfolio: str) -> Body:
    commission = plain(fill.commission)
    return {
        "entry_id": fill.entry_id,
        "trade_id": fill.trade_id,
        "order_id": fill.order_id,
        "trade_time": times.text(fill.time_us),
        "trade_type": fill.kind.value,
        "price": market.price.text(fill.price),
        "size": plain(EXACT.add(market.size.decimal(fill.lots), fill.dust)),
        "commission": commission,
        "product_id": fill.product_id,
        "sequence_timestamp": times.text(fill.time_us),
        "liquidity_indicator": "MAKER" if fill.is_maker else "TAKER",
        "size_in_quote": False,
        "user_id": user,
        "side": fill.side.value,
        "retail_portfolio_id": portfolio,
        "fillSource": "FILL_SOURCE_CLOB",
        "commission_detail_total": {
            "total_commission": commission,
            "gst_commission": "0",
            "withholding_commission": "0",
            "client_commission": commission,
            "venue_commission": "0",
            "regulatory_commission": "0",
            "clearing_commission": "0",
        },
    }


def joined(parts: Iterable[str]) -> str:
    """A JSON array of what is JSON already."""
    return f"[{','.join(parts)}]"


def kind_of(terms: Terms) -> str:
    """The wire's word for the kind of an order."""
    if terms.stop is not None:
        return "BRACKET" if terms.stop.is_bracket else "STOP_LIMIT"
    if terms.is_in_parts:
        return "SCALED" if terms.ladder else "TWAP"
    return "MARKET" if terms.limit is None else "LIMIT"


def _attached(order: Order, market: Market) -> Body | None:
    attached = order.terms.attached
    if attached is None:
        return None
    return {
        "trigger_bracket_gtc": {
            "limit_price": market.price.text(attached.limit),
            "stop_trigger_price": market.price.text(attached.stop),
        }
    }


def _trigger_status(order: Order) -> str:
    if order.terms.stop is None:
        return "INVALID_ORDER_TYPE"
    return "STOP_TRIGGERED" if order.is_triggered else "STOP_PENDING"


def _completion(order: Order) -> str:
    if order.terms.lots is None:
        return "100" if order.status is Status.FILLED else "0"
    share = QUOTIENT.divide(Decimal(100 * order.filled_lots), Decimal(order.terms.lots))
    return _rounded(share, "0.01")


def change(now: int, then: int) -> str:
    """How many per cent `now` is above `then`."""
    if not now or not then:
        return "0"
    change = QUOTIENT.divide(Decimal((now - then) * 100), Decimal(then))
    return _rounded(change, "0.00000001")


def _rounded(value: Decimal, step: str) -> str:
    return plain(value.quantize(Decimal(step), context=_WIDE))


_WIDE = QUOTIENT.copy()
_WIDE.prec = 60
