"""The check on how much may be at risk in the whole book."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context
from trader247.core.risk.shares import share_verdict
from trader247.domain.dataclass import dataclass
from trader247.domain.money import Percent
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class TotalExposure(Check):
    """The whole book is at most `pct_max` of equity: positions, open buys and this order.

    Foreign holdings stand beside the caps: they are shown, not counted.
    """

    id: ClassVar[str] = "total_exposure"
    row: ClassVar[int] = 18
    source: ClassVar[str] = "founding document; RTS 6 Art 15(4)"

    pct_max: Percent = limit(
        Percent.of(15),
        unit="% of equity",
        at_least="0.1",
        at_most=15,
        key="risk.max_total_at_risk_pct",
        doc="at risk in the whole book",
    )

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        exposure = context.at_risk.total
        return share_verdict(self, proposal, context, exposure=exposure, cap=self.pct_max)
