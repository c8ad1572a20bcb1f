from __future__ import annotations

import pytest
from tests.core.risk.risk_values import (
    BTC,
    DOGE,
    ETH,
    a_context,
    a_portfolio,
    a_position,
    a_working,
    an_entry,
    an_exit,
    unknown_context,
)

from trader247.core.risk.checks.capital import Capital
from trader247.domain.intents import IntentState
from trader247.domain.money import Money, Price

CHECK = Capital()


@pytest.mark.parametrize(
    ("price", "is_allowed"), [("99.99", True), ("100", True), ("100.01", False)]
)
def test_the_whole_book_is_so_much_money_at_most_whatever_equity_is(
    price: str, is_allowed: bool
) -> None:
    unknown = a_working(an_entry(ETH, price=Price.of(900)), IntentState.UNKNOWN)
    book = a_portfolio(a_position(DOGE, "40"), working=[unknown], marks={DOGE: Price.of(100)})
    context = a_context(book, equity=Money.of(1_000_000))
    assert CHECK.judge(an_entry(BTC, price=Price.of(price)), context).is_allowed is is_allowed
    assert CHECK.judge(an_exit(DOGE), context).is_allowed


def test_an_unknown_value_is_a_no_for_entries() -> None:
    unmarked = a_context(a_portfolio(a_position(DOGE), marks={}))
    verdict = CHECK.judge(an_entry(), unmarked)
    assert not verdict.is_allowed
    assert verdict.value is None
    assert CHECK.judge(an_exit(DOGE), unmarked).is_allowed


def test_an_empty_book_has_nothing_at_risk() -> None:
    assert CHECK.judge(an_entry(), unknown_context()).is_allowed
    assert not Capital(quote_max=Money.of(99)).judge(an_entry(), unknown_context()).is_allowed


def test_what_is_at_risk_is_told_to_the_eighth_decimal() -> None:
    verdict = CHECK.judge(an_entry(price=Price.of("20.123456789")), unknown_context())
    assert verdict.detail == "20.12345679 at risk with this order"
    assert verdict.words[3:] == ("20.12345679", "5000", "quote")
