"""When a position leaves, and the order by which it does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import timedelta
from decimal import Decimal
from operator import attrgetter

from trader247.core.orders.ended_sales import keeps_lots, untold
from trader247.core.orders.venue_stops import is_venue_stop, stop_of, stop_wanted, why_it_goes
from trader247.core.policy import Policy
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.collar import Collar
from trader247.core.risk.checks.max_order import MaxOrder, least_quantity
from trader247.domain.dataclass import dataclass
from trader247.domain.decisions import Outcome
from trader247.domain.ids import ClientOrderId, ProductId
from trader247.domain.intents import WorkingIntent
from trader247.domain.market import Product, ProductView, Quote, Snapshot
from trader247.domain.money import CONTEXT, ONE, ZERO, Price, Quantity
from trader247.domain.orders import OrderType, Side
from trader247.domain.portfolio import EMPTY, Portfolio
from trader247.domain.position import Position
from trader247.domain.proposals import ExitCause, Proposal, Purpose
from trader247.domain.reasons import Reason
from trader247.domain.time import Instant
from trader247.domain.verdicts import Approved, Refused

_NAME = attrgetter("base", "quote")


@dataclass(frozen=True, slots=True)
class Exits:
    """The sales that are due, in order of product, and why each other position stays.

    `stops` are those to be kept at the venue for positions that stay. `waiting` are sales that are
    due where a stop rests. `giving_way` are resting stops that should end, and why; `is_pressing`
    says that a sale waits for one of them. `refused` are sales that the gate would refuse if their
    stop were gone, which therefore stays, or is laid where none rests. `foremost` is the gate's
    answer to the first of `proposals`, where it was asked for already.
    """

    proposals: tuple[Proposal, ...]
    staying: Mapping[ProductId, Outcome]
    stops: tuple[Proposal, ...] = ()
    waiting: tuple[tuple[Proposal, WorkingIntent], ...] = ()
    giving_way: Mapping[ClientOrderId, str] = field(default_factory=lambda: EMPTY)
    is_pressing: bool = False
    refused: tuple[Refused, ...] = ()
    foremost: Approved | None = None


def exits_of(
    snapshot: Snapshot,
    portfolio: Portfolio,
    policy: Policy,
    known: Mapping[ProductId, Outcome] = EMPTY,
) -> Exits:
    """Judge every position by the bid of now, but those that are `known` to stay as they are."""
    proposals: list[Proposal] = []
    staying: dict[ProductId, Outcome] = {}
    stops: list[Proposal] = []
    giving_way: dict[ClientOrderId, str] = {}
    waiting: list[tuple[Proposal, WorkingIntent]] = []
    for product in sorted(portfolio.positions, key=_NAME):
        position = portfolio.positions[product]
        stays = known.get(product)
        if stays is not None:
            staying[product] = stays
            continue
        answer = _judged(position, snapshot, portfolio, policy)
        resting = stop_of(product, portfolio, snapshot)
        owned = sellable(position, portfolio)
        view = snapshot.views.get(product)
        if isinstance(answer, Outcome):
            staying[product] = answer
            if answer.reason is not Reason.HOLDING or view is None:
                continue
            if resting is None:
                wanted = stop_wanted(position, snapshot, portfolio, policy, owned=owned)
                stops += [wanted] if wanted is not None else []
            elif not snapshot.follows(product):
                continue  # nobody would learn of its end, and none could be laid in its place
            elif cause := why_it_goes(resting, position, view, policy, owned=owned):
                giving_way[resting.intent.client_order_id] = cause
        elif resting is None:
            proposals.append(answer)
        else:
            waiting.append((answer, resting))
    for working in portfolio.working.values():
        if is_venue_stop(working) and working.intent.product not in portfolio.positions:
            giving_way[working.intent.client_order_id] = "nothing is held any more"
    return Exits(tuple(proposals), staying, tuple(stops), tuple(waiting), giving_way)


def due(position: Position, bid: Price, now: Instant) -> ExitCause | None:
    """What makes a position leave now, losses first, then a person; None while nothing does."""
    if bid <= position.stop:
        fixed = position.entry_price * CONTEXT.subtract(ONE, position.plan.stop_fraction)
        return ExitCause.TRAILING_STOP if position.stop > fixed else ExitCause.STOP
    if position.flatten_until is not None and now < position.flatten_until:
        return ExitCause.FLATTEN
    if bid >= position.target:
        return ExitCause.TARGET
    return ExitCause.LONGEST_HOLD if now >= position.leaves_at else None


def sellable(position: Position, portfolio: Portfolio) -> Quantity:
    """What of a position the venue still has: lots that somebody moved away cannot be sold, nor
    those that an ended sale took.

    An order for more than is there would be declined again and again, and the rest never leave.
    """
    taken = untold(position.product, portfolio)
    left = position.quantity - min(position.quantity, taken)
    difference = portfolio.differences.get(f"base:{position.product.base}")
    if difference is None:
        return left
    # A venue may say that it is owed some: there is nothing to sell then, as with none.
    there = max(ZERO, Decimal(difference.venue))
    return min(left, Quantity(there))


def sale(
    position: Position,
    view: ProductView,
    policy: Policy,
    *,
    owned: Quantity,
    cause: ExitCause,
    now: Instant,
) -> Proposal | None:
    """The next sale of a position: all that is `owned`, or the largest slice of one order.

    It takes whatever rests between the bid and the collar. None where there is nothing to price it
    by, or where less is left than the venue sells.
    """
    product, quote = view.product, view.quote
    if product is None or quote is None:
        return None
    price = _limit(view, quote, product, policy, now)
    quantity = _slice(owned, price, product, policy)
    if quantity is None:
        return None
    return Proposal(
        product=position.product,
        side=Side.SELL,
        purpose=Purpose.EXIT,
        order_type=OrderType.LIMIT_IOC,
        price=price,
        quantity=quantity,
        reference=quote.mid,
        strategy=position.strategy,
        rule=position.rule,
        decision_id=position.decision_id,
        leg=position.exit_legs + 1,
        score=ONE,
        lifetime=timedelta(seconds=policy.execution.exit_seconds),
        exit_cause=cause,
    )


def _judged(
    position: Position, snapshot: Snapshot, portfolio: Portfolio, policy: Policy
) -> Proposal | Outcome:
    for working in portfolio.working.values():
        intent = working.intent
        is_sale = intent.product == position.product and intent.side is Side.SELL
        if is_sale and keeps_lots(working, snapshot, portfolio) and not is_venue_stop(working):
            text = f"sale {intent.client_order_id} is {working.state.value}"
            return Outcome(Reason.ORDER_WORKING, text)
    view = snapshot.views.get(position.product)
    if view is None or view.product is None or view.quote is None:
        trouble = snapshot.unreachable or (view.trouble if view is not None else "")
        text = f"held, and its exits cannot be judged: {trouble or 'no quote was read'}"
        return Outcome(Reason.NO_QUOTE, text)
    cause = due(position, view.quote.bid, snapshot.time)
    if cause is None:
        return Outcome(Reason.HOLDING, _levels(position, view.quote, view.product))
    owned = sellable(position, portfolio)
    proposal = sale(position, view, policy, owned=owned, cause=cause, now=snapshot.time)
    if proposal is None:
        text = f"{cause.value} is due, but {owned} is less than the venue sells"
        return Outcome(Reason.HOLDING, text)
    return proposal


def _levels(position: Position, quote: Quote, product: Product) -> str:
    """The bids at which it leaves: the first on or below its stop, the first on or above target."""
    step = product.price_increment
    stop = position.stop if position.stop < step else position.stop.floor_to(step)
    target = position.target.ceil_to(step)
    return f"bid {quote.bid}, stop {stop}, target {target}, until {position.leaves_at}"


def _limit(
    view: ProductView, quote: Quote, product: Product, policy: Policy, now: Instant
) -> Price:
    lowest = quote.mid.shifted(-policy.execution.exit_collar_bps)
    collar = check_in(policy.checks, Collar)
    median = collar.median(view.bars, now)
    if median is not None:
        lowest = max(lowest, collar.edge(Side.SELL, quote.mid, median))
    # Where even the bid lies under the collar, the wish stays at the bid and the gate says why not.
    return min(lowest, quote.bid).ceil_to(product.price_increment)


def _slice(owned: Quantity, price: Price, product: Product, policy: Policy) -> Quantity | None:
    step = product.base_increment
    whole, least = owned.floor_to(step), least_quantity(product, price)
    if whole < least:
        return None
    cap = min(check_in(policy.checks, MaxOrder).quote_max, product.quote_max)
    most = max(min(cap.at(price), product.base_max).floor_to(step), least)
    if whole <= most:
        return whole
    # What stays behind must be sellable too, or it would stay for ever.
    if whole - most < least and whole - least >= least:
        return whole - least
    return most
