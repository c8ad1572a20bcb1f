"""The check that leaves a product alone for a while."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context
from trader247.domain.orders import Proposal, Verdict
from trader247.domain.portfolio import ProductHistory
from trader247.domain.time import DAY, Instant


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

    def assess(self, proposal: Proposal, context: Context) -> Verdict:
        history = context.portfolio.history.get(proposal.product, ProductHistory())
        until = self.until(history)
        if until is None:
            return self.allow(f"{proposal.product} has no fill to cool down from", value="none")
        answer = self.refuse if context.now < until else self.allow
        value = str(until)
        return answer(f"{proposal.product} cools down until {value}", value=value)

    def until(self, history: ProductHistory) -> Instant | None:
        """When the product may be bought again; None if nothing of it is remembered."""
        waits = (
            (history.last_fill, self.fill_minutes),
            (history.last_loss, self.loss_minutes),
            (history.last_stop, self.stop_minutes),
        )
        ends = [last + timedelta(minutes=wait) for last, wait in waits if last is not None]
        last, previous = history.last_stop, history.previous_stop
        if last is not None and previous is not None and last - previous <= DAY:
            ends.append(last + timedelta(hours=self.stops_hours))
        return max(ends, default=None)
