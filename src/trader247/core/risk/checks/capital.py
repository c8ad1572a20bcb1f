"""The check on the money of the whole book, whatever its equity is."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context
from trader247.domain.dataclass import dataclass
from trader247.domain.money import CONTEXT, Money
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class Capital(Check):
    """The whole book is at most `quote_max` in quote currency: positions, open buys, this order.

    The other caps are shares of equity, and grow with it: with a deposit, with a price that is
    wrong, with a mistake of ours. This one does not. Give trader247 a portfolio of its own at the
    venue besides, that holds no more than it may lose.
    """

    id: ClassVar[str] = "capital"
    row: ClassVar[int] = 19
    source: ClassVar[str] = "15c3-5(c)(1)(i)"

    quote_max: Money = limit(
        Money.of(5_000), unit="quote", at_least=15, at_most=50_000, doc="at risk in the whole book"
    )

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        exposure, most = context.at_risk.total, self.quote_max
        if exposure is None:
            unknown = "what is held has no price, so that what is at risk is unknown"
            return self.refuse(unknown, value=None, limit=most, unit="quote")
        after = CONTEXT.add(exposure.value, proposal.notional.value)
        value = (after, 8)
        return after <= most.value, ("{} at risk with this order", value), value, most, "quote"
