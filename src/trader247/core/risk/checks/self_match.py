"""The check that we do not trade with ourselves."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from trader247.core.risk.check import Check, Context
from trader247.domain.dataclass import dataclass
from trader247.domain.intents import WorkingIntent
from trader247.domain.orders import Side
from trader247.domain.proposals import Proposal
from trader247.domain.time import MINUTE, SECOND, Instant
from trader247.domain.verdicts import Finding

YIELDS = 2 * SECOND
"""So long after its end was asked for a buy keeps back what it would meet: two cycles, a second
apart, and the readings after each."""


@dataclass(frozen=True, slots=True)
class SelfMatch(Check):
    """No order that would meet one of ours: a buy stays below our sales, a sale above our buys.

    A sale that would meet a resting buy waits a second or two: the end of that buy is asked for in
    the same cycle, and the next one comes at once. A venue may hide for minutes that it ended, and
    an exit must always be able to leave: once `YIELDS` have passed since its end was asked for, a
    buy keeps no sale back. Nor does one whose outcome is unknown, and none can rest a minute after
    its end. A stop that waits below the market meets nothing before its price. Every order also
    carries the venue's own id for this, `self_trade_prevention_id`, as a second layer, for a buy
    that rests after all.
    """

    id: ClassVar[str] = "self_match"
    row: ClassVar[int] = 29
    source: ClassVar[str] = "FIA; CFTC v Coinbase, 2021"
    binds_exits: ClassVar[bool] = True

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        price = proposal.price
        for name, working in context.portfolio.working.items():
            if _meets(proposal, working, context.now):
                ours = working.intent
                detail = f"it would trade with our own {ours.side.value} {name} at {ours.price}"
                return self.refuse(detail, value=price, limit=ours.price)
        return True, "it meets no order of ours", price, "", ""


def _meets(proposal: Proposal, working: WorkingIntent, now: Instant) -> bool:
    ours = working.intent
    if ours.product != proposal.product or ours.side is proposal.side:
        return False
    if working.state.is_settled or (working.order is not None and working.order.state.is_final):
        return False
    if proposal.side is Side.BUY:
        return proposal.price >= ours.price
    if proposal.stop_price is not None or working.state.is_unresolved:
        return False
    if proposal.price > ours.price or now > ours.end_time + MINUTE:
        return False
    asked = working.cancel_requested
    # What was asked for by a clock that ran ahead was asked for some time ago: nobody knows when.
    return asked is None or timedelta(0) <= now - asked < YIELDS
