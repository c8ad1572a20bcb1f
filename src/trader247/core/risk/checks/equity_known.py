"""The check that asks whether we know what we own."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.risk.check import Check, Context
from trader247.domain.dataclass import dataclass
from trader247.domain.money import ZERO
from trader247.domain.orders import Finding, Proposal


@dataclass(frozen=True, slots=True)
class EquityKnown(Check):
    """Nothing is bought while equity is unknown: every stop and every share is a part of it.

    Equity is unknown while the cash is, or while a position has no quote that can be trusted.
    """

    id: ClassVar[str] = "equity_known"
    row: ClassVar[int] = 43
    source: ClassVar[str] = "RTS 6 Art 17(2)"

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        equity = context.equity
        if equity is None:
            return self.refuse(
                "equity is unknown: cash or a position's quote is missing", value=None
            )
        if equity.value <= ZERO:
            return self.refuse(f"equity is {equity}, nothing to trade with", value=equity)
        return True, ("equity is {}", equity), equity, "", ""
