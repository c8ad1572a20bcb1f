"""The check that we own what we spend."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.holds import may_lack_orders, strange_cash
from trader247.core.risk.check import Check, Context
from trader247.core.risk.reservations import reserved_base
from trader247.domain.dataclass import dataclass
from trader247.domain.money import CONTEXT, NOTHING, ONE
from trader247.domain.orders import Side
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class BuyingPower(Check):
    """A buy costs at most the free cash, worst fee included; a sale at most our own free lots.

    Free means not spoken for by an order that is open or whose outcome is unknown. There is no
    margin and no short sale. Foreign holdings and dust are never sold. While the venue holds cash
    for an order that nobody here knows, and that may be one of ours, nothing is bought: it counts
    against no limit. A journal that went back to a backup sells nothing before its process has read
    the account once: what it lost may rest.
    """

    id: ClassVar[str] = "buying_power"
    row: ClassVar[int] = 20
    source: ClassVar[str] = "15c3-5"
    binds_exits: ClassVar[bool] = True

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        if proposal.side is Side.SELL:
            return self._of_sale(proposal, context)
        portfolio = context.portfolio
        if portfolio.cash is None:
            return self.refuse("the cash is unknown", value=None, unit="quote")
        strange = strange_cash(portfolio, context.now) if portfolio.differences else None
        if strange is not None:
            what = f"{strange.venue} is held at the venue for no order that is known here"
            return self.refuse(what, value=None, unit="quote")
        cost = CONTEXT.multiply(proposal.notional.value, CONTEXT.add(ONE, context.worst_fee))
        free = CONTEXT.subtract(portfolio.cash.value, context.at_risk.reserved.value)
        value, most = (cost, 8), (free, 8)
        detail = "costs up to {} with the fee, {} is free", value, most
        return cost <= free, detail, value, most, "quote"

    def _of_sale(self, proposal: Proposal, context: Context) -> Finding:
        product, portfolio = proposal.product, context.portfolio
        if may_lack_orders(context.snapshot, portfolio):
            what = "the journal went back to a backup, and what it lost was not read yet"
            return self.refuse(what, value=None, unit=product.base)
        position = portfolio.positions.get(product)
        owned = NOTHING if position is None else position.quantity
        spoken_for = reserved_base(product, portfolio)
        free = owned - min(owned, spoken_for)
        value = proposal.quantity
        detail = "sells {}, {} of our own lots is free", value, free
        return value <= free, detail, value, free, product.base
