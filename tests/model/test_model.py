"""The small model of an order's life: no state breaks a promise, and planted bugs are found.

`make model` looks at more than a million states; here every state of the model without crashes is
looked at, and the model's rules are held against the code that they stand for.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from scripts.model import state as model
from scripts.model.bugs import BUGS, TRIALS
from scripts.model.edges import AFTER, LEGAL, Fact
from scripts.model.moves import MOVES, moves_of
from scripts.model.search import Search
from scripts.model.state import LISTINGS_MIN, Start, name_of
from tests.core.ledger_values import (
    START,
    a_fill,
    after,
    an_intent,
    an_order,
    folded,
    opened,
    order_name,
)
from tests.core.ledger_values import (
    name_of as order_id_of,
)

from trader247.core import recovery
from trader247.domain.events.orders import FillBooked, IntentRecorded, OrderSeen, SubmissionSettled
from trader247.domain.intents import IntentState, WorkingIntent
from trader247.domain.milestones import Milestone
from trader247.domain.orders import OrderState
from trader247.domain.outcomes import Acknowledged, Declined, Outcome, Unknown
from trader247.domain.portfolio import EMPTY, Portfolio

NAME = order_id_of(1)


def test_no_state_breaks_a_promise_and_each_is_resolved_once_faults_stop() -> None:
    search = Search(Start().state(), moves_of())
    reach = search.run(states_max=100_000)
    assert reach.trace is None, reach.trace.lines()
    assert reach.is_whole
    assert reach.states > 30_000
    assert search.settle().trace is None
    assert 0 < reach.calm_steps_max < 40


def test_with_crashes_forced_locks_and_stops_too_as_far_as_a_small_bound_reaches() -> None:
    start = Start(crashes=2, flaws=2, switches=1, stops=1, cap=4)
    search = Search(start.state(), moves_of())
    reach = search.run(states_max=20_000)
    assert reach.trace is None, reach.trace.lines()
    assert search.settle().trace is None


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_found(name: str) -> None:
    search = Search(TRIALS[name].state(), moves_of(BUGS[name]))
    reach = search.run(states_max=6_000)
    if reach.trace is None:
        search.settle()
    assert reach.trace is not None, BUGS[name]
    assert 1 < len(reach.trace.steps) < 16


def test_the_trace_of_a_bug_tells_the_way_to_it() -> None:
    search = Search(Start().state(), moves_of(BUGS["RELEASED_EARLY"]))
    trace = search.run(states_max=6_000).trace
    assert trace is not None
    assert trace.wrong == "a reservation was released while its order may live"
    assert [kind for kind, _ in trace.steps] == [
        MOVES[name] for name in ("DECIDES", "RECORDS", "SENDS", "NO_ANSWER", "SETTLES")
    ]


ELSEWHERE = {
    "CP23": "tables are made before there is any order",
    "CP24": "backups are files beside the journal",
    "CP25": "a checkpoint moves what is durable already",
    "CP29": "a journal that lost its end: the model's journal only ever loses what was not synced",
}


def test_the_model_stands_for_every_milestone_of_an_orders_way() -> None:
    modelled = {label for kind in MOVES.values() for label in kind.milestones}
    assert modelled | ELSEWHERE.keys() == {each.value for each in Milestone}
    assert not modelled & ELSEWHERE.keys()


def test_the_model_has_the_states_of_the_code() -> None:
    names = {name for name in vars(model.Intent) if name.isupper()} - {"NONE"}
    assert names == {each.value for each in IntentState}
    for name in names:
        value = getattr(model.Intent, name)
        assert (value in model.SETTLED) == IntentState(name).is_settled
        assert (value in model.UNRESOLVED) == IntentState(name).is_unresolved


def settled(portfolio: Portfolio, outcome: Outcome) -> Portfolio:
    return folded(portfolio, SubmissionSettled(NAME, outcome))


def booked(portfolio: Portfolio, number: int = 1) -> Portfolio:
    return folded(portfolio, FillBooked(a_fill(number), NAME))


def ended(portfolio: Portfolio, filled: str, fees: str) -> Portfolio:
    order = an_order(state=OrderState.CANCELLED, filled=filled, fees=fees)
    return folded(portfolio, OrderSeen(order))


SUBMITTING = folded(opened(), IntentRecorded(an_intent()))
UNKNOWN = settled(SUBMITTING, Unknown("lost"))
ACCEPTED = settled(SUBMITTING, Acknowledged(order_name(1)))
FROM = {
    model.Intent.SUBMITTING: SUBMITTING,
    model.Intent.UNKNOWN: UNKNOWN,
    model.Intent.ACCEPTED: ACCEPTED,
    model.Intent.DONE_FILLS_PENDING: ended(ACCEPTED, "2", "1.0"),
}
ABSENT = Declined(code=recovery.NOT_CREATED, message="", is_sent=False)
EVENTS: dict[int, Callable[[Portfolio], Portfolio]] = {
    Fact.TAKEN: lambda portfolio: settled(portfolio, Acknowledged(order_name(1))),
    Fact.REFUSED: lambda portfolio: settled(portfolio, Declined("X", "", is_sent=True)),
    Fact.UNKNOWN: lambda portfolio: settled(portfolio, Unknown("lost")),
    Fact.NOT_SENT: lambda portfolio: settled(portfolio, Declined("not_sent", "", is_sent=False)),
    Fact.ABSENT: lambda portfolio: settled(portfolio, ABSENT),
    Fact.ENDED: lambda portfolio: ended(portfolio, "0", "0"),
    Fact.ENDED_SHORT: lambda portfolio: ended(portfolio, "2", "1.0"),
    Fact.FILL: booked,
    Fact.LAST_FILL: lambda portfolio: booked(booked(portfolio), 2),
}


@pytest.mark.parametrize(
    "line", AFTER, ids=lambda line: f"{name_of(model.Intent, line[0])}-{line[1]}"
)
def test_the_codes_fold_goes_where_the_model_goes(line: tuple[int, int]) -> None:
    before, fact = line
    portfolio = EVENTS[fact](FROM[before])
    known = portfolio.working.get(NAME) or portfolio.settled[NAME]
    assert known.state.value == name_of(model.Intent, AFTER[line])


def test_the_model_says_how_each_kind_of_fact_is_taken() -> None:
    assert {fact for _, fact in AFTER} == EVENTS.keys()
    assert {before for before, _ in LEGAL} == {model.Intent.NONE, *FROM}


def evidence(count: int, *, seconds: int) -> object:
    working = UNKNOWN.working[NAME]
    working = WorkingIntent(working.intent, working.state, unseen_listings=count)
    return recovery.resolve_unknown(
        working, (), listed_at=after(seconds), has_unexplained_fills=False, is_held=False,
        differences=EMPTY, unbooked=EMPTY, breakers=EMPTY,
    )  # fmt: skip


def test_the_code_asks_for_the_evidence_that_the_model_asks_for() -> None:
    assert recovery.LISTINGS_MIN == LISTINGS_MIN
    quiet = int(recovery.QUIET.total_seconds())
    assert evidence(LISTINGS_MIN - 1, seconds=quiet) is None, "it may still arrive"
    assert not isinstance(evidence(LISTINGS_MIN - 2, seconds=quiet + 1), SubmissionSettled)
    assert isinstance(evidence(LISTINGS_MIN - 1, seconds=quiet + 1), SubmissionSettled)
    assert UNKNOWN.working[NAME].intent.created == START
