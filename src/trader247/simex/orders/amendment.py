"""Changing an order that rests: what it may become, or why it stays as it is.

Only limit orders that rest until they are cancelled can be edited. A size is the new total, what
has been filled included; what is left out counts as nothing, and is refused.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from trader247.simex.market import Market
from trader247.simex.orders.admission import check_stop
from trader247.simex.orders.attachment import check_attached
from trader247.simex.orders.order import Lifetime, Order, Status, Terms
from trader247.simex.orders.written import read_price, read_size
from trader247.simex.wire.refusal import Refused

_UNKNOWN_PREVIEW = "UNKNOWN_PREVIEW_FAILURE_REASON"


class NotEdited(Exception):
    """The order stays as it is; carries the wire's two reasons."""

    def __init__(self, reason: str, preview: str = _UNKNOWN_PREVIEW) -> None:
        super().__init__(reason)
        self.reason = reason
        self.preview = preview


def amended(order: Order | None, market: Market | None, *, price: object, size: object) -> Terms:
    """The order's terms with a new price and size.

    Raises:
        NotEdited: it cannot be edited at all, or not to that.
    """
    if order is None or market is None:
        raise NotEdited("ORDER_NOT_FOUND")
    if order.status is Status.CANCEL_QUEUED:
        raise NotEdited("CANNOT_EDIT_ORDER_PENDING_CANCEL")
    if order.status is not Status.OPEN:
        raise NotEdited("ONLY_OPEN_ORDERS_CAN_BE_EDITED")
    is_slipping = order.is_triggered and not order.terms.is_sleeping
    if order.terms.lifetime is not Lifetime.GTC or order.terms.ladder or is_slipping:
        raise NotEdited("ONLY_LIMIT_ORDER_EDITS_SUPPORTED")
    if not size or size == "0":
        is_begun = order.filled_lots > 0
        raise NotEdited("CANNOT_EDIT_TO_BELOW_FILLED_SIZE" if is_begun else "INVALID_EDITED_SIZE")
    try:
        lots = read_size(market, size)
    except Refused as refused:
        raise NotEdited("INVALID_EDITED_SIZE", refused.rejection.preview) from None
    try:
        limit = read_price(market, price or "0")
    except Refused as refused:
        raise NotEdited("INVALID_EDITED_PRICE", refused.rejection.preview) from None
    if lots <= order.filled_lots:
        raise NotEdited("CANNOT_EDIT_TO_BELOW_FILLED_SIZE")
    if (lots, limit) == (order.terms.lots, order.terms.limit):
        raise NotEdited("EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST")
    _check_value(market, market.value(limit, lots))
    terms = replace(order.terms, lots=lots, limit=limit)
    if terms.is_post_only and market.matching.is_crossing(terms.side, limit):
        raise NotEdited("INVALID_EDITED_PRICE", "PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY")
    if not order.is_triggered:
        _check_others(market, terms, limit)
    return terms


def _check_others(market: Market, terms: Terms, limit: int) -> None:
    """The order's other prices go with its new limit."""
    try:
        check_stop(market, terms)
        if terms.attached is not None:
            check_attached(terms.attached, limit)
    except Refused as refused:
        raise NotEdited("INVALID_EDITED_PRICE", refused.rejection.preview) from None


def _check_value(market: Market, value: Decimal) -> None:
    if value < market.listing.quote_min:
        raise NotEdited("INVALID_EDITED_SIZE", "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL")
    if value > market.listing.quote_max:
        raise NotEdited("INVALID_EDITED_SIZE", "PREVIEW_INVALID_QUOTE_SIZE_TOO_LARGE")
