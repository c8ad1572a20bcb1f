"""The check on an order's size against what the market trades."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context
from trader247.domain.dataclass import dataclass
from trader247.domain.money import CONTEXT, Percent
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class MarketVolume(Check):
    """An entry is at most `volume_pct` of what its product traded in 24 hours, in quote currency.

    A volume that is unknown, or was read more than `minutes_max` ago, is a no. The book's depth is
    held by `depth_multiple`: a tenth of what rests within 20 bps.
    """

    id: ClassVar[str] = "market_volume"
    row: ClassVar[int] = 11
    source: ClassVar[str] = "RTS 6 Art 15(1)(c)"

    volume_pct: Percent = limit(
        Percent.of("0.1"),
        unit="% of volume",
        at_least="0.001",
        at_most="0.1",
        doc="notional of an entry",
    )
    minutes_max: int = limit(60, unit="min", at_least=1, at_most=60, doc="age of the volume")

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        view = context.snapshot.views.get(proposal.product)
        product = None if view is None else view.product
        if product is None or product.volume_24h is None:
            return self.refuse("the 24 h volume is unknown", value=None, unit="quote")
        if context.now.us - product.read_at.us > self.minutes_max * 60_000_000:
            detail = f"the 24 h volume was read at {product.read_at}, too long ago"
            return self.refuse(detail, value=None, unit="quote")
        cap = CONTEXT.multiply(product.volume_24h.value, self.volume_pct.fraction)
        notional = proposal.notional.value
        value, most = (notional, 8), (cap, 8)
        found = "notional {}, {} is {} % of the 24 h volume", value, most, self.volume_pct
        return notional <= cap, found, value, most, "quote"
