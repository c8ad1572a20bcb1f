"""Alerts about single orders and fills: late ones, contradicting ones, ones that cost too much."""

from __future__ import annotations

from trader247.core.alerts.words import stake
from trader247.domain.events.orders import (
    FillBooked,
    ForeignOrdersSeen,
    OrderSeen,
    SubmissionSettled,
)
from trader247.domain.events.people import AlertRaised
from trader247.domain.fills import Fill, Liquidity
from trader247.domain.ids import ClientOrderId
from trader247.domain.intents import IntentState
from trader247.domain.money import Bps
from trader247.domain.outcomes import Unknown
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import Severity

FEE_GAP_MAX = Bps.of(1)
"""A fill's fee further than this from the account's tier is worth a look."""


def quarantine_alert(fill: Fill, cause: str, after: Portfolio) -> AlertRaised:
    """A fill that nothing explains is always told of."""
    text = (
        f"A fill could not be explained: {fill.side.value} {fill.quantity} {fill.product} at "
        f"{fill.price}, {fill.notional.value:,.2f} {after.quote_currency}: {cause}. It is kept as "
        "received and not booked. Next: trader247 reconcile"
    )
    return AlertRaised(Severity.CRITICAL, "fill_quarantined", text)


def foreign_alert(event: ForeignOrdersSeen, after: Portfolio) -> AlertRaised:
    """Somebody else trades on our account: no fault of ours, and none of our business."""
    orders = "An order that is" if event.count == 1 else f"{event.count} orders that are"
    text = (
        f"{orders} not ours rest{'s' if event.count == 1 else ''} at the venue: {event.told}. "
        f"{stake(after)}. Such orders are left alone; what they buy is foreign and no part of "
        "the caps, what they take of our cash or coins becomes a break. Next: trader247 reconcile"
    )
    return AlertRaised(Severity.WARNING, "foreign_orders", text)


def version_alert(before: Portfolio, code_version: str, changes: str = "") -> AlertRaised | None:
    """The book goes on under another program than the one that kept it last.

    `changes` says which programs below ours are others than then; empty where none is.
    """
    if before.code_version in ("", code_version):
        return None if not changes or not before.code_version else _changed(before, changes)
    text = (
        f"CHANGE: version {code_version} goes on with this book, {before.code_version} kept it "
        f"before. {stake(before)}. The ledger was folded anew; LIVE needs evidence and arming of "
        "its own for another major.minor version. Next: trader247 preflight"
    )
    return AlertRaised(Severity.WARNING, "version_changed", text)


def _changed(before: Portfolio, changes: str) -> AlertRaised:
    text = (
        f"CHANGE: what this book runs on is not what kept it before: {changes}. {stake(before)}. "
        "If nobody updated it, find out who did before anything else. Next: trader247 drill all"
    )
    return AlertRaised(Severity.WARNING, "version_changed", text)


def order_alert(
    event: SubmissionSettled | OrderSeen | FillBooked, before: Portfolio, after: Portfolio
) -> AlertRaised | None:
    """What a person should hear of news about one order; None for ordinary news."""
    name = event.order.client_order_id if isinstance(event, OrderSeen) else event.client_order_id
    if _came_late(name, before, after):
        intent = after.working[name].intent
        text = (
            f"Order {name} turned up after it was settled as not created: {intent.side.value} "
            f"{intent.quantity} {intent.product}, {(intent.price * intent.quantity).value:,.2f} "
            f"{after.quote_currency}. It reserves again. Next: trader247 state show orders"
        )
        return AlertRaised(Severity.CRITICAL, "late_order", text)
    if isinstance(event, FillBooked):
        return _fee_differs(event.fill, before)
    if isinstance(event, SubmissionSettled) and isinstance(event.outcome, Unknown):
        if not event.outcome.latch:
            return None
        text = (
            f"The venue's answer contradicts what was sent: {name}: {event.outcome.detail}. "
            f"{stake(after)}. Nothing more is sent. Next: trader247 state show orders"
        )
        return AlertRaised(Severity.CRITICAL, "answer_contradicts", text)
    return None


def _came_late(name: ClientOrderId, before: Portfolio, after: Portfolio) -> bool:
    known = before.settled.get(name)
    is_over = known is not None and known.state in (IntentState.REJECTED, IntentState.NOT_CREATED)
    return is_over and name in after.working


def _fee_differs(fill: Fill, before: Portfolio) -> AlertRaised | None:
    tier = before.fee_tier
    if tier is None or fill.liquidity is Liquidity.UNKNOWN:
        return None
    rate = tier.maker if fill.liquidity is Liquidity.MAKER else tier.taker
    expected = rate.of_money(fill.notional)
    gap = abs((fill.fee - expected).value)
    if gap <= FEE_GAP_MAX.of_money(fill.notional).value:
        return None
    text = (
        f"A fill's fee is not the account's: {fill.product} paid {fill.fee} where tier {tier.name} "
        f"says {expected}, on {fill.notional.value:,.2f}. It is booked as received. "
        "Next: trader247 state show fills"
    )
    return AlertRaised(Severity.WARNING, "fee_differs", text)
