"""Which working orders are asked to go."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.core.ledger_values import an_order
from tests.core.mind_values import (
    a_market,
    market_product,
    market_view,
    mind_policy,
    settled_portfolio,
)
from tests.core.risk.risk_values import BTC, ETH, NOW, a_working, an_entry, an_exit

from trader247.core.alerts.facts import alerts_for
from trader247.core.booking import fold
from trader247.core.orders.cancellations import FLIPPED, cancellations_of
from trader247.core.universe import universe_of
from trader247.domain.events.orders import CancelRequested, OrderSeen
from trader247.domain.events.recorded import Recorded
from trader247.domain.ids import OrderId, ProductId
from trader247.domain.intents import IntentState, WorkingIntent
from trader247.domain.market import ProductStatus, Snapshot
from trader247.domain.money import NO_MONEY, Quantity
from trader247.domain.orders import OrderState, OrderType
from trader247.domain.portfolio import Breaker, Halt, Membership
from trader247.domain.reasons import BreakerName, HaltName
from trader247.domain.time import SECOND

BUY = replace(a_working(an_entry(), name="buy"), order_id=OrderId("b"))
SELL = replace(a_working(an_exit(), name="sell"), order_id=OrderId("s"))


def asked(
    *working: WorkingIntent,
    snapshot: Snapshot | None = None,
    leaving: tuple[ProductId, ...] = (),
    online: tuple[ProductId, ...] = (),
    **changes: Any,
) -> list[str]:
    market = snapshot or a_market()
    book = settled_portfolio(working=working, **changes)
    universe = universe_of(market, book, mind_policy())
    found = cancellations_of(market, book, universe, leaving=leaving, is_online=online.__contains__)
    return [each.client_order_id.removeprefix("t247-") for each in found]


def halted(name: HaltName) -> dict[HaltName, Halt]:
    return {name: Halt(name, "a cause", NOW)}


def test_healthy_orders_stay() -> None:
    assert asked(BUY, SELL) == []


def test_the_oldest_goes_first_however_the_ledger_has_them() -> None:
    older = replace(SELL, intent=replace(SELL.intent, created=SELL.intent.created - SECOND))
    halts = halted(HaltName.KILL_SWITCH)
    assert asked(BUY, older, halts=halts) == ["sell", "buy"]
    assert asked(older, BUY, halts=halts) == ["sell", "buy"]
    assert asked(SELL, BUY, halts=halts) == ["buy", "sell"], "of one instant by name"


@pytest.mark.parametrize(
    ("name", "gone"),
    [(HaltName.KILL_SWITCH, ["buy", "sell"]), (HaltName.DAILY_STOP, ["buy"])],
)
def test_a_halt_takes_away_what_its_state_forbids(name: HaltName, gone: list[str]) -> None:
    assert asked(BUY, SELL, halts=halted(name)) == gone


def test_an_order_past_its_time_goes() -> None:
    late = replace(BUY, intent=replace(BUY.intent, end_time=NOW))
    early = replace(BUY, intent=replace(BUY.intent, end_time=NOW + SECOND))
    assert asked(late) == ["buy"]
    assert asked(early) == []


def test_orders_of_a_product_that_left_the_market_go() -> None:
    assert asked(BUY, SELL, snapshot=a_market(BTC=market_view(product=None))) == ["buy", "sell"]


def test_a_stop_stays_where_its_product_cannot_be_read() -> None:
    stop = replace(SELL, intent=replace(SELL.intent, order_type=OrderType.STOP_LIMIT_GTD))
    assert asked(stop, snapshot=a_market(BTC=market_view(product=None))) == []
    assert asked(stop, snapshot=a_market()) == []


def test_a_product_that_is_known_to_be_online_is_not_looked_at_and_all_else_is() -> None:
    gone = a_market(BTC=market_view(product=None))
    assert asked(BUY, SELL, snapshot=gone, online=(ETH,)) == ["buy", "sell"]
    assert asked(SELL, snapshot=gone, online=(BTC,)) == []
    late = [replace(each, intent=replace(each.intent, end_time=NOW)) for each in (BUY, SELL)]
    assert asked(*late, online=(BTC,)) == ["buy", "sell"]
    assert asked(BUY, SELL, halts=halted(HaltName.KILL_SWITCH), online=(BTC,)) == ["buy", "sell"]
    assert asked(BUY, SELL, leaving=(BTC,), online=(BTC,)) == ["buy"]
    assert asked(BUY, SELL, universe={BTC: Membership(False)}, online=(BTC,)) == ["buy"]


def test_an_unreachable_market_has_not_lost_its_products() -> None:
    gone = replace(a_market(), views={}, unreachable="no answer")
    assert asked(BUY, SELL, snapshot=gone) == []


def test_a_buy_goes_when_its_product_leaves_the_universe() -> None:
    members = {BTC: Membership(False), ETH: Membership(True)}
    assert asked(BUY, SELL, universe=members) == ["buy"]


def test_a_buy_goes_when_its_position_is_being_sold() -> None:
    assert asked(BUY, SELL, leaving=(BTC,)) == ["buy"]
    assert asked(BUY, SELL, leaving=(ETH,)) == []


@pytest.mark.parametrize("name", BreakerName)
def test_buys_go_in_a_flash_crash_and_in_a_market_that_shows_no_prices(name: BreakerName) -> None:
    gone = name in (BreakerName.VOLATILITY, BreakerName.STALE_MARKET)
    breakers = {name: Breaker(name, "a cause", NOW)}
    assert asked(BUY, SELL, breakers=breakers) == (["buy"] if gone else [])


def test_a_venue_that_cannot_be_read_is_not_asked_for_the_end_of_a_stale_markets_buys() -> None:
    breakers = {BreakerName.STALE_MARKET: Breaker(BreakerName.STALE_MARKET, "a cause", NOW)}
    deaf = replace(a_market(), unreachable="no answer")
    assert asked(BUY, SELL, breakers=breakers, snapshot=deaf) == []


@pytest.mark.parametrize("state", OrderState)
@pytest.mark.parametrize("is_asked", [False, True])
def test_what_the_venue_said_is_over_is_not_asked_to_end_and_all_else_is(
    state: OrderState, *, is_asked: bool
) -> None:
    order = replace(an_order(1), state=state)
    asked_at = NOW if is_asked else None
    kind = IntentState.FILLS_PENDING if state.is_final else IntentState.ACCEPTED
    working = replace(BUY, order=order, state=kind, cancel_requested=asked_at)
    gone = [] if state.is_final else ["buy"]
    assert asked(working, halts=halted(HaltName.KILL_SWITCH)) == gone


def test_an_order_that_fills_further_after_its_end_is_asked_to_end_again() -> None:
    """What was called over and goes on trading was not over: only then is there news of it."""
    name = BUY.intent.client_order_id
    ended = replace(an_order(1), state=OrderState.CANCELLED, client_order_id=name, fees=NO_MONEY)
    over = replace(BUY, order=ended, state=IntentState.FILLS_PENDING, cancel_requested=NOW)
    book = settled_portfolio(working=[over])
    more = replace(ended, state=OrderState.OPEN, filled=ended.filled + Quantity.of("0.001"))
    after = fold(book, Recorded(book.seq + 1, NOW, OrderSeen(more), ""))
    assert asked(after.working[name]) == ["buy"]


@pytest.mark.parametrize("keeps", [True, False])
def test_a_sale_whose_end_was_asked_for_is_asked_again_under_a_halt_that_keeps_sales(
    keeps: bool,
) -> None:
    """The first request may have been lost, and whoever halted trading knows of it."""
    halts = {HaltName.KILL_SWITCH: Halt(HaltName.KILL_SWITCH, "a cause", NOW, keeps_sales=keeps)}
    assert asked(replace(SELL, cancel_requested=NOW), halts=halts) == ["sell"]
    assert asked(SELL, halts=halts) == ([] if keeps else ["sell"])


def test_what_the_venue_has_not_named_cannot_be_cancelled() -> None:
    unknown = replace(BUY, order_id=None, state=IntentState.UNKNOWN)
    assert asked(unknown, halts=halted(HaltName.KILL_SWITCH)) == []


@pytest.mark.parametrize(
    ("status", "gone"),
    [
        (ProductStatus.ONLINE, []),
        (ProductStatus.LIMIT_ONLY, ["buy"]),
        (ProductStatus.POST_ONLY, ["buy", "sell"]),
        (ProductStatus.CANCEL_ONLY, ["buy", "sell"]),
        (ProductStatus.VIEW_ONLY, ["buy", "sell"]),
        (ProductStatus.AUCTION, ["buy", "sell"]),
        (ProductStatus.DISABLED, ["buy", "sell"]),
        (ProductStatus.OFFLINE, ["buy", "sell"]),
        (ProductStatus.UNKNOWN, ["buy", "sell"]),
    ],
)
def test_where_a_product_flips_what_could_not_be_sent_any_more_goes(
    status: ProductStatus, gone: list[str]
) -> None:
    flipped = market_view(product=market_product(status=status))
    assert asked(BUY, SELL, snapshot=a_market(BTC=flipped)) == gone


def test_a_flip_with_an_order_open_is_told_of_once() -> None:
    book = settled_portfolio(working=[BUY])
    cause = f"{FLIPPED}BTC-USD is cancel_only"
    event = CancelRequested(BUY.intent.client_order_id, OrderId("b"), cause)
    recorded = Recorded(book.seq + 1, NOW, event, "")
    after = fold(book, recorded)
    alert = alerts_for(recorded, book, after)
    assert alert is not None
    assert alert.code == "product_flipped"
    assert "cancel_only, with our BUY of 99.95 USD open" in alert.text
    assert after.working[BUY.intent.client_order_id].state is IntentState.ACCEPTED, "not yet ended"
    again = Recorded(after.seq + 1, NOW, event, "")
    assert alerts_for(again, after, fold(after, again)) is None
