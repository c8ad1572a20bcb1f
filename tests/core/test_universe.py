"""The universe: each floor from both sides, and the cycles of entering and leaving."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.core.mind_values import FOUR, a_market, market_product, market_view, mind_policy
from tests.core.risk.risk_values import BTC, DOGE, ETH, NOW, XRP, a_policy, a_quote, some_depth

from trader247.core.policy import Policy
from trader247.core.universe import Universe, eligibility, universe_of
from trader247.core.universe_policy import RedFlag, UniverseFloors, UniversePolicy
from trader247.domain.market import ProductStatus, ProductView, Snapshot
from trader247.domain.money import Bps, Money
from trader247.domain.portfolio import Membership, Portfolio
from trader247.domain.reasons import Reason
from trader247.domain.time import DAY


def judged(
    view: ProductView | None, policy: Policy | None = None, **snapshot: Any
) -> tuple[Reason | None, str]:
    market = replace(a_market(), **snapshot)
    answer = eligibility(BTC, view, market, policy or mind_policy())
    return (None, "") if answer is None else (answer.reason, answer.detail)


def with_product(**changes: Any) -> ProductView:
    return market_view(BTC, product=market_product(BTC, **changes))


def test_a_product_fit_to_trade_is_eligible() -> None:
    assert judged(market_view()) == (None, "")


@pytest.mark.parametrize(
    ("view", "reason", "detail"),
    [
        (None, Reason.NOT_AT_VENUE, "the venue lists no BTC-USD"),
        (market_view(product=None, trouble="timed out"), Reason.NOT_AT_VENUE, "timed out"),
        (
            with_product(status=ProductStatus.LIMIT_ONLY),
            Reason.NOT_TRADABLE,
            "status limit_only, online is needed",
        ),
        (
            with_product(listed_at=NOW - 30 * DAY + timedelta(seconds=1)),
            Reason.NEWLY_LISTED,
            "listed 29 days ago, 30 are needed",
        ),
        (with_product(listed_at=NOW - 30 * DAY), None, ""),
        (
            with_product(listed_at=None),
            Reason.NEWLY_LISTED,
            "day of listing unknown, 30 days are needed",
        ),
        (market_view(quote=None, trouble="no book"), Reason.NO_QUOTE, "no book"),
        (market_view(quote=None), Reason.NO_QUOTE, "no quote was read"),
        (market_view(quote=a_quote(age=timedelta(seconds=30))), None, ""),
        (
            market_view(quote=a_quote(age=timedelta(seconds=31))),
            Reason.STALE_QUOTE,
            "quote is 31 s old, at most 30 s",
        ),
        (
            market_view(quote=a_quote("100", "100")),
            Reason.CROSSED_QUOTE,
            "bid 100 is not below ask 100",
        ),
        (
            market_view(quote=a_quote("0.001", "0.002")),
            Reason.NO_QUOTE,
            "bid 0.001 is below the product's increment, 0.01",
        ),
        (
            with_product(volume_24h=None),
            Reason.VOLUME_UNKNOWN,
            "24 h volume unknown, at least 8000000",
        ),
        (with_product(volume_24h=Money.of(8_000_000)), None, ""),
        (
            with_product(volume_24h=Money.of(7_999_999)),
            Reason.VOLUME_LOW,
            "24 h volume 7999999, at least 8000000",
        ),
        (
            with_product(volume_24h=Money.of("7999999.7")),
            Reason.VOLUME_LOW,
            "24 h volume 7999999.7, at least 8000000",
        ),
        (market_view(quote=a_quote("99.6", "100.4")), None, ""),
        (
            market_view(quote=a_quote("99.5999", "100.4001")),
            Reason.SPREAD_WIDE,
            "spread 80.02 bps, at most 80",
        ),
        (
            market_view(quote=a_quote("99.59", "100.41")),
            Reason.SPREAD_WIDE,
            "spread 82 bps, at most 80",
        ),
        (market_view(depth=None), Reason.DEPTH_UNKNOWN, "depth unknown, at least 10000"),
        (market_view(depth=some_depth("10000")), None, ""),
        (
            market_view(depth=some_depth("9999")),
            Reason.DEPTH_LOW,
            "depth 9999 within 20 bps, at least 10000",
        ),
    ],
)
def test_each_floor_from_both_sides(
    view: ProductView | None, reason: Reason | None, detail: str
) -> None:
    assert judged(view) == (reason, detail)


def test_an_unreachable_market_is_no_proof_that_a_product_is_gone() -> None:
    answer = judged(None, unreachable="no answer")
    assert answer == (Reason.NO_QUOTE, "the market could not be read: no answer")


@pytest.mark.parametrize(
    ("volume", "spread", "depth", "reason"),
    [
        ("20000000", "90", "1", Reason.VOLUME_LOW),
        ("1", "9", "1", Reason.SPREAD_WIDE),
        ("1", "90", "200000", Reason.DEPTH_LOW),
        ("1", "90", "1", None),
    ],
)
def test_the_stricter_of_tier_and_global_floor_wins(
    volume: str, spread: str, depth: str, reason: Reason | None
) -> None:
    policy = a_policy()
    tier = replace(
        policy.universe.tiers[0],
        volume_24h_min=Money.of(volume),
        spread_bps_max=Bps.of(spread),
        depth_min=Money.of(depth),
    )
    universe = replace(policy.universe, tiers=(tier, policy.universe.tiers[1]))
    view = with_product(volume_24h=Money.of(10_000_000))
    assert judged(view, replace(policy, universe=universe))[0] is reason


def test_a_stablecoin_is_never_traded() -> None:
    policy = a_policy()
    universe = replace(policy.universe, stablecoins=("BTC",))
    assert judged(market_view(), replace(policy, universe=universe))[0] is Reason.STABLECOIN


@pytest.mark.parametrize(("hours", "reason"), [(168, Reason.RED_FLAGGED), (24, None)])
def test_a_red_flag_ends_when_it_expires(hours: int, reason: Reason | None) -> None:
    policy = a_policy()
    flag = RedFlag(BTC, "delisting rumour", NOW - DAY, timedelta(hours=hours))
    universe = replace(policy.universe, red_flags=(flag,))
    found, detail = judged(market_view(), replace(policy, universe=universe))
    assert found is reason
    assert reason is None or detail == "delisting rumour; until 2026-01-13T12:00:00Z"


BROKEN = market_view(BTC, quote=None)


def after(portfolio: Portfolio, snapshot: Snapshot, policy: Policy | None = None) -> Universe:
    return universe_of(snapshot, portfolio, policy or mind_policy())


def folded(portfolio: Portfolio, universe: Universe) -> Portfolio:
    return replace(portfolio, universe={**portfolio.universe, **universe.changes})


def test_the_first_universe_is_taken_as_it_is() -> None:
    universe = after(Portfolio(), a_market(BTC=BROKEN))
    assert universe.changes == {each: Membership(each != BTC) for each in FOUR}
    assert universe.eligible == (ETH, DOGE, XRP)
    floors = mind_policy().universe.floors
    assert universe.objection(ETH, floors) is None
    objection = universe.objection(BTC, floors)
    assert objection is not None
    assert objection.reason is Reason.NO_QUOTE


def test_entering_takes_three_cycles_running() -> None:
    floors = mind_policy().universe.floors
    book = folded(Portfolio(), after(Portfolio(), a_market(BTC=BROKEN)))
    details: list[str] = []
    for market in (a_market(), a_market(), a_market(BTC=BROKEN), *([a_market()] * 3)):
        universe = after(book, market)
        objection = universe.objection(BTC, floors)
        details.append("" if objection is None else objection.detail)
        book = folded(book, universe)
    assert details == [
        "eligible for 1 of 3 cycles",
        "eligible for 2 of 3 cycles",
        "no quote was read",
        "eligible for 1 of 3 cycles",
        "eligible for 2 of 3 cycles",
        "",
    ]


def test_leaving_takes_three_cycles_running_and_one_good_cycle_forgives() -> None:
    book = folded(Portfolio(), after(Portfolio(), a_market()))
    members: list[bool] = []
    for market in (
        *([a_market(BTC=BROKEN)] * 2),
        a_market(),
        *([a_market(BTC=BROKEN)] * 3),
    ):
        universe = after(book, market)
        book = folded(book, universe)
        members.append(book.universe[BTC].is_member)
    assert members == [True, True, True, True, True, False]


def test_only_what_changed_is_reported() -> None:
    book = folded(Portfolio(), after(Portfolio(), a_market()))
    assert after(book, a_market()).changes == {}
    assert after(book, a_market(BTC=BROKEN)).changes == {BTC: Membership(True, 1)}


@pytest.mark.parametrize(
    ("listed", "sound", "needed", "is_enough"),
    [(4, 2, 2, True), (4, 1, 2, False), (1, 1, 1, True), (1, 0, 1, False), (0, 0, 1, False)],
)
def test_a_small_market_must_offer_all_it_has(
    listed: int, sound: int, needed: int, is_enough: bool
) -> None:
    views = {
        product.base: market_view(
            product,
            product=market_product(product) if i < listed else None,
            **({} if i < sound else {"quote": None}),
        )
        for i, product in enumerate(FOUR)
    }
    universe = after(Portfolio(), a_market(**views))
    assert universe.needed == needed
    assert universe.is_large_enough == is_enough


def test_too_few_eligible_products_is_its_own_reason() -> None:
    broken = {each.base: market_view(each, quote=None) for each in (ETH, DOGE, XRP)}
    universe = after(Portfolio(), a_market(**broken))
    objection = universe.objection(BTC, UniverseFloors())
    assert objection is not None
    assert objection.reason is Reason.UNIVERSE_TOO_SMALL
    assert objection.detail == "1 eligible products, at least 2 are needed"


SOUND, AILING = a_market(), a_market(BTC=BROKEN)


@given(health=st.lists(st.booleans(), min_size=1, max_size=40))
def test_membership_changes_only_after_three_cycles_of_disagreement(health: list[bool]) -> None:
    book = folded(Portfolio(), after(Portfolio(), SOUND))
    is_member, against = True, 0
    for is_sound in health:
        against = 0 if is_sound == is_member else against + 1
        if against == 3:
            is_member, against = not is_member, 0
        book = folded(book, after(book, SOUND if is_sound else AILING))
        assert book.universe[BTC] == Membership(is_member, against)


def test_a_policy_without_products_has_an_empty_universe() -> None:
    policy = replace(mind_policy(), universe=UniversePolicy(tiers=()))
    universe = after(Portfolio(), a_market(), policy)
    assert universe.eligible == ()
    assert not universe.is_large_enough
