"""The check that asks whether we know what we own."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.risk.believing import disbelief
from trader247.core.risk.check import Check, Context, check_in
from trader247.core.risk.checks.quote_age import QuoteAge
from trader247.core.risk.checks.quote_sanity import QuoteSanity
from trader247.domain.dataclass import dataclass
from trader247.domain.money import ZERO
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class EquityKnown(Check):
    """Nothing is bought while equity is unknown: every stop and every share is a part of it.

    Equity is unknown while the cash is, or while a position has no quote that can be trusted.
    """

    id: ClassVar[str] = "equity_known"
    row: ClassVar[int] = 43
    source: ClassVar[str] = "RTS 6 Art 17(2)"

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        equity = context.equity
        if equity is None:
            return self.refuse(_unknown(context), value=None)
        if equity.value <= ZERO:
            return self.refuse(f"equity is {equity}, nothing to trade with", value=equity)
        return True, ("equity is {}", equity), equity, "", ""


def _unknown(context: Context) -> str:
    """What of equity is not known, what would be allowed, and where to look."""
    portfolio, checks = context.portfolio, context.policy.checks
    if portfolio.cash is None:
        currency = portfolio.quote_currency or context.policy.quote_currency
        return (
            f"equity is unknown: the cash in {currency} has not been read; nothing is bought "
            "until it is. See: trader247 reconcile"
        )
    age, sanity = check_in(checks, QuoteAge), check_in(checks, QuoteSanity)
    views, now = context.snapshot.views, context.now
    found = {each: disbelief(views.get(each), now, age, sanity) for each in portfolio.holdings}
    missing = {product: why for product, why in sorted(found.items()) if why}
    if not missing:
        return "equity is unknown, and nothing is bought until it is known"
    told = ", ".join(f"{product} ({why})" for product, why in missing.items())
    return (
        f"equity is unknown: no price of {told} can be believed; nothing is bought until all that "
        f"is held has one. See: trader247 why {next(iter(missing))}"
    )
