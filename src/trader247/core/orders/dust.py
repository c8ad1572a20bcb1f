"""Which positions are dust, and which dust is none any more: by the venue's least sale.

Dust is what no sale of is certain to be taken. Once one would be, with something to spare, it is
the position that it was, and leaves by its old plan.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from trader247.core.policy import Policy
from trader247.core.valuation import believed_bid
from trader247.domain.events.holdings import DustSetAside, DustTakenBack
from trader247.domain.ids import ProductId
from trader247.domain.market import Product, Snapshot
from trader247.domain.money import CONTEXT, ONE, Price, Quantity, plain
from trader247.domain.portfolio import Portfolio

CLEARLY = Decimal("1.1")
"""Dust is taken back once it is worth so many times the least sale: a price that goes to and fro
around the least itself moves nothing."""


def dust_found(
    portfolio: Portfolio, snapshot: Snapshot, policy: Policy
) -> tuple[DustSetAside | DustTakenBack, ...]:
    """What is dust from now on, and what is none any more, in order of product.

    Where the venue's rules or a believable bid are not known, nothing is said; nor while an order
    of the product works, or while ledger and venue differ about its currency: more or less may be
    held than it seems.
    """
    if snapshot.unreachable or not (portfolio.positions or portfolio.dust):
        return ()
    return tuple(_found(portfolio, snapshot, policy))


def _found(
    portfolio: Portfolio, snapshot: Snapshot, policy: Policy
) -> Iterator[DustSetAside | DustTakenBack]:
    busy: set[ProductId] | None = None
    for product in sorted(portfolio.holdings):
        is_dust = product in portfolio.dust
        held = portfolio.dust[product] if is_dust else portfolio.positions[product]
        view = snapshot.views.get(product)
        if view is None or view.product is None or view.quote is None:
            continue
        too_little = why_unsold(
            held.quantity, view.quote.bid, view.product, policy, least=CLEARLY if is_dust else ONE
        )
        if bool(too_little) is is_dust or believed_bid(view, snapshot, policy) is None:
            continue
        if busy is None:
            busy = {each.intent.product for each in portfolio.working.values()}
        if product in busy or f"base:{product.base}" in portfolio.differences:
            continue
        if is_dust:
            yield DustTakenBack(product, held.quantity, f"the venue sells it at {view.quote.bid}")
        else:
            yield DustSetAside(product, held.quantity, too_little)


def why_unsold(
    quantity: Quantity, bid: Price, product: Product, policy: Policy, *, least: Decimal = ONE
) -> str:
    """Why no sale of so much is certain to be taken at this bid, in words; empty where one is.

    A sale's limit may lie as far under the bid as the collar of exits: the venue's least counts
    there. `least` is how many times that least it has to be worth.
    """
    price = sold_at(quantity, product, policy, least=least)
    if price is None:
        smallest = _smallest(product)
        return f"{quantity} is less than {smallest}, the least that the venue sells"
    if bid.value >= price:
        return ""
    floor = plain(product.quote_min.value)
    return f"{quantity} at {bid} is worth less than {floor}, the least that the venue sells for"


def sold_at(
    quantity: Quantity, product: Product, policy: Policy, *, least: Decimal = ONE
) -> Decimal | None:
    """The least bid at which a sale of so much is certain to be taken; None where there is none."""
    whole = quantity.floor_to(product.base_increment)
    if whole < _smallest(product):
        return None
    under = CONTEXT.subtract(ONE, policy.execution.exit_collar_bps.fraction)
    wanted = CONTEXT.multiply(product.quote_min.value, least)
    return CONTEXT.divide(wanted, CONTEXT.multiply(whole.value, under))


def _smallest(product: Product) -> Quantity:
    return max(product.base_min, product.base_increment)
