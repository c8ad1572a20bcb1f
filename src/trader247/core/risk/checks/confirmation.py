"""The check on whether a person said yes to one of the first trades."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context, figure
from trader247.domain.dataclass import dataclass
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class ConfirmationCheck(Check):
    """Each of an armed book's first `trades_first` trades waits for a person; no answer is a no.

    The question goes out as an alert; `trader247 confirm ID` allows that product and side, up to
    the notional that was asked, for ten minutes, in which the trader decides afresh. A trade is an
    entry that was filled. Exits never wait.
    """

    id: ClassVar[str] = "confirmation"
    row: ClassVar[int] = 47
    source: ClassVar[str] = "founding document; RTS 6 Art 8"

    trades_first: int = limit(
        20, unit="trades", at_least=20, at_most=10_000, doc="trades that a person confirms"
    )

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        stage = context.portfolio.stage
        if stage is None:
            return _UNARMED
        count, most = stage.trades, self.trades_first
        if stage.trades >= self.trades_first:
            return True, ("{} trades done", count), count, most, "trades"
        given = stage.given_for(proposal.product, proposal.side, context.now)
        which = f"trade {stage.trades + 1} of the first {most}"
        if given is None:
            detail = f"{which} waits for a person's yes"
            return self.refuse(detail, value=count, limit=most, unit="trades")
        if proposal.notional > given.notional:
            detail = f"{which}: {figure(proposal.notional.value, 8)} is above the {given.notional}"
            return self.refuse(
                f"{detail} that was confirmed", value=count, limit=most, unit="trades"
            )
        return self.allow(f"{which}, confirmed as {given.id}", value=count, limit=most)


_UNARMED = ConfirmationCheck().allow("this book needs no arming", value="")
