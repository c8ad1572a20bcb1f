"""What becomes of an intent, from its record to its end: each edge of the protocol, once.

Until the venue's word and the fills agree, an intent stays in `working` and keeps its
reservation. One that ended moves to `settled` for a day: an order or a fill may turn up late.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import assert_never

from trader247.core.orders.repricing import remembered
from trader247.domain.changing import replace
from trader247.domain.errors import LedgerError
from trader247.domain.events.orders import (
    CancelRequested,
    FillsAccepted,
    IntentRecorded,
    IntentUnseen,
    OrderSeen,
    SubmissionSettled,
)
from trader247.domain.fills import Fill
from trader247.domain.ids import ClientOrderId, ProductId
from trader247.domain.intents import IntentState, WorkingIntent
from trader247.domain.orders import Order, OrderType
from trader247.domain.outcomes import Acknowledged, Declined, Unknown
from trader247.domain.portfolio import Portfolio, ProductHistory
from trader247.domain.proposals import Purpose
from trader247.domain.time import DAY, HOUR, Instant, microseconds

SETTLED_MAX = 64
"""Intents kept after their end, the latest ones: a bound beside the day."""
SURELY_KEPT = HOUR
"""Younger entries are kept beyond that bound: another of their size would double them."""

_DAY_US = microseconds(DAY)

Intents = Mapping[ClientOrderId, WorkingIntent]

DRY_RUN = "dry_run"
"""The code of a decline that stands for a fill: it uses up pace and cooldown like one."""


def intent_recorded(portfolio: Portfolio, event: IntentRecorded, at: Instant) -> Portfolio:
    """An approved proposal is about to be sent: it reserves, and counts, from here on.

    Raises:
        LedgerError: its id was used before.
    """
    intent = event.intent
    name = intent.client_order_id
    if name in portfolio.working or name in portfolio.settled:
        raise LedgerError(f"intent {name} was recorded before")
    working = {**portfolio.working, name: WorkingIntent(intent, IntentState.SUBMITTING)}
    if intent.purpose is Purpose.ENTRY:
        history = portfolio.history.get(intent.product, ProductHistory())
        return replace(
            portfolio,
            working=working,
            entries_sent=(*within_a_day(portfolio.entries_sent, at), at),
            history={**portfolio.history, intent.product: replace(history, last_entry=at)},
        )
    position = portfolio.positions.get(intent.product)
    if position is None:
        return replace(portfolio, working=working)
    counted = position.with_legs(max(position.exit_legs + 1, intent.leg))
    return replace(
        portfolio, working=working, positions={**portfolio.positions, intent.product: counted}
    )


def submission_settled(portfolio: Portfolio, event: SubmissionSettled, at: Instant) -> Portfolio:
    """What came of sending. A decline frees the reservation, an unknown keeps it whole.

    Raises:
        LedgerError: no such intent was recorded lately.
    """
    name = event.client_order_id
    known = found(portfolio, name)
    if known is None:
        raise LedgerError(f"intent {name} was never recorded")
    match event.outcome:
        case Acknowledged(order_id):
            taken = replace(known, state=IntentState.ACCEPTED, order_id=order_id, detail="")
            after = placed(portfolio, _settled_by_order(taken), at)
            if known.intent.order_type is OrderType.STOP_LIMIT_GTD:
                after = _stop_taken(after, known.intent.product)
            return remembered(after, known.intent, event.outcome, at)
        case Unknown(detail):
            return placed(portfolio, replace(known, state=IntentState.UNKNOWN, detail=detail), at)
        case Declined(code, message, is_sent):
            is_rejected = is_sent and known.state is IntentState.SUBMITTING
            state = IntentState.REJECTED if is_rejected else IntentState.NOT_CREATED
            ended = replace(known, state=state, detail=f"{code}: {message}")
            after = placed(portfolio, ended, at)
            if known.intent.purpose is Purpose.ENTRY:
                after = remembered(after, known.intent, event.outcome, at)
            if known.intent.order_type is OrderType.STOP_LIMIT_GTD:
                # No trade was tried: it costs no pause. Who took none is not asked each minute.
                is_answer = is_sent or code == DRY_RUN
                return _stop_refused(after, known.intent.product, at) if is_answer else after
            return _like_a_fill(after, known.intent.product, at) if code == DRY_RUN else after
        case _:
            assert_never(event.outcome)


def order_seen(portfolio: Portfolio, event: OrderSeen, at: Instant) -> Portfolio:
    """The venue's word on an order of ours.

    An intent whose outcome is unknown stays so until it is settled: the order must first be
    compared with what was sent. An order of an intent that had ended brings it back.
    """
    order = event.order
    known = found(portfolio, order.client_order_id)
    if known is None or not is_news(known, order):
        return portfolio
    seen = replace(known, order=order, order_id=order.order_id)
    if known.state.is_unresolved:
        return placed(portfolio, seen, at)
    return placed(portfolio, _settled_by_order(seen), at)


def is_news(known: WorkingIntent, order: Order) -> bool:
    """Whether `order` says anything that an intent of ours does not know yet.

    Listings lag: once an order is final, less filled than we know of is none. Taken for its last
    word, it would end an order whose fills are still awaited.
    """
    last = known.order
    if last is None or not last.state.is_final:
        return last != order
    if not order.state.is_final or order.filled < last.filled:
        return order.filled > last.filled
    return (order.filled, order.fees, order.fill_count) != (
        last.filled,
        last.fees,
        last.fill_count,
    )


def intent_unseen(portfolio: Portfolio, event: IntentUnseen, at: Instant) -> Portfolio:
    """One more complete listing without the intent's order."""
    known = portfolio.working.get(event.client_order_id)
    if known is None:
        return portfolio
    unseen = replace(known, unseen_listings=known.unseen_listings + 1, last_unseen=at)
    return placed(portfolio, unseen, at)


def cancel_requested(portfolio: Portfolio, event: CancelRequested, at: Instant) -> Portfolio:
    """A cancel was asked for: the order still works until the venue says that it ended.

    Asked for again, the first time stands: since then the venue has had the wish.
    """
    known = portfolio.working.get(event.client_order_id)
    if known is None or known.cancel_requested is not None:
        return portfolio
    return placed(portfolio, replace(known, cancel_requested=at), at)


def fills_accepted(portfolio: Portfolio, event: FillsAccepted, at: Instant) -> Portfolio:
    """The portfolio in which an order has ended by fills that were set aside.

    Raises:
        LedgerError: it is not fills alone that it waits for, or these are not exactly the ones.
    """
    name = event.client_order_id
    known = portfolio.working.get(name)
    if known is None or known.state is not IntentState.FILLS_PENDING:
        raise LedgerError(f"{name} waits for no fills that could be accepted")
    ended = with_accepted(known, event.fills)
    if ended is None:
        told = ", ".join(each.entry_id for each in event.fills) or "nothing"
        raise LedgerError(f"{told} is not what lacks of {name}")
    return placed(portfolio, ended, at)


def with_accepted(known: WorkingIntent, fills: Sequence[Fill]) -> WorkingIntent | None:
    """An intent that has ended by `fills`; None where that is not all that lacks, each once."""
    intent, entries = known.intent, [each.entry_id for each in fills]
    is_once = len({*entries, *known.accepted}) == len(entries) + len(known.accepted)
    are_its_own = all(
        (each.order_id, each.product, each.side) == (known.order_id, intent.product, intent.side)
        for each in fills
    )
    if not fills or not is_once or not are_its_own:
        return None
    ended = replace(
        known,
        state=IntentState.DONE,
        filled=sum((each.quantity for each in fills), known.filled),
        filled_fees=sum((each.fee for each in fills), known.filled_fees),
        fill_count=known.fill_count + len(fills),
        accepted=(*known.accepted, *entries),
    )
    return ended if is_complete(ended) else None


def found(portfolio: Portfolio, name: ClientOrderId) -> WorkingIntent | None:
    """An intent that works, or that ended lately."""
    return portfolio.working.get(name) or portfolio.settled.get(name)


def is_complete(working: WorkingIntent) -> bool:
    """Whether the order ended and every fill of it is booked.

    Quantities must agree; fees too, unless the venue counts the fills and all of them are here.
    """
    order = working.order
    if order is None or not order.state.is_final or order.filled != working.filled:
        return False
    is_counted = order.fill_count is not None and working.fill_count >= order.fill_count
    return is_counted or order.fees == working.filled_fees


def after_fill(working: WorkingIntent) -> WorkingIntent:
    """An intent that just had a fill booked: it is at the venue, whatever we thought."""
    if working.state.is_unresolved:
        return working
    return _settled_by_order(working)


def placed(portfolio: Portfolio, intent: WorkingIntent, at: Instant) -> Portfolio:
    """The portfolio with `intent` where its state says: working, or settled."""
    working, settled = places(portfolio, intent, at)
    return replace(portfolio, working=working, settled=settled)


def places(portfolio: Portfolio, intent: WorkingIntent, at: Instant) -> tuple[Intents, Intents]:
    """The working and the settled intents, with `intent` where its state says."""
    name = intent.intent.client_order_id
    if not intent.state.is_settled:
        return {**portfolio.working, name: intent}, _without(portfolio.settled, name)
    # A clock that ran ahead since the last cycle, an hour ago at most, makes nothing old.
    now = at if portfolio.time is None else min(at, portfolio.time + HOUR)
    # By age, not as they happen to lie: a ledger that was saved and read back lies otherwise.
    known, since = portfolio.settled, now.us - _DAY_US
    ages = sorted([(each.intent.created.us, key) for key, each in known.items() if key != name])
    kept = [key for created, key in ages if created >= since]
    beyond = max(0, len(kept) - (SETTLED_MAX - 1))
    settled = {key: known[key] for key in kept[:beyond] if may_be_doubled(known[key], now)}
    settled |= {key: known[key] for key in kept[beyond:]}
    settled[name] = intent
    return _without(portfolio.working, name), settled


def may_be_doubled(ended: WorkingIntent, now: Instant) -> bool:
    """Whether another order might be this entry once more, so that it may not be forgotten yet."""
    intent = ended.intent
    is_order = ended.state is not IntentState.REJECTED
    return is_order and intent.purpose is Purpose.ENTRY and now - intent.created <= SURELY_KEPT


def within_a_day(times: tuple[Instant, ...], now: Instant) -> tuple[Instant, ...]:
    """Those of `times` that are no older than 24 hours."""
    if not times or now - times[0] <= DAY:
        return times
    since = now.us - _DAY_US
    return tuple([time for time in times if time.us >= since])


def _without(intents: Intents, name: ClientOrderId) -> Intents:
    if name not in intents:
        return intents
    return {key: each for key, each in intents.items() if key != name}


def _settled_by_order(working: WorkingIntent) -> WorkingIntent:
    """The state that the order and the fills booked so far add up to."""
    if working.order is None or not working.order.state.is_final:
        state = IntentState.ACCEPTED
    else:
        state = IntentState.DONE if is_complete(working) else IntentState.FILLS_PENDING
    return working if state is working.state else replace(working, state=state)


def _stop_refused(portfolio: Portfolio, product: ProductId, at: Instant) -> Portfolio:
    return replace(portfolio, stops_refused={**portfolio.stops_refused, product: at})


def _stop_taken(portfolio: Portfolio, product: ProductId) -> Portfolio:
    """Who takes one is asked for the next as soon as that is due."""
    if product not in portfolio.stops_refused:
        return portfolio
    refused = {key: at for key, at in portfolio.stops_refused.items() if key != product}
    return replace(portfolio, stops_refused=refused)


def _like_a_fill(portfolio: Portfolio, product: ProductId, at: Instant) -> Portfolio:
    history = portfolio.history.get(product, ProductHistory())
    entries = (*within_a_day(history.entries, at), at)
    filled = replace(history, last_fill=at, entries=entries)
    return replace(portfolio, history={**portfolio.history, product: filled})
