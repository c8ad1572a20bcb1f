"""What is at risk and what is spoken for: derived from positions and unsettled intents each time.

An intent counts from the moment of its approval. While we cannot tell whether the venue has it,
it counts whole; once the venue has it, it counts by what may still fill.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from trader247.domain.changing import replace
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import OWN_PREFIX, ClientOrderId, ProductId
from trader247.domain.intents import IntentState, OrderBody, RecordedIntent, WorkingIntent
from trader247.domain.market import Snapshot
from trader247.domain.money import (
    CONTEXT,
    NO_MONEY,
    NOTHING,
    ONE,
    Bps,
    Money,
    Price,
    Quantity,
    total,
)
from trader247.domain.orders import Side
from trader247.domain.portfolio import EMPTY, Portfolio, ProductHistory
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Approved

if TYPE_CHECKING:
    from trader247.core.policy import Policy

_NEVER_SENT = OrderBody("", "")


def open_quantity(working: WorkingIntent) -> Quantity:
    """What of an intent may still fill: all of it while its outcome is unknown."""
    if working.state.is_settled:
        return NOTHING
    return working.intent.quantity if working.state.is_unresolved else working.remaining


def open_notional(working: WorkingIntent) -> Money:
    """The notional of what may still fill, at the intent's limit; fees apart."""
    return working.intent.price * open_quantity(working)


@dataclass(frozen=True, slots=True)
class AtRisk:
    """What a book has at risk and has promised to open buys: summed once, asked by many checks.

    `held` are positions and dust at their marks, `bought` what may still be bought, both by
    product; one without a mark is None: a holding of unknown worth is not worth zero. `total` is
    the whole book's, `open_buys` that of the buys alone, and `reserved` what those may still cost,
    each with the worst fee that it was recorded with. Of `dust` nothing is to leave: it takes no
    position's place.
    """

    held: Mapping[ProductId, Money | None]
    bought: Mapping[ProductId, Money]
    total: Money | None
    open_buys: Money
    reserved: Money
    dust: Collection[ProductId] = ()

    @staticmethod
    def of(portfolio: Portfolio) -> AtRisk:
        """The sums of a book, made once for each."""
        known = getattr(portfolio, "sums", None)
        if known is None:
            known = AtRisk._of(portfolio)
            object.__setattr__(portfolio, "sums", known)
        assert isinstance(known, AtRisk), "nobody else keeps anything there"
        return known

    @staticmethod
    def _of(portfolio: Portfolio) -> AtRisk:
        marks = portfolio.marks
        held: dict[ProductId, Money | None] = {}
        known: list[Money] = []
        for product, position in portfolio.holdings.items():
            mark = marks.get(product)
            if mark is None:
                held[product] = None
            else:
                held[product] = worth = mark * position.quantity
                known.append(worth)
        all_held = total(known) if len(known) == len(held) else None
        bought: dict[ProductId, Money] = {}
        costs: list[Money] = []
        for working in portfolio.working.values():
            intent = working.intent
            if intent.side is Side.BUY and not working.state.is_settled:
                notional = open_notional(working)
                before = bought.get(intent.product)
                bought[intent.product] = notional if before is None else before + notional
                costs.append(notional * CONTEXT.add(ONE, intent.taker_fee_fraction))
        open_buys = total(bought.values()) if bought else NO_MONEY
        whole = None if all_held is None else all_held + open_buys
        reserved = total(costs) if costs else NO_MONEY
        return AtRisk(held, bought, whole, open_buys, reserved, portfolio.dust.keys())

    def of_product(self, product: ProductId) -> Money | None:
        """At risk in one product; None where that is unknown."""
        held, bought = self.held.get(product, NO_MONEY), self.bought.get(product)
        return held if held is None or bought is None else held + bought

    def of_all(self, products: Collection[ProductId]) -> Money | None:
        """At risk in several products together; None where one of them is unknown."""
        parts = [bought for product, bought in self.bought.items() if product in products]
        for product, held in self.held.items():
            if product in products:
                if held is None:
                    return None
                parts.append(held)
        return total(parts)

    @property
    def products(self) -> set[ProductId]:
        """Every product that is held or may still be bought; what is dust alone is not."""
        held = self.held.keys() - self.dust if self.dust else self.held
        return {*self.bought, *held}


def exposure_of(product: ProductId, portfolio: Portfolio) -> Money | None:
    """Notional at risk in one product; None where that is unknown."""
    return AtRisk.of(portfolio).of_product(product)


def exposure_of_all(products: Collection[ProductId], portfolio: Portfolio) -> Money | None:
    """Notional at risk in several products together; None where one of them is unknown."""
    return AtRisk.of(portfolio).of_all(products)


def exposed_products(portfolio: Portfolio) -> tuple[ProductId, ...]:
    """Every product that is held or may still be bought, in order of name."""
    return tuple(sorted(AtRisk.of(portfolio).products))


def total_exposure(portfolio: Portfolio) -> Money | None:
    """Notional at risk in the whole book; None where any part of it is unknown."""
    return AtRisk.of(portfolio).total


def reserved_cash(portfolio: Portfolio) -> Money:
    """What open buys may still cost."""
    return AtRisk.of(portfolio).reserved


def reserved_base(product: ProductId, portfolio: Portfolio) -> Quantity:
    """What open sells of a product may still deliver: of one that ended, what it sold."""
    result = NOTHING
    for working in portfolio.working.values():
        if working.intent.product == product and working.intent.side is Side.SELL:
            ended = working.has_ended_untold
            result = result + (working.untold if ended else open_quantity(working))
    return result


def fee_rates(portfolio: Portfolio, policy: Policy) -> tuple[Bps, Bps]:
    """Maker and taker rates: the account's own where its tier was read, else the fallback."""
    tier = portfolio.fee_tier
    if tier is None:
        return policy.execution.fallback_maker_bps, policy.execution.fallback_taker_bps
    return tier.maker, tier.taker


def worst_fee(portfolio: Portfolio, policy: Policy) -> Decimal:
    """The greater of the two rates, as a fraction: what a reservation counts."""
    maker, taker = fee_rates(portfolio, policy)
    return max(maker.fraction, taker.fraction)


def cost_of(proposal: Proposal, portfolio: Portfolio, policy: Policy) -> Money:
    """The most that a buy may take from the cash: notional and worst fee."""
    return proposal.notional * CONTEXT.add(ONE, worst_fee(portfolio, policy))


def at_market(
    portfolio: Portfolio, snapshot: Snapshot, sane: Mapping[ProductId, Price] = EMPTY
) -> Portfolio:
    """The portfolio with all that is held marked at the snapshot's bid, where there is a sane one.

    `sane` are bids of the snapshot that were found to be so already.
    """
    known = portfolio.marks
    fresh = {product: bid for product, bid in sane.items() if bid != known.get(product)}
    for product in portfolio.holdings:
        if product in sane:
            continue
        quote = snapshot.quote(product)
        if quote is None or quote.bid is known.get(product) or quote.is_crossed:
            continue
        if quote.bid != known.get(product):
            fresh[product] = quote.bid
    return replace(portfolio, marks={**known, **fresh}) if fresh else portfolio


def with_reserved(portfolio: Portfolio, approved: Approved, policy: Policy) -> Portfolio:
    """The portfolio as it stands once `approved` is on its way, for judging what comes after it.

    The intent made here is a placeholder for this one judgement: it is neither recorded nor sent.
    """
    proposal = approved.proposal
    name = ClientOrderId(f"{OWN_PREFIX}reserved-{proposal.decision_id}-{proposal.leg}")
    intent = RecordedIntent.of(
        approved,
        client_order_id=name,
        body=_NEVER_SENT,
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
