from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from tests.core.risk.checks.staged_values import a_stage
from tests.core.risk.risk_values import (
    BTC,
    DOGE,
    EMPTY_SNAPSHOT,
    EQUITY,
    ETH,
    NOW,
    STRANGE,
    XRP,
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
from trader247.core.book.faulting import COLLAR, SELF_MATCH
from trader247.core.limits import limit
from trader247.core.risk.check import Check
from trader247.core.risk.control_view import ControlState, ControlView, Meter, age_seconds
from trader247.core.risk.controls import EQUITY_AGE_MAX, controls
from trader247.core.risk.standing import Standing
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ProductId
from trader247.domain.intents import IntentState
from trader247.domain.market import Snapshot
from trader247.domain.money import Bps, Money, Price
from trader247.domain.portfolio import (
    Ban,
    Breaker,
    DaySpending,
    Difference,
    EquityRecord,
    FaultTimes,
    Halt,
    Portfolio,
    ProductHistory,
    ban_key,
)
from trader247.domain.reasons import BreakerName, HaltName
from trader247.domain.time import DAY, MICROSECOND, MINUTE, SECOND, Instant

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
    spans = [views[f"pace.{each}"].unit for each in ("minute", "hour", "day")]
    assert spans == ["entries a minute", "entries an hour", "entries a day"]
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


def _armed(**changes: Any) -> Portfolio:
    return _book(stage=a_stage(**changes))


@pytest.mark.parametrize(
    ("left", "is_revoked", "value", "state"),
    [
        (3 * DAY + MICROSECOND, False, "armed", OK),
        (3 * DAY, False, "armed", WARN),
        (MICROSECOND, False, "armed", WARN),
        (timedelta(0), False, "ended", TRIPPED),
        (-DAY, False, "ended", TRIPPED),
        (30 * DAY, True, "disarmed", TRIPPED),
        (DAY, True, "disarmed", TRIPPED),
        (-DAY, True, "disarmed", TRIPPED),
    ],
)
def test_an_arming_warns_for_its_last_three_days_and_is_tripped_without_it(
    left: timedelta, is_revoked: bool, value: str, state: ControlState
) -> None:
    until = NOW + left
    view = _views(_armed(until=until, is_revoked=is_revoked))["arming"]
    assert view == ControlView("arming", 47, str(until), value, None, "", state, 60)


@pytest.mark.parametrize(
    ("held", "headroom", "state"), [((), "1", OK), ((BTC,), "0", WARN), ((BTC, ETH), "-1", WARN)]
)
def test_a_canary_that_holds_all_it_may_trips_nothing(
    held: tuple[ProductId, ...], headroom: str, state: ControlState
) -> None:
    """One more position is refused where it is asked for; what is held may be bought on."""
    book = replace(_book(*map(a_position, held), stage=a_stage()), cash=Money.of(500))
    view = _views(book, a_snapshot())["canary"]
    count = str(len(held))
    assert view == ControlView("canary", 47, "1", count, headroom, "positions", state, 60)


def test_what_an_armed_book_may_buy_is_shown_where_there_is_one() -> None:
    bare, armed = _views(), _views(_armed(trades=7))
    firsts = {"arming": ("", ""), "canary": ("1250", "quote"), "ladder": ("20", "% a week")}
    for name, (most, unit) in {**firsts, "confirmation": ("20", "trades")}.items():
        assert bare[name] == ControlView(name, 47, most, None, None, unit, OK, None)
    assert armed["ladder"] == ControlView("ladder", 47, "25", None, None, "quote", OK, 60)
    assert armed["confirmation"] == ControlView(
        "confirmation", 47, "20", "7", None, "trades", OK, 60
    )


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("skew", "value", "state"),
    [
        (timedelta(0), "0", OK),
        (2 * SECOND, "2", OK),
        (2 * SECOND + MICROSECOND, "2", WARN),
        (5 * SECOND, "5", WARN),
        (5 * SECOND + MICROSECOND, "5", TRIPPED),
    ],
)
def test_clocks_apart_warn_over_two_seconds_and_trip_over_five(
    sign: int, skew: timedelta, value: str, state: ControlState
) -> None:
    view = _views(snapshot=replace(a_snapshot(), clock_skew=sign * skew))["clock_skew"]
    assert (view.limit, view.value, view.state) == ("5", value, state)


def test_a_skew_that_was_not_measured_is_unknown() -> None:
    view = _views(snapshot=replace(a_snapshot(), clock_skew=None))["clock_skew"]
    assert (view.value, view.headroom, view.state) == (None, None, UNKNOWN)


@pytest.mark.parametrize(("count", "state"), [(0, OK), (1, TRIPPED), (2, TRIPPED)])
def test_one_ban_is_one_too_many(count: int, state: ControlState) -> None:
    bans = [Ban(COLLAR, str(product), "its cause", NOW) for product in (BTC, ETH)[:count]]
    view = _views(_book(bans={each.key: each for each in bans}))["banned"]
    assert (view.limit, view.value, view.unit, view.state) == ("0", str(count), "bans", state)


@pytest.mark.parametrize(
    ("cash", "value", "state"),
    [
        ("-0.5", "-0.5", TRIPPED),
        ("0", "0", TRIPPED),
        ("0.00000001", "0.00000001", OK),
        ("1", "1", OK),
        (None, None, UNKNOWN),
    ],
)
def test_cash_is_enough_for_nothing_at_zero(
    cash: str | None, value: str | None, state: ControlState
) -> None:
    book = _book(cash=None if cash is None else Money.of(cash))
    row = _row("buying_power")
    shown = ControlView("buying_power", row, "0", value, value, "quote", state, 60)
    assert _views(book)["buying_power"] == shown


def test_free_cash_is_unknown_while_some_is_held_for_an_order_that_nobody_knows() -> None:
    held = Difference("hold:USD", "0", "25", since=ago(60))
    row = _row("buying_power")
    shown = ControlView("buying_power", row, "0", None, None, "quote", UNKNOWN, 60)
    assert _views(_book(differences={held.key: held}))["buying_power"] == shown


def _row(name: str) -> int:
    return next(check.row for check in POLICY.checks if check.id == name)


@pytest.mark.parametrize("name", ["collar.strikes", "slippage.realised", "repetition"])
def test_where_nothing_happened_yet_nothing_is_counted(name: str) -> None:
    view = _views()[name]
    assert (view.value, view.headroom, view.state) == ("0", view.limit, OK)


@pytest.mark.parametrize(
    ("times", "value", "state"),
    [
        ((ago(600),), "0", OK),
        ((ago(600) + MICROSECOND,), "1", OK),
        ((ago(700), ago(599), ago(0)), "2", OK),
        ((ago(599), ago(60), ago(0)), "3", TRIPPED),
    ],
)
def test_the_product_most_often_outside_its_collar_lately_is_shown(
    times: tuple[Instant, ...], value: str, state: ControlState
) -> None:
    strikes = {
        ban_key(COLLAR, str(BTC)): (ago(900),) * 5,
        ban_key(COLLAR, str(ETH)): times,
        ban_key(SELF_MATCH, "default"): (ago(1),) * 9,
    }
    view = _views(_book(strikes=strikes))["collar.strikes"]
    assert (view.limit, view.value, view.unit) == ("3", value, "refusals")
    assert view.state is state


def test_the_product_whose_fills_cost_too_much_most_often_is_shown() -> None:
    costly, cheap = Bps.of("100.01"), Bps.of(100)
    history = {
        BTC: ProductHistory(slips=(cheap,) * 10),
        ETH: ProductHistory(slips=(cheap, costly, cheap)),
    }
    view = _views(_book(history=history))["slippage.realised"]
    assert (view.limit, view.value, view.state) == ("2", "1", OK)
    history[DOGE] = ProductHistory(slips=(costly, costly))
    view = _views(_book(history=history))["slippage.realised"]
    assert (view.value, view.headroom, view.state) == ("2", "0", TRIPPED)


def test_what_a_day_bought_counts_what_may_still_be_bought() -> None:
    buying = a_working(an_entry(price=Price.of(100)), IntentState.ACCEPTED)
    spent = DaySpending(NOW.day_start, bought=Money.of(500), fees=Money.of(3))
    views = _views(_book(working=[buying], spent=spent))
    bought, fees = views["turnover.bought"], views["turnover.fees"]
    assert (bought.limit, bought.value, bought.unit) == ("30", "6", "% of equity")
    assert (fees.limit, fees.value, fees.unit) == ("0.3", "0.03", "% of equity")


@pytest.mark.parametrize(
    ("name", "most", "unit"),
    [
        ("slippage", "50", "bps"),
        ("collar", "50", "bps"),
        ("fee_worth", "1", "x fees"),
        ("new_positions", "1", "a cycle"),
        ("market_volume", "0.1", "% of volume"),
        ("self_match", "", ""),
    ],
)
def test_a_check_of_each_order_shows_its_first_limit_alone(name: str, most: str, unit: str) -> None:
    view = _views()[name]
    assert view == ControlView(name, _row(name), most, None, None, unit, OK, None)


@dataclass(frozen=True, slots=True)
class _Odd(Check):
    """A check whose first field is a number without a bound."""

    id: ClassVar[str] = "odd"
    row: ClassVar[int] = 1

    number: int = 4
    second: int = limit(5, unit="s", doc="never the first")


@dataclass(frozen=True, slots=True)
class _Worded(Check):
    """A check whose first field is bound, and no number."""

    id: ClassVar[str] = "worded"
    row: ClassVar[int] = 2

    word: str = limit("some", unit="words", doc="no number")


def test_what_is_no_limit_or_no_number_is_not_shown_as_one() -> None:
    policy = replace(POLICY, checks=(*POLICY.checks, _Odd(), _Worded()))
    views = controls(_book(), None, policy, NOW)[-2:]
    assert views == (
        ControlView("odd", 1, "", None, None, "", OK, None),
        ControlView("worded", 2, "", None, None, "", OK, None),
    )


@pytest.mark.parametrize(
    ("name", "row", "limit", "value", "headroom", "unit", "age"),
    [
        ("daily_stop", 5, "-3", "0", "3", "%", 0),
        ("weekly_stop", 6, "-7", "0", "7", "%", 0),
        ("drawdown", 7, "-10", "0", "10", "%", 0),
        ("api_errors", 35, "3", "0", "3", "errors running", 60),
        ("api_errors.lately", 35, "5", "0", "5", "errors in 5 min", 60),
        ("rate_limit", 35, "3", "0", "3", "answers in 10 min", 60),
        ("cycle_budget", 35, "3", "0", "3", "cycles running", 60),
        ("reconnects", 35, "6", "0", "6", "in an hour", 60),
        ("latency", 35, "5", "within", None, "s for 95 %", 60),
        ("disk", 35, "1000", "enough", None, "MB free", 60),
        ("maintenance", 35, "1", "0", "1", "closed", 0),
        ("stale_market", 36, "50", "0", "50", "% of products", 0),
        ("volatility", 36, "5", "0", "5", "% in 5 min", 0),
        ("loss_velocity", 8, "1", "0", "1", "% in 15 min", 0),
    ],
)
def test_a_stop_and_a_breaker_are_shown_whole(
    name: str, row: int, limit: str, value: str, headroom: str | None, unit: str, age: int
) -> None:
    shown = ControlView(name, row, limit, value, headroom, unit, OK, age)
    assert _views(snapshot=a_snapshot())[name] == shown


@pytest.mark.parametrize(
    ("faults", "name", "value", "state"),
    [
        (FaultTimes(errors=(ago(9),) * 4), "api_errors.lately", "4", WARN),
        (FaultTimes(errors=(ago(9),) * 5), "api_errors.lately", "5", TRIPPED),
        (FaultTimes(reconnects=(ago(9),) * 4), "reconnects", "4", OK),
        (FaultTimes(reconnects=(ago(9),) * 5), "reconnects", "5", WARN),
        (FaultTimes(reconnects=(ago(9),) * 6), "reconnects", "6", WARN),
        (FaultTimes(reconnects=(ago(9),) * 7), "reconnects", "7", TRIPPED),
        (FaultTimes(is_slow=True), "latency", "over", TRIPPED),
        (FaultTimes(is_disk_low=True), "disk", "under", TRIPPED),
        (FaultTimes(rate_limited=(ago(301),) * 3), "rate_limit", "3", WARN),
        (FaultTimes(rate_limited=(ago(299),) * 3), "rate_limit", "3", TRIPPED),
    ],
)
def test_a_fault_is_shown_on_both_sides_of_its_limit(
    faults: FaultTimes, name: str, value: str, state: ControlState
) -> None:
    view = _views(_book(faults=faults), a_snapshot())[name]
    assert (view.value, view.state) == (value, state)


@pytest.mark.parametrize(
    ("stale", "value", "state"),
    [((BTC,), "25", OK), ((BTC, ETH), "50", WARN), ((BTC, ETH, DOGE), "75", TRIPPED)],
)
def test_a_market_is_stale_above_its_limit(
    stale: tuple[ProductId, ...], value: str, state: ControlState
) -> None:
    old = {each.base: a_view(each, quote=a_quote(age=timedelta(seconds=31))) for each in stale}
    view = _views(snapshot=a_snapshot(BTC, ETH, DOGE, XRP, **old))["stale_market"]
    assert (view.value, view.state) == (value, state)


def test_a_market_that_trades_nothing_of_ours_is_tripped_and_no_share_of_it_is_known() -> None:
    view = _views(snapshot=EMPTY_SNAPSHOT)["stale_market"]
    assert (view.value, view.headroom, view.state) == (None, None, TRIPPED)
    assert _views()["stale_market"].state is UNKNOWN, "no market was looked at"


@pytest.mark.parametrize(
    ("close", "value", "state"),
    [("103.99", "3.99", OK), ("104", "4", WARN), ("105", "5", WARN), ("105.01", "5.01", TRIPPED)],
)
def test_a_move_warns_up_to_its_limit_and_trips_above_it(
    close: str, value: str, state: ControlState
) -> None:
    moved = a_view(bars=some_bars(("100",) * 6 + (close,)), quote=None)
    view = _views(snapshot=a_snapshot(BTC=moved))["volatility"]
    assert (view.value, view.state) == (value, state)


@pytest.mark.parametrize(
    ("cash", "value", "state"),
    [
        ("9920.01", "0.7999", OK),
        ("9920", "0.8", WARN),
        ("9900.01", "0.9999", WARN),
        ("9900", "1", TRIPPED),
        ("9899.99", "1.0001", TRIPPED),
    ],
)
def test_a_fast_loss_trips_at_its_limit(cash: str, value: str, state: ControlState) -> None:
    view = _views(_book(cash=Money.of(cash)), a_snapshot())["loss_velocity"]
    assert (view.value, view.state) == (value, state)


@pytest.mark.parametrize(
    ("since", "age"),
    [
        (None, None),
        (NOW, 0),
        (NOW - timedelta(microseconds=1_999_999), 1),
        (NOW - timedelta(seconds=2), 2),
        (NOW + timedelta(microseconds=1), 0),
        (NOW + timedelta(days=2), 0),
    ],
)
def test_an_age_is_whole_seconds_and_never_below_none(
    since: Instant | None, age: int | None
) -> None:
    assert age_seconds(since, NOW) == age


@pytest.mark.parametrize(
    ("equity", "share"),
    [
        (None, None),
        ("-1", None),
        ("-0.5", None),
        ("0", None),
        ("0.5", "100"),
        ("1", "50"),
        ("2", "25"),
    ],
)
def test_a_share_of_an_equity_that_is_unknown_or_nothing_is_unknown(
    equity: str | None, share: str | None
) -> None:
    known = None if equity is None else Money.of(equity)
    standing = Standing(_book(), None, POLICY, known, None, NOW)
    shown = standing.share(Money.of("0.5"))
    assert shown == (None if share is None else Decimal(share))
    assert standing.share(None) is None


def test_each_age_is_of_its_own_input_and_none_where_there_is_none() -> None:
    market = replace(a_snapshot(), time=ago(3))
    whole = Standing(_book(), market, POLICY, EQUITY, ago(7), NOW)
    assert (whole.ledger_age, whole.market_age, whole.equity_age) == (60, 3, 7)
    nothing = Standing(Portfolio(), None, POLICY, None, None, NOW)
    assert (nothing.ledger_age, nothing.market_age, nothing.equity_age) == (None, None, None)
    assert nothing.views == ()
    held = Standing(_book(a_position(STRANGE)), a_snapshot(BTC, STRANGE), POLICY, None, None, NOW)
    assert [view.product and view.product.id for view in held.views] == [BTC, STRANGE]
    unheld = replace(held, portfolio=_book())
    assert [view.product and view.product.id for view in unheld.views] == [BTC]


@pytest.mark.parametrize("ahead", [2 * DAY, -2 * DAY])
def test_while_a_clock_is_off_all_is_shown_as_the_cycle_judges_it(ahead: timedelta) -> None:
    """The day's loss was shown as none and faults of minutes ago as over; or the last cycle as of
    days ago."""
    at = NOW + ahead
    record = marked(marked(EquityRecord(), EQUITY, NOW.day_start), Money.of(9_760), ago(60))
    book = _book(
        equity=record,
        cash=Money.of(9_760),
        faults=FaultTimes(errors=(ago(60),) * 3, reconnects=(ago(60),) * 2),
    )
    market = replace(a_snapshot(), time=at, clock_skew=-ahead)
    views = {view.id: view for view in controls(book, market, POLICY, at)}
    assert views["daily_stop"].value == "-2.4"
    assert views["api_errors.lately"].value == "3"
    assert views["reconnects"].value == "2"
    assert views["max_positions"].age_s == 60
