"""What is at risk and what is spoken for: derived from positions and unsettled intents each time.

An intent counts from the moment of its approval. While we cannot tell whether the venue has it,
it counts whole; once the venue has it, it counts by what may still fill.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from trader247.domain.ids import OWN_PREFIX, ClientOrderId, ProductId
from trader247.domain.market import Snapshot
from trader247.domain.money import CONTEXT, NO_MONEY, NOTHING, ONE, Bps, Money, Quantity
from trader247.domain.orders import (
    Approved,
    IntentState,
    Proposal,
    RecordedIntent,
    Side,
    WorkingIntent,
)
from trader247.domain.portfolio import Portfolio, ProductHistory

if TYPE_CHECKING:
    from trader247.core.policy import Policy


def open_quantity(working: WorkingIntent) -> Quantity:
    """What of an intent may still fill: all of it while its outcome is unknown."""
    if working.state.is_settled:
        return NOTHING
    return working.intent.quantity if working.state.is_unresolved else working.remaining


def open_notional(working: WorkingIntent) -> Money:
    """The notional of what may still fill, at the intent's limit; fees apart."""
    return working.intent.price * open_quantity(working)


def exposure_of(product: ProductId, portfolio: Portfolio) -> Money | None:
    """Notional at risk in one product: the position at its mark, and what may still be bought.

    None where a position has no mark: a holding of unknown worth is not worth zero.
    """
    return exposure_of_all((product,), portfolio)


def exposure_of_all(products: Collection[ProductId], portfolio: Portfolio) -> Money | None:
    """Notional at risk in several products together; None where one of them is unknown."""
    result = NO_MONEY
    for product in products:
        position = portfolio.positions.get(product)
        if position is None:
            continue
        mark = portfolio.marks.get(product)
        if mark is None:
            return None
        result = result + mark * position.quantity
    for working in portfolio.working.values():
        if working.intent.side is Side.BUY and working.intent.product in products:
            result = result + open_notional(working)
    return result


def exposed_products(portfolio: Portfolio) -> tuple[ProductId, ...]:
    """Every product that is held or may still be bought, in order of name."""
    buying = {
        each.intent.product
        for each in portfolio.working.values()
        if each.intent.side is Side.BUY and not each.state.is_settled
    }
    return tuple(sorted(buying | set(portfolio.positions)))


def total_exposure(portfolio: Portfolio) -> Money | None:
    """Notional at risk in the whole book; None where any part of it is unknown.

    The sum of what each product's is, in one pass: three checks ask for it with every order.
    """
    result = NO_MONEY
    for product, position in portfolio.positions.items():
        mark = portfolio.marks.get(product)
        if mark is None:
            return None
        result = result + mark * position.quantity
    for working in portfolio.working.values():
        if working.intent.side is Side.BUY:
            result = result + open_notional(working)
    return result


def reserved_cash(portfolio: Portfolio) -> Money:
    """What open buys may still cost, each with the worst fee that it was recorded with."""
    result = NO_MONEY
    for working in portfolio.working.values():
        if working.intent.side is Side.BUY:
            fee = working.intent.taker_fee_fraction
            result = result + open_notional(working) * CONTEXT.add(ONE, fee)
    return result


def reserved_base(product: ProductId, portfolio: Portfolio) -> Quantity:
    """What open sells of a product may still deliver."""
    result = NOTHING
    for working in portfolio.working.values():
        if working.intent.product == product and working.intent.side is Side.SELL:
            result = result + open_quantity(working)
    return result


def fee_rates(portfolio: Portfolio, policy: Policy) -> tuple[Bps, Bps]:
    """Maker and taker rates: the account's own where its tier was read, else the fallback."""
    tier = portfolio.fee_tier
    if tier is None:
        return policy.execution.fallback_maker_bps, policy.execution.fallback_taker_bps
    return tier.maker, tier.taker


def worst_fee(portfolio: Portfolio, policy: Policy) -> Decimal:
    """The greater of the two rates, as a fraction: what a reservation counts."""
    return max(rate.fraction for rate in fee_rates(portfolio, policy))


def cost_of(proposal: Proposal, portfolio: Portfolio, policy: Policy) -> Money:
    """The most that a buy may take from the cash: notional and worst fee."""
    return proposal.notional * CONTEXT.add(ONE, worst_fee(portfolio, policy))


def at_market(portfolio: Portfolio, snapshot: Snapshot) -> Portfolio:
    """The portfolio with each position marked at the snapshot's bid, where there is a sane one."""
    marks = dict(portfolio.marks)
    for product in portfolio.positions:
        quote = snapshot.quote(product)
        if quote is not None and not quote.is_crossed:
            marks[product] = quote.bid
    return portfolio if marks == portfolio.marks else replace(portfolio, marks=marks)


def with_reserved(portfolio: Portfolio, approved: Approved, policy: Policy) -> Portfolio:
    """The portfolio as it stands once `approved` is on its way, for judging what comes after it.

    The intent made here is a placeholder for this one judgement: it is neither recorded nor sent.
    """
    proposal = approved.proposal
    name = ClientOrderId(f"{OWN_PREFIX}reserved-{proposal.decision_id}-{proposal.leg}")
    intent = RecordedIntent(
        client_order_id=name,
        decision_id=proposal.decision_id,
        leg=proposal.leg,
        cycle=approved.cycle,
        product=proposal.product,
        side=proposal.side,
        purpose=proposal.purpose,
        order_type=proposal.order_type,
        price=proposal.price,
        quantity=proposal.quantity,
        reference=proposal.reference,
        end_time=approved.decided_at + proposal.lifetime,
        strategy=proposal.strategy,
        rule=proposal.rule,
        plan=proposal.plan,
        exit_cause=proposal.exit_cause,
        stop_price=proposal.stop_price,
        body="",
        body_sha256="",
        created=approved.decided_at,
        epoch=portfolio.epoch,
        policy_hash=policy.hash,
        code_version="",
        taker_fee_fraction=worst_fee(portfolio, policy),
    )
    working = {**portfolio.working, name: WorkingIntent(intent, IntentState.SUBMITTING)}
    if not proposal.is_entry:
        return replace(portfolio, working=working)
    history = portfolio.history.get(proposal.product, ProductHistory())
    entered = replace(history, last_entry=approved.decided_at)
    return replace(
        portfolio,
        working=working,
        entries_sent=(*portfolio.entries_sent, approved.decided_at),
        history={**portfolio.history, proposal.product: entered},
    )
