"""What a period made, in the parts that it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from trader247.core.policy import Policy
from trader247.core.valuation import pnl_figures, selling_fee
from trader247.domain.money import CONTEXT, NO_MONEY, Money, total
from trader247.domain.portfolio import Portfolio


@dataclass(frozen=True, slots=True)
class Made:
    """`result` is equity less the opening one and what came or went; None is unknown.

    `realised` is what sales of the period made after all fees, `unrealised` how much more what is
    held is worth than it cost, `selling` the taker fee of selling it, below zero; both less what
    they were as the period began. Together they are `result`, but for what is `besides`: trades
    after the last measure of equity, and corrections of the book.
    """

    result: Money | None
    realised: Money
    unrealised: Money | None
    selling: Money | None

    @property
    def besides(self) -> Money | None:
        """What no other part explains, to the last digit; None while one is unknown."""
        if self.result is None or self.unrealised is None or self.selling is None:
            return None
        return self.result - total([self.realised, self.unrealised, self.selling])


@dataclass(frozen=True, slots=True)
class Standing:
    """What a book is worth beyond what was paid for it, at one instant."""

    realised: Money
    unrealised: Money | None
    selling_fee: Money | None


def standing_of(portfolio: Portfolio, policy: Policy | None) -> Standing:
    """The book's own figures; without a policy the fee of selling what it holds is unknown."""
    figures = pnl_figures(portfolio)
    fee: Money | None = NO_MONEY
    if portfolio.holdings:
        fee = None if policy is None else selling_fee(portfolio, policy)
    return Standing(figures.realised, figures.unrealised, fee)


NOTHING = Standing(NO_MONEY, NO_MONEY, NO_MONEY)
"""A book that has done nothing yet."""


def made_between(begin: Standing, end: Standing, *, result: Money | None) -> Made:
    """What was made from one instant to a later one."""
    selling = _less(end.selling_fee, begin.selling_fee)
    return Made(
        result=result,
        realised=end.realised - begin.realised,
        unrealised=_less(end.unrealised, begin.unrealised),
        selling=None if selling is None else NO_MONEY - selling,
    )


def _less(value: Money | None, base: Money | None) -> Money | None:
    return None if value is None or base is None else value - base


def body(made: Made) -> dict[str, str | None]:
    """Every part to its last digit, for programs."""
    return {
        "result": _text(made.result),
        "realised": str(made.realised),
        "unrealised": _text(made.unrealised),
        "selling": _text(made.selling),
        "besides": _text(made.besides),
    }


@dataclass(frozen=True, slots=True)
class Row:
    """A part as it is shown, in whole hundredths."""

    name: str
    amount: Money | None
    note: str


def shown(made: Made) -> tuple[Row, ...]:
    """The parts of `made` and their sum, last; each is rounded, and they add up all the same."""
    rows = [
        Row("realised", _cents(made.realised), "what sales made, after all fees"),
        Row("unrealised", _cents(made.unrealised), "held at the bid, less its cost"),
        Row(SELLING, _cents(made.selling), "taken off equity, not paid yet"),
    ]
    whole, besides = _cents(made.result), made.besides
    if whole is not None and besides is not None:
        rest = whole - total([each.amount for each in rows if each.amount is not None])
        if not rest.is_zero:
            # Of three roundings there is at most a cent and a half.
            is_rounding = abs(besides.value) < _CENT / 2
            name, note = _ROUNDING if is_rounding else _BESIDES
            rows.append(Row(name, rest, note))
    rows.append(Row("made", whole, "equity, less the opening one and flows"))
    return tuple(rows)


SELLING = "fee of selling what is held"
_CENT = Decimal("0.01")
_BESIDES = "besides", "since equity was measured; corrections"
_ROUNDING = "rounding", "of the figures above to cents"


def _text(amount: Money | None) -> str | None:
    return None if amount is None else str(amount)


def _cents(amount: Money | None) -> Money | None:
    if amount is None:
        return None
    return Money(amount.value.quantize(_CENT, rounding=ROUND_HALF_EVEN, context=CONTEXT))
