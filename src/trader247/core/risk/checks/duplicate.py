"""The check that no decision is sent twice."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context
from trader247.domain.dataclass import dataclass
from trader247.domain.intents import IntentState, RecordedIntent
from trader247.domain.money import CONTEXT, Percent
from trader247.domain.portfolio import Portfolio
from trader247.domain.proposals import Proposal, Purpose
from trader247.domain.time import MINUTE, Instant
from trader247.domain.verdicts import Finding

UNKNOWN_MAX = 10 * MINUTE
"""An outcome that is unknown for longer closes the way to every entry."""
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Duplicate(Check):
    """One order for each decision and leg, and one unresolved order for each product and side.

    An entry also waits for any open buy of its product. An exit waits only for a sale of its
    product whose outcome is unknown: an unknown buy does not hold back lots that are already
    booked, and what open sales will deliver is kept by `buying_power`. While the outcome of any
    order is unknown for ten minutes, nothing is bought.

    An entry of about the size of one that was sent lately, of the same product, is taken for that
    one sent again, whatever became of it: filled, ended, not sent or unknown. What the venue turned
    down was no order and doubles none. The edges of size and time still count as the same. An exit
    is none: a position that leaves in slices sends many of one size.
    """

    id: ClassVar[str] = "duplicate"
    row: ClassVar[int] = 15
    source: ClassVar[str] = "15c3-5(c)(1)(ii); FIA"
    binds_exits: ClassVar[bool] = True

    same_size_minutes: int = limit(
        10, unit="min", at_least=10, at_most=60, doc="between entries of a product of one size"
    )
    same_size_pct: Percent = limit(
        Percent.of(5), unit="%", at_least=5, at_most=100, doc="of the earlier size, more or less"
    )

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        same = "{} leg {}", proposal.decision_id, proposal.leg
        clash = _clash(proposal, context.portfolio)
        if not clash and proposal.is_entry:
            clash = _unanswered(context.portfolio, context.now) or self._again(proposal, context)
        if clash:
            return self.refuse(clash, value=same)
        none = "no other order for {} leg {}", proposal.decision_id, proposal.leg
        return True, none, same, "", ""

    def _again(self, proposal: Proposal, context: Context) -> str:
        """Which entry of the last minutes this one may be, sent once more; empty if none."""
        since = context.now.us - self.same_size_minutes * 60_000_000
        portfolio = context.portfolio
        for intents in (portfolio.working, portfolio.settled):
            for known in intents.values():
                earlier = known.intent
                if earlier.purpose is not Purpose.ENTRY or earlier.product != proposal.product:
                    continue
                if earlier.created.us < since or known.state is IntentState.REJECTED:
                    continue
                if self._is_one_size(proposal, earlier):
                    return (
                        f"{earlier.client_order_id} asked for {earlier.quantity} at "
                        f"{earlier.created}, under {self.same_size_minutes} min ago: "
                        f"{proposal.quantity} is the same size"
                    )
        return ""

    def _is_one_size(self, proposal: Proposal, earlier: RecordedIntent) -> bool:
        size = earlier.quantity.value
        gap = CONTEXT.abs(CONTEXT.subtract(proposal.quantity.value, size))
        return CONTEXT.multiply(gap, _HUNDRED) <= CONTEXT.multiply(size, self.same_size_pct.value)


def _clash(proposal: Proposal, portfolio: Portfolio) -> str:
    position = portfolio.positions.get(proposal.product)
    is_same = position is not None and position.decision_id == proposal.decision_id
    # Legs count up and are never used again: the entry is 0, exits go on from 1.
    if position is not None and is_same and proposal.leg <= position.exit_legs:
        return f"leg {proposal.leg} of {proposal.decision_id} was sent before"
    decision, leg = proposal.decision_id, proposal.leg
    for intents in (portfolio.working, portfolio.settled):
        for known in intents.values():
            intent = known.intent
            if intent.leg == leg and intent.decision_id == decision:
                return f"{intent.client_order_id} stands for this decision and leg"
    return _standing(proposal, portfolio)


def _standing(proposal: Proposal, portfolio: Portfolio) -> str:
    for working in portfolio.working.values():
        intent = working.intent
        if intent.product != proposal.product or working.state.is_settled:
            continue
        if intent.side is proposal.side and (proposal.is_entry or working.state.is_unresolved):
            return f"{intent.client_order_id}, {working.state.value}, stands for this side"
    return ""


def _unanswered(portfolio: Portfolio, now: Instant) -> str:
    """Which order's outcome has been unknown for too long to risk anything more."""
    for name, working in portfolio.working.items():
        if not working.state.is_unresolved:
            continue
        age = now - working.intent.created
        if age > UNKNOWN_MAX:
            return f"what became of {name} is unknown for {age // MINUTE} min"
        if age < -UNKNOWN_MAX:  # a clock was set back: for how long it is unknown nobody knows
            return f"what became of {name} is unknown, of {working.intent.created}, yet to come"
    return ""
