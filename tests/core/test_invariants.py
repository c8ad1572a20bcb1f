"""What must hold of a ledger and of an order being sent, each rule broken by hand."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.core.risk.risk_values import (
    BTC,
    EQUITY,
    ETH,
    NOW,
    a_policy,
    a_portfolio,
    a_position,
    a_snapshot,
    a_working,
    ago,
    an_entry,
    an_exit,
)

from trader247.core.invariants import is_violation, ledger_faults, refusal_at_sending
from trader247.core.risk.checks.duplicate import UNKNOWN_MAX
from trader247.core.risk.gate import judge
from trader247.domain.ids import decision_id
from trader247.domain.intents import IntentState
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.portfolio import Ban, Difference, EquityRecord, Halt, Portfolio
from trader247.domain.proposals import Proposal
from trader247.domain.reasons import HaltName
from trader247.domain.time import SECOND
from trader247.domain.verdicts import Approved

POLICY = a_policy()


def sound(**changes: object) -> Portfolio:
    """One BTC held, bought for 100 of 10,100 that came in."""
    book = a_portfolio(
        a_position(),
        flows=Money.of(10_100),
        equity=EquityRecord(units=Decimal(10_000), equity=EQUITY, high_nav=Decimal(1)),
    )
    return replace(book, **changes)  # type: ignore[arg-type]


def test_a_sound_ledger_has_no_fault() -> None:
    assert ledger_faults(sound()) == ()
    assert ledger_faults(Portfolio()) == ()


@pytest.mark.parametrize(
    ("cash", "is_fault"),
    [("10000", False), ("10000.0000000001", True), ("9999.9999999999", True), ("-0.01", True)],
)
def test_cash_is_what_came_in_and_was_made_less_what_is_held(cash: str, is_fault: bool) -> None:
    assert bool(ledger_faults(sound(cash=Money.of(cash)))) is is_fault


@pytest.mark.parametrize(
    ("currency", "venue", "is_fault"),
    [("USD", "1", False), ("USD", "0", False), ("USD", "-0.01", True), ("BTC", "1", True)],
)
def test_cash_below_nothing_is_a_break_where_the_venue_has_more(
    currency: str, venue: str, is_fault: bool
) -> None:
    """A restored journal may have lost a deposit, and taken back what was bought with it."""
    gap = Difference(f"{'cash' if currency == 'USD' else 'base'}:{currency}", "-1", venue, NOW)
    bare = sound(cash=Money.of("-1"), flows=Money.of(99))
    book = replace(bare, differences={gap.key: gap})
    assert bool(ledger_faults(book)) is is_fault
    assert ledger_faults(bare, book) == ("cash is -1, below nothing",), "once it has healed"


def test_no_lot_is_of_nothing() -> None:
    position = a_position()
    empty = replace(position.lots[0], quantity=Quantity.of(0))
    broken = replace(position, lots=(*position.lots, empty))
    assert ledger_faults(sound(positions={BTC: broken}))


@pytest.mark.parametrize("state", [IntentState.SUBMITTING, IntentState.UNKNOWN])
def test_one_order_of_a_product_and_side_is_unresolved_at_most(state: IntentState) -> None:
    one, two = (a_working(an_entry(ETH), state, name=name) for name in ("one", "two"))
    assert ledger_faults(a_working_book(one)) == ()
    assert ledger_faults(a_working_book(one, two)) == ("2 orders to BUY ETH-USD are unresolved",)
    rests = replace(two, state=IntentState.ACCEPTED)
    assert ledger_faults(a_working_book(one, rests)) == ()


def a_working_book(*working: object) -> Portfolio:
    return sound(working={each.intent.client_order_id: each for each in working})  # type: ignore[attr-defined]


def test_nothing_fills_beyond_its_quantity() -> None:
    assert ledger_faults(a_working_book(a_working(an_entry(), filled="1"))) == ()
    assert ledger_faults(a_working_book(a_working(an_entry(), filled="1.0001")))


def test_what_works_has_not_ended_and_what_has_ended_does_not_work() -> None:
    done = a_working(an_entry(), IntentState.DONE)
    live = a_working(an_entry())
    name = live.intent.client_order_id
    assert ledger_faults(a_working_book(done))
    assert ledger_faults(sound(settled={name: live}))
    assert ledger_faults(replace(a_working_book(live), settled={name: done}))
    assert ledger_faults(sound(settled={name: done})) == ()


def test_what_is_another_one_than_in_a_sound_ledger_is_asked_again() -> None:
    before = sound()
    live, done = a_working(an_entry()), a_working(an_entry(), IntentState.DONE)
    name = live.intent.client_order_id
    position = a_position()
    empty = replace(position.lots[0], quantity=Quantity.of(0))
    parts: tuple[dict[str, Any], ...] = (
        {"cash": Money.of("9999")},
        {"flows": Money.of("10101")},
        {"realised": Money.of("1")},
        {"positions": {}},
        {"positions": {BTC: replace(position, lots=(*position.lots, empty))}},
        {"working": {name: done}},
        {"settled": {name: live}},
        {"equity": EquityRecord(units=Decimal(1), equity=EQUITY, high_nav=Decimal(1))},
    )
    for part in parts:
        after = replace(before, **part)
        assert ledger_faults(after), part
        assert ledger_faults(after, before) == ledger_faults(after), part
    assert ledger_faults(replace(before, seq=9), before) == ()


@pytest.mark.parametrize(("high", "is_fault"), [("1.01", False), ("1", False), ("0.99", True)])
def test_the_high_water_mark_is_never_below_equity(high: str, is_fault: bool) -> None:
    record = EquityRecord(units=Decimal(10_000), equity=EQUITY, high_nav=Decimal(high))
    assert bool(ledger_faults(sound(equity=record))) is is_fault


def approved(wish: Proposal, book: Portfolio) -> Approved:
    (answer,) = judge([wish], a_snapshot(), book, POLICY, equity=EQUITY)
    assert isinstance(answer, Approved)
    return answer


def refused_at_sending(wish: Proposal, before: Portfolio, after: Portfolio) -> tuple[str, bool]:
    """By what an order that was approved on `before` is refused on `after`."""
    verdict = refusal_at_sending(approved(wish, before), after, POLICY)
    return ("", False) if verdict is None else (verdict.check, is_violation(verdict))


def test_an_approved_order_is_sent_on_the_ledger_it_was_approved_on() -> None:
    assert refused_at_sending(an_entry(ETH), sound(), sound()) == ("", False)
    assert refused_at_sending(an_exit(), sound(), sound()) == ("", False)


def test_what_an_order_before_it_latched_holds_it_back_and_is_no_violation() -> None:
    halt = Halt(HaltName.INVARIANT, "an answer contradicts", NOW)
    halted = sound(halts={HaltName.INVARIANT: halt})
    assert refused_at_sending(an_exit(), sound(), halted) == ("trading_state", False)
    ban = Ban("collar", "ETH-USD", "a fault", ago(1))
    banned = sound(bans={ban.key: ban})
    assert refused_at_sending(an_entry(ETH), sound(), banned) == ("banned", False)


@pytest.mark.parametrize(
    ("wish", "changes", "check"),
    [
        (an_entry(ETH), {"cash": Money.of(50)}, "buying_power"),
        (an_exit(), {"positions": {}}, "buying_power"),
        (an_entry(ETH), {"marks": {BTC: Price.of(2_000)}}, "total_exposure"),
        (an_entry(ETH), {"equity": EquityRecord()}, "product_exposure"),
    ],
    ids=["no cash", "no lots", "too much at risk", "no equity"],
)
def test_what_the_ledger_does_not_allow_any_more_is_not_sent_and_is_a_violation(
    wish: Proposal, changes: dict[str, object], check: str
) -> None:
    assert refused_at_sending(wish, sound(), sound(**changes)) == (check, True)


def test_an_hour_that_strikes_between_decision_and_sending_contradicts_nothing() -> None:
    """An outcome unknown for ten minutes closes entries: from the next decision on."""
    unknown = a_working(an_exit(decision_id=decision_id(1, BTC)), IntentState.UNKNOWN)
    since = NOW - UNKNOWN_MAX
    old = replace(unknown, intent=replace(unknown.intent, created=since))
    book = a_working_book(old)
    answer = approved(an_entry(ETH), book)
    assert refusal_at_sending(answer, book, POLICY) is None
    later = replace(answer, decided_at=NOW + SECOND)
    verdict = refusal_at_sending(later, book, POLICY)
    assert verdict is not None
    assert verdict.check == "duplicate"


def test_a_second_order_while_one_is_unresolved_is_a_violation() -> None:
    other = a_working(an_entry(ETH, decision_id=an_entry(BTC).decision_id), IntentState.UNKNOWN)
    assert refused_at_sending(an_entry(ETH), sound(), a_working_book(other)) == ("duplicate", True)
