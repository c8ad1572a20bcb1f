"""The fold under events in any order: it takes each or refuses it, and its invariants hold."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.ledger_values import (
    BTC,
    START,
    a_cycle,
    a_fill,
    an_intent,
    an_order,
    name_of,
    opened,
    order_name,
)

from trader247.core.alerts.due import due_escalations
from trader247.core.alerts.facts import alerts_for
from trader247.core.book.intents import SETTLED_MAX
from trader247.core.booking import fold
from trader247.domain.errors import LedgerError
from trader247.domain.events.halts import HaltLatched
from trader247.domain.events.money import CashFlowed
from trader247.domain.events.orders import (
    CancelRequested,
    FillBooked,
    IntentRecorded,
    IntentUnseen,
    OrderSeen,
    SubmissionSettled,
)
from trader247.domain.events.recorded import AnyEvent, Recorded
from trader247.domain.money import Money
from trader247.domain.orders import OrderState, Side
from trader247.domain.outcomes import Acknowledged, Declined, Unknown
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import HaltName

NUMBERS = st.integers(1, 3)
SIDES = {1: Side.BUY, 2: Side.BUY, 3: Side.SELL}
OUTCOMES = st.one_of(
    NUMBERS.map(lambda number: Acknowledged(order_name(number))),
    st.sampled_from(
        [
            Declined("INVALID", "no", is_sent=True),
            Declined("dry_run", "no", is_sent=False),
            Declined("not_created", "no", is_sent=False),
            Unknown("no answer"),
            Unknown("contradiction", latch=True),
        ]
    ),
)
QUANTITIES = st.sampled_from(["0", "0.5", "1", "2"])


def an_intent_of(number: int) -> IntentRecorded:
    return IntentRecorded(an_intent(number, side=SIDES[number], decision=f"{number}:BTC-USD"))


def an_order_of(number: int, state: OrderState, filled: str) -> OrderSeen:
    side = SIDES[number]
    return OrderSeen(an_order(number, side=side, state=state, filled=filled, fees="0.5"))


def a_fill_of(number: int, entry: int, quantity: str) -> FillBooked:
    side = SIDES[number]
    fill = a_fill(entry, side=side, quantity=quantity, order=number)
    return FillBooked(fill, name_of(number))


EVENTS: st.SearchStrategy[AnyEvent] = st.one_of(
    NUMBERS.map(an_intent_of),
    st.builds(SubmissionSettled, NUMBERS.map(name_of), OUTCOMES),
    st.builds(an_order_of, NUMBERS, st.sampled_from(OrderState), QUANTITIES),
    st.builds(a_fill_of, NUMBERS, st.integers(1, 10**6), QUANTITIES),
    NUMBERS.map(lambda number: IntentUnseen(name_of(number))),
    NUMBERS.map(lambda number: CancelRequested(name_of(number), order_name(number), "late")),
    st.integers(-20_000, 20_000).map(lambda amount: CashFlowed(Money.of(amount), "flow")),
    st.sampled_from(HaltName).map(lambda name: HaltLatched(name, "cause")),
    st.builds(
        lambda number, equity, mark: a_cycle(number, at=START, equity=equity, marks={BTC: mark}),
        st.integers(1, 50),
        st.sampled_from(["9000", "10000", "0", "-5", None]),
        st.sampled_from(["99", "150"]),
    ),
)


def cash_of(events: list[AnyEvent]) -> Fraction:
    cash = Fraction(10_000)
    for event in events:
        if isinstance(event, CashFlowed):
            cash += Fraction(event.amount.value)
        if isinstance(event, FillBooked):
            sign = 1 if event.fill.side is Side.SELL else -1
            cash += sign * Fraction(event.fill.notional.value) - Fraction(event.fill.fee.value)
    return cash


def holds(portfolio: Portfolio, taken: list[AnyEvent]) -> None:
    """What is true of every portfolio, whatever it has been through."""
    assert portfolio.cash is not None
    assert Fraction(portfolio.cash.value) == cash_of(taken)
    assert not set(portfolio.working) & set(portfolio.settled)
    assert not any(each.state.is_settled for each in portfolio.working.values())
    assert all(each.state.is_settled for each in portfolio.settled.values())
    assert len(portfolio.settled) <= SETTLED_MAX
    for each in (*portfolio.working.values(), *portfolio.settled.values()):
        assert each.filled <= each.intent.quantity
    assert all(not position.quantity.is_zero for position in portfolio.positions.values())
    assert portfolio.equity.units >= 0


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(EVENTS, st.integers(0, 400)), max_size=30))
def test_an_event_is_folded_or_refused_and_nothing_else_can_happen(
    steps: list[tuple[AnyEvent, int]],
) -> None:
    portfolio, at = opened(), START
    taken: list[AnyEvent] = []
    for event, seconds in steps:
        at = at + timedelta(seconds=seconds)
        recorded = Recorded(portfolio.seq + 1, at, event, "")
        try:
            after = fold(portfolio, recorded)
        except LedgerError:
            continue
        taken.append(event)
        alerts_for(recorded, portfolio, after)
        due_escalations(after, at)
        holds(after, taken)
        portfolio = after


def test_the_events_that_are_drawn_do_reach_a_position_and_its_end() -> None:
    portfolio = opened()
    events: list[AnyEvent] = [
        an_intent_of(1),
        SubmissionSettled(name_of(1), Acknowledged(order_name(1))),
        a_fill_of(1, 1, "1"),
        an_intent_of(3),
        SubmissionSettled(name_of(3), Acknowledged(order_name(3))),
        a_fill_of(3, 2, "1"),
    ]
    for event in events:
        portfolio = fold(portfolio, Recorded(portfolio.seq + 1, START, event, ""))
    assert portfolio.fills_booked == 2
    assert not portfolio.positions
