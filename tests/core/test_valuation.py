from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from tests.core.book.test_fills import a_history
from tests.core.ledger_values import (
    BTC,
    ETH,
    START,
    a_cycle,
    a_fill,
    after,
    an_intent,
    bought,
    folded,
    name_of,
    opened,
    sent,
)
from tests.core.market_values import bars_of

from trader247.core.policy import Policy
from trader247.core.risk.checks.quote_age import QuoteAge
from trader247.core.risk.checks.quote_sanity import QuoteSanity
from trader247.core.universe_policy import UniversePolicy
from trader247.core.valuation import mark_to_market, pnl_figures, unrealised
from trader247.domain.events.orders import FillBooked
from trader247.domain.events.recorded import AnyEvent
from trader247.domain.ids import ProductId
from trader247.domain.market import FeeTier, ProductView, Quote, Snapshot
from trader247.domain.money import Bps, Money, Percent, Price, Quantity
from trader247.domain.portfolio import Portfolio
from trader247.domain.time import Instant

POLICY = Policy(universe=UniversePolicy(tiers=()), checks=(QuoteAge(), QuoteSanity()))
NOW = after(1000)


def a_quote(bid: str, ask: str | None = None, *, time: Instant = NOW) -> Quote:
    one = Quantity.of(1)
    return Quote(Price.of(bid), Price.of(ask or str(float(bid) * 1.01)), one, one, time)


def a_snapshot(**quotes: Quote | None) -> Snapshot:
    views = {
        ProductId(base, "USD"): ProductView(None, quote, None, None)
        for base, quote in quotes.items()
    }
    return Snapshot(1, NOW, views, None)


def two_positions() -> Portfolio:
    portfolio = bought(price="100", quantity="2", fee="0.5")
    intent = an_intent(2, product=ETH, price="10", quantity="5", decision="2:ETH-USD")
    fill = a_fill(2, product=ETH, price="10", quantity="5", fee="0.1", order=2)
    return folded(sent(portfolio, intent), FillBooked(fill, name_of(2)))


def test_equity_is_cash_and_positions_at_the_bid_less_the_taker_fee_of_leaving() -> None:
    marks, equity = mark_to_market(bought(), a_snapshot(BTC=a_quote("110")), POLICY)
    assert marks == {BTC: Price.of(110)}
    # 10,000 - 200.50 + 220 - 90 bps of 220
    assert equity == Money.of("10017.52")


def test_the_fee_is_that_of_the_accounts_own_tier_where_it_is_known() -> None:
    portfolio = replace(bought(), fee_tier=FeeTier("VIP", Bps.of(0), Bps.of(10), START))
    _, equity = mark_to_market(portfolio, a_snapshot(BTC=a_quote("110")), POLICY)
    assert equity == Money.of("10019.28")


@pytest.mark.parametrize(
    "quote",
    [
        None,
        a_quote("110", time=after(1000 - 31)),
        a_quote("110", "110"),
        a_quote("110", "109"),
        a_quote("110", time=after(1000 + 6)),
    ],
    ids=["missing", "stale", "locked", "crossed", "from the future"],
)
def test_a_position_without_a_believable_bid_makes_equity_unknown(quote: Quote | None) -> None:
    portfolio = folded(two_positions(), a_cycle(1, at=START, marks={BTC: "110", ETH: "10"}))
    marks, equity = mark_to_market(portfolio, a_snapshot(BTC=quote, ETH=a_quote("11")), POLICY)
    assert equity is None
    assert marks == {ETH: Price.of(11)}


def test_a_quote_exactly_as_old_as_allowed_is_a_price() -> None:
    quote = a_quote("110", time=after(1000 - 30))
    assert mark_to_market(bought(), a_snapshot(BTC=quote), POLICY)[1] is not None


@pytest.mark.parametrize(
    ("mid", "is_known"),
    [("1000", False), ("110.02", False), ("110", True), ("100", True), ("50", True)],
)
def test_no_gain_is_counted_on_a_price_that_nothing_led_up_to(mid: str, is_known: bool) -> None:
    """A tick ten times too high would be the high-water mark for good, and its end a drawdown."""
    half = Decimal("0.01")
    quote = a_quote(str(Decimal(mid) - half), str(Decimal(mid) + half))
    view = ProductView(None, quote, None, bars_of([10_000, 10_000]))
    snapshot = Snapshot(1, NOW, {BTC: view}, None)
    assert (mark_to_market(bought(), snapshot, POLICY)[1] is not None) is is_known


def test_a_book_of_cash_alone_needs_no_quote() -> None:
    assert mark_to_market(opened(), a_snapshot(), POLICY) == ({}, Money.of(10_000))


def test_unknown_cash_is_unknown_equity() -> None:
    assert mark_to_market(Portfolio(), a_snapshot(), POLICY) == ({}, None)


def test_unrealised_is_worth_less_cost_and_unknown_without_a_mark() -> None:
    position = bought().positions[BTC]
    assert unrealised(position, Price.of(110)) == Money.of("19.5")
    assert unrealised(position, None) is None


def test_figures_that_are_unknown_are_none_and_never_zero() -> None:
    figures = pnl_figures(bought())
    assert figures.unrealised is None
    assert (figures.equity, figures.day, figures.week) == (None, None, None)
    assert (figures.high_water_mark, figures.drawdown_pct) == (None, None)
    assert figures.cash == Money.of("9799.5")
    assert figures.fees == Money.of("0.5")


def test_day_week_and_drawdown_are_those_of_the_record() -> None:
    portfolio = folded(
        opened(),
        a_cycle(1, at=START, equity="10000"),
        a_cycle(2, at=after(60), equity="10100"),
        a_cycle(3, at=after(86_400), equity="10000"),
        a_cycle(4, at=after(86_460), equity="9898"),
    )
    figures = pnl_figures(portfolio)
    assert figures.day == Money.of("-102")
    assert figures.week == Money.of("-102")
    assert figures.high_water_mark == Money.of("10100")
    assert figures.drawdown_pct == Percent.of(2)
    assert figures.unrealised == Money.of(0)


@settings(max_examples=50, deadline=None)
@given(a_history())
def test_flows_and_profit_made_and_open_add_up_to_cash_and_positions(
    events: list[AnyEvent],
) -> None:
    portfolio = folded(opened(), *events)
    marks = dict.fromkeys(portfolio.positions, "7.77")
    figures = pnl_figures(folded(portfolio, a_cycle(1, at=START, marks=marks)))
    assert figures.unrealised is not None
    assert figures.cash is not None
    worth = sum(
        (Fraction("7.77") * Fraction(each.quantity.value) for each in portfolio.positions.values()),
        Fraction(0),
    )
    parts = (figures.flows, figures.realised, figures.unrealised)
    assert sum(Fraction(part.value) for part in parts) == Fraction(figures.cash.value) + worth
