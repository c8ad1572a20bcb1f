"""How our own conduct is shown: each figure at its limit, beside it, and where it is unknown."""

from __future__ import annotations

from typing import Any

import pytest
from tests.core.risk.risk_values import (
    BTC,
    DOGE,
    ETH,
    NOW,
    a_policy,
    a_portfolio,
    a_product,
    a_snapshot,
    a_view,
    a_working,
    ago,
    an_entry,
)

from trader247.core.risk.control_view import ControlState, ControlView
from trader247.core.risk.controls import controls
from trader247.domain.ids import ProductId
from trader247.domain.intents import IntentState
from trader247.domain.market import Snapshot
from trader247.domain.money import Money
from trader247.domain.orders import Side
from trader247.domain.portfolio import Ban, DayConduct, DaySpending, ProductHistory
from trader247.domain.time import HOUR, MICROSECOND, Instant

OK, WARN = ControlState.OK, ControlState.WARN
TRIPPED, UNKNOWN = ControlState.TRIPPED, ControlState.UNKNOWN
TODAY = NOW.day_start
MARKET = a_snapshot()


def _view(part: str = "", market: Snapshot | None = MARKET, **changes: Any) -> ControlView:
    book = a_portfolio(**{"time": ago(60), **changes})
    views = {view.id: view for view in controls(book, market, a_policy(), NOW)}
    return views[f"conduct{part}"]


def _days(*days: tuple[int, int, int]) -> dict[str, DayConduct]:
    """Of each strategy, its orders, those that traded and those that were hasty."""
    return {f"s{number}": DayConduct(TODAY, *day) for number, day in enumerate(days)}


@pytest.mark.parametrize(
    ("part", "limit", "headroom", "unit", "state"),
    [
        ("", "50", "50", "% of orders ended at once", OK),
        (".ratio", "50", "50", "orders for each that traded", OK),
        (".crosses", "0", "0", "orders that would have met ours", OK),
        (".layers", "1", "1", "orders on one side of a product", OK),
    ],
)
def test_a_book_that_did_nothing_has_nothing_of_each(
    part: str, limit: str, headroom: str, unit: str, state: ControlState
) -> None:
    shown = ControlView(f"conduct{part}", 37, limit, "0", headroom, unit, state, 60)
    assert _view(part) == shown


@pytest.mark.parametrize(
    ("days", "ratio", "state"),
    [
        ([(3, 0, 0)], "3", OK),
        ([(3, 1, 0)], "3", OK),
        ([(7, 2, 0)], "4", OK),
        ([(8, 2, 0)], "4", OK),
        ([(8, 2, 0), (9, 1, 0), (2, 1, 0)], "9", OK),
        ([(40, 1, 0)], "40", WARN),
        ([(51, 1, 0)], "51", WARN),
    ],
)
def test_the_orders_for_each_that_traded_are_the_worst_strategys_rounded_up(
    days: list[tuple[int, int, int]], ratio: str, state: ControlState
) -> None:
    view = _view(".ratio", conduct=_days(*days))
    assert (view.value, view.state) == (ratio, state)


@pytest.mark.parametrize(
    ("days", "share"),
    [
        ([(3, 3, 3)], "0"),
        ([(4, 4, 1)], "25"),
        ([(5, 5, 1)], "20"),
        ([(3, 3, 3), (4, 4, 1), (10, 10, 1)], "25"),
    ],
)
def test_haste_is_shown_from_as_many_orders_as_it_is_judged_from(
    days: list[tuple[int, int, int]], share: str
) -> None:
    assert _view(conduct=_days(*days)).value == share


def test_the_conduct_of_yesterday_is_not_shown_as_todays() -> None:
    old = {"s": DayConduct(TODAY - 24 * HOUR, 60, 1, 60)}
    assert (_view(conduct=old).value, _view(".ratio", conduct=old).value) == ("0", "0")


@pytest.mark.parametrize(("control", "state"), [("conduct", TRIPPED), ("slippage", OK)])
def test_only_a_ban_for_conduct_trips_it(control: str, state: ControlState) -> None:
    ban = Ban(control, "s", "", NOW)
    assert _view(bans={ban.key: ban}).state is state
    assert _view(".ratio", bans={ban.key: ban}).state is OK


@pytest.mark.parametrize(
    ("struck", "count"),
    [
        ((), "0"),
        ((TODAY - MICROSECOND,), "0"),
        ((TODAY,), "1"),
        ((TODAY, TODAY + MICROSECOND), "2"),
    ],
)
def test_the_orders_that_would_have_met_ours_are_those_since_midnight(
    struck: tuple[Instant, ...], count: str
) -> None:
    book: dict[str, Any] = {"conduct": _days((1, 1, 0)), "strikes": {"self_match:s0": struck}}
    view = _view(".crosses", **book)
    assert (view.value, view.limit) == (count, "0")
    assert view.state is (OK if count == "0" else WARN)


def test_layers_are_the_most_orders_that_rest_on_one_side_of_one_product() -> None:
    def resting(*orders: tuple[ProductId, Side, IntentState]) -> tuple[str | None, ControlState]:
        working = [
            a_working(an_entry(product, side=side), state, name=f"{number}")
            for number, (product, side, state) in enumerate(orders)
        ]
        view = _view(".layers", working=working)
        return view.value, view.state

    open_ = IntentState.ACCEPTED
    buy, sale = (BTC, Side.BUY, open_), (BTC, Side.SELL, open_)
    assert resting(buy) == ("1", WARN)
    assert resting(buy, sale, (ETH, Side.BUY, open_)) == ("1", WARN)
    assert resting(buy, sale, buy, (ETH, Side.BUY, open_)) == ("2", WARN)
    assert resting((BTC, Side.BUY, IntentState.UNKNOWN)) == ("0", OK)


def _volume(market: Snapshot | None, *, bought: str = "1000", **fills: Instant | None) -> Any:
    history = {ProductId(base, "USD"): ProductHistory(last_fill=at) for base, at in fills.items()}
    spent = DaySpending(TODAY, Money.of(bought))
    view = _view(".volume", market, history=history, spent=spent)
    assert (view.row, view.limit, view.headroom, view.unit) == (37, "", None, "% of a day's volume")
    assert view.age_s == (None if market is None else 0)
    return view.value, view.state


def _market(**volumes: str | None) -> Snapshot:
    def product(base: str, volume: str | None) -> Any:
        known = None if volume is None else Money.of(volume)
        return a_view(product=a_product(ProductId(base, "USD"), volume_24h=known))

    return a_snapshot(BTC, **{base: product(base, volume) for base, volume in volumes.items()})


def test_the_share_of_the_volume_is_of_the_least_traded_product_of_today() -> None:
    market = _market(BTC="100000", ETH="50000", DOGE="10")
    assert _volume(market, BTC=TODAY) == ("1", OK)
    assert _volume(market, BTC=NOW, ETH=TODAY) == ("2", OK)
    assert _volume(market, ETH=TODAY, BTC=NOW) == ("2", OK)
    none = _volume(market, DOGE=TODAY - MICROSECOND, ETH=None)
    assert none == ("0", OK), "what was not traded today says nothing"
    assert _volume(market, DOGE=TODAY - MICROSECOND, ETH=None, BTC=NOW) == ("1", OK)
    assert _volume(market) == ("0", OK)


@pytest.mark.parametrize(
    ("volume", "shown"),
    [
        (None, (None, UNKNOWN)),
        ("0", (None, UNKNOWN)),
        ("0.5", ("200000", OK)),
        ("1", ("100000", OK)),
        ("2", ("50000", OK)),
    ],
)
def test_a_share_of_a_volume_that_is_unknown_or_nothing_is_unknown(
    volume: str | None, shown: tuple[str | None, ControlState]
) -> None:
    assert _volume(_market(BTC="100000", ETH=volume), BTC=NOW, ETH=NOW) == shown


def test_a_share_of_a_market_that_is_not_seen_is_unknown() -> None:
    assert _volume(None, BTC=NOW) == (None, UNKNOWN)
    assert _volume(a_snapshot(BTC), BTC=NOW, DOGE=NOW) == (None, UNKNOWN), str(DOGE)
    assert _volume(a_snapshot(BTC=a_view(product=None)), BTC=NOW) == (None, UNKNOWN)
    assert _volume(None, BTC=TODAY - MICROSECOND) == ("0", OK)
