"""The check on how many positions one cycle may open."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context
from trader247.domain.dataclass import dataclass
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class NewPositions(Check):
    """One cycle opens at most `cycle_max` positions: one wrong minute costs one position."""

    id: ClassVar[str] = "new_positions"
    row: ClassVar[int] = 14
    source: ClassVar[str] = "RTS 6 Art 15(3)"

    cycle_max: int = limit(1, unit="a cycle", at_least=1, at_most=5, doc="entries of one cycle")

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        value, most = context.approved_entries, self.cycle_max
        detail = "{} approved in this cycle before it", value
        return value < most, detail, value, most, "a cycle"
