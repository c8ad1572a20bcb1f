"""The check on what a day may buy, and may cost in fees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context, figure
from trader247.core.risk.reservations import open_notional, worst_fee
from trader247.domain.money import NO_MONEY, Money, Percent
from trader247.domain.orders import Proposal, Side, Verdict
from trader247.domain.portfolio import Portfolio
from trader247.domain.time import Instant


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

    def assess(self, proposal: Proposal, context: Context) -> Verdict:
        equity, portfolio = context.equity, context.portfolio
        if equity is None:
            return self.refuse("equity is unknown, and with it the caps", value=None, unit="quote")
        planned = open_buys(portfolio) + proposal.notional
        bought = bought_today(portfolio, context.now) + planned
        fees = fees_today(portfolio, context.now) + planned * worst_fee(portfolio, context.policy)
        most, most_fees = self.bought_pct.of_money(equity), self.fees_pct.of_money(equity)
        if fees > most_fees:
            detail = f"fees of today would be {figure(fees.value, 8)} with this order"
            value, cap = figure(fees.value, 8), figure(most_fees.value, 8)
            return self.refuse(detail, value=value, limit=cap, unit="quote")
        value, cap = figure(bought.value, 8), figure(most.value, 8)
        answer = self.allow if bought <= most else self.refuse
        detail = f"{value} bought today with this order"
        return answer(detail, value=value, limit=cap, unit="quote")


def bought_today(portfolio: Portfolio, now: Instant) -> Money:
    """Notional of the buys that were booked on the UTC day of `now`."""
    spent = portfolio.spent
    return spent.bought if spent is not None and spent.day == now.day_start else NO_MONEY


def fees_today(portfolio: Portfolio, now: Instant) -> Money:
    """Fees that were booked on the UTC day of `now`."""
    spent = portfolio.spent
    return spent.fees if spent is not None and spent.day == now.day_start else NO_MONEY


def open_buys(portfolio: Portfolio) -> Money:
    """Notional that open buys may still take."""
    result = NO_MONEY
    for working in portfolio.working.values():
        if working.intent.side is Side.BUY:
            result = result + open_notional(working)
    return result
