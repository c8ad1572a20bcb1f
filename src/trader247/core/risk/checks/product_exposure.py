"""The check on how much may be at risk in one product."""

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
class ProductExposure(Check):
    """One product is at most `pct_max` of equity: position, open buys and this order."""

    id: ClassVar[str] = "product_exposure"
    row: ClassVar[int] = 17
    source: ClassVar[str] = "founding document; RTS 6 Art 15(4)"

    pct_max: Percent = limit(
        Percent.of(5),
        unit="% of equity",
        at_least="0.1",
        at_most=5,
        key="risk.max_position_size_pct",
        doc="at risk in one product",
    )

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        exposure = context.at_risk.of_product(proposal.product)
        return share_verdict(self, proposal, context, exposure=exposure, cap=self.pct_max)
