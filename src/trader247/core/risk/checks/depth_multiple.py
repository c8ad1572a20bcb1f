"""The check on an order's size against the book."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context
from trader247.domain.dataclass import dataclass
from trader247.domain.money import CONTEXT
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class DepthMultiple(Check):
    """The book holds at least `multiple` times the entry within 20 bps of the mid, on each side.

    What cannot be sold near the mid should not be bought. Depth that could not be read is a no.
    """

    id: ClassVar[str] = "depth_multiple"
    row: ClassVar[int] = 24
    source: ClassVar[str] = "RTS 6 Art 5; FIA"

    BAND_BPS: ClassVar[int] = 20

    multiple: int = limit(
        10, unit="x order", at_least=5, at_most=1000, doc="resting notional, the lesser side"
    )

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        view = context.snapshot.views.get(proposal.product)
        needed = CONTEXT.multiply(proposal.notional.value, Decimal(self.multiple))
        least = (needed, 2)
        if view is None or view.depth is None:
            return self.refuse("the book's depth is unknown", value=None, limit=least, unit="quote")
        depth = view.depth.within(self.BAND_BPS).value
        value = (depth, 2)
        detail = "{} rests within {} bps, {} is asked for", value, self.BAND_BPS, least
        return depth >= needed, detail, value, least, "quote"
