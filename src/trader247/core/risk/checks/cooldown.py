"""The check that leaves a product alone for a while."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context
from trader247.domain.dataclass import dataclass
from trader247.domain.portfolio import NO_HISTORY, ProductHistory
from trader247.domain.proposals import Proposal
from trader247.domain.time import DAY, Instant
from trader247.domain.verdicts import Finding

_MINUTE_US = 60_000_000


@dataclass(frozen=True, slots=True)
class Cooldown(Check):
    """A product is left alone after a fill, longer after a loss, longest after a stop.

    After a second stop within 24 hours it is left alone for `stops_hours`.
    """

    id: ClassVar[str] = "cooldown"
    row: ClassVar[int] = 8
    source: ClassVar[str] = "founding document; RTS 6 Art 15(3)"

    fill_minutes: int = limit(30, unit="min", at_least=1, at_most=1440, doc="after a fill")
    loss_minutes: int = limit(60, unit="min", at_least=1, at_most=1440, doc="after a losing close")
    stop_minutes: int = limit(120, unit="min", at_least=1, at_most=2880, doc="after a stop")
    stops_hours: int = limit(
        24, unit="h", at_least=1, at_most=168, doc="after a second stop within 24 h"
    )

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        history = context.portfolio.history.get(proposal.product, NO_HISTORY)
        until = self.until(history)
        if until is None:
            return True, ("{} has no fill to cool down from", proposal.product), "none", "", ""
        detail = "{} cools down until {}", proposal.product, until
        return context.now >= until, detail, until, "", ""

    def until(self, history: ProductHistory) -> Instant | None:
        """When the product may be bought again; None if nothing of it is remembered."""
        waits = (
            (history.last_fill, self.fill_minutes),
            (history.last_loss, self.loss_minutes),
            (history.last_stop, self.stop_minutes),
        )
        ends = [last.us + wait * _MINUTE_US for last, wait in waits if last is not None]
        last, previous = history.last_stop, history.previous_stop
        if last is not None and previous is not None and last - previous <= DAY:
            ends.append(last.us + self.stops_hours * 60 * _MINUTE_US)
        return Instant(max(ends)) if ends else None
