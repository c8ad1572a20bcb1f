from __future__ import annotations

from tests.core.ledger_values import an_intent, folded, name_of, opened

from trader247.core.orders.answers import latched_by
from trader247.domain.events.orders import IntentRecorded, SubmissionSettled
from trader247.domain.ids import OrderId
from trader247.domain.outcomes import (
    PERMISSION_DENIED,
    UNAUTHORIZED,
    Acknowledged,
    Declined,
    Outcome,
    Unknown,
)
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import HaltName

REFUSED = Declined(UNAUTHORIZED, "Unauthorized", is_sent=True)


def after(*outcomes: Outcome) -> Portfolio:
    """A ledger whose orders were answered so, and one more order on its way."""
    portfolio = opened()
    for number, outcome in enumerate(outcomes, start=1):
        settled = SubmissionSettled(name_of(number), outcome)
        portfolio = folded(portfolio, IntentRecorded(an_intent(number)), settled)
    return folded(portfolio, IntentRecorded(an_intent(len(outcomes) + 1)))


def halts(outcome: Outcome, *before: Outcome) -> list[HaltName]:
    name = name_of(len(before) + 1)
    return [each.name for each in latched_by(outcome, name, after(*before))]


def test_an_answer_that_contradicts_the_protocol_stops_everything() -> None:
    assert halts(Unknown("another order", latch=True)) == [HaltName.INVARIANT]
    assert halts(Unknown("no answer")) == []


def test_ordinary_answers_stop_nothing() -> None:
    assert halts(Acknowledged(OrderId("1"))) == []
    assert halts(Declined("INSUFFICIENT_FUND", "", is_sent=True)) == []


def test_a_key_that_may_not_trade_halts_at_once() -> None:
    assert halts(Declined(PERMISSION_DENIED, "", is_sent=True)) == [HaltName.KEY]


def test_two_orders_running_refused_for_the_key_halt() -> None:
    assert halts(REFUSED) == []
    assert halts(REFUSED, REFUSED) == [HaltName.KEY]


def test_what_never_reached_the_venue_does_not_part_two_refusals() -> None:
    unsent = Declined("not_sent", "", is_sent=False)
    assert halts(REFUSED, REFUSED, unsent) == [HaltName.KEY]
    assert halts(REFUSED, Declined("dry_run", "", is_sent=False)) == []
