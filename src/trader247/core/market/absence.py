"""What a trader that was away has missed: stops that the market reached without it."""

from __future__ import annotations

from trader247.domain.ids import ProductId
from trader247.domain.market import Snapshot
from trader247.domain.portfolio import Portfolio
from trader247.domain.time import Instant


def stops_missed(portfolio: Portfolio, snapshot: Snapshot, since: Instant) -> tuple[ProductId, ...]:
    """The held products of which a bar after `since` reached the position's stop.

    A product without bars is not counted: nothing is known of it.
    """
    missed = []
    for product, position in portfolio.positions.items():
        view = snapshot.views.get(product)
        if view is None or view.bars is None:
            continue
        bars = view.bars
        away = min(len(bars), max(0, bars.end - since.minute))
        if away and bars.price(min(bars.low[-away:])) <= position.stop:
            missed.append(product)
    return tuple(missed)
