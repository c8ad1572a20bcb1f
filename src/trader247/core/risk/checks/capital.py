"""The check on the money of the whole book, whatever its equity is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context, figure
from trader247.core.risk.reservations import total_exposure
from trader247.domain.money import Money
from trader247.domain.orders import Proposal, Verdict


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

    def assess(self, proposal: Proposal, context: Context) -> Verdict:
        exposure, most = total_exposure(context.portfolio), str(self.quote_max)
        if exposure is None:
            detail = "what is held has no price, so that what is at risk is unknown"
            return self.refuse(detail, value=None, limit=most, unit="quote")
        after = exposure + proposal.notional
        value = figure(after.value, 8)
        answer = self.allow if after <= self.quote_max else self.refuse
        return answer(f"{value} at risk with this order", value=value, limit=most, unit="quote")
