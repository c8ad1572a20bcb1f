"""Where a held position leaves, or is dust, as a run over the past looks for it: in ticks, and by
its place."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import NamedTuple

from trader247.backtest.market import product_of
from trader247.backtest.prospect import Prospect
from trader247.core.orders.dust import CLEARLY, sold_at
from trader247.core.orders.venue_stops import StopPrices, covered, stop_prices
from trader247.domain.ids import ProductId
from trader247.domain.market import Product
from trader247.domain.money import CONTEXT, ONE, Quantity
from trader247.domain.portfolio import EMPTY
from trader247.domain.position import Lot, Position
from trader247.domain.proposals import ExitPlan

_NEVER = 1 << 62
"""No bid is so high."""


class Level(NamedTuple):
    """A bid at `stop` or under it leaves, and one at `target` or above; so does the place `over`.

    Under the bid `sold_from` it is dust: the venue sells none of it there. Prices in ticks, for a
    plan that trails nothing. A stop at the venue has `prices`, and sells what is `covered`;
    `is_coverable` says whether one can rest there.
    """

    stop: int
    target: int
    over: int
    sold_from: int
    prices: StopPrices
    covered: Quantity | None
    is_coverable: bool

    def stays(self, bid: int, place: int) -> bool:
        """Whether it is certain not to leave at a place with this bid."""
        return self.stop < bid < self.target and place < self.over


class Levels:
    """The levels of what is held, each worked out once."""

    def __init__(self, prospect: Prospect) -> None:
        self._prospect = prospect
        self._known: dict[ProductId, tuple[tuple[Lot, ...], ExitPlan, Level]] = {}
        self._asked: Mapping[ProductId, Position] = EMPTY
        self._found: Mapping[ProductId, Level] = EMPTY
        self._back: dict[ProductId, tuple[tuple[Lot, ...], int]] = {}

    def sold_from(self, held: Position, *, least: Decimal = ONE) -> int:
        """The first bid, in ticks, at which the venue surely sells what is held; `least` is how
        many times its least sale that has to be worth."""
        price = sold_at(held.quantity, self._rules(held), self._prospect.policy, least=least)
        if price is None:
            return _NEVER
        tick = self._prospect.outlooks[held.product].history.tick.value
        return int(CONTEXT.divide(price, tick).to_integral_value(ROUND_FLOOR, CONTEXT))

    def back_from(self, dust: Position) -> int:
        """The first bid, in ticks, at which dust may be a position again."""
        known = self._back.get(dust.product)
        if known is None or known[0] is not dust.lots:
            known = self._back[dust.product] = dust.lots, self.sold_from(dust, least=CLEARLY)
        return known[1]

    def _rules(self, position: Position) -> Product:
        history = self._prospect.outlooks[position.product].history
        return product_of(position.product, history, position.opened)

    def among(self, positions: Mapping[ProductId, Position]) -> Mapping[ProductId, Level]:
        """The levels of many; looked for once, while they are the very same: a visit asks often."""
        if positions is not self._asked:
            known, found = self._known, dict[ProductId, Level]()
            for product, position in positions.items():
                each = known.get(product)
                if each is None or each[0] is not position.lots or each[1] is not position.plan:
                    found[product] = self._made(position)
                else:
                    found[product] = each[2]
            self._asked, self._found = positions, found
        return self._found

    def _made(self, position: Position) -> Level:
        """Those of a position; they follow from its lots and its plan alone."""
        tick = self._prospect.outlooks[position.product].history.tick.value
        stop = CONTEXT.divide(position.stop.value, tick)
        target = CONTEXT.divide(position.target.value, tick)
        policy, rules = self._prospect.policy, self._rules(position)
        prices = stop_prices(position, rules, policy)
        quantity = covered(position.quantity, prices.limit, rules, policy)
        level = Level(
            stop=int(stop.to_integral_value(ROUND_FLOOR, CONTEXT)),
            target=int(target.to_integral_value(ROUND_CEILING, CONTEXT)),
            over=-(-position.leaves_at.us // 60_000_000) - self._prospect.start,
            sold_from=self.sold_from(position),
            prices=prices,
            covered=quantity,
            is_coverable=quantity is not None and policy.execution.venue_stops == "auto",
        )
        self._known[position.product] = position.lots, position.plan, level
        return level
