"""The check on the venue's grid and its own size limits."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.risk.check import Check, Context
from trader247.domain.dataclass import dataclass
from trader247.domain.market import Product
from trader247.domain.money import ZERO
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class Increments(Check):
    """Price and quantity lie on the product's grid and inside the venue's sizes.

    The grid and the sizes are the venue's; there is no number to set.
    """

    id: ClassVar[str] = "increments"
    row: ClassVar[int] = 12
    source: ClassVar[str] = "venue rules"
    binds_exits: ClassVar[bool] = True

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        view = context.snapshot.views.get(proposal.product)
        value = "{} at {}", proposal.quantity, proposal.price
        if view is None or view.product is None:
            return self.refuse(f"the grid of {proposal.product} is unknown", value=None)
        fault = _fault(proposal, view.product)
        if fault:
            return self.refuse(fault, value=value)
        detail = "{} at {} lies on the product's grid", proposal.quantity, proposal.price
        return True, detail, value, "", ""


def _fault(proposal: Proposal, product: Product) -> str:
    price, quantity = proposal.price, proposal.quantity
    for each in (price,) if proposal.stop_price is None else (price, proposal.stop_price):
        if not each.is_multiple_of(product.price_increment):
            return f"price {each} is no multiple of {product.price_increment}"
    if not quantity.is_multiple_of(product.base_increment):
        return f"quantity {quantity} is no multiple of {product.base_increment}"
    if quantity.value == ZERO or quantity.value < product.base_min.value:
        return f"quantity {quantity} is below the venue's least, {product.base_min}"
    if quantity.value > product.base_max.value:
        return f"quantity {quantity} is above the venue's most, {product.base_max}"
    if proposal.notional.value > product.quote_max.value:
        return f"notional {proposal.notional} is above the venue's most, {product.quote_max}"
    return ""
