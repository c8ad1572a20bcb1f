"""When positions leave, at what price, and in what pieces."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.mind_values import a_market, market_bars, market_product, market_view, mind_policy
from tests.core.risk.risk_values import (
    BTC,
    EQUITY,
    NOW,
    PLAN,
    a_portfolio,
    a_position,
    a_quote,
    a_working,
    an_entry,
    an_exit,
)

from trader247.core.orders.exits import due, exits_of, sale, sellable
from trader247.core.orders.making_way import making_way
from trader247.core.orders.venue_stops import is_venue_stop, why_it_goes
from trader247.core.policy import Policy
from trader247.core.risk.gate import judge
from trader247.domain.decisions import Outcome
from trader247.domain.intents import IntentState, WorkingIntent
from trader247.domain.market import ProductView
from trader247.domain.money import Bps, Money, Price, Quantity
from trader247.domain.orders import OrderType, Side
from trader247.domain.portfolio import Difference, Portfolio
from trader247.domain.position import Position
from trader247.domain.proposals import ExitCause, Proposal, Purpose
from trader247.domain.reasons import Reason
from trader247.domain.time import SECOND
from trader247.domain.verdicts import Approved

TRAILING = replace(PLAN, trailing_fraction=Decimal("0.02"))


@pytest.mark.parametrize(
    ("bid", "changes", "cause"),
    [
        ("94.01", {}, None),
        ("94", {}, ExitCause.STOP),
        ("50", {}, ExitCause.STOP),
        ("111.99", {}, None),
        ("112", {}, ExitCause.TARGET),
        ("100", {"opened": NOW - PLAN.longest_hold + SECOND}, None),
        ("100", {"opened": NOW - PLAN.longest_hold}, ExitCause.LONGEST_HOLD),
        ("94", {"opened": NOW - PLAN.longest_hold}, ExitCause.STOP),
        ("112", {"opened": NOW - PLAN.longest_hold}, ExitCause.TARGET),
        ("107.8", {"plan": TRAILING, "highest": Price.of(110)}, ExitCause.TRAILING_STOP),
        ("107.81", {"plan": TRAILING, "highest": Price.of(110)}, None),
        ("94", {"plan": replace(TRAILING, trailing_fraction=Decimal("0.1"))}, ExitCause.STOP),
    ],
)
def test_what_makes_a_position_leave(
    bid: str, changes: dict[str, Any], cause: ExitCause | None
) -> None:
    assert due(replace(a_position(), **changes), Price.of(bid), NOW) is cause


def fallen(price: str, **changes: Any) -> ProductView:
    """A view in which bid and ask stand a cent around `price`, and so did the last minutes."""
    middle = Decimal(price)
    quote = a_quote(str(middle - Decimal("0.01")), str(middle + Decimal("0.01")))
    ticks = int(middle * 100)
    return market_view(BTC, quote=quote, bars=market_bars([ticks] * 30), **changes)


def only(position: Position, view: ProductView, *working: WorkingIntent) -> Proposal | Outcome:
    exits = exits_of(a_market(BTC=view), a_portfolio(position, working=working), mind_policy())
    assert len(exits.proposals) + len(exits.staying) == 1
    return exits.proposals[0] if exits.proposals else exits.staying[BTC]


def test_a_sale_takes_down_to_the_collar_and_carries_its_entry() -> None:
    position = replace(a_position(), exit_legs=2)
    proposal = only(position, fallen("90"))
    assert isinstance(proposal, Proposal)
    assert (proposal.side, proposal.purpose) == (Side.SELL, Purpose.EXIT)
    assert proposal.order_type is OrderType.LIMIT_IOC
    assert proposal.price == Price.of("89.55")
    assert proposal.quantity == Quantity.of(1)
    assert (proposal.decision_id, proposal.leg) == (position.decision_id, 3)
    assert (proposal.strategy, proposal.rule) == (position.strategy, position.rule)
    assert proposal.exit_cause is ExitCause.STOP
    assert proposal.lifetime == timedelta(seconds=900)
    assert proposal.reference == Price.of(90)


def test_a_limit_between_increments_goes_up_to_stay_inside_the_collar() -> None:
    proposal = only(a_position(), fallen("90.01"))
    assert isinstance(proposal, Proposal)
    # 90.01 less 50 bps is 89.55995.
    assert proposal.price == Price.of("89.56")


def test_a_bid_under_the_collar_is_left_to_the_gate_to_refuse() -> None:
    view = market_view(BTC, quote=a_quote("80", "92"), bars=market_bars([8600] * 30))
    market, book = a_market(BTC=view), a_portfolio(a_position())
    proposal = only(a_position(), view)
    assert isinstance(proposal, Proposal)
    assert proposal.price == Price.of(80)
    (answer,) = judge([proposal], market, book, mind_policy(), equity=EQUITY)
    assert not isinstance(answer, Approved)
    assert answer.first.check == "collar"


def test_the_median_holds_the_price_of_a_sale_after_a_wrong_tick() -> None:
    quote = a_quote("91.99", "92.01")
    view = market_view(BTC, quote=quote, bars=market_bars([9300] * 30))
    proposal = only(a_position(price="100"), view)
    assert isinstance(proposal, Proposal)
    # Two per cent under the median of 93 is 91.14; 50 bps under the mid is 91.54.
    assert proposal.price == Price.of("91.54")


def test_a_narrower_collar_of_execution_binds() -> None:
    policy = mind_policy()
    execution = replace(policy.execution, exit_collar_bps=Bps.of(10))
    position = a_position()
    proposal = sale(
        position,
        fallen("90"),
        replace(policy, execution=execution),
        owned=position.quantity,
        cause=ExitCause.FLATTEN,
        now=NOW,
    )
    assert proposal is not None
    assert proposal.price == Price.of("89.91")
    assert proposal.exit_cause is ExitCause.FLATTEN


@pytest.mark.parametrize(
    ("owned", "sold"),
    [
        ("2.7", "2.7"),
        ("2.7917", "2.7917"),
        ("2.7918", "2.7806"),
        ("2.81", "2.7917"),
        ("1000", "2.7917"),
        ("1.00005", "1"),
    ],
)
def test_a_large_position_leaves_in_slices_that_leave_something_sellable(
    owned: str, sold: str
) -> None:
    # 250 USD at 89.55 are 2.7917; the venue's least, 1 USD, is 0.0112.
    proposal = only(a_position(quantity=owned), fallen("90"))
    assert isinstance(proposal, Proposal)
    assert proposal.quantity == Quantity.of(sold)


@pytest.mark.parametrize(
    ("quantity", "product"),
    [
        ("0.0111", market_product()),
        ("0.00009", market_product(quote_min=Money.of("0.00001"))),
        ("4.9", market_product(base_min=Quantity.of(5))),
    ],
)
def test_dust_is_held_and_says_so(quantity: str, product: Any) -> None:
    answer = only(a_position(quantity=quantity), fallen("90", product=product))
    assert isinstance(answer, Outcome)
    assert answer.reason is Reason.HOLDING
    assert answer.detail == f"stop is due, but {quantity} is less than the venue sells"


def test_the_least_may_leave_even_where_it_is_more_than_the_largest_order() -> None:
    view = fallen("90", product=market_product(base_min=Quantity.of(5)))
    proposal = only(a_position(quantity="7"), view)
    assert isinstance(proposal, Proposal)
    assert proposal.quantity == Quantity.of(5)


def test_lots_that_are_missing_at_the_venue_do_not_hold_the_rest_back() -> None:
    position = a_position()
    whole = position.quantity.value
    for venue, left in ((whole / 2, whole / 2), (whole * 3, whole)):
        key = f"base:{position.product.base}"
        gap = Difference(key, str(whole), str(venue), NOW)
        portfolio = a_portfolio(position, differences={key: gap})
        assert sellable(position, portfolio) == Quantity(left)


def test_a_position_without_a_due_exit_shows_its_levels() -> None:
    answer = only(a_position(), market_view())
    assert answer == Outcome(
        Reason.HOLDING, "bid 99.95, stop 94, target 112, until 2026-01-09T10:00:00Z"
    )


@pytest.mark.parametrize(
    ("step", "levels"),
    [("0.01", "stop 94, target 112"), ("5", "stop 90, target 115"), ("95", "stop 94, target 190")],
)
def test_levels_are_the_first_bids_at_which_it_leaves(step: str, levels: str) -> None:
    coarse = market_product(price_increment=Price.of(step))
    answer = only(a_position(), market_view(product=coarse))
    assert isinstance(answer, Outcome)
    assert levels in answer.detail


@pytest.mark.parametrize("state", [IntentState.ACCEPTED, IntentState.UNKNOWN])
def test_no_second_sale_while_one_is_on_its_way(state: IntentState) -> None:
    answer = only(a_position(), fallen("90"), a_working(an_exit(), state))
    assert answer == Outcome(Reason.ORDER_WORKING, f"sale t247-one is {state.value}")


def test_an_unknown_buy_does_not_hold_back_a_sale() -> None:
    entry = a_working(an_entry(decision_id="6:BTC-USD"), IntentState.UNKNOWN)
    assert isinstance(only(a_position(), fallen("90"), entry), Proposal)


@pytest.mark.parametrize(
    "view", [market_view(quote=None, trouble="timed out"), market_view(product=None)]
)
def test_a_position_that_cannot_be_judged_says_so(view: ProductView) -> None:
    answer = only(a_position(), view)
    assert isinstance(answer, Outcome)
    assert answer.reason is Reason.NO_QUOTE
    assert (view.trouble or "no quote was read") in answer.detail


@given(
    cents=st.integers(50, 2_000_000),
    quantity=st.integers(1, 10**9),
    spread=st.integers(1, 40),
    equity=st.sampled_from([None, "5", "300", "10000"]),
)
def test_any_position_worth_the_venues_minimum_can_leave_through_the_gate(
    cents: int, quantity: int, spread: int, equity: str | None
) -> None:
    bid = Decimal(cents)
    ask = bid + max(Decimal(1), (bid * spread / 10_000).to_integral_value())
    view = market_view(
        BTC,
        quote=a_quote(str(bid / 100), str(ask / 100)),
        bars=market_bars([cents] * 30),
    )
    position = a_position(quantity=str(Decimal(quantity) / 10_000), price="100000")
    market, book = a_market(BTC=view), a_portfolio(position)
    exits = exits_of(market, book, mind_policy())
    if not exits.proposals:
        assert Price(bid / 100) * position.quantity <= Money.of("1.02")
        return
    known = None if equity is None else Money.of(equity)
    (answer,) = judge(exits.proposals, market, book, mind_policy(), equity=known)
    refused = [] if isinstance(answer, Approved) else [answer.first]
    # A spread of nearly the whole collar, or ticks as coarse as it, are all that may hold it.
    assert isinstance(answer, Approved) or {each.check for each in refused} == {"collar"}
    if ask - bid <= bid / 200 and cents > 1000:
        assert isinstance(answer, Approved), refused


def at_price(cents: int, spread: int = 2) -> ProductView:
    """A quiet market of BTC with its bid at so many cents."""
    quote = a_quote(str(Decimal(cents) / 100), str(Decimal(cents + spread) / 100))
    return market_view(BTC, quote=quote, bars=market_bars([cents] * 30))


def cycled(book: Portfolio, view: ProductView, policy: Policy, equity: Money | None) -> Portfolio:
    """The book after one cycle in which the venue does at once whatever it is asked."""
    market = a_market(BTC=view)
    exits = making_way(exits_of(market, book, policy), market, book, policy, equity=equity)
    working = {name: each for name, each in book.working.items() if name not in exits.giving_way}
    answers = judge((*exits.proposals, *exits.stops), market, book, policy, equity=equity)
    positions = dict(book.positions)
    for answer in answers:
        assert isinstance(answer, Approved), answer.first
        wish = answer.proposal
        if wish.order_type is OrderType.STOP_LIMIT_GTD:
            resting = a_working(wish)
            stop = replace(resting, intent=replace(resting.intent, stop_price=wish.stop_price))
            working[stop.intent.client_order_id] = stop
            continue
        assert not any(is_venue_stop(each) for each in working.values()), "the lots are held once"
        held = positions.pop(BTC)
        if left := held.quantity.value - wish.quantity.value:
            lots = (replace(held.lots[0], quantity=Quantity(left)),)
            positions[BTC] = replace(held, lots=lots, exit_legs=wish.leg)
    return replace(book, positions=positions, working=working)


@settings(max_examples=40)
@given(
    bought=st.integers(1_100, 2_000_000),
    worth=st.integers(20, 900),
    factor=st.decimals("0.05", "20", places=3),
    equity=st.sampled_from([None, "-50", "5", "300", "10000"]),
    is_overdue=st.booleans(),
)
def test_any_position_whose_stop_rests_at_the_venue_can_leave_at_any_price_and_equity(
    bought: int, worth: int, factor: Decimal, equity: str | None, is_overdue: bool
) -> None:
    policy = mind_policy(execution=replace(mind_policy().execution, venue_stops="auto"))
    known = None if equity is None else Money.of(equity)
    price = Decimal(bought) / 100
    quantity = Quantity(worth / price).floor_to(Quantity.of("0.0001"))
    position = a_position(quantity=str(quantity), price=str(price))
    book = cycled(a_portfolio(position), at_price(bought), policy, known)
    (stop,) = book.working.values()
    assert stop.intent.stop_price is not None
    # Under ten dollars a tick is as coarse as the collar.
    later = max(1_100, int(bought * factor))
    if is_overdue:
        opened = NOW - PLAN.longest_hold
        book = replace(book, positions={BTC: replace(position, opened=opened)})
    cause = due(book.positions[BTC], Price(Decimal(later) / 100), NOW)
    for _ in range(100):
        before = book
        book = cycled(book, at_price(later), policy, known)
        if BTC not in book.positions or book == before:
            break
    if cause is None:
        assert book.working, "it stays, and so does its stop"
        return
    left = book.positions.get(BTC)
    # What the venue would not take as an order any more is all that may stay.
    assert left is None or Price(Decimal(later) / 100) * left.quantity <= Money.of("1.02")
    assert left is not None or not book.working


@pytest.mark.parametrize(("entry", "is_moved"), [("100", False), ("99", True), ("101", True)])
def test_a_resting_stop_goes_where_its_level_has_moved_up_or_down(
    entry: str, is_moved: bool
) -> None:
    """It waits at 94, six per cent under 100."""
    policy = mind_policy(execution=replace(mind_policy().execution, venue_stops="auto"))
    resting = a_working(an_exit(order_type=OrderType.STOP_LIMIT_GTD))
    resting = replace(resting, intent=replace(resting.intent, stop_price=Price.of(94)))
    held = a_position(price=entry)
    why = why_it_goes(resting, held, fallen(entry), policy, owned=held.quantity)
    assert why.startswith("the stop has moved") is is_moved, why
