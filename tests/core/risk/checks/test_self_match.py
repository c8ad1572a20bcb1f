from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.risk.risk_values import (
    BTC,
    ETH,
    NOW,
    a_context,
    a_portfolio,
    a_position,
    a_working,
    an_entry,
    an_exit,
    unknown_context,
)

from trader247.core.risk.checks.self_match import SelfMatch
from trader247.domain.intents import IntentState, WorkingIntent
from trader247.domain.money import Price
from trader247.domain.orders import OrderType
from trader247.domain.proposals import Proposal
from trader247.domain.time import MICROSECOND, MINUTE

CHECK = SelfMatch()
LIVE = (
    IntentState.SUBMITTING,
    IntentState.UNKNOWN,
    IntentState.ACCEPTED,
    IntentState.FILLS_PENDING,
)


def allows(wish: Proposal, *working: WorkingIntent) -> bool:
    return CHECK.judge(wish, a_context(a_portfolio(a_position(), working=working))).is_allowed


@pytest.mark.parametrize("state", LIVE)
@pytest.mark.parametrize(("price", "is_allowed"), [("99.99", True), ("100", False), ("101", False)])
def test_a_buy_stays_below_our_own_sale(state: IntentState, price: str, is_allowed: bool) -> None:
    sale = a_working(an_exit(price=Price.of(100)), state)
    assert allows(an_entry(price=Price.of(price)), sale) is is_allowed


@pytest.mark.parametrize(("price", "is_allowed"), [("99", False), ("100", False), ("100.01", True)])
def test_a_sale_stays_above_our_own_resting_buy(price: str, is_allowed: bool) -> None:
    buy = a_working(an_entry(price=Price.of(100)))
    assert allows(an_exit(price=Price.of(price)), buy) is is_allowed


@pytest.mark.parametrize("state", [IntentState.SUBMITTING, IntentState.UNKNOWN])
def test_an_unknown_buy_holds_back_no_sale_of_what_is_booked(state: IntentState) -> None:
    assert allows(an_exit(price=Price.of(99)), a_working(an_entry(price=Price.of(100)), state))


def test_a_buy_a_minute_past_its_end_cannot_rest_any_more() -> None:
    buy = a_working(an_entry(price=Price.of(100)))
    for end, is_allowed in ((NOW - MINUTE, False), (NOW - MINUTE - MICROSECOND, True)):
        late = replace(buy, intent=replace(buy.intent, end_time=end))
        assert allows(an_exit(price=Price.of(99)), late) is is_allowed


@pytest.mark.parametrize(
    ("asked_us", "is_allowed"),
    [
        (0, False),
        (1_999_999, False),
        (2_000_000, True),
        (480_000_000, True),
        (-3_600_000_000, True),
    ],
)
def test_a_buy_whose_end_was_asked_for_keeps_a_sale_back_for_two_seconds(
    asked_us: int, is_allowed: bool
) -> None:
    """Asked for by a clock that was an hour ahead, it was asked for a while ago."""
    resting = a_working(an_entry(price=Price.of(100)))
    buy = replace(resting, cancel_requested=NOW - asked_us * MICROSECOND)
    assert allows(an_exit(price=Price.of(99)), buy) is is_allowed


def test_a_sale_whose_end_was_asked_for_keeps_buys_back_until_it_is_over() -> None:
    sale = replace(a_working(an_exit(price=Price.of(100))), cancel_requested=NOW - MINUTE)
    assert not allows(an_entry(price=Price.of(100)), sale)


@pytest.mark.parametrize("state", [state for state in IntentState if state.is_settled])
def test_what_has_ended_meets_nothing(state: IntentState) -> None:
    assert allows(an_entry(price=Price.of(100)), a_working(an_exit(price=Price.of(100)), state))


def test_another_product_is_another_book() -> None:
    assert allows(an_entry(ETH, price=Price.of(100)), a_working(an_exit(BTC, price=Price.of(100))))


def test_a_stop_that_waits_meets_nothing_before_its_price() -> None:
    stop = an_exit(order_type=OrderType.STOP_LIMIT_GTD, price=Price.of(93), stop_price=Price.of(94))
    assert allows(stop, a_working(an_entry(price=Price.of(100))))


def test_where_nothing_works_nothing_is_met() -> None:
    assert CHECK.judge(an_entry(), unknown_context()).is_allowed
    assert CHECK.judge(an_exit(), unknown_context()).is_allowed


PRICES = st.integers(9_000, 11_000).map(lambda cents: Price.of(f"{cents / 100:.2f}"))


@given(
    wish=PRICES,
    resting=st.lists(st.tuples(st.booleans(), PRICES), max_size=6),
    is_buy=st.booleans(),
)
def test_whatever_rests_an_allowed_order_meets_none_of_it(
    wish: Price, resting: list[tuple[bool, Price]], is_buy: bool
) -> None:
    working = [
        a_working((an_entry if is_bid else an_exit)(price=price), name=str(number))
        for number, (is_bid, price) in enumerate(resting)
    ]
    asked = (an_entry if is_buy else an_exit)(price=wish)
    meets = any(
        is_bid is not is_buy and (wish >= price if is_buy else wish <= price)
        for is_bid, price in resting
    )
    assert allows(asked, *working) is not meets
