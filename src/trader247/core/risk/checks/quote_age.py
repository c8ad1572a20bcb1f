"""The check on the age of the price."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context, in_seconds
from trader247.domain.dataclass import dataclass
from trader247.domain.market import Quote
from trader247.domain.money import CONTEXT
from trader247.domain.proposals import Proposal
from trader247.domain.time import Instant
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class QuoteAge(Check):
    """A price older than `seconds_max` is not a price.

    Age is counted by the venue's clock, from when the quote held to the snapshot. A quote more
    than `ahead_seconds_max` in the future contradicts the clock and is no price either.
    """

    id: ClassVar[str] = "quote_age"
    row: ClassVar[int] = 27
    source: ClassVar[str] = "founding document; FIA market data"
    binds_exits: ClassVar[bool] = True

    seconds_max: int = limit(
        30,
        unit="s",
        at_least=1,
        at_most=30,
        key="microstructure.max_quote_age_seconds",
        doc="age of the quote",
    )
    ahead_seconds_max: int = limit(
        5, unit="s", at_least=0, at_most=5, doc="how far a quote may be ahead of the clock"
    )

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        quote = context.snapshot.quote(proposal.product)
        if quote is None:
            none = f"no quote for {proposal.product}"
            return self.refuse(none, value=None, limit=self.seconds_max, unit="s")
        value = in_seconds, context.now.us - quote.time.us
        is_fresh = self.is_fresh(quote, context.now)
        detail = "the quote {} {} s old", "is" if is_fresh else "is not a price:", value
        return is_fresh, detail, value, self.seconds_max, "s"

    def is_fresh(self, quote: Quote, now: Instant) -> bool:
        """Whether a quote is young enough to be a price at `now`."""
        age = now.us - quote.time.us
        return -self.ahead_seconds_max * 1_000_000 <= age <= self.seconds_max * 1_000_000


def age_seconds(quote: Quote, now: Instant) -> Decimal:
    """The age of a quote in seconds; negative if it is ahead of `now`."""
    return CONTEXT.scaleb(Decimal(now.us - quote.time.us), -6)
