from __future__ import annotations

from datetime import timedelta

import pytest
from tests.core.risk.risk_values import (
    BTC,
    DOGE,
    ETH,
    a_context,
    a_policy,
    a_portfolio,
    a_position,
    a_quote,
    a_snapshot,
    a_view,
    an_entry,
    an_exit,
)

from trader247.core.risk.checks.equity_known import EquityKnown
from trader247.core.valuation import mark_to_market
from trader247.domain.market import ProductView, Quote, Snapshot
from trader247.domain.money import Money
from trader247.domain.portfolio import Portfolio

CHECK = EquityKnown()


def test_known_equity_lets_entries_pass() -> None:
    assert CHECK.judge(an_entry(), a_context(equity=Money.of("0.01"))).is_allowed


def test_unknown_equity_stops_entries_and_no_exit() -> None:
    context = a_context(equity=None)
    refused = CHECK.judge(an_entry(), context)
    assert not refused.is_allowed
    assert refused.value is None
    assert CHECK.judge(an_exit(), context).is_allowed


def test_nothing_left_is_no_equity() -> None:
    assert not CHECK.judge(an_entry(), a_context(equity=Money.of(0))).is_allowed


def _refusal(portfolio: Portfolio, snapshot: Snapshot) -> str:
    _, equity = mark_to_market(portfolio, snapshot, a_policy())
    assert equity is None
    verdict = CHECK.judge(an_entry(), a_context(portfolio, snapshot, equity=equity))
    assert not verdict.is_allowed
    return verdict.detail


@pytest.mark.parametrize(
    ("quote", "why"),
    [
        (None, "no quote"),
        (a_quote(age=timedelta(seconds=31)), "31 s old, of 30 s at most"),
        (a_quote(age=timedelta(seconds=-6)), "6 s ahead of the clock, of 5 s at most"),
        (a_quote("100.05", "99.95"), "crossed: bid 100.05 is not below ask 99.95"),
        (a_quote("120", "121"), "over 10 % above the last minute's close: 120.5"),
    ],
)
def test_a_product_without_a_price_is_named_with_what_is_wrong_and_where_to_look(
    quote: Quote | None, why: str
) -> None:
    book = a_portfolio(a_position(BTC), a_position(ETH))
    assert _refusal(book, a_snapshot(ETH=a_view(ETH, quote=quote))) == (
        f"equity is unknown: no price of ETH-USD ({why}) can be believed; nothing is bought until "
        "all that is held has one. See: trader247 why ETH-USD"
    )


def test_each_holding_without_a_price_is_named_dust_too() -> None:
    book = a_portfolio(a_position(BTC), a_position(ETH), dust={DOGE: a_position(DOGE)})
    market = a_snapshot(ETH=ProductView(None, None, None, None))
    market = Snapshot(
        market.cycle, market.time, {BTC: market.views[BTC], ETH: market.views[ETH]}, None
    )
    assert "no price of DOGE-USD (no quote), ETH-USD (no quote) can" in _refusal(book, market)


def test_cash_that_was_not_read_is_named_by_its_currency() -> None:
    book = a_portfolio(a_position(ETH), cash=None, quote_currency="USDC")
    assert _refusal(book, a_snapshot()) == (
        "equity is unknown: the cash in USDC has not been read; nothing is bought until it is. "
        "See: trader247 reconcile"
    )
