"""The check on whether a quote can be true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context, figure
from trader247.domain.market import ProductView, Quote
from trader247.domain.money import Percent
from trader247.domain.orders import Proposal, Verdict


@dataclass(frozen=True, slots=True)
class QuoteSanity(Check):
    """A crossed quote is no quote, and one that jumped over `jump_pct_max` is not bought on.

    The jump is from the close of the last minute to the mid. Exits ask only that bid is below
    ask: in a fall that is real, a jump must not lock the door.
    """

    id: ClassVar[str] = "quote_sanity"
    row: ClassVar[int] = 28
    source: ClassVar[str] = "FIA market-data reasonability"
    binds_exits: ClassVar[bool] = True

    jump_pct_max: Percent = limit(
        Percent.of(10), unit="%", at_least=1, at_most=20, doc="mid off the last minute's close"
    )

    def assess(self, proposal: Proposal, context: Context) -> Verdict:
        view = context.snapshot.views.get(proposal.product)
        if view is None or view.quote is None:
            return self.refuse(f"no quote for {proposal.product}", value=None)
        quote = view.quote
        if quote.is_crossed:
            detail = f"crossed: bid {quote.bid} is not below ask {quote.ask}"
            return self.refuse(detail, value=f"{quote.bid}/{quote.ask}")
        if not proposal.is_entry:
            return self.allow(f"bid {quote.bid} below ask {quote.ask}", value=str(quote.mid))
        if view.bars is None or len(view.bars) == 0:
            return self.refuse("no closed minute to compare the quote with", value=None, unit="%")
        close = view.bars.price(view.bars.close[-1])
        jump = Percent.from_fraction(abs(quote.mid.bps_above(close)).fraction)
        return self._of_jump(quote, jump)

    def is_too_high(self, view: ProductView) -> bool:
        """Whether the quote stands so far above the last close that no gain is counted on it.

        A high that never was would stand as the high-water mark, and its end as a loss. What fell
        as far counts at once: a loss that is real must not wait for a second look.
        """
        if view.quote is None or not view.bars:
            return False
        close = view.bars.price(view.bars.close[-1])
        return Percent.from_fraction(view.quote.mid.bps_above(close).fraction) > self.jump_pct_max

    def _of_jump(self, quote: Quote, jump: Percent) -> Verdict:
        value, most = figure(jump.value), str(self.jump_pct_max)
        detail = f"mid {figure(quote.mid.value, 10)} is {value} % off the last minute's close"
        answer = self.allow if jump <= self.jump_pct_max else self.refuse
        return answer(detail, value=value, limit=most, unit="%")
