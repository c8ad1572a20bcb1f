from __future__ import annotations

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

from trader247.core.risk.checks.max_positions import MaxPositions
from trader247.domain.ids import ProductId
from trader247.domain.intents import IntentState


def _held(count: int) -> list[ProductId]:
    return [ProductId(f"P{number}", "USD") for number in range(count)]


def test_the_eighth_position_may_open_and_the_ninth_may_not() -> None:
    check = MaxPositions()
    for held, is_allowed in ((7, True), (8, False)):
        portfolio = a_portfolio(*(a_position(product) for product in _held(held)))
        assert check.judge(an_entry(), a_context(portfolio)).is_allowed is is_allowed
        assert check.judge(an_exit(), a_context(portfolio)).is_allowed


def test_a_product_that_is_held_is_not_bought_again() -> None:
    context = a_context(a_portfolio(a_position(BTC)))
    assert not MaxPositions().judge(an_entry(BTC), context).is_allowed
    assert MaxPositions().judge(an_entry(ETH), context).is_allowed


def test_dust_takes_no_place_and_may_be_bought_again() -> None:
    dust = {product: a_position(product) for product in (BTC, ETH)}
    portfolio = a_portfolio(a_position(DOGE), dust=dust)
    assert MaxPositions(positions_max=2).judge(an_entry(BTC), a_context(portfolio)).is_allowed
    assert not MaxPositions(positions_max=1).judge(an_entry(BTC), a_context(portfolio)).is_allowed
    buying = a_portfolio(working=[a_working(an_entry(ETH))], dust=dust)
    assert not MaxPositions(positions_max=1).judge(an_entry(BTC), a_context(buying)).is_allowed


def test_an_order_whose_outcome_is_unknown_counts_as_a_position() -> None:
    portfolio = a_portfolio(
        a_position(DOGE), working=[a_working(an_entry(ETH), IntentState.UNKNOWN)]
    )
    assert not MaxPositions(positions_max=2).judge(an_entry(), a_context(portfolio)).is_allowed
    assert MaxPositions(positions_max=3).judge(an_entry(), a_context(portfolio)).is_allowed


def test_an_empty_book_has_room() -> None:
    assert MaxPositions(positions_max=1).judge(an_entry(), unknown_context()).is_allowed
