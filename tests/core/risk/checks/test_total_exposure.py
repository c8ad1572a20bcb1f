from __future__ import annotations

import pytest
from tests.core.risk.risk_values import (
    BTC,
    DOGE,
    ETH,
    XRP,
    a_context,
    a_portfolio,
    a_position,
    a_working,
    an_entry,
    an_exit,
    unknown_context,
)

from trader247.core.risk.checks.total_exposure import TotalExposure
from trader247.domain.intents import IntentState
from trader247.domain.money import Money, Price, Quantity

CHECK = TotalExposure()


@pytest.mark.parametrize(
    ("price", "is_allowed"), [("199.99", True), ("200", True), ("200.01", False)]
)
def test_the_whole_book_is_fifteen_per_cent_of_equity_at_most(price: str, is_allowed: bool) -> None:
    unknown = a_working(an_entry(ETH, price=Price.of(300)), IntentState.UNKNOWN)
    portfolio = a_portfolio(
        a_position(DOGE, "4"),
        a_position(XRP, "6"),
        working=[unknown],
        marks={DOGE: Price.of(100), XRP: Price.of(100)},
    )
    entry = an_entry(BTC, price=Price.of(price))
    assert CHECK.judge(entry, a_context(portfolio)).is_allowed is is_allowed
    assert CHECK.judge(an_exit(DOGE), a_context(portfolio)).is_allowed


def test_open_sales_do_not_lower_it() -> None:
    selling = a_working(an_exit(DOGE), IntentState.ACCEPTED)
    portfolio = a_portfolio(a_position(DOGE, "15"), working=[selling], marks={DOGE: Price.of(100)})
    assert not CHECK.judge(an_entry(), a_context(portfolio)).is_allowed


def test_unknown_is_a_no_for_entries() -> None:
    assert not CHECK.judge(an_entry(), unknown_context()).is_allowed
    unmarked = a_portfolio(a_position(DOGE), marks={})
    assert not CHECK.judge(an_entry(), a_context(unmarked)).is_allowed


def test_it_says_the_share_and_the_sum_to_the_cent() -> None:
    verdict = CHECK.judge(an_entry(quantity=Quantity.of("1.2345")), a_context())
    assert str(verdict.value) == "1.2339"
    assert verdict.detail == "123.39 with this order is 1.2339 % of equity"


@pytest.mark.parametrize(("equity", "is_known"), [("0", False), ("0.01", True)])
def test_a_share_of_nothing_is_unknown(equity: str, is_known: bool) -> None:
    verdict = CHECK.judge(an_entry(), a_context(equity=Money.of(equity)))
    assert (verdict.is_allowed, verdict.value is not None) == (False, is_known)
