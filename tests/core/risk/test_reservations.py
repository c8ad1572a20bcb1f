from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from tests.core.risk.risk_values import (
    BTC,
    DOGE,
    ETH,
    NOW,
    a_policy,
    a_portfolio,
    a_position,
    a_quote,
    a_snapshot,
    a_view,
    a_working,
    an_entry,
    an_exit,
)

from trader247.core.risk.reservations import (
    at_market,
    cost_of,
    exposed_products,
    exposure_of,
    open_quantity,
    reserved_base,
    reserved_cash,
    total_exposure,
    with_reserved,
    worst_fee,
)
from trader247.domain.intents import IntentState
from trader247.domain.market import FeeTier
from trader247.domain.money import NO_MONEY, NOTHING, Bps, Money, Price, Quantity
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Approved

POLICY = a_policy()
BUY = an_entry(price=Price.of(100), quantity=Quantity.of(2))


def _approved(proposal: Proposal) -> Approved:
    return Approved(proposal, (), (), 7, NOW, NOW)


@pytest.mark.parametrize(
    ("state", "left"),
    [
        (IntentState.SUBMITTING, "2"),
        (IntentState.UNKNOWN, "2"),
        (IntentState.ACCEPTED, "1.5"),
        (IntentState.FILLS_PENDING, "1.5"),
        (IntentState.DONE, "0"),
        (IntentState.REJECTED, "0"),
        (IntentState.NOT_CREATED, "0"),
    ],
)
def test_an_intent_reserves_all_while_unknown_and_what_is_left_once_taken(
    state: IntentState, left: str
) -> None:
    assert open_quantity(a_working(BUY, state, filled="0.5")) == Quantity.of(left)


def test_exposure_is_the_position_at_its_mark_and_the_open_buys_at_their_limit() -> None:
    buying = a_working(BUY, IntentState.ACCEPTED, filled="0.5", name="buy")
    selling = a_working(an_exit(), IntentState.ACCEPTED, name="sell")
    other = a_working(an_entry(ETH), IntentState.UNKNOWN, name="other")
    book = a_portfolio(
        a_position(BTC, "3"), working=[buying, selling, other], marks={BTC: Price.of(90)}
    )
    assert exposure_of(BTC, book) == Money.of(3 * 90 + 150)
    assert exposure_of(ETH, book) == Money.of("99.95")
    assert exposure_of(DOGE, book) == NO_MONEY
    assert exposed_products(book) == (BTC, ETH)
    assert total_exposure(book) == Money.of("519.95")


def test_a_product_that_is_only_being_sold_or_was_settled_is_not_exposed() -> None:
    selling = a_working(an_exit(DOGE), IntentState.ACCEPTED, name="sell")
    ended = a_working(an_entry(ETH), IntentState.DONE, name="ended")
    book = a_portfolio(working=[selling, ended])
    assert exposed_products(book) == ()
    assert total_exposure(book) == NO_MONEY


def test_a_holding_of_unknown_worth_makes_the_total_unknown() -> None:
    book = a_portfolio(a_position(BTC), a_position(ETH), marks={ETH: Price.of(100)})
    assert exposure_of(BTC, book) is None
    assert exposure_of(ETH, book) == Money.of(100)
    assert total_exposure(book) is None


def test_reserved_cash_counts_the_fee_that_the_intent_was_recorded_with() -> None:
    buying = a_working(BUY, IntentState.UNKNOWN, fee="0.01")
    selling = a_working(an_exit(), IntentState.UNKNOWN, name="sell")
    assert reserved_cash(a_portfolio(working=[buying, selling])) == Money.of(202)


def test_reserved_base_counts_open_sales_alone() -> None:
    buying = a_working(BUY, IntentState.UNKNOWN)
    selling = a_working(an_exit(), IntentState.ACCEPTED, filled="0.25", name="sell")
    book = a_portfolio(working=[buying, selling])
    assert reserved_base(BTC, book) == Quantity.of("0.75")
    assert reserved_base(ETH, book) == NOTHING


def test_the_worst_fee_is_the_fallbacks_until_the_tier_is_known() -> None:
    tier = FeeTier("one", maker=Bps.of(60), taker=Bps.of(40), read_at=NOW)
    assert worst_fee(a_portfolio(), POLICY) == Decimal("0.009")
    assert worst_fee(a_portfolio(fee_tier=tier), POLICY) == Decimal("0.006")
    assert cost_of(BUY, a_portfolio(), POLICY) == Money.of("201.8")


def test_positions_are_marked_at_the_bid_unless_the_quote_is_crossed_or_missing() -> None:
    book = a_portfolio(a_position(BTC), a_position(ETH), a_position(DOGE))
    market = a_snapshot(
        BTC=a_view(quote=a_quote("80", "81")),
        ETH=a_view(quote=a_quote("80", "80")),
        DOGE=a_view(quote=None),
    )
    marked = at_market(book, market)
    assert marked.marks == {BTC: Price.of(80), ETH: Price.of("99.95"), DOGE: Price.of("99.95")}


def test_open_buys_of_one_product_add_up() -> None:
    buys = [a_working(BUY, IntentState.ACCEPTED, name=name) for name in ("one", "two")]
    assert exposure_of(BTC, a_portfolio(working=buys)) == Money.of(400)


def test_each_position_is_marked_whatever_was_found_sane_or_missing_before_it() -> None:
    book = a_portfolio(a_position(BTC), a_position(DOGE), a_position(ETH))
    market = a_snapshot(
        BTC=a_view(quote=a_quote("80", "81")),
        DOGE=a_view(quote=None),
        ETH=a_view(quote=a_quote("70", "71")),
    )
    marked = at_market(book, market, {BTC: Price.of(80)})
    assert (marked.marks[BTC], marked.marks[ETH]) == (Price.of(80), Price.of(70))


def test_an_approved_entry_is_seen_by_whatever_is_judged_after_it() -> None:
    before = a_portfolio()
    after = with_reserved(before, _approved(BUY), POLICY)
    assert exposure_of(BTC, after) == Money.of(200)
    assert reserved_cash(after) == Money.of("201.8")
    assert after.entries_sent == (NOW,)
    assert after.history[BTC].last_entry == NOW
    assert before == a_portfolio()


def test_an_approved_exit_reserves_its_base_and_uses_up_no_pace() -> None:
    after = with_reserved(a_portfolio(a_position()), _approved(an_exit()), POLICY)
    assert reserved_base(BTC, after) == Quantity.of(1)
    assert after.entries_sent == ()
    assert not after.history


def test_two_legs_of_one_decision_are_reserved_side_by_side() -> None:
    book = a_portfolio(a_position(quantity="2"))
    for leg in (1, 2):
        book = with_reserved(book, _approved(an_exit(leg=leg)), POLICY)
    assert reserved_base(BTC, book) == Quantity.of(2)


def test_what_is_known_of_a_products_past_is_kept() -> None:
    first = with_reserved(a_portfolio(), _approved(BUY), POLICY)
    history = replace(first.history[BTC], last_loss=NOW)
    second = with_reserved(replace(first, history={BTC: history}), _approved(BUY), POLICY)
    assert second.history[BTC].last_loss == NOW


def test_what_is_left_as_dust_takes_no_products_place_and_is_at_risk_all_the_same() -> None:
    buying = a_working(an_entry(ETH), IntentState.ACCEPTED)
    marks = {BTC: Price.of(90), DOGE: Price.of(2), ETH: Price.of(100)}
    dust = {DOGE: a_position(DOGE), ETH: a_position(ETH)}
    book = a_portfolio(a_position(BTC), working=[buying], dust=dust, marks=marks)
    assert exposed_products(book) == (BTC, ETH), "of what is bought again there is a place"
    assert exposure_of(DOGE, book) == Money.of(2)
    assert total_exposure(book) == Money.of("291.95")
    assert exposed_products(replace(book, positions={}, working={})) == ()
