"""The check on the largest order."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context
from trader247.core.risk.checks.canary import Canary
from trader247.core.risk.stages import canary_in
from trader247.domain.dataclass import dataclass
from trader247.domain.market import Product
from trader247.domain.money import CONTEXT, Money, Percent, Price, Quantity
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class MaxOrder(Check):
    """No order is larger than `quote_max`, and no entry larger than `equity_pct_max` of equity.

    The lesser of the two binds entries. An exit is held by `quote_max` alone, and is cut into
    slices by whoever proposes it: the share of an equity that has fallen, or that is unknown,
    must not lock in a position. Where the least that the venue sells is worth more than the cap,
    that least may leave. In the canary stage its own sizes bind entries, not the share.
    """

    id: ClassVar[str] = "max_order"
    row: ClassVar[int] = 10
    source: ClassVar[str] = "RTS 6 Art 15(1)(b)"
    binds_exits: ClassVar[bool] = True

    equity_pct_max: Percent = limit(
        Percent.of(2), unit="% of equity", at_least="0.01", at_most=2, doc="notional of an entry"
    )
    quote_max: Money = limit(
        Money.of(250), unit="quote", at_least=15, at_most=250, doc="notional of any order"
    )

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        notional = (proposal.notional.value, 8)
        canary = canary_in(context.policy.checks, context.portfolio.stage, context.equity)
        cap = self.cap(context.equity, canary) if proposal.is_entry else self.quote_max
        if cap is None:
            return self.refuse("equity is unknown, and with it the cap", value=None, unit="quote")
        most = (cap.value, 8)
        if proposal.notional.value <= cap.value:
            return True, ("notional {} is within {}", notional, most), notional, most, "quote"
        if not proposal.is_entry and _is_least(proposal, context):
            least = "notional {} is the least that the venue sells", notional
            return self.allow(least, value=notional, limit=most, unit="quote")
        detail = "notional {} is above {}", notional, most
        return self.refuse(detail, value=notional, limit=most, unit="quote")

    def cap(self, equity: Money | None, canary: Canary | None = None) -> Money | None:
        """The most that one entry may be worth; None while equity is unknown.

        `canary` are the sizes of the canary stage, while it is in force.
        """
        if equity is None:
            return None
        if canary is not None:
            return min(canary.quote_max, self.quote_max)
        return min(self.equity_pct_max.of_money(equity), self.quote_max)


def least_quantity(product: Product, price: Price) -> Quantity:
    """The smallest quantity on the grid that the venue takes at `price`."""
    floor = Quantity(CONTEXT.divide(product.quote_min.value, price.value))
    least = max(floor, product.base_min, product.base_increment)
    return least.ceil_to(product.base_increment)


def _is_least(proposal: Proposal, context: Context) -> bool:
    view = context.snapshot.views.get(proposal.product)
    if view is None or view.product is None:
        return False
    return proposal.quantity <= least_quantity(view.product, proposal.price)
