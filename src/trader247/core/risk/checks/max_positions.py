"""The check on how many positions there may be."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context
from trader247.domain.dataclass import dataclass
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class MaxPositions(Check):
    """At most `positions_max` products are held or being bought, each once.

    A product that is held is not bought again: there is no pyramiding. Dust takes no place.
    """

    id: ClassVar[str] = "max_positions"
    row: ClassVar[int] = 25
    source: ClassVar[str] = "RTS 6 Art 8(a)"

    positions_max: int = limit(
        8, unit="positions", at_least=1, at_most=20, doc="products held or being bought"
    )

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        most = self.positions_max
        exposed = context.at_risk.products
        value = len(exposed)
        if proposal.product in context.portfolio.positions:
            held = f"{proposal.product} is held already"
            return self.refuse(held, value=value, limit=most, unit="positions")
        after = value + (proposal.product not in exposed)
        return after <= most, ("{} products with this one", after), value, most, "positions"
