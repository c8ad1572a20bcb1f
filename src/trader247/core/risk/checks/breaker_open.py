"""The check that an open circuit breaker speaks through."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.risk.check import Check, Context
from trader247.domain.dataclass import dataclass
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class BreakerOpen(Check):
    """While a circuit breaker is open nothing is bought; exits go on.

    Breakers open by measured conditions and close by themselves after clean cycles. Their limits
    are in the section `breakers` of policy.yaml.
    """

    id: ClassVar[str] = "breaker_open"
    row: ClassVar[int] = 35
    source: ClassVar[str] = "founding document; RTS 6 Art 15, Art 16"

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        breakers = context.portfolio.breakers
        if not breakers:
            return _CLOSED
        causes = "; ".join(f"{name.value}: {breakers[name].cause}" for name in breakers)
        return self.refuse(f"open: {causes}", value=str(len(breakers)), limit="0", unit="open")


_CLOSED = BreakerOpen().allow("every breaker is closed", value="0", limit="0", unit="open")
