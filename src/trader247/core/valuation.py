"""What the book is worth, and what it has made: exact figures, or None where one is unknown."""

from __future__ import annotations

from collections.abc import Mapping

from trader247.core.book.equity import change_since, drawdown
from trader247.core.policy import Policy
from trader247.core.risk.believing import believed
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.quote_age import QuoteAge
from trader247.core.risk.checks.quote_sanity import QuoteSanity
from trader247.core.risk.reservations import fee_rates
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ProductId
from trader247.domain.market import ProductView, Snapshot
from trader247.domain.money import Money, Percent, Price, total, worth
from trader247.domain.portfolio import Portfolio
from trader247.domain.position import Position


@dataclass(frozen=True, slots=True)
class PnlFigures:
    """Profit and loss as shown to a person.

    `unrealised` is what is held at its marks, less all that it cost; the exit's fee is not in it,
    and is in `equity`. `day` and `week` are since 00:00 UTC and Monday 00:00 UTC, flows apart.
    """

    realised: Money
    unrealised: Money | None
    fees: Money
    flows: Money
    equity: Money | None
    cash: Money | None
    day: Money | None
    week: Money | None
    high_water_mark: Money | None
    drawdown_pct: Percent | None


def mark_to_market(
    portfolio: Portfolio, snapshot: Snapshot, policy: Policy
) -> tuple[Mapping[ProductId, Price], Money | None]:
    """The bid of whatever is held where it can be believed, and equity at those bids."""
    marks = marks_of(portfolio, snapshot, policy)
    return marks, equity_at(marks, portfolio, policy)


def marks_of(portfolio: Portfolio, snapshot: Snapshot, policy: Policy) -> Mapping[ProductId, Price]:
    """The bid of each product of which anything is held, dust too, where it can be believed."""
    age, sanity = check_in(policy.checks, QuoteAge), check_in(policy.checks, QuoteSanity)
    marks: dict[ProductId, Price] = {}
    for product in portfolio.holdings:
        view = snapshot.views.get(product)
        bid = None if view is None else believed(view, snapshot.time, age, sanity)
        if bid is not None:
            marks[product] = bid
    return marks


def believed_bid(view: ProductView, snapshot: Snapshot, policy: Policy) -> Price | None:
    """The bid of a product; None where it cannot be believed."""
    age, sanity = check_in(policy.checks, QuoteAge), check_in(policy.checks, QuoteSanity)
    return believed(view, snapshot.time, age, sanity)


def equity_at(
    marks: Mapping[ProductId, Price], portfolio: Portfolio, policy: Policy
) -> Money | None:
    """Cash, plus positions and dust at their marks, less the taker fee of selling them.

    One of them without a mark makes it None.
    """
    holdings = portfolio.holdings
    if portfolio.cash is None or len(marks) < len(holdings):
        return None
    held = worth([(marks[key], each.quantity) for key, each in holdings.items()])
    _, taker = fee_rates(portfolio, policy)
    return portfolio.cash + held - taker.of_money(held)


def selling_fee(portfolio: Portfolio, policy: Policy) -> Money | None:
    """The taker fee that `equity` takes off for selling what is held; None without a mark."""
    marks, holdings = portfolio.marks, portfolio.holdings
    if any(key not in marks for key in holdings):
        return None
    taker = fee_rates(portfolio, policy)[1]
    return taker.of_money(total([marks[key] * each.quantity for key, each in holdings.items()]))


def unrealised(position: Position, mark: Price | None) -> Money | None:
    """What a position is worth at `mark`, less all that it cost; None without a mark."""
    return None if mark is None else mark * position.quantity - position.cost


def pnl_figures(portfolio: Portfolio) -> PnlFigures:
    """Every figure of profit and loss that the ledger knows."""
    gains = [unrealised(each, portfolio.marks.get(key)) for key, each in portfolio.holdings.items()]
    known = [gain for gain in gains if gain is not None]
    record = portfolio.equity
    fall = drawdown(record)
    return PnlFigures(
        realised=portfolio.realised,
        unrealised=total(known) if len(known) == len(gains) else None,
        fees=portfolio.fees_paid,
        flows=portfolio.flows,
        equity=record.equity,
        cash=portfolio.cash,
        day=change_since(record, record.day),
        week=change_since(record, record.week),
        high_water_mark=record.high_water_mark,
        drawdown_pct=None if fall is None else Percent.from_fraction(fall),
    )
