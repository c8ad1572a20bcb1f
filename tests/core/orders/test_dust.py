"""Which positions are dust, from both sides of the venue's least, and with it unknown."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.core.mind_values import (
    RISING,
    a_market,
    market_bars,
    market_product,
    market_view,
    mind_policy,
    settled_portfolio,
)
from tests.core.risk.risk_values import (
    BTC,
    NOW,
    a_position,
    a_quote,
    a_working,
    ago,
    an_entry,
    an_exit,
)

from trader247.core.decide import decide
from trader247.core.orders.dust import dust_found
from trader247.core.orders.exits import sale
from trader247.domain.events.holdings import DustSetAside, DustTakenBack
from trader247.domain.intents import IntentState
from trader247.domain.market import ProductView
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.portfolio import Difference, Portfolio
from trader247.domain.proposals import ExitCause
from trader247.domain.reasons import Reason

POLICY = mind_policy()
LEAST = market_product(
    base_increment=Quantity.of("0.001"), base_min=Quantity.of("0.001"), quote_min=Money.of(1)
)
"""The venue sells from 1 USD on."""


def view(bid: str = "100", **changes: Any) -> ProductView:
    quote = a_quote(bid=bid, ask=str(Decimal(bid) + Decimal("0.10")))
    return market_view(**{"product": LEAST, "quote": quote, **changes})


def held(quantity: str, **changes: Any) -> Portfolio:
    return settled_portfolio(a_position(quantity=quantity), **changes)


def dusty(quantity: str, **changes: Any) -> Portfolio:
    return settled_portfolio(dust={BTC: a_position(quantity=quantity)}, **changes)


def found(
    portfolio: Portfolio, shown: ProductView, **changes: Any
) -> tuple[DustSetAside | DustTakenBack, ...]:
    return dust_found(portfolio, replace(a_market(BTC=shown), **changes), POLICY)


@pytest.mark.parametrize(
    ("quantity", "bid", "is_dust"),
    [
        # A sale's limit may lie half a per cent under the bid: it is worth 1 from 100.51 on.
        ("0.01", "100.50", True),
        ("0.01", "100.51", False),
        # What is no whole step is not sold.
        ("0.0109", "100.50", True),
        ("0.011", "100.50", False),
    ],
)
def test_what_no_sale_is_certain_to_take_is_dust(quantity: str, bid: str, is_dust: bool) -> None:
    assert bool(found(held(quantity), view(bid))) is is_dust
    # An exit finds an order for all the rest, wherever its limit lies.
    position = a_position(quantity=quantity)
    owned = position.quantity
    wish = sale(position, view(bid), POLICY, owned=owned, cause=ExitCause.STOP, now=NOW)
    assert wish is not None or is_dust


@pytest.mark.parametrize(("quantity", "is_dust"), [("4.999", True), ("5", False)])
def test_less_than_the_smallest_quantity_is_dust_at_any_price(quantity: str, is_dust: bool) -> None:
    coarse = replace(LEAST, base_min=Quantity.of(5))
    events = found(held(quantity), view(product=coarse))
    assert bool(events) is is_dust
    if is_dust:
        (event,) = events
        assert event.cause == "4.999 is less than 5, the least that the venue sells"


def test_less_than_a_step_is_dust_also_where_the_venue_names_no_smallest() -> None:
    free = replace(LEAST, base_min=Quantity.of(0), quote_min=Money.of(0))
    assert found(held("0.0009"), view(product=free))
    assert not found(held("0.001"), view(product=free))


@pytest.mark.parametrize(
    ("bid", "is_back"), [("100.51", False), ("110.55", False), ("110.56", True)]
)
def test_it_is_back_once_it_is_worth_a_tenth_more(bid: str, is_back: bool) -> None:
    shown = view(bid, bars=market_bars([11_000] * 1560))
    assert bool(found(dusty("0.01"), shown)) is is_back


STALE = replace(a_quote(bid="90", ask="90.10"), time=ago(31))
CROSSED = a_quote(bid="90", ask="89")


@pytest.mark.parametrize(
    "shown",
    [
        view("90", product=None),
        view("90", quote=None),
        view(quote=STALE),
        view(quote=CROSSED),
    ],
    ids=["no rules", "no quote", "stale", "crossed"],
)
def test_what_is_unknown_is_neither_dust_nor_sellable(shown: ProductView) -> None:
    assert found(held("0.01"), view("90"))
    assert found(held("0.01"), shown) == ()
    high = replace(shown, product=shown.product and replace(LEAST, quote_min=Money.of("0.1")))
    assert found(dusty("0.01"), high) == ()
    assert found(dusty("0.02"), view())


def test_nothing_is_said_where_the_market_or_the_books_could_not_be_read() -> None:
    assert found(held("0.01"), view("90"), unreachable="timed out") == ()
    without = replace(a_market(), views={})
    assert dust_found(held("0.01"), without, POLICY) == ()


def test_a_jump_that_nothing_led_up_to_takes_nothing_back() -> None:
    assert found(dusty("0.01"), view("1000")) == ()


@pytest.mark.parametrize("wish", [an_entry(BTC), an_exit(BTC)], ids=["buy", "sale"])
def test_while_an_order_of_it_works_nothing_is_said(wish: Any) -> None:
    for state in (IntentState.ACCEPTED, IntentState.UNKNOWN, IntentState.FILLS_PENDING):
        working = [a_working(wish, state)]
        assert found(held("0.01", working=working), view("90")) == ()
        assert found(dusty("0.02", working=working), view("109")) == ()


def test_while_ledger_and_venue_differ_about_it_nothing_is_said() -> None:
    gap = {"base:BTC": Difference("base:BTC", "0.01", "0.02", NOW)}
    assert found(held("0.01", differences=gap), view("90")) == ()
    other = {"base:ETH": Difference("base:ETH", "0.01", "0.02", NOW)}
    assert found(held("0.01", differences=other), view("90"))


def test_dust_may_be_bought_again_and_counts_in_equity_and_in_what_is_at_risk() -> None:
    bars = market_bars(RISING)
    shown = market_view(bars=bars)
    bare = decide(a_market(BTC=shown), settled_portfolio(), POLICY)
    assert bare.outcomes[BTC].reason is Reason.ENTRY_SENT
    with_dust = decide(a_market(BTC=shown), dusty("0.008"), POLICY)
    assert with_dust.outcomes[BTC].reason is Reason.ENTRY_SENT
    assert bare.equity is not None
    assert with_dust.equity is not None
    assert with_dust.equity > bare.equity
    assert with_dust.marks[BTC] == Price.of("99.95")
    as_position = decide(a_market(BTC=shown), held("0.008"), POLICY)
    assert as_position.outcomes[BTC].reason is Reason.HOLDING
    assert as_position.equity == with_dust.equity
    (order,) = with_dust.approved
    judged = {each.check: each for each in order.verdicts}
    (whole,) = bare.approved
    before = {each.check: each for each in whole.verdicts}
    share = Decimal(str(judged["product_exposure"].value))
    assert share > Decimal(str(before["product_exposure"].value))
    assert judged["max_positions"].value == before["max_positions"].value


def test_dust_without_a_price_leaves_equity_unknown() -> None:
    decisions = decide(a_market(BTC=market_view(quote=None)), dusty("0.008"), POLICY)
    assert decisions.equity is None
