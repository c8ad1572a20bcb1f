"""An order of ours that the journal lost: what it was, as far as the venue can tell.

A journal restored from an older copy holds less than happened. Orders that carry this
installation's name are its own all the same: their intent is written down again from the venue's
terms, so that their fills are booked with their true cost, and what they bought has a stop.
"""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256

from trader247.core.policy import Policy
from trader247.core.risk.reservations import worst_fee
from trader247.core.rules.rule import FixedRule
from trader247.domain.dataclass import dataclass
from trader247.domain.fills import Fill
from trader247.domain.ids import ADOPTED, DecisionId
from trader247.domain.intents import RecordedIntent
from trader247.domain.money import NOTHING, Price, Quantity
from trader247.domain.orders import Order, OrderType, Side
from trader247.domain.portfolio import Portfolio
from trader247.domain.proposals import ExitCause, ExitPlan, Purpose


@dataclass(frozen=True, slots=True)
class Terms:
    """The limit of an order, and how much it was for."""

    price: Price
    quantity: Quantity


def terms_of(order: Order, fills: tuple[Fill, ...]) -> Terms | None:
    """What an order was to trade; None where neither the venue tells, nor what came of it.

    Once it is over it has traded what it traded, and its limit was no better than its worst fill.
    `fills` may be of any orders.
    """
    if order.price is not None and order.quantity is not None and not order.quantity.is_zero:
        return Terms(order.price, order.quantity)
    own = [each for each in fills if each.order_id == order.order_id]
    is_whole = bool(own) and sum((each.quantity for each in own), NOTHING) == order.filled
    if not order.state.is_final or not is_whole:
        return None
    worst = max if order.side is Side.BUY else min
    return Terms(worst(each.price for each in own), order.filled)


def adopted(
    order: Order, terms: Terms, portfolio: Portfolio, policy: Policy, *, epoch: int
) -> RecordedIntent | None:
    """The intent of an order that this journal lost; None where no rule says how a buy ends.

    A sale is an exit of whatever is held: one that has an end rested, as stops alone do, and of any
    other nobody knows the cause. What a buy was to end like is lost: the nearest stop, the nearest
    target and the shortest hold of all rules stand for it.
    """
    is_buy = order.side is Side.BUY
    plan = _nearest_plan(policy) if is_buy else None
    if is_buy and plan is None:
        return None
    is_stop = not is_buy and order.end_time is not None
    body = json.dumps({"adopted": order.order_id})
    return RecordedIntent(
        client_order_id=order.client_order_id,
        decision_id=DecisionId(f"{ADOPTED}{order.order_id}"),
        leg=0 if is_buy else 1,
        cycle=portfolio.cycle,
        product=order.product,
        side=order.side,
        purpose=Purpose.ENTRY if is_buy else Purpose.EXIT,
        order_type=OrderType.POST_ONLY_GTD if is_buy else OrderType.LIMIT_IOC,
        price=terms.price,
        quantity=terms.quantity,
        reference=terms.price,
        end_time=order.end_time or order.created,
        strategy="adopted",
        rule="",
        plan=plan,
        exit_cause=ExitCause.STOP if is_stop else None,
        body=body,
        body_sha256=sha256(body.encode()).hexdigest(),
        created=order.created,
        epoch=epoch,
        policy_hash=policy.hash,
        code_version="adopted",
        taker_fee_fraction=worst_fee(portfolio, policy),
    )


def _nearest_plan(policy: Policy) -> ExitPlan | None:
    rules = [rule for rule in policy.rules.values() if isinstance(rule, FixedRule)]
    if not rules:
        return None
    return ExitPlan(
        stop_fraction=min(rule.stop_pct.fraction for rule in rules),
        target_fraction=min(rule.target_pct.fraction for rule in rules),
        longest_hold=timedelta(hours=min(rule.hours_max for rule in rules)),
    )
