"""The check on what a day may buy, and may cost in fees."""

from __future__ import annotations

from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context
from trader247.core.risk.reservations import AtRisk
from trader247.domain.dataclass import dataclass
from trader247.domain.money import CONTEXT, NO_MONEY, Money, Percent
from trader247.domain.portfolio import DaySpending, Portfolio
from trader247.domain.proposals import Proposal
from trader247.domain.time import Instant
from trader247.domain.verdicts import Finding


@dataclass(frozen=True, slots=True)
class Turnover(Check):
    """A UTC day buys at most `bought_pct` of equity, and pays at most `fees_pct` of it in fees.

    Bought is what was filled today, what may still be bought, and this order; fees are those of
    today and the worst of what may still be bought. Churning loses by its fees alone, and no
    other limit sees it. Where fees that were booked are over it, `fees` is latched: only exits
    are allowed until a person clears it, which is refused on the same day.
    """

    id: ClassVar[str] = "turnover"
    row: ClassVar[int] = 19
    source: ClassVar[str] = "15c3-5(c)(1)(i)"

    bought_pct: Percent = limit(
        Percent.of(30),
        unit="% of equity",
        at_least="0.1",
        at_most=300,
        doc="notional bought in a UTC day",
    )
    fees_pct: Percent = limit(
        Percent.of("0.3"), unit="% of equity", at_least="0.001", at_most=3, doc="fees of a UTC day"
    )

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        equity, portfolio = context.equity, context.portfolio
        if equity is None:
            return self.refuse("equity is unknown, and with it the caps", value=None, unit="quote")
        bought = CONTEXT.add(context.at_risk.open_buys.value, proposal.notional.value)
        fees = CONTEXT.multiply(bought, context.worst_fee)
        today = _today(portfolio, context.now)
        if today is not None:
            bought = CONTEXT.add(bought, today.bought.value)
            fees = CONTEXT.add(fees, today.fees.value)
        most_fees = CONTEXT.multiply(equity.value, self.fees_pct.fraction)
        if fees > most_fees:
            value, cap = (fees, 8), (most_fees, 8)
            over = "fees of today would be {} with this order", value
            return self.refuse(over, value=value, limit=cap, unit="quote")
        most = CONTEXT.multiply(equity.value, self.bought_pct.fraction)
        value, cap = (bought, 8), (most, 8)
        return bought <= most, ("{} bought today with this order", value), value, cap, "quote"


def bought_today(portfolio: Portfolio, now: Instant) -> Money:
    """Notional of the buys that were booked on the UTC day of `now`."""
    spent = _today(portfolio, now)
    return NO_MONEY if spent is None else spent.bought


def fees_today(portfolio: Portfolio, now: Instant) -> Money:
    """Fees that were booked on the UTC day of `now`."""
    spent = _today(portfolio, now)
    return NO_MONEY if spent is None else spent.fees


def _today(portfolio: Portfolio, now: Instant) -> DaySpending | None:
    """What was booked on the UTC day of `now`; None where nothing was."""
    spent = portfolio.spent
    return None if spent is None else spent.counted(now)


def open_buys(portfolio: Portfolio) -> Money:
    """Notional that open buys may still take."""
    return AtRisk.of(portfolio).open_buys
