from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from tests.core.risk.risk_values import (
    BTC,
    ETH,
    NOW,
    a_context,
    a_portfolio,
    a_position,
    a_snapshot,
    a_working,
    an_entry,
    an_exit,
    unknown_context,
)

from trader247.core.holds import OURS_MAX, RESTORED
from trader247.core.risk.checks.buying_power import BuyingPower
from trader247.domain.intents import IntentState
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.portfolio import Difference, Halt
from trader247.domain.reasons import HaltName

CHECK = BuyingPower()
HUNDRED = an_entry(price=Price.of(100))


@pytest.mark.parametrize(
    ("cash", "is_allowed"), [("100.89", False), ("100.90", True), ("100.91", True)]
)
def test_a_buy_needs_its_notional_and_the_worst_fee(cash: str, is_allowed: bool) -> None:
    context = a_context(a_portfolio(cash=Money.of(cash)))
    assert CHECK.judge(HUNDRED, context).is_allowed is is_allowed


@pytest.mark.parametrize(
    ("state", "cash", "is_allowed"),
    [
        (IntentState.ACCEPTED, "151.35", True),
        (IntentState.ACCEPTED, "151.34", False),
        (IntentState.UNKNOWN, "201.80", True),
        (IntentState.UNKNOWN, "201.79", False),
        (IntentState.SUBMITTING, "201.79", False),
    ],
)
def test_cash_that_is_spoken_for_is_not_free(
    state: IntentState, cash: str, is_allowed: bool
) -> None:
    buying = a_working(an_entry(ETH, price=Price.of(100)), state, filled="0.5")
    portfolio = a_portfolio(cash=Money.of(cash), working=[buying])
    assert CHECK.judge(HUNDRED, a_context(portfolio)).is_allowed is is_allowed


@pytest.mark.parametrize(
    ("quantity", "is_allowed"), [("0.9999", True), ("1", True), ("1.0001", False)]
)
def test_a_sale_is_of_our_own_lots(quantity: str, is_allowed: bool) -> None:
    portfolio = a_portfolio(a_position(BTC), foreign={"BTC": Decimal(50)})
    sale = an_exit(quantity=Quantity.of(quantity))
    assert CHECK.judge(sale, a_context(portfolio)).is_allowed is is_allowed


def test_of_two_sales_of_the_same_lots_one_waits() -> None:
    selling = a_working(an_exit(), IntentState.ACCEPTED, filled="0.4")
    portfolio = a_portfolio(a_position(BTC), working=[selling])
    context = a_context(portfolio)
    assert not CHECK.judge(an_exit(leg=2, quantity=Quantity.of("0.4001")), context).is_allowed
    assert CHECK.judge(an_exit(leg=2, quantity=Quantity.of("0.4")), context).is_allowed
    unknown = a_portfolio(a_position(BTC), working=[a_working(an_exit(), IntentState.UNKNOWN)])
    assert not CHECK.judge(
        an_exit(leg=2, quantity=Quantity.of("0.1")), a_context(unknown)
    ).is_allowed


def test_unknown_cash_and_unknown_lots_are_a_no() -> None:
    bought = CHECK.judge(an_entry(), unknown_context())
    assert (bought.is_allowed, bought.value) == (False, None)
    assert not CHECK.judge(an_exit(), unknown_context()).is_allowed


def test_dust_is_no_free_lot() -> None:
    wish = an_exit(BTC, quantity=Quantity.of("0.5"))
    dust = {BTC: a_position(BTC, "0.5")}
    assert CHECK.judge(wish, a_context(a_portfolio(a_position(BTC, "0.5")))).is_allowed
    assert not CHECK.judge(wish, a_context(a_portfolio(dust=dust))).is_allowed


def test_the_cost_and_what_is_free_are_told_to_the_eighth_decimal() -> None:
    context = a_context(a_portfolio(cash=Money.of("150.123456789")))
    verdict = CHECK.judge(an_entry(price=Price.of("100.000000007")), context)
    assert verdict.detail == "costs up to 100.90000001 with the fee, 150.12345679 is free"
    assert verdict.words[3:] == ("100.90000001", "150.12345679", "quote")


def test_nothing_is_bought_while_cash_is_held_for_an_order_that_nobody_knows() -> None:
    """However much is free beside it: such an order counts against no limit."""
    now = a_context().now
    held = Difference("hold:USD", "0", "25", since=now)
    verdict = CHECK.judge(HUNDRED, a_context(a_portfolio(differences={held.key: held})))
    assert not verdict.is_allowed
    assert verdict.value is None
    assert verdict.detail == "25 is held at the venue for no order that is known here"

    context = a_context(a_portfolio(a_position(BTC), differences={held.key: held}))
    assert CHECK.judge(an_exit(), context).is_allowed, "what is held leaves"
    old = replace(held, since=now - OURS_MAX - timedelta(microseconds=1))
    assert CHECK.judge(HUNDRED, a_context(a_portfolio(differences={old.key: old}))).is_allowed
    other = Difference("hold:BTC", "0", "25", since=now)
    assert CHECK.judge(HUNDRED, a_context(a_portfolio(differences={other.key: other}))).is_allowed


@pytest.mark.parametrize("owes_reading", [False, True])
@pytest.mark.parametrize("cause", [f"{RESTORED} of ten o'clock", "a wallet differs"])
def test_what_went_back_to_a_backup_sells_nothing_before_the_account_was_read(
    cause: str, *, owes_reading: bool
) -> None:
    """A stop that it lost may rest: the coins would be sold twice, other people's among them."""
    name = HaltName.RECONCILIATION_BREAK
    portfolio = a_portfolio(a_position(), halts={name: Halt(name, cause, NOW)})
    snapshot = replace(a_snapshot(), owes_reading=owes_reading)
    verdict = CHECK.judge(an_exit(), a_context(portfolio, snapshot))
    waits = owes_reading and cause.startswith(RESTORED)
    assert verdict.is_allowed is not waits
    assert ("was not read yet" in verdict.detail) is waits
