"""The check that nothing is bought that is never traded, or banned until a person lets it be."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.book.faulting import banned_by
from trader247.core.never_traded import never_traded
from trader247.core.risk.check import Check, Context
from trader247.domain.dataclass import dataclass
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class Banned(Check):
    """A product or a strategy with which fault was found buys nothing until a person says so.

    Nor is a stablecoin bought, or what `red_flags` of universe.yaml names: the universe leaves both
    out before anything triggers, and the gate does not rely on it.
    `collar` and `slippage` ban a product, `repetition` and `conduct` a strategy. Its resting buys
    are cancelled, its positions can leave. `trader247 unlock halt collar:BTC-USD --reason TEXT`
    clears one; neither a restart nor a new day does.
    """

    id: ClassVar[str] = "banned"
    row: ClassVar[int] = 3
    source: ClassVar[str] = "RTS 6 Art 15(3)"

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        never = never_traded(proposal.product, context.now, context.policy)
        if never is not None:
            return self.refuse(never.detail, value="1", limit="0", unit="bans")
        bans = banned_by(context.portfolio, proposal.product, proposal.strategy)
        if not bans:
            return _NONE
        causes = "; ".join(f"{ban.key}: {ban.cause}" for ban in bans)
        return self.refuse(causes, value=str(len(bans)), limit="0", unit="bans")


_NONE = Banned().allow("neither product nor strategy is banned", value="0", limit="0")
