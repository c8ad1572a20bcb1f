from __future__ import annotations

from datetime import timedelta

import pytest
from tests.core.risk.risk_values import (
    BTC,
    NOW,
    a_context,
    a_portfolio,
    a_position,
    a_quote,
    a_snapshot,
    a_view,
    ago,
    an_entry,
    an_exit,
    some_bars,
    unknown_context,
)

from trader247.core.risk.check import Context
from trader247.core.risk.checks.collar import Collar
from trader247.domain.market import Bars
from trader247.domain.money import Price
from trader247.domain.orders import OrderType
from trader247.domain.portfolio import ProductHistory
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Verdict

CHECK = Collar()


def _market(*, mid: str = "100", closes: tuple[str, ...] = ("100",) * 5, age: int = 1) -> Context:
    middle = Price.of(mid).value
    quote = a_quote(str(middle - 1), str(middle + 1))
    view = a_view(quote=quote, bars=some_bars(closes, age_minutes=age))
    return a_context(snapshot=a_snapshot(BTC=view))


@pytest.mark.parametrize(
    ("price", "is_allowed"), [("100.49", True), ("100.50", True), ("100.51", False), ("1", True)]
)
def test_a_buy_is_held_half_a_per_cent_above_the_mid(price: str, is_allowed: bool) -> None:
    assert CHECK.judge(an_entry(price=Price.of(price)), _market()).is_allowed is is_allowed


@pytest.mark.parametrize(
    ("price", "is_allowed"), [("99.51", True), ("99.50", True), ("99.49", False), ("999", True)]
)
def test_a_sale_is_held_half_a_per_cent_below_the_mid(price: str, is_allowed: bool) -> None:
    assert CHECK.judge(an_exit(price=Price.of(price)), _market()).is_allowed is is_allowed


@pytest.mark.parametrize(("price", "is_allowed"), [("102", True), ("102.01", False)])
def test_the_median_stops_a_buy_that_the_mid_would_pass(price: str, is_allowed: bool) -> None:
    context = _market(mid="110")
    assert CHECK.judge(an_entry(price=Price.of(price)), context).is_allowed is is_allowed


@pytest.mark.parametrize(("price", "is_allowed"), [("98", True), ("97.99", False)])
def test_the_median_stops_a_sale_that_the_mid_would_pass(price: str, is_allowed: bool) -> None:
    context = _market(mid="90")
    assert CHECK.judge(an_exit(price=Price.of(price)), context).is_allowed is is_allowed


def test_one_tick_tenfold_does_not_move_the_median() -> None:
    context = _market(mid="1000", closes=("100", "100", "100", "100", "1000"))
    assert not CHECK.judge(an_entry(price=Price.of(1000)), context).is_allowed


def test_an_even_number_of_bars_takes_the_middle_of_the_middle_two() -> None:
    now = a_context().now
    assert Collar(bars=4).median(some_bars(("1", "2", "4", "9")), now) == Price.of(3)


@pytest.mark.parametrize(
    ("bars", "is_known"),
    [
        (None, False),
        (some_bars(("100",) * 4), False),
        (some_bars(("100",) * 5), True),
        (some_bars(age_minutes=10), True),
        (some_bars(age_minutes=11), False),
        (some_bars(age_minutes=0), False),
    ],
    ids=["no bars", "too few", "enough", "just young enough", "too old", "not over yet"],
)
def test_without_recent_minutes_there_is_no_collar_and_so_no_order(
    bars: Bars | None, is_known: bool
) -> None:
    context = a_context(snapshot=a_snapshot(BTC=a_view(bars=bars)))
    assert CHECK.judge(an_entry(), context).is_allowed is is_known
    assert CHECK.judge(an_exit(), context).is_allowed is is_known


def test_no_quote_is_a_no() -> None:
    assert not CHECK.judge(an_entry(), unknown_context()).is_allowed
    assert not CHECK.judge(an_exit(), unknown_context()).is_allowed


@pytest.mark.parametrize(
    ("last", "age", "is_allowed"),
    [
        ("90.90", 86_400, True),
        ("90.86", 86_400, False),
        ("111.05", 60, True),
        ("111.06", 60, False),
        ("90.86", 86_401, True),
    ],
)
def test_an_entry_stays_near_our_own_last_fill_of_a_day(
    last: str, age: int, is_allowed: bool
) -> None:
    history = {BTC: ProductHistory(last_fill=ago(age), last_price=Price.of(last))}
    context = a_context(a_portfolio(a_position(), history=history))
    assert CHECK.judge(an_entry(), context).is_allowed is is_allowed
    assert CHECK.judge(an_exit(), context).is_allowed


def test_where_we_never_traded_our_own_last_fill_holds_nothing() -> None:
    context = a_context(a_portfolio(history={BTC: ProductHistory(last_entry=ago(60))}))
    assert CHECK.judge(an_entry(), context).is_allowed


def _stop(trigger: str, limit: str) -> Proposal:
    return an_exit(
        order_type=OrderType.STOP_LIMIT_GTD, stop_price=Price.of(trigger), price=Price.of(limit)
    )


@pytest.mark.parametrize(
    ("trigger", "limit", "is_allowed"),
    [
        ("98.99", "98.99", True),
        ("99", "99", False),
        ("80", "79.60", True),
        ("80", "79.59", False),
        ("80", "80.01", False),
    ],
)
def test_a_stop_waits_below_the_bid_and_sells_near_its_own_price(
    trigger: str, limit: str, is_allowed: bool
) -> None:
    """The bid is 99, and the median has nothing to say of a price that is not there yet."""
    assert CHECK.judge(_stop(trigger, limit), _market()).is_allowed is is_allowed
    assert CHECK.judge(_stop(trigger, limit), _market(closes=())).is_allowed is is_allowed


def test_an_odd_number_of_bars_takes_the_middle_one() -> None:
    assert Collar(bars=3).median(some_bars(("9", "1", "2", "4")), NOW) == Price.of(2)


@pytest.mark.parametrize(
    ("age", "microseconds", "is_known"),
    [(1, -1, False), (1, 0, True), (10, 0, True), (10, 1, False)],
)
def test_a_minute_is_over_and_too_old_to_the_microsecond(
    age: int, microseconds: int, is_known: bool
) -> None:
    now = NOW + timedelta(microseconds=microseconds)
    assert (CHECK.median(some_bars(age_minutes=age), now) is not None) is is_known


# The mid is 100.123456789123: half a per cent above it is 100.624074073068615, and below it
# 99.622839505177385.
@pytest.mark.parametrize(
    ("proposal", "is_allowed", "detail", "limit"),
    [
        (
            an_entry(price=Price.of("100.62")),
            True,
            "100.62 is not above 100.6240740731",
            "100.6240740731",
        ),
        (
            an_entry(price=Price.of("100.63")),
            False,
            "100.63 is above 100.6240740731",
            "100.6240740731",
        ),
        (
            an_exit(price=Price.of("99.63")),
            True,
            "99.63 is not below 99.6228395052",
            "99.6228395052",
        ),
        (an_exit(price=Price.of("99.62")), False, "99.62 is below 99.6228395052", "99.6228395052"),
    ],
    ids=["buy", "buy above", "sale", "sale below"],
)
def test_the_edge_is_told_with_ten_decimals(
    proposal: Proposal, is_allowed: bool, detail: str, limit: str
) -> None:
    told = Verdict.of("collar", is_allowed, detail, str(proposal.price), limit, "")
    assert CHECK.judge(proposal, _market(mid="100.123456789123")) == told


@pytest.mark.parametrize(
    ("trigger", "limit", "is_allowed", "least"),
    [
        ("80.123456789123", "80", True, "79.7228395052"),
        ("80.123456789123", "79", False, "79.7228395052"),
        ("80.111111111111", "79", False, "79.7105555556"),
    ],
)
def test_the_least_of_a_stop_is_told_with_ten_decimals(
    trigger: str, limit: str, is_allowed: bool, least: str
) -> None:
    detail = f"{limit} for a stop at {trigger}, not below {least}"
    told = Verdict.of("collar", is_allowed, detail, limit, least, "")
    assert CHECK.judge(_stop(trigger, limit), _market()) == told


def test_how_far_an_entry_is_off_our_own_last_fill_is_told_with_four_decimals() -> None:
    history = {BTC: ProductHistory(last_fill=ago(60), last_price=Price.of("87"))}
    told = "99.95 is 14.8851 % off our last fill, 87"
    assert CHECK.judge(an_entry(), a_context(a_portfolio(history=history))) == Verdict.of(
        "collar", False, told, "14.8851", "10", "%"
    )
