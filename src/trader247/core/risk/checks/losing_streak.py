"""The check that pauses after losses in a row."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context
from trader247.domain.dataclass import dataclass
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class LosingStreak(Check):
    """After `closes_max` losing closes in a row nothing is bought for `minutes`.

    Every further loss begins the wait again; a close with a profit ends the streak.
    """

    id: ClassVar[str] = "losing_streak"
    row: ClassVar[int] = 8
    source: ClassVar[str] = "founding document; RTS 6 Art 15(3)"

    closes_max: int = limit(3, unit="closes", at_least=1, at_most=10, doc="losing closes in a row")
    minutes: int = limit(60, unit="min", at_least=1, at_most=2880, doc="without entries after them")

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        streak, last = context.portfolio.losing_streak, context.portfolio.last_loss
        most = self.closes_max
        if streak < most:
            return True, ("{} losing closes in a row", streak), streak, most, "closes"
        if last is None:
            timeless = f"{streak} losing closes, at a time unknown"
            return self.refuse(timeless, value=streak, limit=most, unit="closes")
        until = last + timedelta(minutes=self.minutes)
        detail = "{} losing closes in a row; no entries until {}", streak, until
        return context.now >= until, detail, streak, most, "closes"
