"""The check on the smallest order."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context
from trader247.domain.dataclass import dataclass
from trader247.domain.market import Product
from trader247.domain.money import CONTEXT, ONE, ZERO, Money
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class MinNotional(Check):
    """An entry under `quote_min` is eaten by its fees; what is bought must be sellable at its stop.

    Notional counts after rounding, fees apart. For an exit the floor is the venue's own minimum:
    a position that has fallen must still be able to leave. What is left of one and less than that
    is dust: it counts in equity, nothing waits for its stop, and its product may be bought again.
    """

    id: ClassVar[str] = "min_notional"
    row: ClassVar[int] = 12
    source: ClassVar[str] = "founding document; venue rules"
    binds_exits: ClassVar[bool] = True

    quote_min: Money = limit(
        Money.of(15),
        unit="quote",
        at_least=15,
        key="risk.min_trade_notional_usd",
        doc="notional of an entry, at least",
    )

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        view = context.snapshot.views.get(proposal.product)
        if view is None or view.product is None:
            return self.refuse(f"the venue's minimum for {proposal.product} is unknown", value=None)
        product = view.product
        floor = product.quote_min
        if proposal.is_entry and floor.value < self.quote_min.value:
            floor = self.quote_min
        worth = proposal.notional.value
        notional = (worth, 8)
        if worth < floor.value:
            below = "notional {} is below the floor, {}", notional, floor
            return self.refuse(below, value=notional, limit=floor, unit="quote")
        if proposal.is_entry and not _is_sellable_at_stop(proposal, product):
            detail = "at its stop, {} would be below the venue's minimum for a sale", notional
            return self.refuse(detail, value=notional, limit=floor, unit="quote")
        reached = "notional {} reaches the floor, {}", notional, floor
        return True, reached, notional, floor, "quote"


def _is_sellable_at_stop(proposal: Proposal, product: Product) -> bool:
    if proposal.plan is None:
        return False
    left = CONTEXT.subtract(ONE, proposal.plan.stop_fraction)
    at_stop = CONTEXT.multiply(proposal.notional.value, left)
    return left > ZERO and at_stop >= product.quote_min.value
