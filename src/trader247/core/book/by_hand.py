"""What people do past the decisions: sell a position, adopt coins, sell coins at the venue.

Each is an event, and this is what it does to the ledger.
"""

from __future__ import annotations

from dataclasses import replace

from trader247.core.book.dust import left_of, placed_in, with_dust
from trader247.core.book.equity import flowed
from trader247.core.book.lots import sold
from trader247.domain.errors import LedgerError
from trader247.domain.events.holdings import FlattenAsked, HoldingAdopted, LotsSoldByHand
from trader247.domain.ids import DecisionId, ProductId
from trader247.domain.money import CONTEXT, ZERO
from trader247.domain.portfolio import Portfolio, ProductHistory
from trader247.domain.position import Lot, Position
from trader247.domain.time import Instant

ADOPTED = "adopted"
"""The strategy of coins that no entry of ours bought."""
BY_HAND = "by_hand"
"""The rule of such coins."""


def adoption_id(portfolio: Portfolio, product: ProductId) -> DecisionId:
    """The decision that exits of adopted coins carry: no cycle's, and never used before."""
    return DecisionId(f"adopted-{portfolio.seq + 1}:{product}")


def flatten_asked(portfolio: Portfolio, event: FlattenAsked) -> Portfolio:
    """The portfolio with the wish on its position; a position that is gone needs none."""
    held = portfolio.positions.get(event.product)
    if held is None:
        return portfolio
    wished = replace(held, flatten_until=event.until)
    return replace(portfolio, positions={**portfolio.positions, event.product: wished})


def holding_adopted(portfolio: Portfolio, event: HoldingAdopted, at: Instant) -> Portfolio:
    """The portfolio with foreign coins as a lot of ours.

    Their cost comes in as capital, so that profit and loss count from it; equity is moved by what
    they were worth, so that no stop sees a gain or a loss in it.

    Raises:
        LedgerError: there are not so many foreign coins.
    """
    product = event.product
    there = portfolio.foreign.get(product.base, ZERO)
    rest = CONTEXT.subtract(there, event.quantity.value)
    if rest < 0 or event.quantity.is_zero:
        raise LedgerError(f"{event.quantity} {product.base} adopted, of {there} foreign ones")
    foreign = {name: each for name, each in portfolio.foreign.items() if name != product.base}
    if rest:
        foreign[product.base] = rest
    lot = Lot(event.quantity, event.price, event.fee, at)
    held = portfolio.positions.get(product)
    if held is None:
        position = Position(
            product=product,
            lots=(lot,),
            strategy=ADOPTED,
            rule=BY_HAND,
            decision_id=event.decision_id,
            plan=event.plan,
            opened=at,
            highest=event.mark,
        )
        dust = portfolio.dust.get(product)
        if dust is not None:
            position = with_dust(position, dust)
    else:
        position = replace(held, lots=(*held.lots, lot))
    return replace(
        portfolio,
        foreign=foreign,
        positions={**portfolio.positions, product: position},
        dust=placed_in(portfolio.dust, product, None),
        flows=portfolio.flows + lot.cost,
        equity=flowed(portfolio.equity, event.mark * event.quantity),
    )


def lots_sold_by_hand(portfolio: Portfolio, event: LotsSoldByHand, at: Instant) -> Portfolio:
    """The portfolio after a sale of our lots that no order of ours made.

    Raises:
        LedgerError: we hold less.
    """
    product = event.product
    held = portfolio.holdings.get(product)
    if held is None or portfolio.cash is None:
        raise LedgerError(f"{product} was sold by hand, of which we hold nothing")
    sale = sold(held.lots, event.quantity)
    proceeds = event.price * event.quantity - event.fee
    made = proceeds - sale.cost
    rest = left_of(held, sale, made) if sale.left else None
    positions, dust = portfolio.positions, portfolio.dust
    if product in dust:
        dust = placed_in(dust, product, rest)
    else:
        positions = placed_in(positions, product, rest)
    known = portfolio.history.get(product, ProductHistory())
    return replace(
        portfolio,
        cash=portfolio.cash + proceeds,
        realised=portfolio.realised + made,
        fees_paid=portfolio.fees_paid + event.fee,
        positions=positions,
        dust=dust,
        history={**portfolio.history, product: replace(known, last_fill=at)},
    )
