from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from tests.core.risk.risk_values import (
    BTC,
    DOGE,
    EQUITY,
    ETH,
    NOW,
    a_policy,
    a_portfolio,
    a_position,
    a_product,
    a_quote,
    a_snapshot,
    a_view,
    a_working,
    ago,
    an_entry,
    some_bars,
)

from trader247.core.book.equity import marked
from trader247.core.risk.control_view import ControlState, ControlView, Meter
from trader247.core.risk.controls import EQUITY_AGE_MAX, controls
from trader247.domain.market import Snapshot
from trader247.domain.money import Money, Price
from trader247.domain.orders import IntentState
from trader247.domain.portfolio import (
    Breaker,
    EquityRecord,
    FaultTimes,
    Halt,
    Portfolio,
    ProductHistory,
)
from trader247.domain.reasons import BreakerName, HaltName
from trader247.domain.time import MINUTE

POLICY = a_policy()
OK, WARN = ControlState.OK, ControlState.WARN
TRIPPED, UNKNOWN = ControlState.TRIPPED, ControlState.UNKNOWN


def _views(
    portfolio: Portfolio | None = None, snapshot: Snapshot | None = None
) -> dict[str, ControlView]:
    views = controls(portfolio or _book(), snapshot, POLICY, NOW)
    assert len({view.id for view in views}) == len(views)
    return {view.id: view for view in views}


def _book(*positions: Any, **changes: Any) -> Portfolio:
    """A book whose equity was 10,000 at midnight and a minute ago, when its last cycle ran."""
    record = marked(marked(EquityRecord(), EQUITY, NOW.day_start), EQUITY, ago(60))
    return a_portfolio(*positions, **{"equity": record, "time": ago(60), **changes})


def test_every_check_stop_and_breaker_is_shown_with_its_row() -> None:
    views = _views()
    shown = {view.split(".")[0] for view in views}
    assert {check.id for check in POLICY.checks} <= shown
    assert {name.value for name in BreakerName} <= shown
    assert {"daily_stop", "weekly_stop", "drawdown"} <= shown
    assert all(1 <= view.row <= 50 for view in views.values())


def test_a_calm_market_and_book_show_no_alarm() -> None:
    assert {view.state for view in _views(snapshot=a_snapshot()).values()} == {OK}


def test_with_nothing_known_nothing_is_shown_as_zero() -> None:
    views = {view.id: view for view in controls(Portfolio(), None, POLICY, NOW)}
    for name in ("daily_stop", "drawdown", "equity_known", "total_exposure", "clock_skew"):
        assert (views[name].state, views[name].value) == (UNKNOWN, None)
    for name in ("stale_market", "volatility", "maintenance", "buying_power", "max_order"):
        assert views[name].state is UNKNOWN


def test_a_stop_shows_what_may_still_be_lost() -> None:
    market = a_snapshot()
    small = _views(_book(cash=Money.of(9_900)), market)["daily_stop"]
    assert small == ControlView("daily_stop", 5, "-3", "-1", "2", "%", OK, 0)
    near = _views(_book(cash=Money.of(9_760)), market)["daily_stop"]
    assert (near.value, near.headroom, near.state) == ("-2.4", "0.6", WARN)
    hit = _views(_book(cash=Money.of(9_700)), market)["daily_stop"]
    assert (hit.headroom, hit.state) == ("0", TRIPPED)


def test_a_latched_stop_is_tripped_even_when_equity_is_unknown() -> None:
    name = HaltName.DAILY_STOP
    views = _views(_book(halts={name: Halt(name, "", NOW)}, cash=None), a_snapshot())
    assert (views["daily_stop"].state, views["daily_stop"].value) == (TRIPPED, None)
    assert views["weekly_stop"].state is UNKNOWN
    assert (views["trading_state"].value, views["trading_state"].state) == ("REDUCING", TRIPPED)


def test_an_equity_of_long_ago_is_unknown_again() -> None:
    fresh = replace(_book().equity, time=NOW - EQUITY_AGE_MAX)
    assert _views(_book(equity=fresh))["equity_known"].value == "10000"
    old = replace(fresh, time=NOW - EQUITY_AGE_MAX - timedelta(microseconds=1))
    view = _views(_book(equity=old))["equity_known"]
    assert (view.state, view.value, view.age_s) == (UNKNOWN, None, 600)


def test_exposure_is_shown_against_each_cap() -> None:
    book = _book(a_position(BTC, "4"), a_position(DOGE, "1"), cash=Money.of("9504.7"))
    views = _views(book, a_snapshot())
    # Equity is 9,504.7 in cash and 499.75 at the bid, less 0.9 % of that.
    assert views["product_exposure"].value == "3.998"
    assert views["product_exposure"].state is OK
    assert views["cluster_exposure.MEME"].limit == "5"
    assert views["total_exposure"].state is OK
    small = replace(book, cash=Money.of(2_000))
    assert _views(small, a_snapshot())["product_exposure"].state is TRIPPED


@pytest.mark.parametrize(("held", "state"), [(6, OK), (7, WARN), (8, TRIPPED)])
def test_a_count_warns_near_its_limit_and_trips_at_it(held: int, state: ControlState) -> None:
    book = _book(*(a_position(replace(BTC, base=f"P{number}")) for number in range(held)))
    view = _views(book)["max_positions"]
    assert (view.value, view.headroom, view.state) == (str(held), str(8 - held), state)


def test_pace_cooldown_and_streak_are_counted_as_the_checks_count_them() -> None:
    book = _book(
        entries_sent=(ago(7200), ago(3600), ago(3599), ago(10)),
        history={BTC: ProductHistory(last_fill=ago(60)), ETH: ProductHistory(last_fill=ago(1800))},
        losing_streak=3,
        last_loss=ago(3599),
    )
    views = _views(book)
    assert (views["pace.hour"].value, views["pace.day"].value) == ("2", "4")
    assert (views["cooldown"].value, views["cooldown"].limit) == ("1", "4")
    assert views["losing_streak"].state is TRIPPED
    over = replace(book, last_loss=ago(3600))
    assert _views(over)["losing_streak"].state is WARN


def test_reserved_cash_is_not_shown_as_free() -> None:
    buying = a_working(an_entry(price=Price.of(100)), IntentState.UNKNOWN)
    views = _views(_book(working=[buying]))
    assert views["buying_power"].value == "9899.1"
    assert (views["duplicate"].value, views["duplicate"].state) == ("1", WARN)
    assert (views["duplicate.same_size"].limit, views["duplicate.same_size"].unit) == ("10", "min")


def test_the_market_is_measured_where_there_is_one() -> None:
    market = replace(
        a_snapshot(
            BTC=a_view(quote=a_quote(age=timedelta(seconds=31))),
            ETH=a_view(quote=a_quote("100", "99"), product=a_product(ETH, read_at=ago(400))),
        ),
        clock_skew=timedelta(seconds=-3),
    )
    views = _views(snapshot=market)
    assert (views["quote_age"].value, views["quote_age"].state) == ("31", WARN)
    assert (views["quote_sanity"].value, views["quote_sanity"].state) == ("1", WARN)
    assert (views["product_status"].value, views["product_status"].state) == ("400", WARN)
    assert (views["clock_skew"].value, views["clock_skew"].state) == ("3", WARN)
    assert (views["stale_market"].value, views["stale_market"].state) == ("50", WARN)
    over = replace(market, clock_skew=timedelta(seconds=6))
    assert _views(snapshot=over)["clock_skew"].state is TRIPPED


def test_breakers_are_tripped_by_their_condition_and_while_open() -> None:
    quiet = _views(_book(faults=FaultTimes(running=2)), a_snapshot())
    assert (quiet["api_errors"].value, quiet["api_errors"].state) == ("2", OK)
    loud = _views(_book(faults=FaultTimes(running=3, overruns=3)), a_snapshot())
    assert loud["api_errors"].state is TRIPPED
    assert loud["cycle_budget"].state is TRIPPED
    name = BreakerName.RATE_LIMIT
    open_ = _views(_book(breakers={name: Breaker(name, "", NOW)}), a_snapshot())
    assert (open_["rate_limit"].value, open_["rate_limit"].state) == ("0", TRIPPED)
    assert open_["breaker_open"].state is TRIPPED
    down = _views(snapshot=replace(a_snapshot(), unreachable="closed"))
    assert down["maintenance"].state is TRIPPED


def test_the_move_nearest_its_own_limit_is_shown() -> None:
    def moved(close: str) -> Any:
        return a_view(bars=some_bars(("100",) * 6 + (close,)), quote=None)

    calm = _views(snapshot=a_snapshot(BTC=moved("103"), DOGE=moved("104")))["volatility"]
    assert (calm.value, calm.limit, calm.state) == ("3", "5", OK)
    wild = _views(snapshot=a_snapshot(BTC=moved("103"), DOGE=moved("111")))["volatility"]
    assert (wild.value, wild.limit, wild.state) == ("11", "10", TRIPPED)


def test_the_age_of_each_input_is_told() -> None:
    views = _views()
    assert views["total_exposure"].age_s == 60
    assert views["clock_skew"].age_s is None
    late = controls(_book(), a_snapshot(), POLICY, NOW + 2 * MINUTE)
    assert {view.age_s for view in late if view.id == "daily_stop"} == {120}


def test_a_meter_of_something_unknown_is_tripped_only_if_it_stands_so() -> None:
    unknown = Meter("x", 1, None, Decimal(1), "")
    assert unknown.view(None).state is UNKNOWN
    assert replace(unknown, is_tripped=True).view(None).state is TRIPPED
