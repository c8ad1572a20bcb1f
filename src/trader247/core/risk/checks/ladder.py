"""The check on how fast the largest order of an armed book may grow."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context
from trader247.domain.dataclass import dataclass
from trader247.domain.money import CONTEXT, ONE, Money, Percent
from trader247.domain.proposals import Proposal
from trader247.domain.stage import Stage
from trader247.domain.time import DAY, Instant
from trader247.domain.verdicts import Finding

_WEEK = 7 * DAY
_WEEKS_MAX = 520
"""Ten years of growth are beyond any cap."""


@dataclass(frozen=True, slots=True)
class Ladder(Check):
    """The largest entry of an armed book grows by `week_pct_max` a week over what was armed.

    It grows in steps, a full week each. Arming again does not begin a new ladder.
    """

    id: ClassVar[str] = "ladder"
    row: ClassVar[int] = 47
    source: ClassVar[str] = "founding document; RTS 6 Art 8"

    week_pct_max: Percent = limit(
        Percent.of(20), unit="% a week", at_least=0, at_most=20, doc="growth of the largest entry"
    )

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        stage = context.portfolio.stage
        if stage is None:
            return _UNARMED
        cap = self.cap(stage, context.now)
        notional, most = (proposal.notional.value, 8), (cap.value, 8)
        is_within = proposal.notional <= cap
        where = "within" if is_within else "above"
        detail = "notional {} is {} this week's {}", notional, where, most
        return is_within, detail, notional, most, "quote"

    def cap(self, stage: Stage, now: Instant) -> Money:
        """The largest entry at `now`."""
        since: timedelta = max(now - stage.ladder_since, timedelta(0))
        weeks = min(since // _WEEK, _WEEKS_MAX)
        growth = CONTEXT.add(ONE, self.week_pct_max.fraction)
        return stage.largest * CONTEXT.power(growth, weeks)


_UNARMED = Ladder().allow("this book needs no arming", value="")
