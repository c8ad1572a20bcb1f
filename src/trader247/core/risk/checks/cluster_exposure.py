"""The check on how much may be at risk in products that fall together."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.risk.check import Check, Context
from trader247.core.risk.shares import share_verdict
from trader247.domain.dataclass import dataclass
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class ClusterExposure(Check):
    """A cluster of products is at most its own cap: positions, open buys and this order.

    Clusters are in universe.yaml, their caps in `caps_pct` of this section, in per cent of equity.
    A product of no cluster is held by the other caps alone.
    """

    id: ClassVar[str] = "cluster_exposure"
    row: ClassVar[int] = 17
    source: ClassVar[str] = "RTS 6 Art 15(4)"

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        cluster = context.policy.universe.cluster_of(proposal.product)
        if cluster is None:
            return True, ("{} is in no cluster", proposal.product), "none", "", ""
        exposure = context.at_risk.of_all(cluster.member_set)
        return share_verdict(
            self, proposal, context, exposure=exposure, cap=cluster.cap, of=f"{cluster.name}: "
        )
