"""The protective stop of a position, kept at the venue, where it works while nobody looks.

The lots can be held for one order alone. So a position has one resting exit order at most, this
stop, and every other exit stays local: before a local exit is sent, the stop is cancelled and its
last word awaited. What the venue does not take, or takes no more, is watched locally as ever.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import timedelta
from itertools import takewhile
from operator import attrgetter

from trader247.core.holds import may_be_ours
from trader247.core.orders.ended_sales import keeps_lots
from trader247.core.policy import Policy
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.max_order import MaxOrder, least_quantity
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ProductId
from trader247.domain.intents import IntentState, WorkingIntent
from trader247.domain.market import Product, ProductView, Snapshot
from trader247.domain.money import ONE, Bps, Price, Quantity
from trader247.domain.orders import OrderType, Side
from trader247.domain.portfolio import Portfolio
from trader247.domain.position import Position
from trader247.domain.proposals import ExitCause, Proposal, Purpose
from trader247.domain.reasons import TradingState
from trader247.domain.time import HOUR, MINUTE

ASK_AGAIN_AFTER = (MINUTE, 5 * MINUTE, HOUR)
"""A venue that declined a product's stop once, twice, more often in a row is asked again after so
long: what it lacked for a moment may be there soon, and what it never takes is not asked often."""
MOVED = Bps.of(25)
"""A trailing stop that has moved by less stays where it is: each move costs two requests."""
_IS_OVER = attrgetter("is_over")


@dataclass(frozen=True, slots=True)
class StopPrices:
    """Where a stop triggers, and the worst price that it then takes."""

    trigger: Price
    limit: Price


def is_venue_stop(working: WorkingIntent) -> bool:
    """Whether an intent is a protective stop that may rest at the venue."""
    return working.intent.order_type is OrderType.STOP_LIMIT_GTD and not working.state.is_settled


def covered_products(portfolio: Portfolio) -> frozenset[ProductId]:
    """The products with a stop that may rest at the venue, and that nobody has asked to end."""
    return frozenset(
        each.intent.product
        for each in portfolio.working.values()
        if is_venue_stop(each) and not each.is_over and each.cancel_requested is None
    )


def bared(before: Collection[ProductId], portfolio: Portfolio) -> Collection[ProductId]:
    """Those that had a stop before and are held without one that stays, where one may rest."""
    if portfolio.trading_state is TradingState.HALTED:
        return ()
    still = {*before} & portfolio.positions.keys() - portfolio.stops_refused.keys()
    return still - covered_products(portfolio)


def stop_of(product: ProductId, portfolio: Portfolio, snapshot: Snapshot) -> WorkingIntent | None:
    """The stop that may rest at the venue for a position, in whatever state; None without one.

    One that ended makes room for another while the books cannot be read.
    """
    found = [
        each
        for each in portfolio.working.values()
        if each.intent.product == product
        and is_venue_stop(each)
        and keeps_lots(each, snapshot, portfolio)
    ]
    return min(found, key=_IS_OVER, default=None)


def stop_wanted(
    position: Position,
    snapshot: Snapshot,
    portfolio: Portfolio,
    policy: Policy,
    *,
    owned: Quantity,
) -> Proposal | None:
    """The stop that should rest for a position that stays; None where none can or should.

    It covers what one order may carry: of a position above the largest order, the rest is watched
    locally. Beside a hold that an unknown order of ours may have there is none, nor before the
    account was read: a restored journal may not know of one that rests.
    """
    view = snapshot.views[position.product]
    product, quote = view.product, view.quote
    if (
        snapshot.owes_reading
        or policy.execution.venue_stops != "auto"
        or product is None
        or quote is None
    ):
        return None
    refused = portfolio.stops_refused.get(position.product)
    if refused is not None and timedelta(0) <= snapshot.time - refused < _patience(
        position.product, portfolio
    ):
        return None
    at_work = _at_work(position.product, portfolio)
    sales = (each for each in at_work if each.intent.side is Side.SELL)
    if any(keeps_lots(each, snapshot, portfolio) for each in sales):
        return None
    if may_be_ours(position.product, portfolio, snapshot.time):
        return None
    prices = stop_prices(position, product, policy)
    quantity = covered(owned, prices.limit, product, policy)
    if quantity is None or prices.trigger >= quote.bid:
        return None
    return Proposal(
        product=position.product,
        side=Side.SELL,
        purpose=Purpose.EXIT,
        order_type=OrderType.STOP_LIMIT_GTD,
        price=prices.limit,
        quantity=quantity,
        reference=quote.mid,
        strategy=position.strategy,
        rule=position.rule,
        decision_id=position.decision_id,
        leg=position.exit_legs + 1,
        score=ONE,
        lifetime=timedelta(seconds=policy.execution.exit_seconds),
        exit_cause=ExitCause.STOP,
        stop_price=prices.trigger,
    )


def why_it_goes(
    stop: WorkingIntent,
    position: Position | None,
    view: ProductView | None,
    policy: Policy,
    *,
    owned: Quantity,
) -> str:
    """Why a resting stop should make way for another one; empty while it may stay."""
    if position is None:
        return "nothing is held any more"
    if policy.execution.venue_stops != "auto":
        return "stops are kept locally now"
    if view is None or view.product is None:
        return ""
    prices = stop_prices(position, view.product, policy)
    placed = stop.intent.stop_price
    if placed is not None and abs(prices.trigger.bps_above(placed).value) > MOVED.value:
        return f"the stop has moved from {placed} to {prices.trigger}"
    wanted = covered(owned, prices.limit, view.product, policy)
    if wanted is not None and wanted != stop.remaining and stop.filled.is_zero:
        return f"it covers {stop.remaining}, and {wanted} is to be covered"
    return ""


def stop_prices(position: Position, product: Product, policy: Policy) -> StopPrices:
    """The prices of a position's stop on the product's grid: it sells no deeper than the collar."""
    step = product.price_increment
    trigger = position.stop.ceil_to(step)
    limit = trigger.shifted(-policy.execution.exit_collar_bps).ceil_to(step)
    return StopPrices(trigger, min(limit, trigger))


def _patience(product: ProductId, portfolio: Portfolio) -> timedelta:
    """How long after it declined a product's stop the venue is not asked for another.

    What never reached it is no answer. Where it gave none at all, as in a dry run, nothing was
    tried: it is asked as seldom as ever.
    """
    answered = [
        each
        for each in portfolio.settled.values()
        if each.intent.product == product
        and each.intent.order_type is OrderType.STOP_LIMIT_GTD
        and each.state is not IntentState.NOT_CREATED
    ]
    answered.sort(key=lambda each: each.intent.created, reverse=True)
    declined = len(list(takewhile(lambda each: each.state is IntentState.REJECTED, answered)))
    return ASK_AGAIN_AFTER[min(declined, len(ASK_AGAIN_AFTER)) - 1]


def _at_work(product: ProductId, portfolio: Portfolio) -> Iterator[WorkingIntent]:
    for working in portfolio.working.values():
        if working.intent.product == product and not working.state.is_settled:
            yield working


def covered(owned: Quantity, price: Price, product: Product, policy: Policy) -> Quantity | None:
    """What one stop may sell of what is owned; None where that is less than the venue takes."""
    cap = min(check_in(policy.checks, MaxOrder).quote_max, product.quote_max)
    most = min(owned, cap.at(price), product.base_max).floor_to(product.base_increment)
    return most if most >= least_quantity(product, price) else None
