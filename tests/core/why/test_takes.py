"""What it would have taken is true: the world in which it holds is decided, and ends otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.core.market_values import walk
from tests.core.mind_values import (
    FOUR,
    a_market,
    market_bars,
    market_view,
    mind_policy,
    settled_portfolio,
)
from tests.core.orders.test_exits import at_price, cycled
from tests.core.risk.risk_values import (
    BTC,
    DOGE,
    ETH,
    NOW,
    a_position,
    a_quote,
    ago,
    default_checks,
    some_depth,
)
from tests.core.test_decide import MANY, SCENES, losing

from trader247.core.policy import SignalPolicy
from trader247.core.risk.checks.pace import Pace
from trader247.core.universe_policy import RedFlag
from trader247.core.why.signals import _FINE, _nearest
from trader247.core.why.takes import REMEDIES, STEPS_MAX, TRADED, WITHOUT, Takes, takes
from trader247.core.why.world import World
from trader247.domain.ids import ProductId
from trader247.domain.market import ProductView
from trader247.domain.money import Bps, Money
from trader247.domain.portfolio import ProductHistory
from trader247.domain.reasons import Reason
from trader247.domain.time import DAY


def world_of(reason: Reason) -> World:
    book, views = SCENES[reason]
    return World(a_market(**views), book, mind_policy())


def hold(asked: Takes, world: World, product: ProductId = BTC) -> None:
    """Each remedy flips the reason that stood before it, and the last world ends as told."""
    reason = world.deliberated().decisions.outcomes[product].reason
    for remedy in asked.remedies:
        after = remedy.world.deliberated().decisions.outcomes[product]
        assert after.reason is not reason, remedy
        assert remedy.what
        assert remedy.needed
        assert remedy.was
        reason = after.reason
    assert asked.world.deliberated().decisions.outcomes[product] == asked.ending


def test_each_reason_has_what_it_takes_or_says_that_nothing_does() -> None:
    assert set(REMEDIES) | WITHOUT == set(Reason)
    assert set(REMEDIES) & WITHOUT == set()


@pytest.mark.parametrize("reason", SCENES, ids=lambda reason: reason.value)
def test_what_it_takes_is_decided_and_flips_the_reason(reason: Reason) -> None:
    world = world_of(reason)
    asked = takes(BTC, world)
    assert asked.is_answer == (reason in REMEDIES), asked
    hold(asked, world)


def test_of_two_waits_the_longer_is_told_by_the_clock_of_the_decision() -> None:
    """What is remembered grows older in the world that is tried: the time told must not shift."""
    book, views = SCENES[Reason.PACE]
    filled = ProductHistory(last_fill=ago(29 * 60))
    book = replace(book, entries_sent=(ago(80),), history={BTC: filled})
    world = World(a_market(**views), book, mind_policy())

    asked = takes(BTC, world)

    assert world.deliberated().decisions.outcomes[BTC].reason is Reason.PACE
    assert [each.needed for each in asked.remedies] == [f"{NOW + timedelta(minutes=1)} or later"]
    assert [each.was for each in asked.remedies] == [str(NOW)]
    assert asked.ending.reason is Reason.ENTRY_SENT
    hold(asked, world)


def test_a_minute_that_is_full_says_when_its_oldest_entry_leaves_it() -> None:
    pace = Pace(seconds_between=0, per_hour=60, per_day=500, product_minutes=1)
    sent = tuple(ago(seconds) for seconds in (70, 40, 30, 20, 15, 10, 5))
    checks = tuple(pace if isinstance(each, Pace) else each for each in default_checks())
    world = World(
        a_market(**MANY), settled_portfolio(entries_sent=sent), mind_policy(checks=checks)
    )
    asked = takes(BTC, world)
    assert world.deliberated().decisions.outcomes[BTC].reason is Reason.PACE
    assert [each.needed for each in asked.remedies] == [f"{NOW + timedelta(seconds=20)} or later"]
    hold(asked, world)


def test_a_sale_that_is_refused_while_its_stop_rests_at_the_venue_is_explained_too() -> None:
    policy = mind_policy(execution=replace(mind_policy().execution, venue_stops="auto"))
    equity = Money.of(10_000)
    book = cycled(settled_portfolio(a_position(price="100")), at_price(10_000), policy, equity)
    assert book.working, "its stop rests"
    world = World(a_market(BTC=at_price(13_000, spread=300)), book, policy)
    found = world.deliberated()
    outcome = found.decisions.outcomes[BTC]
    assert outcome.reason is Reason.COLLAR
    assert "its stop at the venue stays" in outcome.detail
    assert not found.decisions.refused, "the sale was judged apart"
    asked = takes(BTC, world)
    assert asked.is_answer
    hold(asked, world)


@pytest.mark.parametrize("step", [3, 17, 40, 333, 20_000])
def test_a_trigger_between_two_doubled_steps_is_found(step: int) -> None:
    def holds(steps: int) -> bool:
        return step <= steps <= step + step // 8

    assert _nearest(holds, 60_000, _FINE) == step
    assert _nearest(lambda steps: holds(-steps), 60_000, _FINE) == -step
    assert _nearest(lambda _: False, 60_000, _FINE) == 0


UNTRADED_YET = {
    Reason.NOT_AT_VENUE,
    Reason.NO_QUOTE,
    Reason.BARS_MISSING,
    Reason.EQUITY_KNOWN,
}


@pytest.mark.parametrize(
    "reason",
    [each for each in SCENES if each not in {*TRADED, *UNTRADED_YET}],
    ids=lambda reason: reason.value,
)
def test_with_all_of_it_the_product_trades(reason: Reason) -> None:
    asked = takes(BTC, world_of(reason))
    assert asked.ending.reason in TRADED, asked


@pytest.mark.parametrize("reason", TRADED, ids=lambda reason: reason.value)
def test_what_traded_says_what_would_have_kept_it_from_trading(reason: Reason) -> None:
    asked = takes(BTC, world_of(reason))
    assert len(asked.remedies) == 1
    assert asked.ending.reason not in TRADED


def test_a_wide_spread_says_the_spread_that_would_do_and_the_one_that_was() -> None:
    policy = mind_policy()
    tier = replace(policy.universe.tiers[0], spread_bps_max=Bps.of(20))
    narrow = replace(
        policy, universe=replace(policy.universe, tiers=(tier, *policy.universe.tiers[1:]))
    )
    world = World(
        a_market(BTC=market_view(quote=a_quote("99.845", "100.155"))), settled_portfolio(), narrow
    )
    assert str(takes(BTC, world).remedies[0]) == "spread at most 20 bps; it was 31 bps"


def test_a_quiet_product_says_the_last_close_that_would_have_triggered() -> None:
    world = world_of(Reason.NO_TRIGGER)
    first = takes(BTC, world).remedies[0]
    assert first.what == "last close"
    assert first.was == "100.01"
    # The 24 h high is 100.01: a cent over it is a breakout.
    assert first.needed.startswith("at least 100.02 (breakout")


def test_pace_and_cooldown_say_from_when_on() -> None:
    pace = takes(BTC, world_of(Reason.PACE)).remedies[0]
    assert pace.needed == f"{ago(30) + timedelta(seconds=90)} or later"
    cooldown = takes(BTC, world_of(Reason.COOLDOWN)).remedies[0]
    assert cooldown.needed == f"{ago(600) + timedelta(minutes=120)} or later"


def test_a_held_position_says_the_nearer_of_stop_and_target() -> None:
    world = World(a_market(), settled_portfolio(a_position(BTC)), mind_policy())
    asked = takes(BTC, world)
    (only,) = asked.remedies
    assert only.needed == "at most 94, its stop"
    assert asked.ending.reason is Reason.EXIT_SENT


def test_a_stop_of_this_cycle_asks_for_the_equity_back() -> None:
    world = World(a_market(**MANY), losing("9700"), mind_policy())
    asked = takes(BTC, world)
    assert asked.remedies[0].what == "loss of equity"
    assert asked.ending.reason is Reason.ENTRY_SENT
    hold(asked, world)


def test_banned_outranked_and_late_products_have_their_answers() -> None:
    policy = mind_policy()
    flag = RedFlag(ETH, "a rumour", NOW, DAY)
    banned = replace(policy, universe=replace(policy.universe, red_flags=(flag,)))
    world = World(a_market(**MANY), settled_portfolio(), banned)
    asked = takes(ETH, world)
    assert [each.what for each in asked.remedies] == [
        "red flag",
        "entries approved before it in this cycle",
    ]
    assert asked.remedies[1].was == "BTC-USD"
    assert asked.ending.reason is Reason.ENTRY_SENT
    hold(asked, world, ETH)

    two = replace(policy, triggers=SignalPolicy(triggers_max=2))
    world = World(a_market(**MANY), settled_portfolio(), two)
    asked = takes(DOGE, world)
    assert [each.what for each in asked.remedies] == [
        "rank of its score",
        "entries approved before it in this cycle",
    ]
    hold(asked, world, DOGE)


def crowded(*, held: int, **changes: Any) -> World:
    """Every product triggers, beside so many that are held."""
    others = [ProductId(f"P{i}", "USD") for i in range(held)]
    book = settled_portfolio(*[a_position(each, "0.01") for each in others], **changes)
    views = {each.base: market_view(each) for each in others}
    return World(a_market(**MANY, **views), book, mind_policy())


@pytest.mark.parametrize(
    ("held", "changes", "needed"),
    [
        (7, {}, ["none"]),
        (8, {}, ["and no other entry in that cycle"]),
        (8, {"entries_sent": (ago(10),)}, ["at least 9", "or later", "none"]),
    ],
    ids=["taken in this cycle", "full", "full, and too soon"],
)
def test_where_the_book_is_full_it_says_what_lets_the_last_in_too(
    held: int, changes: dict[str, Any], needed: list[str]
) -> None:
    world = crowded(held=held, **changes)
    assert world.deliberated().decisions.outcomes[DOGE].reason is Reason.MAX_POSITIONS
    asked = takes(DOGE, world)
    assert asked.ending.reason is Reason.ENTRY_SENT, asked
    for each, end in zip(asked.remedies, needed, strict=True):
        assert each.needed.endswith(end), each
    hold(asked, world, DOGE)


def test_a_trigger_that_the_collar_holds_back_asks_for_the_minutes_before_it() -> None:
    """The last close alone far above its hour triggers, and is off the last minutes' median."""
    closes = [*[10_000] * 1559, 10_350]
    quote = a_quote("103.48", "103.52")
    view = market_view(BTC, bars=market_bars(closes), quote=quote)
    world = World(a_market(BTC=view), settled_portfolio(), mind_policy())
    assert world.deliberated().decisions.outcomes[BTC].reason is Reason.COLLAR
    asked = takes(BTC, world)
    assert [each.what for each in asked.remedies] == ["median of the last minutes"]
    assert asked.ending.reason is Reason.ENTRY_SENT
    hold(asked, world)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), step=st.sampled_from([0.0003, 0.001, 0.003]), data=st.data())
def test_of_any_market_and_book_it_tells_no_untruth(
    seed: int, step: float, data: st.DataObject
) -> None:
    views: dict[str, ProductView] = {}
    for i, product in enumerate(FOUR):
        bars = replace(walk(seed + i, 1560, price=10_000, step=step), end=NOW.minute - 1)
        middle = Decimal(bars.close[-1]) / 100
        gap = data.draw(st.sampled_from([Decimal("0.01"), Decimal("0.5"), Decimal("-0.1")]))
        quote = a_quote(
            str(max(Decimal("0.01"), middle - gap)),
            str(max(Decimal("0.02"), middle + gap)),
            age=timedelta(seconds=data.draw(st.sampled_from([1, 1, 1, 31]))),
        )
        depth = some_depth(data.draw(st.sampled_from(["0", "900", "100000"])))
        parts: dict[str, Any] = {"bars": bars, "quote": quote, "depth": depth}
        for missing in data.draw(st.sets(st.sampled_from(["bars", "quote", "depth"]), max_size=1)):
            parts[missing] = None
        views[product.base] = market_view(product, **parts)
    held = data.draw(st.sets(st.sampled_from(FOUR), max_size=2))
    last = data.draw(st.sampled_from([None, ago(30), ago(4000)]))
    book = settled_portfolio(
        *[a_position(each, "1") for each in sorted(held)],
        cash=Money.of(data.draw(st.sampled_from([20, 700, 10_000]))),
        losing_streak=data.draw(st.sampled_from([0, 3])),
        last_loss=last,
        entries_sent=() if last is None else (last,),
        history={} if last is None else {BTC: ProductHistory(last_fill=last, last_entry=last)},
    )
    world = World(a_market(**views), book, mind_policy())
    for product in FOUR:
        asked = takes(product, world)
        assert len(asked.remedies) <= STEPS_MAX
        hold(asked, world, product)
