"""The check on one product being bought over and over."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context
from trader247.core.risk.checks.pace import in_hour_and_day
from trader247.domain.dataclass import dataclass
from trader247.domain.portfolio import NO_HISTORY, ProductHistory
from trader247.domain.proposals import Proposal
from trader247.domain.time import Instant
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class Repetition(Check):
    """A product is bought at most `per_hour` times in an hour and `per_day` times in a day.

    Counted are entries that traded, wholly or in part: a strategy that goes round in a circle is
    stopped though each of its orders is in order. Windows roll. Nor is it bought more than
    `running_max` times without a sale between. Who asks for one more bans its strategy, whose
    resting buys are cancelled.
    """

    id: ClassVar[str] = "repetition"
    row: ClassVar[int] = 14
    source: ClassVar[str] = "RTS 6 Art 15(3); FIA"

    per_hour: int = limit(4, unit="entries", at_least=1, at_most=60, doc="traded in any 60 min")
    per_day: int = limit(12, unit="entries", at_least=1, at_most=500, doc="traded in any 24 h")
    running_max: int = limit(
        3, unit="entries", at_least=1, at_most=3, doc="traded without a sale between"
    )

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        history = context.portfolio.history.get(proposal.product, NO_HISTORY)
        hour, day, running = self.counts(history, context.now)
        words = "{} was bought {} times in the last hour, {} in 24 h, {} without a sale"
        detail = words, proposal.product, hour, day, running
        value = "{}/{}/{}", hour, day, running
        most = "{}/{}/{}", self.per_hour, self.per_day, self.running_max
        is_within = self.is_within(hour, day, running)
        return is_within, detail, value, most, "an hour/a day/without a sale"

    def counts(self, history: ProductHistory, now: Instant) -> tuple[int, int, int]:
        """How often a product was bought: in the last hour, in 24 h, and without a sale."""
        return *in_hour_and_day(history.entries, now), history.entries_running

    def is_within(self, hour: int, day: int, running: int) -> bool:
        """Whether one more is allowed after so many."""
        return hour < self.per_hour and day < self.per_day and running < self.running_max
