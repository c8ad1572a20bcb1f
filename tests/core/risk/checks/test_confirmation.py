from __future__ import annotations

from datetime import timedelta

import pytest
from tests.core.risk.checks.staged_values import a_stage, armed_context
from tests.core.risk.risk_values import (
    BTC,
    EQUITY,
    ETH,
    NOW,
    a_context,
    a_policy,
    a_portfolio,
    a_snapshot,
    an_entry,
    an_exit,
    unknown_context,
)

from trader247.core.book.staging import staged, traded
from trader247.core.orders.asking import questions_of
from trader247.core.risk.checks.confirmation import ConfirmationCheck
from trader247.core.risk.gate import judge
from trader247.domain.errors import LedgerError
from trader247.domain.events.people import ConfirmationAsked, ConfirmationGiven, Disarmed
from trader247.domain.ids import ProductId
from trader247.domain.money import Money, Price
from trader247.domain.orders import Side
from trader247.domain.proposals import Proposal
from trader247.domain.stage import ASKED_FOR, Stage
from trader247.domain.time import MICROSECOND, Instant
from trader247.domain.verdicts import Approved, Refused

CHECK = ConfirmationCheck()
ASKED = ConfirmationAsked("7-BTC-USD", BTC, Side.BUY, Money.of(100))
BIG = Money.of(250)


def asked(stage: Stage | None = None, at: Instant = NOW) -> Stage:
    after = staged(stage or a_stage(largest=BIG), ASKED, at)
    assert after is not None
    return after


def confirmed(at: Instant = NOW) -> Stage:
    after = staged(asked(), ConfirmationGiven(ASKED.id, "me"), at)
    assert after is not None
    return after


def answers(*proposals: Proposal, stage: Stage) -> tuple[Approved | Refused, ...]:
    book = a_portfolio(stage=stage)
    return judge(proposals, a_snapshot(), book, a_policy(), equity=EQUITY)


@pytest.mark.parametrize(("trades", "is_allowed"), [(0, False), (19, False), (20, True)])
def test_the_first_twenty_trades_wait(trades: int, is_allowed: bool) -> None:
    context = armed_context(equity=EQUITY, trades=trades)
    verdict = CHECK.judge(an_entry(), context)
    assert verdict.is_allowed is is_allowed
    assert is_allowed or f"trade {trades + 1} of the first 20" in verdict.detail
    assert CHECK.judge(an_exit(), context).is_allowed


@pytest.mark.parametrize("ahead", [ASKED_FOR + MICROSECOND, timedelta(days=2)])
def test_a_yes_that_a_clock_ahead_has_dated_is_none_once_it_is_set_back(ahead: timedelta) -> None:
    """It was good until ten minutes after that time came."""
    context = armed_context(equity=EQUITY, stage=confirmed(NOW + ahead))
    assert not CHECK.judge(an_entry(), context).is_allowed


def test_a_question_alone_is_no_yes() -> None:
    context = armed_context(equity=EQUITY, stage=asked())
    assert not CHECK.judge(an_entry(), context).is_allowed


@pytest.mark.parametrize(
    ("product", "price", "age", "is_allowed"),
    [
        (BTC, "100", timedelta(0), True),
        (BTC, "100", ASKED_FOR, True),
        (BTC, "100", ASKED_FOR + MICROSECOND, False),
        (BTC, "100.01", timedelta(0), False),
        (ETH, "100", timedelta(0), False),
    ],
)
def test_a_yes_is_for_one_product_up_to_its_notional_for_ten_minutes(
    product: ProductId, price: str, age: timedelta, is_allowed: bool
) -> None:
    context = armed_context(equity=EQUITY, stage=confirmed(NOW - age))
    entry = an_entry(product, price=Price.of(price))
    assert CHECK.judge(entry, context).is_allowed is is_allowed


def test_a_trade_uses_its_yes_up() -> None:
    after = traded(confirmed(), BTC)
    assert (after.trades, dict(after.confirmations)) == (1, {})


def test_what_was_disarmed_has_no_yes_left() -> None:
    after = staged(confirmed(), Disarmed("by hand", "me"), NOW)
    assert after is not None
    assert after.given_for(BTC, Side.BUY, NOW) is None


def test_a_yes_to_what_nobody_asked_contradicts_the_ledger() -> None:
    with pytest.raises(LedgerError):
        staged(a_stage(), ConfirmationGiven("9-BTC-USD", "me"), NOW)
    with pytest.raises(LedgerError):
        staged(None, ASKED, NOW)


def test_a_wish_that_only_waits_is_asked_for_once() -> None:
    stage = a_stage(largest=BIG)
    first = questions_of(answers(an_entry(), an_entry(ETH), stage=stage), stage, NOW)
    assert first == (ASKED,)
    again = asked(stage)
    assert questions_of(answers(an_entry(), an_entry(ETH), stage=again), again, NOW) == ()
    late = NOW + ASKED_FOR + MICROSECOND
    assert questions_of(answers(an_entry(), stage=again), again, late) == (ASKED,)


def test_nobody_is_asked_for_what_another_limit_refuses() -> None:
    stage = a_stage(largest=Money.of(25))
    assert questions_of(answers(an_entry(), stage=stage), stage, NOW) == ()


def test_a_yes_lets_the_same_wish_through_the_gate() -> None:
    stage = confirmed()
    (answer,) = answers(an_entry(), stage=stage)
    assert isinstance(answer, Approved)


def test_a_book_that_nobody_has_to_arm_asks_nobody() -> None:
    assert CHECK.judge(an_entry(), a_context()).is_allowed
    assert CHECK.judge(an_entry(), unknown_context()).is_allowed
    assert questions_of(answers(an_entry(), stage=a_stage()), None, NOW) == ()
