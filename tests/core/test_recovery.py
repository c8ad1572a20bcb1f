from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.core.ledger_values import (
    START,
    a_fill,
    after,
    an_intent,
    an_order,
    folded,
    name_of,
    opened,
    order_name,
    sent,
)

from trader247.core.recovery import (
    NOT_CREATED,
    held_currency,
    is_on_hold,
    mismatch,
    next_look,
    resolve_unknown,
)
from trader247.domain.balances import Balance
from trader247.domain.events.orders import (
    FillBooked,
    IntentRecorded,
    IntentUnseen,
    SubmissionSettled,
)
from trader247.domain.intents import WorkingIntent
from trader247.domain.money import Price, Quantity
from trader247.domain.orders import Order, OrderState, Side
from trader247.domain.outcomes import Acknowledged, Declined, Unknown
from trader247.domain.portfolio import EMPTY, Breaker, Difference, Portfolio
from trader247.domain.proposals import ExitCause
from trader247.domain.reasons import BreakerName
from trader247.domain.time import SECOND, Instant

NAME = name_of(1)
TIMED_OUT = Unknown("no answer in 10 s")


def unknown() -> Portfolio:
    return sent(opened(), an_intent(), TIMED_OUT)


def resolved(
    working: WorkingIntent,
    *listing: Order,
    at: Instant,
    has_unexplained_fills: bool = False,
    is_held: bool = False,
    differences: Mapping[str, Difference] = EMPTY,
    unbooked: Mapping[str, Decimal] = EMPTY,
    breakers: Mapping[BreakerName, Breaker] = EMPTY,
) -> SubmissionSettled | IntentUnseen | None:
    return resolve_unknown(
        working,
        listing,
        listed_at=at,
        has_unexplained_fills=has_unexplained_fills,
        is_held=is_held,
        differences=differences,
        unbooked=unbooked,
        breakers=breakers,
    )


def seen_missing_twice() -> WorkingIntent:
    portfolio = folded(unknown(), IntentUnseen(NAME), at=after(181))
    return folded(portfolio, IntentUnseen(NAME), at=after(211)).working[NAME]


def test_an_order_that_is_listed_and_ours_is_acknowledged_however_early() -> None:
    event = resolved(unknown().working[NAME], an_order(2), an_order(1), at=after(1))
    assert event == SubmissionSettled(NAME, Acknowledged(order_name(1)))


def test_an_intent_that_a_crash_left_unanswered_is_resolved_the_same_way() -> None:
    portfolio = folded(opened(), IntentRecorded(an_intent()))
    event = resolved(portfolio.working[NAME], an_order(1), at=after(1))
    assert event == SubmissionSettled(NAME, Acknowledged(order_name(1)))


def test_an_unknown_exit_is_resolved_like_an_entry() -> None:
    intent = an_intent(1, side=Side.SELL, cause=ExitCause.STOP)
    working = sent(opened(), intent, TIMED_OUT).working[NAME]
    event = resolved(working, an_order(1, side=Side.SELL), at=after(1))
    assert event == SubmissionSettled(NAME, Acknowledged(order_name(1)))


@pytest.mark.parametrize(
    "order",
    [
        an_order(side=Side.SELL),
        an_order(price="100.01"),
        an_order(quantity="1.99"),
        replace(an_order(), price=None),
    ],
    ids=["side", "price", "quantity", "no price"],
)
def test_an_order_of_our_id_that_is_not_what_we_sent_latches(order: Order) -> None:
    event = resolved(unknown().working[NAME], order, at=after(1))
    assert isinstance(event, SubmissionSettled)
    assert isinstance(event.outcome, Unknown)
    assert event.outcome.latch


def test_a_contradiction_is_said_once() -> None:
    portfolio = unknown()
    event = resolved(portfolio.working[NAME], an_order(price="99"), at=after(1))
    assert event is not None
    portfolio = folded(portfolio, event)
    assert resolved(portfolio.working[NAME], an_order(price="99"), at=after(60)) is None


def test_equal_numbers_in_other_words_are_no_mismatch() -> None:
    order = replace(an_order(), price=Price.of("100.00"), quantity=Quantity.of("2.000"))
    assert mismatch(an_intent(), order) == ""


def test_a_listing_without_the_order_is_no_evidence_while_the_request_may_still_arrive() -> None:
    for seconds in (0, 60, 180):
        assert resolved(unknown().working[NAME], at=after(seconds)) is None
    assert resolved(unknown().working[NAME], at=after(181)) == IntentUnseen(NAME)


def test_listings_close_to_each_other_are_one_listing() -> None:
    once = folded(unknown(), IntentUnseen(NAME), at=after(181)).working[NAME]
    assert resolved(once, at=after(210)) is None
    assert resolved(once, at=after(211)) == IntentUnseen(NAME)


def test_three_late_listings_without_it_say_that_it_was_not_created() -> None:
    event = resolved(seen_missing_twice(), at=after(241))
    assert isinstance(event, SubmissionSettled)
    assert isinstance(event.outcome, Declined)
    assert (event.outcome.code, event.outcome.is_sent) == (NOT_CREATED, False)


def test_an_order_that_appears_at_the_last_listing_wins() -> None:
    event = resolved(seen_missing_twice(), an_order(1), at=after(241))
    assert event == SubmissionSettled(NAME, Acknowledged(order_name(1)))


def test_a_fill_that_nothing_explains_keeps_it_unknown() -> None:
    assert resolved(seen_missing_twice(), at=after(241), has_unexplained_fills=True) is None


def test_a_difference_in_its_base_currency_keeps_it_unknown() -> None:
    standing = {"base:BTC": Difference("base:BTC", "0", "2", START)}
    assert resolved(seen_missing_twice(), at=after(241), differences=standing) is None
    other = {"base:ETH": Difference("base:ETH", "0", "2", START)}
    assert resolved(seen_missing_twice(), at=after(241), differences=other) is not None


@pytest.mark.parametrize(
    ("waits", "is_trace"), [("2", False), ("1", True), ("3", True), ("-2", True), ("0", True)]
)
def test_a_difference_that_fills_of_other_orders_make_up_is_no_trace(
    waits: str, *, is_trace: bool
) -> None:
    """They wait for this one to be settled, and it waited for them to be booked."""
    standing = {"base:BTC": Difference("base:BTC", "1", "3", START)}
    event = resolved(
        seen_missing_twice(),
        at=after(241),
        differences=standing,
        unbooked={"BTC": Decimal(waits), "ETH": Decimal(2)},
    )
    assert isinstance(event, SubmissionSettled) is not is_trace


@pytest.mark.parametrize(
    ("venue", "later_s", "is_trace"),
    [
        ("2", 59, True),
        ("2", 61, True),
        ("2", 61 + 1_800, False),
        ("-2", 59, True),
        ("-2", 61, False),
    ],
    ids=["it may rest", "it may have filled", "long after", "it may rest, and", "the other way"],
)
def test_a_difference_keeps_it_unknown_only_where_it_may_be_its_trace(
    venue: str, later_s: int, *, is_trace: bool
) -> None:
    """Its owner's own trade at the venue must not keep it unknown for ever."""
    standing = {"base:BTC": Difference("base:BTC", "0", venue, START)}
    working = seen_missing_twice()
    at = working.intent.end_time + later_s * SECOND
    event = resolved(working, at=at, differences=standing)
    assert isinstance(event, SubmissionSettled) is not is_trace


@pytest.mark.parametrize(
    "name", [BreakerName.API_ERRORS, BreakerName.RATE_LIMIT, BreakerName.MAINTENANCE]
)
def test_a_venue_that_is_not_itself_settles_nothing(name: BreakerName) -> None:
    open_breaker = {name: Breaker(name, "errors", START)}
    assert resolved(seen_missing_twice(), at=after(241), breakers=open_breaker) is None


def test_a_breaker_that_is_not_the_venues_settles_as_ever() -> None:
    name = BreakerName.VOLATILITY
    open_breaker = {name: Breaker(name, "5 %", START)}
    assert resolved(seen_missing_twice(), at=after(241), breakers=open_breaker) is not None


def test_an_intent_with_a_fill_was_created_whatever_the_listings_say() -> None:
    portfolio = folded(unknown(), FillBooked(a_fill(1), NAME))
    portfolio = folded(portfolio, IntentUnseen(NAME), IntentUnseen(NAME), at=after(200))
    assert resolved(portfolio.working[NAME], at=after(900)) is None


def test_what_is_settled_is_not_settled_again() -> None:
    assert resolved(sent(opened(), an_intent()).working[NAME], an_order(1), at=after(1)) is None


def test_a_hold_that_nothing_listed_explains_keeps_it_unknown() -> None:
    assert resolved(seen_missing_twice(), at=after(241), is_held=True) is None


def on_hold(amount: str, *orders: Order, side: Side = Side.BUY) -> bool:
    return is_on_hold(an_intent(1, side=side), orders, Balance(Decimal(0), Decimal(amount)))


def test_a_hold_as_large_as_the_order_may_be_its_trace() -> None:
    assert on_hold("200")
    assert not on_hold("199.99")
    assert on_hold("2", side=Side.SELL)
    assert not on_hold("1.9", side=Side.SELL)
    assert (held_currency(an_intent()), held_currency(an_intent(1, side=Side.SELL))) == (
        "USD",
        "BTC",
    )


def test_a_hold_is_explained_by_the_live_orders_that_are_listed() -> None:
    other = an_order(2)
    fee = 200 * an_intent().taker_fee_fraction
    assert not on_hold(str(200 + fee), other)
    assert on_hold(str(400 + fee), other)
    assert on_hold("200", replace(other, state=OrderState.CANCELLED)), "what ended holds nothing"
    assert on_hold("200", replace(other, price=None)), "what cannot be read explains nothing"
    assert on_hold("200", an_order(2, side=Side.SELL)), "a sale holds coins"
    assert not on_hold("2", an_order(2, side=Side.SELL), side=Side.SELL)


def test_the_end_of_an_order_is_compared_to_the_second() -> None:
    order = an_order()
    assert order.end_time is not None
    assert (
        mismatch(an_intent(), replace(order, end_time=order.end_time + timedelta(seconds=1))) == ""
    )
    assert mismatch(an_intent(), replace(order, end_time=order.end_time + timedelta(seconds=2)))


def test_an_unknown_is_looked_for_soon_and_then_every_half_minute() -> None:
    portfolio, looks, now = unknown(), [], START
    while now < after(300):
        look = next_look(portfolio, now)
        assert look is not None
        looks.append((look - START).total_seconds())
        now = look
    assert looks == [1, 2, 4, 8, 15, 30, 60, 90, 120, 150, 181, 211, 241, 271, 301]


def test_where_nothing_is_unknown_nobody_looks() -> None:
    assert next_look(sent(opened(), an_intent()), START) is None
