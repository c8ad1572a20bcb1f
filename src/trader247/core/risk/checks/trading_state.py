"""The check that a standing halt speaks through."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.risk.check import Check, Context
from trader247.domain.dataclass import dataclass
from trader247.domain.proposals import Proposal
from trader247.domain.reasons import TradingState
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class TradingStateCheck(Check):
    """HALTED sends nothing, REDUCING sends only what lowers exposure.

    The state follows from the halts that stand in the ledger; only a person clears one
    (`unlock halt NAME`). There is no number to set.
    """

    id: ClassVar[str] = "trading_state"
    row: ClassVar[int] = 3
    source: ClassVar[str] = "RTS 6 Art 12, Art 15(3)"
    binds_exits: ClassVar[bool] = True

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        state = context.portfolio.trading_state
        if state is TradingState.ACTIVE:
            return _ACTIVE
        halts = ", ".join(sorted(name.value for name in context.portfolio.halts))
        if state is TradingState.REDUCING and not proposal.is_entry:
            return self.allow(f"an exit lowers exposure; halted by {halts}", value=state.value)
        return self.refuse(
            f"halted by {halts}; see `risk status`, clear it with `unlock halt NAME`",
            value=state.value,
            limit=TradingState.ACTIVE.value,
        )


_ACTIVE = TradingStateCheck().allow("no halt stands", value=TradingState.ACTIVE.value)
