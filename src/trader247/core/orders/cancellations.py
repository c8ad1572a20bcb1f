"""Which working orders should go, and why."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from trader247.core.book.faulting import banned_by
from trader247.core.orders.venue_stops import is_venue_stop
from trader247.core.risk.checks.product_status import allowed
from trader247.core.universe import Universe
from trader247.domain.decisions import Cancellation
from trader247.domain.ids import ClientOrderId, ProductId
from trader247.domain.intents import IntentState, RecordedIntent, WorkingIntent
from trader247.domain.market import ProductView, Snapshot
from trader247.domain.orders import OrderType, Side
from trader247.domain.portfolio import EMPTY, Portfolio
from trader247.domain.proposals import Purpose
from trader247.domain.reasons import BreakerName, TradingState
from trader247.domain.time import Instant

_HALTED = "trading is HALTED: nothing of ours may rest"


def cancellations_of(
    snapshot: Snapshot,
    portfolio: Portfolio,
    universe: Universe,
    *,
    leaving: Collection[ProductId],
    giving_way: Mapping[ClientOrderId, str] = EMPTY,
    is_online: Callable[[ProductId], bool] = lambda _: False,
) -> tuple[Cancellation, ...]:
    """Every order that the venue has and that should not rest any longer, oldest first.

    It is asked for again each cycle until the order is final. `leaving` are the products whose
    position is to be sold now, `giving_way` the resting stops that should end, and why. What we
    cannot tell the venue's name of cannot be cancelled here. Products that are known to be
    `is_online` are not looked at for it.
    """
    found: list[Cancellation] = []
    is_halted = portfolio.trading_state is TradingState.HALTED
    for name, working in portfolio.working.items():
        if working.order_id is None or working.state.is_settled or working.is_over:
            continue
        cause = (
            _ended(working, snapshot, portfolio, is_halted=is_halted)
            or ("" if is_online(working.intent.product) else _untraded(working.intent, snapshot))
            or _unbought(working.intent, snapshot, portfolio, universe, leaving)
        )
        # Nothing is sent while trading is HALTED: what stays then makes way for nothing.
        if not cause and not is_halted:
            cause = giving_way.get(name, "")
        if cause:
            found.append(Cancellation(name, cause))
    if len(found) > 1:
        # A ledger that was read back has its orders by name: whoever decides again sees the same.
        found.sort(key=lambda each: _age(portfolio.working[each.client_order_id]))
    return tuple(found)


def _age(working: WorkingIntent) -> tuple[Instant, ClientOrderId]:
    return working.intent.created, working.intent.client_order_id


def may_rest(working: WorkingIntent, portfolio: Portfolio) -> bool:
    """Whether an order may rest while trading is HALTED: a sale that whoever halted it keeps."""
    return working.intent.side is Side.SELL and portfolio.keeps_sales


def is_sale_kept(working: WorkingIntent, portfolio: Portfolio) -> bool:
    """Whether it is certain that an order is such a sale, and how it stands."""
    return not working.state.is_unresolved and may_rest(working, portfolio)


def unasked(portfolio: Portfolio) -> tuple[Cancellation, ...]:
    """Trading stopped: every order that may not rest, and whose end nobody has asked for.

    A halt that comes after a cycle has decided, or between two, finds such orders; so does a
    reading that tells what became of one.
    """
    state = portfolio.trading_state
    if state is TradingState.ACTIVE:
        return ()
    is_halted = state is TradingState.HALTED
    return tuple(
        Cancellation(name, _HALTED if is_halted else _bought_under(state))
        for name, working in portfolio.working.items()
        if working.order_id is not None
        and working.cancel_requested is None
        and not working.state.is_settled
        and not working.is_over
        and (working.intent.side is Side.BUY or (is_halted and not may_rest(working, portfolio)))
    )


def outlives(working: WorkingIntent, portfolio: Portfolio) -> bool:
    """Whether an order is left at the venue when the process ends in order: a position's stop.

    It only reduces, whoever comes next knows it, and it protects until its own end, 15 minutes at
    most, while nobody runs.
    """
    if portfolio.trading_state is TradingState.HALTED:
        return is_sale_kept(working, portfolio)
    is_held = working.intent.product in portfolio.positions
    is_resting = working.state is IntentState.ACCEPTED and working.cancel_requested is None
    return is_held and is_resting and is_venue_stop(working)


def _ended(
    working: WorkingIntent, snapshot: Snapshot, portfolio: Portfolio, *, is_halted: bool
) -> str:
    """Why an order should be over, whatever it is for; empty where it need not."""
    intent = working.intent
    if working.cancel_requested is not None:
        return f"its cancel was asked for at {working.cancel_requested}, and it is not over"
    if is_halted and not may_rest(working, portfolio):
        return _HALTED
    if snapshot.time.us >= intent.end_time.us:
        return f"its time ended at {intent.end_time}"
    return ""


def _untraded(intent: RecordedIntent, snapshot: Snapshot) -> str:
    """Why the venue's state of a product lets an order of it rest no longer; empty where it may.

    A stop stays while its product cannot be read: no exit can be judged then, and nobody else would
    sell what is held. Where the venue trades it no more, the venue ends it.
    """
    view = snapshot.views.get(intent.product)
    is_unread = not snapshot.unreachable and (view is None or view.product is None)
    if is_unread and intent.order_type is not OrderType.STOP_LIMIT_GTD:
        return f"{intent.product} left the market"
    return _flipped(intent, view)


def _unbought(
    intent: RecordedIntent,
    snapshot: Snapshot,
    portfolio: Portfolio,
    universe: Universe,
    leaving: Collection[ProductId],
) -> str:
    """Why a buy should rest no longer; empty where it may, and for a sale."""
    if intent.side is Side.SELL:
        return ""
    return _unwanted(intent, portfolio, universe, leaving) or _unsafe(snapshot, portfolio)


FLIPPED = "the product is no longer traded like that: "
"""How the cause of a cancel begins where the venue changed a product's state."""


def _bought_under(state: TradingState) -> str:
    return f"trading is {state.value}: nothing may be bought"


def _flipped(intent: RecordedIntent, view: ProductView | None) -> str:
    """Why an order may not go on resting in its product's present state; empty where it may."""
    product = None if view is None else view.product
    if product is None:
        return ""
    status = product.status
    is_entry = intent.purpose is Purpose.ENTRY
    if status in allowed(intent.order_type, is_entry=is_entry):
        return ""
    return f"{FLIPPED}{intent.product} is {status.value}"


def _unwanted(
    intent: RecordedIntent, portfolio: Portfolio, universe: Universe, leaving: Collection[ProductId]
) -> str:
    """Why a resting buy should go; empty where it may stay."""
    product = intent.product
    for ban in banned_by(portfolio, product, intent.strategy):
        return f"{ban.key} is banned: {ban.cause}"
    state, standing = portfolio.trading_state, universe.memberships.get(product)
    if state is not TradingState.ACTIVE:
        return _bought_under(state)
    if product in leaving:
        return f"the position of {product} is being sold"
    if standing is None or not standing.is_member:
        return f"{product} left the universe"
    return ""


def _unsafe(snapshot: Snapshot, portfolio: Portfolio) -> str:
    """Why no buy may rest in a market like this one; empty where it may.

    A market that falls, or that shows no prices, fills a resting buy with nobody to see it. A venue
    that cannot be read at all takes no cancel either: there the order's end time stands.
    """
    unsafe = [BreakerName.VOLATILITY]
    if not snapshot.unreachable:
        unsafe.append(BreakerName.STALE_MARKET)
    for name in unsafe:
        if name in portfolio.breakers:
            return f"breaker {name.value} is open: {portfolio.breakers[name].cause}"
    return ""
