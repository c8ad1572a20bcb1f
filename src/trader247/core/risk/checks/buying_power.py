"""The check that we own what we spend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trader247.core.risk.check import Check, Context, figure
from trader247.core.risk.reservations import cost_of, reserved_base, reserved_cash
from trader247.domain.money import NOTHING
from trader247.domain.orders import Proposal, Side, Verdict


@dataclass(frozen=True, slots=True)
class BuyingPower(Check):
    """A buy costs at most the free cash, worst fee included; a sale at most our own free lots.

    Free means not spoken for by an order that is open or whose outcome is unknown. There is no
    margin and no short sale. Foreign holdings are never sold.
    """

    id: ClassVar[str] = "buying_power"
    row: ClassVar[int] = 20
    source: ClassVar[str] = "15c3-5"
    binds_exits: ClassVar[bool] = True

    def assess(self, proposal: Proposal, context: Context) -> Verdict:
        if proposal.side is Side.SELL:
            return self._of_sale(proposal, context)
        portfolio = context.portfolio
        if portfolio.cash is None:
            return self.refuse("the cash is unknown", value=None, unit="quote")
        cost = cost_of(proposal, portfolio, context.policy)
        free = portfolio.cash - reserved_cash(portfolio)
        value, most = figure(cost.value, 8), figure(free.value, 8)
        answer = self.allow if cost <= free else self.refuse
        detail = f"costs up to {value} with the fee, {most} is free"
        return answer(detail, value=value, limit=most, unit="quote")

    def _of_sale(self, proposal: Proposal, context: Context) -> Verdict:
        product, portfolio = proposal.product, context.portfolio
        position = portfolio.positions.get(product)
        owned = NOTHING if position is None else position.quantity
        spoken_for = reserved_base(product, portfolio)
        free = owned - min(owned, spoken_for)
        value, most = str(proposal.quantity), str(free)
        answer = self.allow if proposal.quantity <= free else self.refuse
        detail = f"sells {value}, {most} of our own lots is free"
        return answer(detail, value=value, limit=most, unit=product.base)
