from __future__ import annotations

from dataclasses import replace

import pytest
from tests.core.risk.risk_values import (
    BTC,
    ETH,
    a_context,
    a_portfolio,
    a_position,
    a_working,
    an_entry,
    an_exit,
    unknown_context,
)

from trader247.core.risk.check import Context
from trader247.core.risk.checks.duplicate import Duplicate
from trader247.domain.ids import decision_id
from trader247.domain.orders import IntentState, Proposal
from trader247.domain.time import SECOND

CHECK = Duplicate()
UNSETTLED = [state for state in IntentState if not state.is_settled]
UNRESOLVED = [state for state in IntentState if state.is_unresolved]
EARLIER_BUY = an_entry(decision_id=decision_id(6, BTC))


def _while(other: Proposal, state: IntentState) -> Context:
    return a_context(a_portfolio(a_position(), working=[a_working(other, state)]))


def test_with_nothing_on_its_way_nothing_is_a_duplicate() -> None:
    assert CHECK.judge(an_entry(), unknown_context()).is_allowed
    assert CHECK.judge(an_exit(), unknown_context()).is_allowed


@pytest.mark.parametrize("state", UNSETTLED)
def test_an_open_buy_holds_back_another_buy_of_the_product(state: IntentState) -> None:
    assert not CHECK.judge(an_entry(), _while(EARLIER_BUY, state)).is_allowed


@pytest.mark.parametrize("state", UNSETTLED)
def test_a_buy_never_holds_back_an_exit_of_booked_lots(state: IntentState) -> None:
    assert CHECK.judge(an_exit(), _while(EARLIER_BUY, state)).is_allowed


@pytest.mark.parametrize("state", UNSETTLED)
def test_another_products_orders_do_not_matter(state: IntentState) -> None:
    assert CHECK.judge(an_entry(), _while(an_entry(ETH), state)).is_allowed


@pytest.mark.parametrize("state", UNRESOLVED)
def test_an_unknown_sale_holds_back_another_sale(state: IntentState) -> None:
    assert not CHECK.judge(an_exit(leg=2), _while(an_exit(), state)).is_allowed


def test_a_resting_sale_leaves_room_for_another_leg() -> None:
    assert CHECK.judge(an_exit(leg=2), _while(an_exit(), IntentState.ACCEPTED)).is_allowed


def test_the_same_decision_and_leg_is_never_sent_twice() -> None:
    assert not CHECK.judge(an_exit(), _while(an_exit(), IntentState.ACCEPTED)).is_allowed
    gone = a_context(a_portfolio(replace(a_position(), exit_legs=2)))
    assert not CHECK.judge(an_exit(leg=2), gone).is_allowed
    assert CHECK.judge(an_exit(leg=3), gone).is_allowed


@pytest.mark.parametrize("state", [state for state in IntentState if state.is_settled])
def test_an_order_that_has_ended_still_stands_for_its_leg(state: IntentState) -> None:
    ended = a_working(an_exit(), state)
    portfolio = a_portfolio(a_position(), settled={ended.intent.client_order_id: ended})
    assert not CHECK.judge(an_exit(), a_context(portfolio)).is_allowed
    assert CHECK.judge(an_exit(leg=2), a_context(portfolio)).is_allowed


def test_an_entry_that_already_became_a_position_is_not_sent_again() -> None:
    again = an_entry(decision_id=a_position().decision_id)
    assert not CHECK.judge(again, a_context(a_portfolio(a_position()))).is_allowed


def test_after_ten_minutes_an_unknown_outcome_closes_the_way_to_every_entry() -> None:
    unknown = a_working(an_entry(ETH), IntentState.UNKNOWN)

    def at_age(seconds: int) -> Context:
        created = a_context().now - seconds * SECOND
        old = replace(unknown, intent=replace(unknown.intent, created=created))
        return a_context(a_portfolio(a_position(), working=[old]))

    assert CHECK.judge(an_entry(), at_age(600)).is_allowed
    assert not CHECK.judge(an_entry(), at_age(601)).is_allowed
    assert CHECK.judge(an_exit(), at_age(601)).is_allowed, "exits go on"
