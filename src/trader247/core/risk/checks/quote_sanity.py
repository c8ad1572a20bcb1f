"""The check on whether a quote can be true."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context, figure
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ProductId
from trader247.domain.market import ProductView, Quote
from trader247.domain.money import Percent, Price
from trader247.domain.portfolio import Doubt
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Finding

PEGGED = {"USDC": ProductId("USDC", "USD")}
"""Currencies whose products are quoted on the dollar's own feed, and what tells their worth."""
_PAR = Price.of(1)


@dataclass(frozen=True, slots=True)
class QuoteSanity(Check):
    """A crossed quote is no quote, and a product whose market data is in doubt is not bought.

    A crossed quote, a jump of more than `jump_pct_max` from the close of
    the last minute, and a pegged quote currency more than `peg_pct_max` off one dollar put a
    product in doubt for `doubt_minutes`. A jump is confirmed by `prints_min` quotes of later times
    that stay where it went, and may be bought on from then. A streamed book that is over 1 % off
    the venue's answer gives no depth for five minutes, so that nothing is bought on it. Exits ask
    only that bid is below ask: in a fall that is real, a jump must not lock the door; the collar
    holds them to the last minutes' median. Nothing that is zero or no number is a price at all.
    """

    id: ClassVar[str] = "quote_sanity"
    row: ClassVar[int] = 28
    source: ClassVar[str] = "FIA market-data reasonability"
    binds_exits: ClassVar[bool] = True

    jump_pct_max: Percent = limit(
        Percent.of(10), unit="%", at_least=1, at_most=10, doc="mid off the last minute's close"
    )
    prints_min: int = limit(
        3, unit="quotes", at_least=3, at_most=10, doc="of later times that confirm a jump"
    )
    peg_pct_max: Percent = limit(
        Percent.of(1), unit="%", at_least="0.1", at_most=1, doc="a pegged currency off one dollar"
    )
    doubt_minutes: int = limit(
        5, unit="min", at_least=5, at_most=60, doc="without entries after a fault"
    )

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        view = context.snapshot.views.get(proposal.product)
        if view is None or view.quote is None:
            return self.refuse(f"no quote for {proposal.product}", value=None)
        quote = view.quote
        if quote.is_crossed:
            detail = f"crossed: bid {quote.bid} is not below ask {quote.ask}"
            return self.refuse(detail, value=f"{quote.bid}/{quote.ask}")
        if not proposal.is_entry:
            straight = "bid {} below ask {}", quote.bid, quote.ask
            return True, straight, quote.mid, "", ""
        return self._of_entry(proposal, view, quote, context)

    def is_too_high(self, view: ProductView) -> bool:
        """Whether the quote stands so far above the last close that no gain is counted on it.

        A high that never was would stand as the high-water mark, and its end as a loss. What fell
        as far counts at once: a loss that is real must not wait for a second look.
        """
        if view.quote is None or not view.bars:
            return False
        close = view.bars.price(view.bars.close[-1])
        return Percent.from_fraction(view.quote.mid.bps_above(close).fraction) > self.jump_pct_max

    def _of_entry(
        self, proposal: Proposal, view: ProductView, quote: Quote, context: Context
    ) -> Finding:
        peg = PEGGED.get(proposal.product.quote)
        if peg is not None and (fault := peg_fault(context.snapshot.quote(peg), peg, self)):
            return self.refuse(fault, value=None, limit=str(self.peg_pct_max), unit="%")
        doubt = context.portfolio.doubts.get(proposal.product)
        is_confirmed = doubt is not None and self.is_confirmed(doubt, quote)
        if doubt is not None and not is_confirmed:
            detail = f"in doubt until {doubt.until}: {doubt.cause}"
            return self.refuse(detail, value=str(quote.mid))
        close = _last_close(view)
        if close is None:
            return self.refuse("no closed minute to compare the quote with", value=None, unit="%")
        return self._of_jump(quote.mid, close, is_confirmed=is_confirmed)

    def is_near(self, price: Price, level: Price) -> bool:
        """Whether a price is still where a jump went."""
        return price.is_near(level, self.jump_pct_max)

    def is_confirmed(self, doubt: Doubt, quote: Quote) -> bool:
        """Whether enough later quotes have stayed where a jump went, this one too."""
        level = doubt.level
        return (
            level is not None and doubt.prints >= self.prints_min and self.is_near(quote.mid, level)
        )

    def _of_jump(self, mid: Price, close: Price, *, is_confirmed: bool) -> Finding:
        value, most = (_off, mid, close), self.jump_pct_max
        words = "mid {} is {} % off the last minute's close"
        if is_confirmed:
            words += ", and later quotes confirm it"
        is_near = is_confirmed or self.is_near(mid, close)
        return is_near, (words, (mid.value, 10), value), value, most, "%"


def jump_of(view: ProductView, quote: Quote) -> Percent | None:
    """How far the mid is off the last minute's close, unsigned; None without such a minute."""
    close = _last_close(view)
    return None if close is None else quote.mid.percent_off(close)


def _last_close(view: ProductView) -> Price | None:
    bars = view.bars
    return None if bars is None or not bars.close else bars.price(bars.close[-1])


def _off(mid: Price, close: Price) -> str:
    """How far a mid is off a close, in per cent."""
    return figure(mid.percent_off(close).value)


def peg_of(currency: str) -> ProductId | None:
    """What tells the worth of a pegged quote currency; None for one that needs no telling."""
    return PEGGED.get(currency)


def peg_fault(quote: Quote | None, peg: ProductId, check: QuoteSanity) -> str:
    """Why a pegged currency is not worth its dollar; empty where it is. Unknown is a fault."""
    if quote is None or quote.is_crossed:
        return f"what {peg.base} is worth is unknown: there is no quote of {peg}"
    if quote.mid.is_near(_PAR, check.peg_pct_max):
        return ""
    return f"{peg.base} is {_off(quote.mid, _PAR)} % off one dollar"
