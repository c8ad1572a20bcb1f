"""Settling an intent whose outcome we could not tell: by evidence, never by waiting alone.

An order that a listing does not show may still arrive: the request may be on its way, and the
venue's lists lag. It was not created only when nothing that could show it does, for long enough.
"""

from __future__ import annotations

from collections.abc import Mapping

from trader247.domain.events import IntentUnseen, SubmissionSettled
from trader247.domain.orders import (
    Acknowledged,
    Declined,
    IntentState,
    Order,
    RecordedIntent,
    Unknown,
    WorkingIntent,
)
from trader247.domain.portfolio import Breaker, Difference
from trader247.domain.reasons import BreakerName
from trader247.domain.time import SECOND, Instant

QUIET = 180 * SECOND
"""After its creation a request can still arrive for this long: token life and a margin."""
LISTING_GAP = 30 * SECOND
"""Listings nearer to each other than this are one listing, as evidence goes."""
LISTINGS_MIN = 3
"""Complete listings without the order that it takes to say that it was not created."""

NOT_CREATED = "not_created"
"""The code of a decline that evidence has settled."""

_VENUE_BREAKERS = (BreakerName.API_ERRORS, BreakerName.RATE_LIMIT, BreakerName.MAINTENANCE)


def resolve_unknown(
    working: WorkingIntent,
    listing: tuple[Order, ...],
    *,
    listed_at: Instant,
    has_unexplained_fills: bool,
    differences: Mapping[str, Difference],
    breakers: Mapping[BreakerName, Breaker],
) -> SubmissionSettled | IntentUnseen | None:
    """What a complete listing, begun at `listed_at`, says of an intent of unknown outcome.

    Found: acknowledged if the order is the one that was sent, else unknown for good, and trading
    must stop. Not found: one more sighting of nothing, or not created once the listings suffice,
    no fill and no difference could be its trace, and the venue is itself. None where there is
    nothing to say, or it was said before.
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
    has_trace = has_unexplained_fills or f"base:{intent.product.base}" in differences
    if has_trace or any(name in breakers for name in _VENUE_BREAKERS):
        return None
    age = (listed_at - intent.created) // SECOND
    message = f"{LISTINGS_MIN} complete listings do not hold it, the last {age} s after its record"
    return SubmissionSettled(
        intent.client_order_id, Declined(code=NOT_CREATED, message=message, is_sent=False)
    )


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
    return ""
