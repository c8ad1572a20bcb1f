"""What an account's own figures say, from both sides of each limit and exactly at it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from trader247.app.monitoring.overseeing import Judged, Overseer, OverseerLimits, Seen
from trader247.domain.ids import ClientOrderId, OrderId, ProductId
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.orders import Order, OrderState, Side
from trader247.domain.time import DAY, MINUTE, SECOND, Instant

NOW = Instant.parse("2026-01-07T12:00:00Z")
FRESH = 10 * SECOND
HUNDRED = Price.of(100)


def an_order(
    notional: str = "100",
    *,
    side: Side = Side.BUY,
    base: str = "ETH",
    age: timedelta = MINUTE,
    name: str = "t247-abcdef-1-x",
    state: OrderState = OrderState.OPEN,
    is_told: bool = True,
) -> Order:
    return Order(
        order_id=OrderId("1"),
        client_order_id=ClientOrderId(name),
        product=ProductId(base, "USD"),
        side=side,
        state=state,
        price=Price.of(1) if is_told else None,
        quantity=Quantity.of(notional),
        filled=Quantity.of(0),
        fees=Money.of(0),
        fill_count=0,
        created=NOW - age,
        end_time=None,
    )


def judged(
    *orders: Order,
    cash: str = "10000",
    coins: dict[str, str] | None = None,
    prices: dict[str, Price | None] | None = None,
    foreign: dict[str, Decimal] | None = None,
    silence: timedelta | None = FRESH,
) -> Judged:
    holdings = {each: Decimal(amount) for each, amount in (coins or {}).items()}
    known = dict.fromkeys(holdings, HUNDRED) if prices is None else prices
    seen = Seen(NOW, Decimal(cash), holdings, known, orders)
    return Overseer(OverseerLimits(), foreign or {}).judge(seen, silence=silence)


def breaches(found: Judged) -> list[str]:
    return [each.id for each in found.breaches]


def test_an_account_within_its_limits_is_well() -> None:
    found = judged(an_order(), cash="9500", coins={"BTC": "5"})
    assert found.is_well
    assert found.equity == Money.of(10_000)
    assert found.at_risk == Money.of(600)


@pytest.mark.parametrize(
    ("coins", "over"), [("5.99", []), ("6", []), ("6.01", ["product_exposure"])]
)
def test_one_product_is_six_per_cent_of_equity(coins: str, over: list[str]) -> None:
    cash = str(10_000 - Decimal(coins) * 100)
    assert breaches(judged(cash=cash, coins={"BTC": coins})) == over


@pytest.mark.parametrize(("buy", "over"), [("100", []), ("100.01", ["product_exposure"])])
def test_an_open_buy_counts_like_what_is_held(buy: str, over: list[str]) -> None:
    found = judged(an_order(buy, base="BTC"), cash="9500", coins={"BTC": "5"})
    assert breaches(found) == over


@pytest.mark.parametrize(("last", "over"), [("6", []), ("6.01", ["total_exposure"])])
def test_all_of_them_are_eighteen_per_cent(last: str, over: list[str]) -> None:
    coins = {"BTC": "5.99", "ETH": "6", "XRP": "0.01", "ADA": last}
    cash = str(10_000 - sum(Decimal(each) for each in coins.values()) * 100)
    found = judged(cash=cash, coins=coins)
    assert [each for each in breaches(found) if each == "total_exposure"] == over


@pytest.mark.parametrize(("notional", "over"), [("300", []), ("300.01", ["order_size"])])
def test_an_order_of_ours_is_three_hundred_at_most(notional: str, over: list[str]) -> None:
    assert breaches(judged(an_order(notional))) == over
    assert breaches(judged(an_order(notional, state=OrderState.FILLED))) == []


@pytest.mark.parametrize(
    ("age", "over"), [(16 * MINUTE, []), (16 * MINUTE + SECOND, ["order_age"])]
)
def test_no_order_of_ours_lives_longer_than_its_time_and_a_minute(
    age: timedelta, over: list[str]
) -> None:
    assert breaches(judged(an_order(side=Side.SELL, age=age))) == over
    assert breaches(judged(an_order(side=Side.SELL, age=age, name="somebody"))) == []


@pytest.mark.parametrize(("cash", "over"), [("9640", []), ("9639.99", ["loss"])])
def test_a_day_may_lose_three_and_six_tenths_per_cent(cash: str, over: list[str]) -> None:
    overseer = Overseer(OverseerLimits())
    overseer.judge(Seen(NOW, Decimal(10_000), {}, {}, ()), silence=FRESH)
    later = Seen(NOW + MINUTE, Decimal(cash), {}, {}, ())
    assert breaches(overseer.judge(later, silence=FRESH)) == over
    tomorrow = Seen(NOW + DAY, Decimal(cash), {}, {}, ())
    assert breaches(overseer.judge(tomorrow, silence=FRESH)) == []


@pytest.mark.parametrize("off", [DAY, -DAY, 3 * DAY, -3 * DAY])
@pytest.mark.parametrize("is_venue", [True, False])
def test_a_clock_that_is_off_for_one_look_begins_no_day_in_which_nothing_is_lost(
    off: timedelta, *, is_venue: bool
) -> None:
    def looked(cash: str, venue: Instant, own: Instant) -> list[str]:
        seen = Seen(venue, Decimal(cash), {}, {}, (), own)
        return breaches(overseer.judge(seen, silence=FRESH))

    overseer, at = Overseer(OverseerLimits()), NOW + MINUTE
    assert looked("10000", NOW, NOW) == []
    looked("9639.99", at + off if is_venue else at, at if is_venue else at + off)
    assert looked("9639.99", at, at) == ["loss"]
    assert looked("9639.99", at + DAY, at + DAY) == []


def test_a_day_that_a_wrong_clock_has_begun_ends_once_no_clock_says_so_any_more() -> None:
    overseer = Overseer(OverseerLimits())
    overseer.judge(Seen(NOW + 9 * DAY, Decimal(9_000), {}, {}, (), NOW), silence=FRESH)
    overseer.judge(Seen(NOW, Decimal(10_000), {}, {}, (), NOW), silence=FRESH)
    later = Seen(NOW + MINUTE, Decimal("9639.99"), {}, {}, (), NOW + MINUTE)
    assert breaches(overseer.judge(later, silence=FRESH)) == ["loss"]


def test_a_price_that_is_unknown_is_told_and_stands_for_no_figure() -> None:
    found = judged(coins={"BTC": "99"}, prices={"BTC": None})
    assert found.equity is None
    assert found.at_risk is None
    assert [each.id for each in found.findings] == ["price"]
    assert not found.is_well
    assert not found.breaches


def test_an_order_whose_figures_are_not_told_is_not_well() -> None:
    found = judged(an_order(is_told=False))
    assert [(each.id, each.is_breach) for each in found.findings] == [("order_unknown", False)]


def test_coins_that_are_not_the_traders_are_neither_equity_nor_risk() -> None:
    found = judged(coins={"BTC": "99"}, foreign={"BTC": Decimal(99)})
    assert found.is_well
    assert found.equity == Money.of(10_000)
    some = judged(cash="9000", coins={"BTC": "99"}, foreign={"BTC": Decimal(89)})
    assert some.equity == Money.of(10_000)
    assert breaches(some) == ["product_exposure"]


def test_what_others_hold_without_a_price_blinds_nobody() -> None:
    """An account keeps remnants of coins for which there is no market any more."""
    prices = {"BTC": HUNDRED, "OLD": None}
    alone = judged(
        cash="9399", coins={"BTC": "6.01", "OLD": "5"}, prices=prices, foreign={"OLD": Decimal(5)}
    )
    assert alone.equity == Money.of(10_000)
    assert breaches(alone) == ["product_exposure"]
    some_ours = judged(
        cash="9399", coins={"BTC": "6.01", "OLD": "5"}, prices=prices, foreign={"OLD": Decimal(4)}
    )
    assert some_ours.equity is None
    assert [each.id for each in some_ours.findings] == ["price"]


@pytest.mark.parametrize(
    ("silence", "is_well"), [(300 * SECOND, True), (301 * SECOND, False), (None, False)]
)
def test_a_silent_trader_is_told_of_and_not_stopped(
    silence: timedelta | None, is_well: bool
) -> None:
    found = judged(silence=silence)
    assert found.is_well is is_well
    assert not found.breaches


def test_with_no_equity_whatever_is_at_risk_is_too_much() -> None:
    assert "total_exposure" in breaches(judged(an_order("1"), cash="0"))
