"""The check on whether a person has armed this book."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.risk.check import Check, Context
from trader247.domain.dataclass import dataclass
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class ArmingCheck(Check):
    """Where a person must arm the book, nothing is bought before they did, or after its end.

    An arming ends after 30 days, is taken back by `trader247 disarm`, and falls with any limit
    that is loosened. What is held can always leave.
    """

    id: ClassVar[str] = "arming"
    row: ClassVar[int] = 47
    source: ClassVar[str] = "RTS 6 Art 8"

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        stage = context.portfolio.stage
        if stage is None:
            return _UNARMED
        if stage.is_revoked:
            return self.refuse("the arming was taken back", value="disarmed", limit=stage.until)
        if not stage.is_armed(context.now):
            return self.refuse(
                f"the arming ended at {stage.until}", value="ended", limit=stage.until
            )
        return True, ("armed until {}", stage.until), "armed", stage.until, ""


_UNARMED = ArmingCheck().allow("this book needs no arming", value="none")
