"""The check on the distance between the venue's clock and ours."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context, in_seconds
from trader247.domain.dataclass import dataclass
from trader247.domain.money import CONTEXT
from trader247.domain.proposals import Proposal
from trader247.domain.time import microseconds
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class ClockSkew(Check):
    """Clocks more than `seconds_max` apart make every age a guess, so nothing is bought.

    Over `seconds_warn` it warns. A skew that could not be measured is a no.
    """

    id: ClassVar[str] = "clock_skew"
    row: ClassVar[int] = 38
    source: ClassVar[str] = "RTS 25; life of a request token"

    seconds_warn: int = limit(2, unit="s", at_least=1, at_most=5, doc="skew over it warns")
    seconds_max: int = limit(5, unit="s", at_least=1, at_most=5, doc="skew over it stops entries")

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        skew = context.snapshot.clock_skew
        if skew is None:
            return self.refuse("the venue's clock could not be read", value=None, unit="s")
        apart, most = abs(microseconds(skew)), self.seconds_max
        value = in_seconds, apart
        if apart > most * 1_000_000:
            over = "clocks differ by {} s, over {} s; set this machine's clock", value, most
            return self.refuse(over, value=value, limit=most, unit="s")
        warning = apart > self.seconds_warn * 1_000_000
        words = (
            "clocks differ by {} s, which is worth a look" if warning else "clocks differ by {} s"
        )
        return True, (words, value), value, most, "s"


def skew_seconds(skew: timedelta) -> Decimal:
    """The size of a skew in seconds, whichever clock is ahead."""
    return CONTEXT.scaleb(Decimal(abs(microseconds(skew))), -6)
