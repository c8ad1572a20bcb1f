"""Dust in the ledger: what is left of a position and less than the venue sells, with its lots.

It is owned, valued and held against the venue's books, but it is no position: nothing waits for
its stop, it takes no place of those that may be held, and its product may be bought again. Then its
lots go with what is bought.
"""

from __future__ import annotations

from collections.abc import Mapping

from trader247.core.book.lots import Sale
from trader247.domain.changing import replace
from trader247.domain.errors import LedgerError
from trader247.domain.events.holdings import DustSetAside, DustTakenBack
from trader247.domain.ids import ADOPTED, ProductId
from trader247.domain.intents import RecordedIntent
from trader247.domain.money import NO_MONEY, Money
from trader247.domain.portfolio import Portfolio, ProductHistory
from trader247.domain.position import Position
from trader247.domain.proposals import Purpose
from trader247.domain.time import Instant


def set_aside(portfolio: Portfolio, event: DustSetAside, at: Instant) -> Portfolio:
    """The portfolio without the position, of which dust is left; what it made counts as closed.

    Raises:
        LedgerError: so much of it is not held.
    """
    product = event.product
    held = portfolio.positions.get(product)
    if held is None or held.quantity != event.quantity or product in portfolio.dust:
        raise LedgerError(f"{event.quantity} {product} is set aside, which is not what is held")
    rest = replace(held, realised=NO_MONEY, flatten_until=None)
    after = replace(
        portfolio,
        positions=placed_in(portfolio.positions, product, None),
        dust=placed_in(portfolio.dust, product, rest),
    )
    last = _last_sale(portfolio, held)
    return after if last is None else _closed(after, held, last, at)


def taken_back(portfolio: Portfolio, event: DustTakenBack) -> Portfolio:
    """The portfolio with the dust as the position that it was.

    Raises:
        LedgerError: so much of it was not set aside.
    """
    product = event.product
    dust = portfolio.dust.get(product)
    if dust is None or dust.quantity != event.quantity or product in portfolio.positions:
        raise LedgerError(f"{event.quantity} {product} is taken back, which was not set aside")
    return replace(
        portfolio,
        positions=placed_in(portfolio.positions, product, dust),
        dust=placed_in(portfolio.dust, product, None),
    )


def with_dust(opened: Position, dust: Position) -> Position:
    """A position that has just opened, with the lots that were there before it.

    A late fill of the entry that the dust is left of only makes that position whole again.
    """
    lots = (*dust.lots, *opened.lots)
    if opened.decision_id == dust.decision_id:
        return replace(dust, lots=lots)
    return replace(opened, lots=lots, inherited=len(dust.lots))


def left_of(held: Position, sale: Sale, made: Money) -> Position:
    """What a sale leaves of a position or of dust."""
    gone = len(held.lots) - len(sale.left)
    return replace(
        held,
        lots=sale.left,
        realised=held.realised + made,
        inherited=max(0, held.inherited - gone),
    )


def placed_in(
    places: Mapping[ProductId, Position], product: ProductId, held: Position | None
) -> Mapping[ProductId, Position]:
    """Positions, or dust, with this of a product; None where nothing of it is there any more."""
    if held is not None:
        return {**places, product: held}
    if product not in places:
        return places
    return {key: each for key, each in places.items() if key != product}


def _closed(portfolio: Portfolio, held: Position, last: RecordedIntent, at: Instant) -> Portfolio:
    """What a close leaves for streak and cooldowns: all of it was sold that could be."""
    product, is_loss = held.product, held.realised < NO_MONEY
    known = portfolio.history.get(product, ProductHistory())
    sold = at if known.last_fill is None else known.last_fill
    if is_loss:
        known = replace(known, last_loss=sold)
    if last.is_by_stop(is_loss=is_loss):
        known = replace(known, last_stop=sold, previous_stop=known.last_stop)
    return replace(
        portfolio,
        history={**portfolio.history, product: known},
        losing_streak=portfolio.losing_streak + 1 if is_loss else 0,
        last_loss=sold if is_loss else portfolio.last_loss,
    )


def _last_sale(portfolio: Portfolio, held: Position) -> RecordedIntent | None:
    """The last exit of a position that filled; None where none has lately.

    One that a restored journal took back has a decision of its own, and came after all it knew.
    """
    sales = [
        each.intent
        for each in portfolio.settled.values()
        if each.intent.product == held.product
        and each.intent.purpose is Purpose.EXIT
        and not each.filled.is_zero
    ]
    lost = [
        each
        for each in sales
        if each.decision_id.startswith(ADOPTED) and each.created >= held.opened
    ]
    own = [each for each in sales if each.decision_id == held.decision_id]
    return max(lost or own, key=lambda intent: (intent.leg, intent.created), default=None)
