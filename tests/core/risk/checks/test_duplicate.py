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

from trader247.core.limits import Bound, bound_of, outside
from trader247.core.risk.check import Context
from trader247.core.risk.checks.duplicate import Duplicate
from trader247.domain.ids import decision_id
from trader247.domain.intents import IntentState, WorkingIntent
from trader247.domain.money import Percent, Quantity
from trader247.domain.proposals import Proposal
from trader247.domain.time import MICROSECOND, SECOND

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


def _ago(us: int, state: IntentState = IntentState.DONE, *, size: str = "1") -> Context:
    """An earlier entry of BTC that ended so long ago, in microseconds."""
    entry = an_entry(decision_id=decision_id(6, BTC), quantity=Quantity.of(size))
    ended = a_working(entry, state)
    aged = replace(ended, intent=replace(ended.intent, created=a_context().now - us * MICROSECOND))
    return a_context(a_portfolio(settled={aged.intent.client_order_id: aged}))


def _of_size(size: str) -> Proposal:
    return an_entry(quantity=Quantity.of(size))


@pytest.mark.parametrize(
    ("size", "is_same"),
    [
        ("0.949999", False),
        ("0.95", True),
        ("1", True),
        ("1.05", True),
        ("1.050001", False),
    ],
)
def test_an_entry_of_the_size_of_another_is_the_same_within_five_per_cent(
    size: str, is_same: bool
) -> None:
    verdict = CHECK.judge(_of_size(size), _ago(60_000_000))
    assert verdict.is_allowed is not is_same
    assert ("same size" in verdict.detail) is is_same


@pytest.mark.parametrize(
    ("us", "is_same"),
    [(599_999_999, True), (600_000_000, True), (600_000_001, False), (-60_000_000, True)],
)
def test_a_size_comes_again_after_ten_minutes_and_no_sooner(us: int, is_same: bool) -> None:
    """A clock that was set back makes nothing old."""
    assert CHECK.judge(_of_size("1"), _ago(us)).is_allowed is not is_same


@pytest.mark.parametrize("state", [state for state in IntentState if state.is_settled])
def test_whatever_became_of_an_entry_its_size_waits_unless_the_venue_turned_it_down(
    state: IntentState,
) -> None:
    is_free = CHECK.judge(_of_size("1"), _ago(60_000_000, state)).is_allowed
    assert is_free is (state is IntentState.REJECTED)


def test_each_entry_of_the_last_minutes_counts_and_not_the_newest_alone() -> None:
    earlier = [
        a_working(an_entry(decision_id=decision_id(at, BTC), quantity=Quantity.of(size)), name=size)
        for at, size in ((4, "1"), (5, "2"))
    ]
    done = {each.intent.client_order_id: replace(each, state=IntentState.DONE) for each in earlier}
    context = a_context(a_portfolio(settled=done))
    assert [CHECK.judge(_of_size(size), context).is_allowed for size in ("1", "2", "3")] == [
        False,
        False,
        True,
    ]


def test_the_size_of_another_product_or_of_an_exit_is_not_the_same_order() -> None:
    assert CHECK.judge(an_entry(ETH), _ago(60_000_000)).is_allowed
    sold = a_working(an_exit(decision_id=decision_id(5, BTC)), IntentState.DONE)
    context = a_context(a_portfolio(a_position(), settled={sold.intent.client_order_id: sold}))
    assert CHECK.judge(an_exit(leg=1), context).is_allowed, "a position leaves in equal slices"
    assert CHECK.judge(_of_size("1"), context).is_allowed, "what was sold may be bought"


def test_the_window_and_the_likeness_may_only_be_widened() -> None:
    wide = Duplicate(same_size_minutes=60, same_size_pct=Percent.of(100))
    hour = _ago(3_600_000_000)
    assert not wide.judge(_of_size("2"), hour).is_allowed
    assert wide.judge(_of_size("2.000001"), hour).is_allowed
    assert outside(9, _bound("same_size_minutes"))
    assert outside(Percent.of("4.99"), _bound("same_size_pct"))


def _bound(name: str) -> Bound:
    bound = bound_of(Duplicate, name)
    assert bound is not None
    return bound


def test_after_ten_minutes_an_unknown_outcome_closes_the_way_to_every_entry() -> None:
    unknown = a_working(an_entry(ETH), IntentState.UNKNOWN)

    def at_age(seconds: int) -> Context:
        created = a_context().now - seconds * SECOND
        old = replace(unknown, intent=replace(unknown.intent, created=created))
        return a_context(a_portfolio(a_position(), working=[old]))

    assert CHECK.judge(an_entry(), at_age(600)).is_allowed
    assert not CHECK.judge(an_entry(), at_age(601)).is_allowed
    assert CHECK.judge(an_exit(), at_age(601)).is_allowed, "exits go on"

    assert CHECK.judge(an_entry(), at_age(-600)).is_allowed
    ahead = CHECK.judge(an_entry(), at_age(-601))
    assert not ahead.is_allowed, "a clock was set back: nobody knows for how long it is unknown"
    assert "yet to come" in ahead.detail
    assert CHECK.judge(an_exit(), at_age(-601)).is_allowed


@pytest.mark.parametrize(
    "before",
    [
        a_working(an_entry(ETH), IntentState.DONE, name="before"),
        a_working(EARLIER_BUY, IntentState.REJECTED, name="before"),
    ],
    ids=["another product's", "turned down"],
)
def test_an_entry_that_does_not_count_hides_none_of_one_size_behind_it(
    before: WorkingIntent,
) -> None:
    counts = a_working(EARLIER_BUY, IntentState.DONE, name="counts")
    settled = {each.intent.client_order_id: each for each in (before, counts)}
    verdict = CHECK.judge(_of_size("1"), a_context(a_portfolio(settled=settled)))
    assert (verdict.is_allowed, "same size" in verdict.detail) == (False, True)


def test_an_order_of_another_product_hides_none_that_stands_behind_it() -> None:
    other = a_working(an_entry(ETH), IntentState.ACCEPTED, name="other")
    buys = a_working(EARLIER_BUY, IntentState.ACCEPTED, name="buys")
    verdict = CHECK.judge(_of_size("9"), a_context(a_portfolio(working=[other, buys])))
    assert (verdict.is_allowed, "stands for this side" in verdict.detail) == (False, True)


def test_a_known_order_hides_no_unknown_one_behind_it() -> None:
    known = a_working(an_entry(ETH), IntentState.ACCEPTED, name="known")
    lost = a_working(an_entry(ETH), IntentState.UNKNOWN, name="lost")
    created = a_context().now - 601 * SECOND
    old = replace(lost, intent=replace(lost.intent, created=created))
    verdict = CHECK.judge(an_entry(), a_context(a_portfolio(working=[known, old])))
    assert (verdict.is_allowed, "is unknown for 10 min" in verdict.detail) == (False, True)
