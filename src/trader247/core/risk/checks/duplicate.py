"""The check that no decision is sent twice."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.risk.check import Check, Context
from trader247.domain.dataclass import dataclass
from trader247.domain.orders import Proposal, Verdict
from trader247.domain.portfolio import Portfolio
from trader247.domain.time import MINUTE, Instant

UNKNOWN_MAX = 10 * MINUTE
"""An outcome that is unknown for longer closes the way to every entry."""


@dataclass(frozen=True, slots=True)
class Duplicate(Check):
    """One order for each decision and leg, and one unresolved order for each product and side.

    An entry also waits for any open buy of its product. An exit waits only for a sale of its
    product whose outcome is unknown: an unknown buy does not hold back lots that are already
    booked, and what open sales will deliver is kept by `buying_power`. While the outcome of any
    order is unknown for ten minutes, nothing is bought.
    """

    id: ClassVar[str] = "duplicate"
    row: ClassVar[int] = 15
    source: ClassVar[str] = "15c3-5(c)(1)(ii); FIA"
    binds_exits: ClassVar[bool] = True

    def assess(self, proposal: Proposal, context: Context) -> Verdict:
        same = "{} leg {}", proposal.decision_id, proposal.leg
        clash = _clash(proposal, context.portfolio)
        if not clash and proposal.is_entry:
            clash = _unanswered(context.portfolio, context.now)
        if clash:
            return self.refuse(clash, value=same)
        none = "no other order for {} leg {}", proposal.decision_id, proposal.leg
        return self.allow(none, value=same)


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
            if intent.decision_id == decision and intent.leg == leg:
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
    return ""
