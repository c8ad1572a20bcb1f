"""The check on the first, small stage of a book with real money."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context
from trader247.domain.dataclass import dataclass
from trader247.domain.money import Money
from trader247.domain.proposals import Proposal
from trader247.domain.stage import Stage
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class Canary(Check):
    """Until an armed book's equity reaches `equity_end`, it holds one small position at a time.

    An entry is worth from `quote_min` to `quote_max`. The shares of equity would allow less than
    the smallest order there, so one product and the whole book may each be worth `quote_max`, if
    that is more than their share. From `equity_end` on the shares alone apply.
    """

    id: ClassVar[str] = "canary"
    row: ClassVar[int] = 47
    source: ClassVar[str] = "founding document; RTS 6 Art 8"

    equity_end: Money = limit(
        Money.of(1_250), unit="quote", at_least=1_250, doc="equity at which this stage is over"
    )
    quote_min: Money = limit(
        Money.of(15), unit="quote", at_least=15, at_most=25, doc="notional of an entry, at least"
    )
    quote_max: Money = limit(
        Money.of(25), unit="quote", at_least=15, at_most=25, doc="notional of an entry, at most"
    )
    positions_max: int = limit(
        1, unit="positions", at_least=1, at_most=1, doc="products held or being bought"
    )

    def binds(self, stage: Stage | None, equity: Money | None) -> bool:
        """Whether this stage is in force; an equity that is unknown has not reached its end."""
        return stage is not None and self.is_small(equity)

    def is_small(self, equity: Money | None) -> bool:
        """Whether an armed book of this equity would be in this stage."""
        return equity is None or equity < self.equity_end

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        if not self.binds(context.portfolio.stage, context.equity):
            return _OVER
        if context.equity is None:
            return self.refuse("equity is unknown", value=None, unit="quote")
        most, least = (self.quote_max.value, 8), (self.quote_min.value, 8)
        notional = (proposal.notional.value, 8)
        others = len({*context.at_risk.products, proposal.product})
        if others > self.positions_max:
            detail = f"{others} products with this one, and the canary stage holds one at a time"
            return self.refuse(detail, value=others, limit=self.positions_max, unit="positions")
        if not self.quote_min <= proposal.notional <= self.quote_max:
            outside = "notional {} is not from {} to {}, the canary's sizes", notional, least, most
            return self.refuse(outside, value=notional, limit=most, unit="quote")
        allowed = "notional {} is one of the canary's sizes, {} to {}", notional, least, most
        return True, allowed, notional, most, "quote"


_OVER = Canary().allow("this stage is not in force", value="")
