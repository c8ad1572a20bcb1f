"""Which products' market data is not believed: one wrong tick must not become one wrong trade.

A fault costs a product the belief in it for `doubt_minutes`: nothing is bought, what is held still
leaves, within the collar of the last minutes' median. A jump of the price is the one fault that
can be true: quotes of later times that stay where it went confirm it.
"""

from __future__ import annotations

from datetime import timedelta

from trader247.core.policy import Policy
from trader247.core.risk.check import check_in, figure
from trader247.core.risk.checks.quote_sanity import QuoteSanity, jump_of, peg_fault, peg_of
from trader247.domain.dataclass import dataclass
from trader247.domain.events.halts import ProductDoubted, ProductTrusted
from trader247.domain.ids import ProductId
from trader247.domain.market import ProductView, Quote, Snapshot
from trader247.domain.portfolio import Doubt, Portfolio
from trader247.domain.time import Instant

Found = ProductDoubted | ProductTrusted


def judge_doubts(portfolio: Portfolio, snapshot: Snapshot, policy: Policy) -> tuple[Found, ...]:
    """What is new about the doubts of the listed products, and of what is held."""
    check = check_in(policy.checks, QuoteSanity)
    wanted = dict.fromkeys((*policy.universe.products, *sorted(portfolio.positions)))
    found: list[Found] = []
    for product in wanted:
        view = snapshot.views.get(product)
        case = _Case(product, portfolio.doubts.get(product), snapshot, check)
        quote = None if view is None else view.quote
        change = case.expired() if view is None or quote is None else case.judged(view, quote)
        change = change or case.dated_ahead()
        if change is not None:
            found.append(change)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Case:
    """One product, with the doubt that stands about it."""

    product: ProductId
    known: Doubt | None
    snapshot: Snapshot
    check: QuoteSanity

    def judged(self, view: ProductView, quote: Quote) -> Found | None:
        """What its quote changes."""
        fault = _fault(self.product, quote, self.snapshot, self.check)
        if fault:
            return self._doubted(fault)
        known = self.known
        jump = jump_of(view, quote)
        has_jumped = jump is not None and jump > self.check.jump_pct_max
        if known is not None and known.level is not None:
            if self.check.is_near(quote.mid, known.level):
                return self._confirmed(known, quote)
            gone = f"{known.cause}; then it was {quote.mid}"
            return self._doubted(gone, quote if has_jumped else None)
        if jump is not None and has_jumped:
            text = f"the price jumped {figure(jump.value, 2)} % within a minute, to {quote.mid}"
            return self._doubted(text, quote)
        return self.expired()

    def expired(self) -> Found | None:
        """The end of a doubt whose time is over, unless a jump still waits to be confirmed."""
        known = self.known
        if known is None or self.snapshot.right_time < known.until:
            return None
        is_waiting = known.level is not None and known.prints < self.check.prints_min
        return None if is_waiting else ProductTrusted(self.product)

    def dated_ahead(self) -> ProductDoubted | None:
        """The doubt once more, of now, where a clock that ran ahead has raised it: else it would
        stand until that time comes. While no clock is known to be right it stays as it is."""
        known = self.known
        if known is None or known.until <= self._latest or self.snapshot.clock_skew is None:
            return None
        return ProductDoubted(
            self.product, known.cause, self._latest, known.level, known.prints, known.last_print
        )

    @property
    def _latest(self) -> Instant:
        """Until when a doubt of now lasts."""
        return self.snapshot.right_time + timedelta(minutes=self.check.doubt_minutes)

    def _doubted(self, cause: str, jumped_to: Quote | None = None) -> ProductDoubted:
        until = self._latest
        if jumped_to is None:
            return ProductDoubted(self.product, cause, until, None, 0, None)
        return ProductDoubted(self.product, cause, until, jumped_to.mid, 0, jumped_to.time)

    def _confirmed(self, known: Doubt, quote: Quote) -> Found | None:
        """One more quote where the jump went, if it is of a later time than the last."""
        is_later = known.last_print is None or quote.time > known.last_print
        prints = known.prints + is_later
        if prints >= self.check.prints_min and self.snapshot.right_time >= known.until:
            return ProductTrusted(self.product)
        if not is_later:
            return None
        until = min(known.until, self._latest)
        return ProductDoubted(self.product, known.cause, until, known.level, prints, quote.time)


def _fault(product: ProductId, quote: Quote, snapshot: Snapshot, check: QuoteSanity) -> str:
    """A fault that no further quote could make true; empty where there is none."""
    if quote.is_crossed:
        return f"the quote is {quote.bid}/{quote.ask}"
    peg = peg_of(product.quote)
    return "" if peg is None else peg_fault(snapshot.quote(peg), peg, check)
