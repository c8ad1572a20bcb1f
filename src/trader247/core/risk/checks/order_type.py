"""The check on the form of an order."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.risk.check import Check, Context
from trader247.domain.dataclass import dataclass
from trader247.domain.orders import OrderType, Side
from trader247.domain.proposals import Proposal
from trader247.domain.time import microseconds
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class OrderTypeCheck(Check):
    """Entries are post-only buys with an end and an exit plan; exits are sells.

    A post-only order rests or is rejected, so it never takes a price that it did not ask for. An
    exit may also take what is there within its limit, or wait at the venue for its stop price.
    There is no market order, no short sale and no order without an end; the longest lives are in
    the section `execution`.
    """

    id: ClassVar[str] = "order_type"
    row: ClassVar[int] = 23
    source: ClassVar[str] = "founding document; FIA"
    binds_exits: ClassVar[bool] = True

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        side, order_type = proposal.side, proposal.order_type
        value = "{} {}", side, order_type
        fault = self._fault(proposal, context)
        if fault:
            return self.refuse(fault, value=value)
        return True, ("{} {} is an order that we send", side, order_type), value, "", ""

    @staticmethod
    def _fault(proposal: Proposal, context: Context) -> str:
        execution = context.policy.execution
        seconds = execution.entry_seconds if proposal.is_entry else execution.exit_seconds
        if not 0 < microseconds(proposal.lifetime) <= seconds * 1_000_000:
            return f"a life of {proposal.lifetime} is outside 0 to {seconds} s"
        is_stop = proposal.order_type is OrderType.STOP_LIMIT_GTD
        if is_stop != (proposal.stop_price is not None):
            return "a stop has a stop price, and nothing else has one"
        if not proposal.is_entry:
            return "" if proposal.side is Side.SELL else "an exit sells"
        if proposal.side is not Side.BUY:
            return "an entry buys: there are no shorts"
        if proposal.order_type is not OrderType.POST_ONLY_GTD:
            return "an entry is post-only"
        return "" if proposal.plan is not None else "an entry without a stop is not sent"
