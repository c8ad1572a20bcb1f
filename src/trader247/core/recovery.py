"""Settling an intent whose outcome we could not tell: by evidence, never by waiting alone.

An order that a listing does not show may still arrive: the request may be on its way, and the
venue's lists lag. It was not created only when nothing that could show it does, for long enough.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from trader247.domain.balances import Balance
from trader247.domain.events.orders import IntentUnseen, SubmissionSettled
from trader247.domain.intents import IntentState, RecordedIntent, WorkingIntent
from trader247.domain.money import CONTEXT, ONE, ZERO
from trader247.domain.orders import Order, Side
from trader247.domain.outcomes import Acknowledged, Declined, Unknown
from trader247.domain.portfolio import Breaker, Difference, Portfolio
from trader247.domain.reasons import BreakerName
from trader247.domain.time import MINUTE, SECOND, Instant

QUIET = 180 * SECOND
"""After its creation a request can still arrive for this long: token life and a margin."""
LISTING_GAP = 30 * SECOND
"""Listings nearer to each other than this are one listing, as evidence goes."""
LISTINGS_MIN = 3
"""Complete listings without the order that it takes to say that it was not created."""

_LOOKS = tuple(age * SECOND for age in (1, 2, 4, 8, 15, 30, 60, 90, 120, 150, 181))
"""Ages of an unknown intent at which the books are read, and then each `LISTING_GAP`."""
RESTS_AFTER_END = 60 * SECOND
"""An order rests no longer than this after its end, and nothing is on hold for it then."""
FILLS_ARE_LATE = 30 * MINUTE
"""So long after an order's end no fill of it is missing from the venue's listing any more."""
_END_ROUNDING = SECOND
"""A venue may keep an order's end in whole seconds."""

NOT_CREATED = "not_created"
"""The code of a decline that evidence has settled."""

_VENUE_BREAKERS = (BreakerName.API_ERRORS, BreakerName.RATE_LIMIT, BreakerName.MAINTENANCE)


def resolve_unknown(
    working: WorkingIntent,
    listing: tuple[Order, ...],
    *,
    listed_at: Instant,
    has_unexplained_fills: bool,
    is_held: bool,
    differences: Mapping[str, Difference],
    unbooked: Mapping[str, Decimal],
    breakers: Mapping[BreakerName, Breaker],
) -> SubmissionSettled | IntentUnseen | None:
    """What a complete listing, begun at `listed_at`, says of an intent of unknown outcome.

    Found: acknowledged if the order is the one that was sent, else unknown for good, and trading
    must stop. Not found: one more sighting of nothing, or not created once the listings suffice,
    no fill, no hold and no difference could be its trace, and the venue is itself. None where there
    is nothing to say, or it was said before.

    `unbooked` is how much of each currency came, or went, by listed fills of other orders of ours
    that wait to be booked: a difference that they make up is no trace of this one.
    """
    intent = working.intent
    if not working.state.is_unresolved:
        return None
    for order in listing:
        if order.client_order_id == intent.client_order_id:
            return _found(working, order)
    if not _is_evidence(working, listed_at):
        return None
    if working.unseen_listings + 1 < LISTINGS_MIN:
        return IntentUnseen(intent.client_order_id)
    has_trace = (
        has_unexplained_fills or is_held or _is_felt(intent, differences, unbooked, listed_at)
    )
    if has_trace or any(name in breakers for name in _VENUE_BREAKERS):
        return None
    age = (listed_at - intent.created) // SECOND
    message = f"{LISTINGS_MIN} complete listings do not hold it, the last {age} s after its record"
    return SubmissionSettled(
        intent.client_order_id, Declined(code=NOT_CREATED, message=message, is_sent=False)
    )


def _is_felt(
    intent: RecordedIntent,
    differences: Mapping[str, Difference],
    unbooked: Mapping[str, Decimal],
    at: Instant,
) -> bool:
    """Whether a difference in what it buys or sells may be the trace of an order.

    Any may while it could still rest. After that one that goes the other way is somebody else's,
    and later each is: its owner's own trade must not keep an order unknown for ever, and with it
    the difference, which nobody may accept while an order is under way.
    """
    currency = intent.product.base
    found = differences.get(f"base:{currency}")
    if found is None or at > intent.end_time + RESTS_AFTER_END + FILLS_ARE_LATE:
        return False
    more = CONTEXT.subtract(Decimal(found.venue), Decimal(found.ledger))
    if more == unbooked.get(currency, ZERO):
        return False
    is_likely = more >= ZERO if intent.side is Side.BUY else more <= ZERO
    return is_likely or at <= intent.end_time + RESTS_AFTER_END


def next_look(portfolio: Portfolio, now: Instant) -> Instant | None:
    """When to read the books again for the sake of an intent that is unknown; None if none is.

    Soon at first, since an answer that was lost is mostly found at once; then every 30 s.
    """
    looks = [
        _look_after(each.intent.created, now)
        for each in portfolio.working.values()
        if each.state.is_unresolved
    ]
    return min(looks, default=None)


def _look_after(created: Instant, now: Instant) -> Instant:
    for look in _LOOKS:
        if created + look > now:
            return created + look
    since = now - created - _LOOKS[-1]
    return created + _LOOKS[-1] + (since // LISTING_GAP + 1) * LISTING_GAP


def is_on_hold(intent: RecordedIntent, orders: tuple[Order, ...], balance: Balance) -> bool:
    """Whether so much is on hold, beyond what the listed live orders explain, as `intent` would.

    Such a hold may be the trace of its order, which is in no listing yet.
    """
    explained = ZERO
    for order in orders:
        if order.state.is_final or order.side is not intent.side:
            continue
        if order.price is None or order.quantity is None:
            continue
        left = order.quantity - min(order.filled, order.quantity)
        if intent.side is Side.SELL and order.product.base == intent.product.base:
            explained = CONTEXT.add(explained, left.value)
        if intent.side is Side.BUY and order.product.quote == intent.product.quote:
            fee = CONTEXT.add(ONE, intent.taker_fee_fraction)
            explained = CONTEXT.add(explained, (order.price * left * fee).value)
    own = intent.quantity.value
    if intent.side is Side.BUY:
        own = (intent.price * intent.quantity).value
    return CONTEXT.subtract(balance.hold, explained) >= own


def held_currency(intent: RecordedIntent) -> str:
    """The currency that the venue holds for an order: what the order may give away."""
    return intent.product.quote if intent.side is Side.BUY else intent.product.base


def _is_evidence(working: WorkingIntent, listed_at: Instant) -> bool:
    """Whether a listing begun at `listed_at` without the order says anything of it."""
    if not working.filled.is_zero or listed_at <= working.intent.created + QUIET:
        return False
    last = working.last_unseen
    return last is None or listed_at >= last + LISTING_GAP


def _found(working: WorkingIntent, order: Order) -> SubmissionSettled | None:
    name = working.intent.client_order_id
    gap = mismatch(working.intent, order)
    if not gap:
        return SubmissionSettled(name, Acknowledged(order.order_id))
    detail = f"order {order.order_id} is not what was sent: {gap}"
    if working.state is IntentState.UNKNOWN and working.detail == detail:
        return None
    return SubmissionSettled(name, Unknown(detail, latch=True))


def mismatch(intent: RecordedIntent, order: Order) -> str:
    """How an order of our id differs from what we sent, in words; empty if it does not.

    A venue answers an id that it knows with the order of that id: success for the wrong order.
    """
    for word, ours, theirs in (
        ("product", intent.product, order.product),
        ("side", intent.side.value, order.side.value),
        ("price", intent.price, order.price),
        ("quantity", intent.quantity, order.quantity),
    ):
        if ours != theirs:
            return f"{word} {theirs}, sent {ours}"
    if order.end_time is not None and abs(order.end_time - intent.end_time) > _END_ROUNDING:
        return f"end {order.end_time}, sent {intent.end_time}"
    return ""
