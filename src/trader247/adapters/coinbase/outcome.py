"""What became of an order, judged from the answer: a class must be earned, else it is Unknown.

A timeout is not a no, and a yes for other terms than ours is worse than a no.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from trader247.adapters.coinbase import fields as read
from trader247.adapters.coinbase.errors import (
    RedirectRefused,
    clean,
    content_of,
    error_body,
    error_code,
    error_message,
    status_of,
)
from trader247.adapters.coinbase.fields import Fields
from trader247.domain.errors import VenueError
from trader247.domain.ids import OrderId
from trader247.domain.outcomes import (
    PERMISSION_DENIED,
    UNAUTHORIZED,
    Acknowledged,
    Declined,
    Outcome,
    Unknown,
)

DECLINE_CODES = frozenset(
    {
        "BREACHED_RISK_LIMIT",
        "COMMANDER_REJECTED_NEW_ORDER",
        "END_TIME_IS_IN_THE_PAST",
        "END_TIME_TOO_FAR_IN_FUTURE",
        "GEOFENCING_RESTRICTION",
        "GTD_ORDERS_MUST_HAVE_END_TIME",
        "INELIGIBLE_PAIR",
        "INSUFFICIENT_FUND",
        "INSUFFICIENT_FUNDS",
        "INVALID_LEDGER_BALANCE",
        "INVALID_LIMIT_PRICE",
        "INVALID_LIMIT_PRICE_POST_ONLY",
        "INVALID_NO_LIQUIDITY",
        "INVALID_PRICE_PRECISION",
        "INVALID_PRODUCT_ID",
        "INVALID_REQUEST",
        "INVALID_SIDE",
        "INVALID_SIZE_PRECISION",
        "LIMIT_ORDER_PRICE_EXCEEDS_PRICE_BAND_ON_BUY",
        "LIMIT_ORDER_PRICE_EXCEEDS_PRICE_BAND_ON_SELL",
        "LIMIT_PRICE_TOO_FAR_FROM_MARKET",
        "MISSING_MARKET_TRADE_DATA",
        "ORDER_ENTRY_DISABLED",
        "PRODUCT_TRADING_HALTED",
        "STOP_ALREADY_TRIGGERED",
        "TOO_MANY_OPEN_ORDERS",
        "TRADING_DISABLED",
        "UNSUPPORTED_ORDER_CONFIGURATION",
        "UNTRADABLE_PRODUCT",
        "PREVIEW_BREACHED_PRICE_LIMIT",
        "PREVIEW_COMPLIANCE_PURCHASE_LIMIT_EXCEEDED",
        "PREVIEW_END_TIME_IS_IN_THE_PAST",
        "PREVIEW_END_TIME_TOO_FAR_IN_FUTURE",
        "PREVIEW_INSUFFICIENT_FUND",
        "PREVIEW_INSUFFICIENT_LEDGER_BALANCE",
        "PREVIEW_INVALID_BASE_SIZE_TOO_LARGE",
        "PREVIEW_INVALID_BASE_SIZE_TOO_SMALL",
        "PREVIEW_INVALID_END_TIME",
        "PREVIEW_INVALID_LEDGER_BALANCE",
        "PREVIEW_INVALID_LIMIT_PRICE",
        "PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY",
        "PREVIEW_INVALID_NO_LIQUIDITY",
        "PREVIEW_INVALID_ORDER_CONFIG",
        "PREVIEW_INVALID_PRICE_PRECISION",
        "PREVIEW_INVALID_PRICE_TOO_LARGE",
        "PREVIEW_INVALID_PRODUCT_ID",
        "PREVIEW_INVALID_QUOTE_SIZE_PRECISION",
        "PREVIEW_INVALID_QUOTE_SIZE_TOO_LARGE",
        "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL",
        "PREVIEW_INVALID_SIDE",
        "PREVIEW_INVALID_SIZE_PRECISION",
        "PREVIEW_INVALID_STOP_PRICE",
        "PREVIEW_INVALID_STOP_PRICE_PRECISION",
        "PREVIEW_LIMIT_PRICE_TOO_FAR_FROM_MARKET",
        "PREVIEW_MISSING_COMMISSION_RATE",
        "PREVIEW_MISSING_MARKET_TRADE_DATA",
        "PREVIEW_MISSING_PRODUCT_PRICE_BOOK",
        "PREVIEW_NON_NUMERIC_ORDER_SIZE",
        "PREVIEW_NOT_ALLOWED_BY_MARKET_STATE",
        "PREVIEW_PRODUCT_TRADING_HALTED",
        "PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE",
        "PREVIEW_STOP_PRICE_ABOVE_LIMIT_PRICE",
        "PREVIEW_STOP_PRICE_BELOW_LAST_TRADE_PRICE",
        "PREVIEW_STOP_PRICE_BELOW_LIMIT_PRICE",
        "PREVIEW_TRADING_DISABLED",
        "PREVIEW_UNTRADABLE_PRODUCT",
    }
)
"""The venue's reasons that plainly mean "not created". DUPLICATE_CLIENT_ORDER_ID is not one."""

RATE_LIMITED = "RATE_LIMITED"
"""The code of a 429."""

_CODES = {401: UNAUTHORIZED, 403: PERMISSION_DENIED, 429: RATE_LIMITED}
_SURPRISES = frozenset({404, 405, 409})


def of_answer(sent: Fields, answer: Fields) -> Outcome:
    """The outcome of an order whose request got a 200; `sent` is the request's body."""
    success = answer.get("success")
    if success is True:
        return _of_success(sent, answer)
    if success is False:
        return _of_failure(answer)
    return Unknown("the answer to the order does not say whether it was taken")


def of_error(error: BaseException) -> Outcome:
    """The outcome of an order of which bytes left us, and whose request raised `error`."""
    if isinstance(error, RedirectRefused):
        return Unknown(clean(f"the order was answered with {error}"), latch=True)
    status = status_of(error)
    if status is None:
        return Unknown(f"no answer to the order: {type(error).__name__}")
    if status in _SURPRISES:
        return Unknown(f"the order was answered with HTTP {status}", latch=True)
    content = content_of(error)
    body = error_body(content)
    if status in (400, 401, 403, 429) and body is not None:
        code = _CODES.get(status) or error_code(body) or f"HTTP_{status}"
        return Declined(code, error_message(body), is_sent=True)
    if status == 401 and content.strip() == b"Unauthorized":
        return Declined(UNAUTHORIZED, "Unauthorized", is_sent=True)
    return Unknown(f"the order was answered with HTTP {status}")


def _of_success(sent: Fields, answer: Fields) -> Outcome:
    try:
        taken = read.record(answer, "success_response")
        order_id = read.text(taken, "order_id")
        said = {name: read.text(taken, name) for name in ("client_order_id", "product_id", "side")}
    except VenueError as error:
        return Unknown(str(error))
    differing = [name for name, value in said.items() if value and value != sent[name]]
    if differing or _differs(sent, answer):
        what = ", ".join(differing) or "order_configuration"
        return Unknown(f"the venue acknowledged an order that differs in {what}", latch=True)
    missing = [name for name, value in said.items() if not value]
    if missing or not order_id:
        return Unknown(f"the acknowledgement lacks {', '.join(missing) or 'order_id'}")
    return Acknowledged(OrderId(order_id))


def _differs(sent: Fields, answer: Fields) -> bool:
    """Whether the terms echoed, where there are any, contradict those sent."""
    ours, theirs = sent["order_configuration"], answer.get("order_configuration")
    if not isinstance(theirs, dict) or not theirs:
        return False
    assert isinstance(ours, Mapping), "our own body has its terms"
    for kind, terms in ours.items():
        echoed = theirs.get(kind)
        if not isinstance(echoed, dict):
            return True
        for name in ("base_size", "limit_price"):
            try:
                figure = read.decimal(echoed, name)
            except VenueError:
                return True
            if figure is not None and figure != Decimal(terms[name]):
                return True
    return False


def _of_failure(answer: Fields) -> Outcome:
    response = answer.get("error_response")
    fields = response if isinstance(response, dict) else {}
    named = [
        fields.get("new_order_failure_reason"),
        fields.get("error"),
        fields.get("preview_failure_reason"),
        answer.get("failure_reason"),
    ]
    codes = [
        clean(code)
        for code in named
        if isinstance(code, str) and code and not code.startswith("UNKNOWN_")
    ]
    message = fields.get("message")
    said = clean(message) if isinstance(message, str) else ""
    if codes and all(code in DECLINE_CODES for code in codes):
        return Declined(codes[0], said, is_sent=True)
    unlisted = ", ".join(code for code in codes if code not in DECLINE_CODES) or "no reason"
    return Unknown(f"the venue says no for a reason that we do not know: {unlisted}")
