"""The check on what an entry is expected to cost beyond the mid."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context, figure
from trader247.domain.dataclass import dataclass
from trader247.domain.money import CONTEXT, Bps, Price
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class Slippage(Check):
    """An entry's limit is at most `bps_max` above the mid that it was decided on, fees apart.

    The limit is the worst price that the order can get, so it bounds the cost whatever the book
    does. The mid of the snapshot counts too, the lower of the two: a proposal cannot bring its
    own market. Exits are held by the collar. What fills really cost is kept for the last ten of a
    product, sales too: with `realised_fills` of them over `realised_times` the cap it is banned.
    """

    id: ClassVar[str] = "slippage"
    row: ClassVar[int] = 22
    source: ClassVar[str] = "founding document; FIA price tolerance"

    bps_max: Bps = limit(
        Bps.of(50),
        unit="bps",
        at_least=0,
        at_most=50,
        key="execution.max_slippage_bps",
        doc="price cost of an entry against the decision's mid",
    )
    realised_times: int = limit(
        2, unit="x cap", at_least=1, at_most=2, doc="a fill that cost more counts against it"
    )
    realised_fills: int = limit(
        2, unit="fills", at_least=1, at_most=2, doc="of the last ten, then the product is banned"
    )

    @property
    def realised_max(self) -> Bps:
        """The cost of a fill above which it counts against its product."""
        return Bps(CONTEXT.multiply(self.bps_max.value, Decimal(self.realised_times)))

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        quote = context.snapshot.quote(proposal.product)
        if quote is None:
            none = f"no quote for {proposal.product}"
            return self.refuse(none, value=None, limit=self.bps_max, unit="bps")
        mid, most = quote.mid, self.bps_max
        if proposal.reference.value < mid.value:
            mid = proposal.reference
        is_within = proposal.price.value <= mid.shifted(most).value
        value = _cost, proposal.price, mid
        return is_within, ("costs {} bps over the mid", value), value, most, "bps"


def _cost(price: Price, mid: Price) -> str:
    """What a price costs over the mid, in basis points."""
    return figure(price.bps_above(mid).value)
