"""Sizes: the wish, each cap, each floor."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.mind_values import a_market, market_product, market_view, mind_policy
from tests.core.risk.risk_values import (
    BTC,
    EQUITY,
    ETH,
    NOW,
    PLAN,
    XRP,
    a_portfolio,
    a_position,
    a_working,
    an_entry,
    some_depth,
)

from trader247.core.market.own_strategy import OwnStrategy
from trader247.core.policy import Policy
from trader247.core.regime import Regime
from trader247.core.risk.gate import judge
from trader247.core.rules.price_move import PriceMoveRule
from trader247.core.rules.rule import Wish
from trader247.core.signals.price_move import PriceMove
from trader247.core.sizing import Ground, Size, size_of
from trader247.domain.market import Depth, Product
from trader247.domain.money import Money, Percent, Price, Quantity
from trader247.domain.orders import Side
from trader247.domain.portfolio import Portfolio
from trader247.domain.stage import Confirmation, Stage
from trader247.domain.time import Instant
from trader247.domain.verdicts import Approved

CHOP = Regime("chop", Decimal("0.8"))
BULL = Regime("bull", Decimal("1.2"))
PRICE = Price.of(100)
ONE = Decimal(1)


def ground(
    portfolio: Portfolio | None = None,
    equity: Money = EQUITY,
    regime: Regime = CHOP,
    **changes: Any,
) -> Ground:
    return replace(
        Ground(portfolio or a_portfolio(), equity, regime, mind_policy(), NOW), **changes
    )


OWN = OwnStrategy("mine", PriceMove(), PriceMoveRule(), Percent.of(1), "/mine.py", "ab")


def sized(
    where: Ground,
    *,
    own: OwnStrategy | None = None,
    product: Product | None = None,
    wish: Wish | None = None,
    confidence: str = "1",
    depth: Depth | None = some_depth(),
    price: Price = PRICE,
    base: str = "2",
) -> Size:
    tier = replace(where.policy.universe.tiers[0], base_position=Percent.of(base))
    return size_of(
        product or market_product(),
        price,
        depth=depth,
        tier=tier,
        wish=wish or Wish(PLAN, ONE),
        confidence=Decimal(confidence),
        ground=where,
        own=own,
    )


def test_a_strategys_budget_counts_what_it_holds_wishes_and_plans() -> None:
    """1 % of 10,000 is 100; a position of another strategy uses none of it."""
    mine = replace(a_position(ETH, "0.3"), strategy="mine")
    assert sized(ground(), own=OWN).quantity == Quantity.of("1")
    size = sized(ground(a_portfolio(mine, a_position(XRP, "0.5"))), own=OWN)
    # What is held counts at its mark, 99.95.
    assert size.binding.name == "the budget of mine"
    assert size.quantity == Quantity.of("0.7001")
    wished = a_working(replace(an_entry(ETH, quantity=Quantity.of("0.4")), strategy="mine"))
    size = sized(ground(a_portfolio(working=[wished])), own=OWN)
    assert size.binding.name == "the budget of mine"
    assert Quantity.of("0.59") < size.quantity < Quantity.of("0.61")
    planned = (replace(an_entry(ETH, quantity=Quantity.of("0.4")), strategy="mine"),)
    assert sized(ground(planned=planned), own=OWN).binding.name == "the budget of mine"
    full = ground(a_portfolio(replace(a_position(ETH, "1"), strategy="mine")))
    assert sized(full, own=OWN).quantity.is_zero
    assert "the budget of mine" in sized(full, own=OWN).detail
    assert not sized(full).quantity.is_zero


def test_a_strategy_that_holds_what_cannot_be_valued_buys_nothing() -> None:
    mine = replace(a_position(ETH, "0.1"), strategy="mine")
    blind = replace(a_portfolio(mine), marks={})
    assert sized(ground(blind), own=OWN).quantity.is_zero


def test_a_wish_is_share_times_multipliers_times_confidence() -> None:
    size = sized(ground(), confidence="0.5")
    # 10,000 x 2 % x 1.0 x 0.8 x 0.5
    assert size.quantity == Quantity.of("0.8")
    assert size.binding.name == "the wished size"


def test_a_far_stop_makes_a_small_size() -> None:
    wish = Wish(replace(PLAN, stop_fraction=Decimal("0.8")), ONE)
    # 1 % of equity at risk over 80 % of distance is 125.
    assert sized(ground(regime=BULL), wish=wish).quantity == Quantity.of("1.25")


@pytest.mark.parametrize(
    ("where", "changes", "name", "quantity"),
    [
        (ground(regime=BULL), {}, "max_order", "2"),
        (ground(equity=Money.of(50_000)), {"base": "2"}, "max_order", "2.5"),
        (ground(), {"depth": some_depth("1000")}, "depth_multiple", "1"),
        (ground(a_portfolio(cash=Money.of(100))), {}, "buying_power", "0.9910"),
        (
            ground(),
            {"product": market_product(quote_max=Money.of(50))},
            "the venue's largest order",
            "0.5",
        ),
        (
            ground(),
            {"product": market_product(base_max=Quantity.of("0.7"))},
            "the venue's largest order",
            "0.7",
        ),
        (ground(a_portfolio(a_position(BTC, "4.3"))), {}, "product_exposure", "0.7021"),
        (
            ground(a_portfolio(a_position(ETH, "4.9"), a_position(XRP, "4.5"))),
            {},
            "cluster_exposure of LAYER1",
            "0.6047",
        ),
        (
            ground(a_portfolio(working=[a_working(an_entry(ETH, quantity=Quantity.of(9)))])),
            {},
            "cluster_exposure of LAYER1",
            "1.0045",
        ),
    ],
)
def test_the_least_cap_binds(
    where: Ground, changes: dict[str, Any], name: str, quantity: str
) -> None:
    size = sized(where, **changes)
    assert size.binding.name == name
    assert size.quantity == Quantity.of(quantity)


def test_what_is_planned_before_takes_its_room() -> None:
    planned = (an_entry(ETH, quantity=Quantity.of(9), price=PRICE),)
    size = sized(ground(planned=planned))
    assert size.binding.name == "cluster_exposure of LAYER1"
    assert size.quantity == Quantity.of(1)
    alone = sized(ground(a_portfolio(cash=Money.of(1000)), planned=planned))
    assert alone.binding.name == "buying_power"


@pytest.mark.parametrize(
    "where", [ground(a_portfolio(cash=None)), ground(a_portfolio(a_position(BTC), marks={}))]
)
def test_what_is_unknown_leaves_no_room(where: Ground) -> None:
    assert sized(where).quantity.is_zero
    assert sized(ground(), depth=None).quantity.is_zero


@pytest.mark.parametrize(("equity", "is_sent"), [("1875", True), ("1874", False)])
def test_a_size_under_the_floor_is_no_order(equity: str, is_sent: bool) -> None:
    # 2 % x 0.8 x 0.5 of 1,875 is exactly 15.
    size = sized(ground(equity=Money.of(equity)), confidence="0.5")
    assert (not size.quantity.is_zero) == is_sent
    assert is_sent or size.detail == "the wished size 14.99 is below the floor, min_notional 15"


def test_rounding_to_the_increment_may_fall_under_the_floor() -> None:
    product = market_product(base_increment=Quantity.of("0.1"), base_min=Quantity.of("0.1"))
    size = sized(ground(equity=Money.of("1900")), product=product, confidence="0.5")
    assert size.quantity.is_zero


@pytest.mark.parametrize(("minimum", "is_sent"), [("74", True), ("75", False)])
def test_what_is_left_at_the_stop_must_be_sellable(minimum: str, is_sent: bool) -> None:
    product = market_product(quote_min=Money.of(minimum))
    size = sized(ground(), product=product, confidence="0.5")
    assert (not size.quantity.is_zero) == is_sent
    assert is_sent or size.floor.name == "the venue's smallest order at the stop"


def test_the_venues_smallest_quantity_is_a_floor() -> None:
    product = market_product(base_min=Quantity.of(5))
    assert sized(ground(), product=product).detail == (
        "the wished size 160 is below the floor, the venue's smallest quantity 500"
    )


@given(
    equity=st.integers(100, 2_000_000),
    confidence=st.integers(1, 100),
    held=st.integers(0, 50),
    planned=st.integers(0, 10),
    depth=st.integers(10_000, 10_000_000),
    cents=st.integers(1, 10**8),
)
def test_a_size_passes_every_cap_of_the_gate_or_is_nothing(
    equity: int, confidence: int, held: int, planned: int, depth: int, cents: int
) -> None:
    policy: Policy = mind_policy()
    price = Price(Decimal(cents) / 100)
    position = a_position(XRP, str(held or 1), "10")
    book = a_portfolio(*([position] if held else []), cash=Money.of(equity))
    product = market_product(
        base_increment=Quantity.of("0.00000001"), base_min=Quantity.of("0.00000001")
    )
    where = Ground(book, Money.of(equity), CHOP, policy, NOW)
    size = sized(
        where,
        product=product,
        confidence=str(Decimal(confidence) / 100),
        price=price,
        depth=some_depth(str(depth)),
    )
    if size.quantity.is_zero:
        return
    assert size.quantity.is_multiple_of(product.base_increment)
    assert price * size.quantity <= size.binding.notional
    entry = an_entry(BTC, price=price, quantity=size.quantity, reference=price)
    market = a_market(BTC=market_view(BTC, product=product, depth=some_depth(str(depth))))
    (answer,) = judge([entry], market, book, policy, equity=Money.of(equity))
    sizes = {
        "min_notional",
        "max_order",
        "increments",
        "product_exposure",
        "cluster_exposure",
        "total_exposure",
        "buying_power",
        "depth_multiple",
    }
    refused = {verdict.check for verdict in answer.verdicts if not verdict.is_allowed}
    assert isinstance(answer, Approved) or not refused & sizes


def staged(largest: str = "25", trades: int = 20) -> Stage:
    until = Instant.parse("2026-02-01T00:00:00Z")
    return Stage("main", "", "0.1", NOW, until, Money.of(largest), NOW, "me", trades=trades)


@pytest.mark.parametrize(
    ("equity", "confidence", "notional"),
    [(150, "0.6", "21"), (150, "1", "25"), (1_249, "0.5", "20"), (200, "0.01", "15.1")],
)
def test_in_the_canary_stage_a_size_is_one_of_the_canarys(
    equity: int, confidence: str, notional: str
) -> None:
    book = replace(a_portfolio(cash=Money.of(equity)), stage=staged())
    size = sized(ground(book, Money.of(equity)), confidence=confidence)
    assert size.price * size.quantity == Money.of(notional)


def test_at_the_end_of_the_canary_stage_the_shares_apply() -> None:
    book = replace(a_portfolio(cash=Money.of(1_250)), stage=staged("250"))
    size = sized(ground(book, Money.of(1_250)))
    assert size.price * size.quantity == Money.of(20)


def test_no_canary_is_bought_in_a_crash() -> None:
    book = replace(a_portfolio(cash=Money.of(150)), stage=staged())
    where = ground(book, Money.of(150), Regime("crash", Decimal(0)))
    assert sized(where).quantity.is_zero


def test_the_ladder_cuts_a_size_down() -> None:
    book = replace(a_portfolio(), stage=staged("100"))
    size = sized(ground(book))
    assert (size.binding.name, size.price * size.quantity) == ("ladder", Money.of(100))


def test_what_was_confirmed_cuts_a_size_down() -> None:
    yes = Confirmation("7-BTC-USD", BTC, Side.BUY, Money.of(50), NOW, given=NOW)
    stage = replace(staged("250", trades=3), confirmations={yes.id: yes})
    size = sized(ground(replace(a_portfolio(), stage=stage)))
    assert (size.binding.name, size.price * size.quantity) == ("confirmation", Money.of(50))


def test_a_product_of_no_cluster_is_held_by_the_other_caps_alone() -> None:
    policy, held = mind_policy(), a_portfolio(a_position(ETH, "9.9"))
    alone = replace(policy, universe=replace(policy.universe, clusters=()))
    assert sized(ground(held)).binding.name == "cluster_exposure of LAYER1"
    assert sized(ground(held, policy=alone)).binding.name != "cluster_exposure of LAYER1"
