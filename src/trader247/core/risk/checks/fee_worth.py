"""The check on whether a trade can earn its fees."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context, ratio
from trader247.core.risk.reservations import fee_rates
from trader247.domain.dataclass import dataclass
from trader247.domain.money import CONTEXT, ZERO
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class FeeWorth(Check):
    """An entry's target is worth at least `refuse_under` times the fees of going in and out.

    Going in is counted at the maker's rate, because entries are post-only, going out at the
    greater of the two: a stop takes. Under `warn_under` times it says so and lets it pass.
    """

    id: ClassVar[str] = "fee_worth"
    row: ClassVar[int] = 22
    source: ClassVar[str] = "founding document"

    refuse_under: Decimal = limit(
        Decimal(1), unit="x fees", at_least=1, at_most=20, doc="target over round-trip fees"
    )
    warn_under: Decimal = limit(
        Decimal(3), unit="x fees", at_least=1, at_most=20, doc="target over round-trip fees"
    )

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        if proposal.plan is None:
            return self.refuse("an entry without a target", value=None, unit="x fees")
        maker, _ = fee_rates(context.portfolio, context.policy)
        round_trip = CONTEXT.add(maker.fraction, context.worst_fee)
        target, least = proposal.plan.target_fraction, self.refuse_under
        shown = (ratio, target, round_trip) if round_trip > ZERO else "unlimited"
        words = "the target is worth {} x the round-trip fees"
        if target < CONTEXT.multiply(least, round_trip):
            return self.refuse((words, shown), value=shown, limit=least, unit="x fees")
        if target < CONTEXT.multiply(self.warn_under, round_trip):
            words += ", under {} x: thin"
        return True, (words, shown, self.warn_under), shown, least, "x fees"
