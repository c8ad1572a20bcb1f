"""Which orders explain what the venue holds, and whose a hold may be that none explains."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.core.ledger_values import (
    BTC,
    ETH,
    START,
    an_intent,
    an_order,
    bought,
    folded,
    opened,
    sent,
)

from trader247.core.holds import OURS_MAX, may_be_ours, strange_cash, unexplained, unexplained_cash
from trader247.core.policy import Policy
from trader247.core.universe_policy import UniversePolicy
from trader247.domain.balances import Balance
from trader247.domain.events.money import DifferenceFound
from trader247.domain.ids import ClientOrderId
from trader247.domain.money import Money, Quantity
from trader247.domain.orders import Order, OrderState, Side
from trader247.domain.outcomes import Unknown
from trader247.domain.portfolio import Portfolio

HOLDS = Portfolio()
PERSON = ClientOrderId("by-hand")


def held(hold: str, *orders: Order, portfolio: Portfolio | None = None) -> dict[str, Decimal]:
    balances = {"BTC": Balance(Decimal(5), Decimal(hold)), "ETH": Balance(Decimal(5), Decimal(5))}
    return dict(unexplained(bought() if portfolio is None else portfolio, balances, orders))


def by_hand(**changes: Any) -> Order:
    order = an_order(9, side=Side.SELL, quantity="2")
    return replace(order, client_order_id=PERSON, **changes)


def test_what_nothing_explains_is_told_of_held_coins_alone() -> None:
    assert held("2") == {"BTC": Decimal(2)}, "no position is of the other coin"
    assert held("0") == {}
    assert held("2", portfolio=HOLDS) == {}


def test_our_own_sale_explains_what_it_may_still_sell() -> None:
    portfolio = sent(bought(), an_intent(2, side=Side.SELL, quantity="2"))
    assert held("2", portfolio=portfolio) == {}
    assert held("2.5", portfolio=portfolio) == {"BTC": Decimal("0.5")}


def test_one_of_unknown_fate_explains_all_of_it() -> None:
    sale = an_intent(2, side=Side.SELL, quantity="2")
    assert held("2", portfolio=sent(bought(), sale, Unknown("lost"))) == {}


def test_a_buy_or_a_sale_of_another_coin_explains_nothing() -> None:
    other = an_intent(2, side=Side.SELL, quantity="2", product=ETH)
    assert held("2", portfolio=sent(bought(), other)) == {"BTC": Decimal(2)}
    assert held("2", by_hand(side=Side.BUY)) == {"BTC": Decimal(2)}


def test_a_persons_listed_order_explains_what_is_left_of_it() -> None:
    assert held("2", by_hand()) == {}
    part = by_hand(filled=an_order(quantity="0.5").quantity)
    assert held("2", part) == {"BTC": Decimal("0.5")}
    assert held("2", by_hand(quantity=None)) == {"BTC": Decimal(2)}, "nobody knows how much"


@pytest.mark.parametrize("state", [each for each in OrderState if each.is_final])
def test_what_is_over_explains_nothing(state: OrderState) -> None:
    assert held("2", by_hand(state=state)) == {"BTC": Decimal(2)}


def test_an_order_of_our_name_that_the_ledger_does_not_know_is_the_reason_and_no_excuse() -> None:
    assert held("2", an_order(7, side=Side.SELL, quantity="2")) == {"BTC": Decimal(2)}


def test_it_may_be_ours_until_it_is_older_than_any_order_of_ours() -> None:
    portfolio = folded(bought(), DifferenceFound("hold:BTC", "0", "2", is_break=False))
    assert may_be_ours(BTC, portfolio, START)
    assert may_be_ours(BTC, portfolio, START + OURS_MAX)
    assert not may_be_ours(BTC, portfolio, START + OURS_MAX + timedelta(microseconds=1))
    assert not may_be_ours(ETH, portfolio, START)
    assert not may_be_ours(BTC, bought(), START)


POLICY = Policy(universe=UniversePolicy(tiers=()), checks=())


def held_cash(
    hold: str, *orders: Order, portfolio: Portfolio | None = None, tolerance: str = "0"
) -> str:
    """What of the cash is held for nobody, and how much of it may be fees; nothing where none is.

    The worst fee of an order is 0.9 %, and a cent.
    """
    book = opened() if portfolio is None else portfolio
    balances = {"USD": Balance(Decimal(9000), Decimal(hold))}
    found = unexplained_cash(book, balances, orders, POLICY, Money.of(tolerance))
    return "" if found is None or not found.is_certain else f"{found.more} {found.fees}"


def test_cash_that_no_buy_explains_is_told_of() -> None:
    assert held_cash("25") == "25 0"
    assert held_cash("0") == ""
    assert held_cash("0.000001", tolerance="0.000001") == ""
    assert unexplained_cash(opened(), {}, (), POLICY) is None


def test_our_own_buy_explains_what_it_may_still_cost_and_its_fee() -> None:
    portfolio = sent(opened(), an_intent(2))
    assert held_cash("201.81", portfolio=portfolio) == ""
    assert held_cash("201.82", portfolio=portfolio) == "0.01 1.81"
    assert held_cash("201.82", an_order(2), portfolio=portfolio) == "0.01 1.81", "it counts once"


def test_what_may_be_fees_alone_is_not_certain() -> None:
    portfolio = sent(opened(), an_intent(2))
    for hold, more in (("200.01", "-1.8"), ("201.81", "0")):
        balances = {"USD": Balance(Decimal(9000), Decimal(hold))}
        found = unexplained_cash(portfolio, balances, (), POLICY)
        assert found is not None
        assert (str(found.more), str(found.fees), found.is_certain) == (more, "1.81", False)
    balances = {"USD": Balance(Decimal(9000), Decimal(200))}
    assert unexplained_cash(portfolio, balances, (), POLICY) is None


def test_one_buy_of_unknown_fate_explains_all_of_its_cash() -> None:
    portfolio = sent(opened(), an_intent(2), Unknown("lost"))
    assert held_cash("201.81", portfolio=portfolio) == ""


def test_a_sale_explains_no_cash() -> None:
    portfolio = sent(bought(), an_intent(2, side=Side.SELL, quantity="1"))
    assert held_cash("25", portfolio=portfolio) == "25 0"
    assert held_cash("25", by_hand()) == "25 0"


def test_a_persons_listed_buy_explains_what_is_left_of_it() -> None:
    buy = by_hand(side=Side.BUY)
    assert held_cash("201.81", buy) == ""
    assert held_cash("201.82", buy) == "0.01 1.81"
    half = replace(buy, filled=Quantity.of("1"))
    assert held_cash("201.81", half) == "100.9 0.91"
    assert held_cash("201.81", replace(buy, quantity=None)) == "201.81 0", "nobody knows how much"
    assert held_cash("201.81", replace(buy, price=None)) == "201.81 0"


@pytest.mark.parametrize("state", [each for each in OrderState if each.is_final])
def test_a_buy_that_is_over_explains_no_cash(state: OrderState) -> None:
    assert held_cash("25", by_hand(side=Side.BUY, state=state)) == "25 0"


def test_a_buy_of_our_name_that_the_ledger_does_not_know_explains_no_cash() -> None:
    assert held_cash("25", an_order(7)) == "25 0"


def test_held_cash_may_be_for_a_buy_of_ours_until_it_is_older_than_any() -> None:
    portfolio = folded(opened(), DifferenceFound("hold:USD", "0", "25", is_break=False))
    assert strange_cash(portfolio, START) == portfolio.differences["hold:USD"]
    assert strange_cash(portfolio, START + OURS_MAX) is not None
    assert strange_cash(portfolio, START + OURS_MAX + timedelta(microseconds=1)) is None
    assert strange_cash(opened(), START) is None
    assert not may_be_ours(BTC, portfolio, START), "it keeps no stop back"
