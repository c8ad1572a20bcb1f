"""Where a held position leaves, as a run over the past looks for it: in ticks, and by its place."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR
from typing import NamedTuple

from trader247.backtest.prospect import Prospect
from trader247.domain.ids import ProductId
from trader247.domain.money import CONTEXT
from trader247.domain.orders import ExitPlan
from trader247.domain.portfolio import Lot, Position


class Level(NamedTuple):
    """A bid at `stop` or under it leaves, and one at `target` or above; so does the place `over`.

    `stop` and `target` in ticks, for a plan that trails nothing.
    """

    stop: int
    target: int
    over: int


class Levels:
    """The levels of what is held, each worked out once."""

    def __init__(self, prospect: Prospect) -> None:
        self._prospect = prospect
        self._known: dict[ProductId, tuple[tuple[Lot, ...], ExitPlan, Level]] = {}

    def of(self, position: Position) -> Level:
        """Those of a position; they follow from its lots and its plan alone."""
        known = self._known.get(position.product)
        if known is not None and known[0] is position.lots and known[1] is position.plan:
            return known[2]
        tick = self._prospect.outlooks[position.product].history.tick.value
        stop = CONTEXT.divide(position.stop.value, tick)
        target = CONTEXT.divide(position.target.value, tick)
        level = Level(
            stop=int(stop.to_integral_value(ROUND_FLOOR, CONTEXT)),
            target=int(target.to_integral_value(ROUND_CEILING, CONTEXT)),
            over=-(-position.leaves_at.us // 60_000_000) - self._prospect.start,
        )
        self._known[position.product] = position.lots, position.plan, level
        return level
