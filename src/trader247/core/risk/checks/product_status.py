"""The check on what the venue lets one do with the product."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context
from trader247.domain.dataclass import dataclass
from trader247.domain.market import ProductStatus
from trader247.domain.orders import OrderType
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class ProductStatusCheck(Check):
    """An order needs a product that the venue trades, by a status read lately.

    Entries need a listed product that is plainly online. Exits may also use a product in
    limit-only state, or in post-only state with a post-only order. A status older than
    `status_seconds_max`, of a time over five seconds ahead, unknown or absent is a no for both.
    Where a product changes to a state in which an order of ours could not be sent, its end is asked
    for and told of.
    """

    id: ClassVar[str] = "product_status"
    row: ClassVar[int] = 26
    source: ClassVar[str] = "15c3-5; FIA exchange controls"
    binds_exits: ClassVar[bool] = True

    AHEAD_SECONDS: ClassVar[int] = 5

    status_seconds_max: int = limit(
        60,
        unit="s",
        at_least=50,
        at_most=60,
        doc="age of the product's status",
    )

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        view = context.snapshot.views.get(proposal.product)
        product = None if view is None else view.product
        if product is None:
            return self.refuse(f"the venue's rules for {proposal.product} are unknown", value=None)
        status = product.status
        age = context.now.us - product.read_at.us
        if not -self.AHEAD_SECONDS * 1_000_000 <= age <= self.status_seconds_max * 1_000_000:
            wrong = "too long ago" if age > 0 else "which is yet to come"
            detail = f"status {status.value} was read at {product.read_at}, {wrong}"
            return self.refuse(detail, value=None, limit=str(self.status_seconds_max), unit="s")
        if proposal.is_entry and context.policy.universe.tier_of(proposal.product) is None:
            return self.refuse(f"no tier lists {proposal.product}", value=status)
        if status is not ProductStatus.ONLINE and status not in allowed(
            proposal.order_type, is_entry=proposal.is_entry
        ):
            return self.refuse(("the product is {}", status), value=status, limit="online")
        return True, ("the product is {}", status), status, "online", ""


def allowed(order_type: OrderType, *, is_entry: bool) -> frozenset[ProductStatus]:
    """The states of a product in which such an order may be sent, and may go on resting."""
    if is_entry:
        return _ONLINE
    return _RESTING if order_type is OrderType.POST_ONLY_GTD else _LIMITED


_ONLINE = frozenset({ProductStatus.ONLINE})
_LIMITED = _ONLINE | {ProductStatus.LIMIT_ONLY}
_RESTING = _LIMITED | {ProductStatus.POST_ONLY}
