"""Skipping changes nothing: the fast run is the slow one, to the last bit, on random markets."""

from __future__ import annotations

import gc
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.backtest.markets import WARM_UP, busy, named, setup, shipped, tape, walk

from trader247.app.settings.canonical import sealed
from trader247.backtest.admission import go_on_from, membership_of
from trader247.backtest.columns import CODES
from trader247.backtest.fast import FastBacktest
from trader247.backtest.ladder import Ladder
from trader247.backtest.recall import Recall
from trader247.backtest.run import Backtest, Setup
from trader247.core.market.triggers import examine
from trader247.core.risk.checks.collar import Collar
from trader247.core.risk.checks.cooldown import Cooldown
from trader247.core.risk.checks.turnover import Turnover
from trader247.core.rules.mean_reversion import MeanReversionRule
from trader247.core.rules.rule import FixedRule
from trader247.domain.money import Bps, Percent
from trader247.domain.orders import OrderState, Side
from trader247.domain.portfolio import EquityRecord
from trader247.domain.time import MINUTE, Instant
from trader247.simex.feeds.tape import Tape
from trader247.simex.fees import FeeTerms, Tier
from trader247.simex.orders.costs import Rates

PRODUCTS = ("BTC-USD", "ETH-USD", "DOGE-USD")


def assert_same(given_setup: Setup) -> tuple[Backtest, FastBacktest]:
    slow, fast = Backtest(given_setup), FastBacktest(given_setup)
    slow.run()
    fast.run()
    assert fast.recorder.orders == slow.recorder.orders
    assert fast.recorder.fills == slow.recorder.fills
    assert fast.recorder.trades == slow.recorder.trades
    assert fast.recorder.stops == slow.recorder.stops
    assert fast.recorder.decision_hash == slow.recorder.decision_hash
    assert np.array_equal(fast.columns.reasons, slow.columns.reasons)
    assert np.array_equal(fast.columns.cycles, slow.columns.cycles)
    assert np.array_equal(fast.columns.cents, slow.columns.cents)
    counts = fast.columns.refusals(), fast.columns.cycles_by_day(), fast.columns.day_ends()
    assert counts == (
        slow.columns.refusals(),
        slow.columns.cycles_by_day(),
        slow.columns.day_ends(),
    )
    assert fast.recorder.days(*counts) == slow.recorder.days(*counts)
    assert fast.ledger.portfolio.cycle == slow.ledger.portfolio.cycle
    assert standing(fast) == standing(slow)
    return slow, fast


def standing(run: Backtest) -> tuple[object, ...]:
    """Where a run has left the ledger and the exchange's books, but for what cycles alone leave."""
    portfolio = run.ledger.portfolio
    holdings = [
        (product, product in portfolio.dust, replace(each, highest=each.entry_price))
        for product, each in sorted(portfolio.holdings.items())
    ]
    wallets = [(each.currency, each.available, each.hold) for each in run.arena.desk.accounts]
    return (
        list(portfolio.working.items()),
        list(portfolio.settled.items()),
        holdings,
        portfolio.history,
        portfolio.losing_streak,
        portfolio.conduct,
        dict(portfolio.breakers),
        portfolio.entries_sent,
        highs_of(portfolio.equity),
        portfolio.cash,
        run.arena.desk.orders,
        list(run.arena.desk.live),
        wallets,
    )


def highs_of(record: EquityRecord) -> tuple[object, ...]:
    """The greatest value of a unit of each window, and of all time; first with its time."""
    return record.high_nav, record.highs_24h[:1], record.highs_7d[:1]


def test_stops_are_renewed_while_nobody_looks() -> None:
    tapes = [named(walk(at, WARM_UP + 200), name) for at, name in enumerate(PRODUCTS)]
    policy = busy(keeps_stops=True)
    policy = sealed(replace(policy, execution=replace(policy.execution, exit_seconds=180)))
    slow, fast = assert_same(setup(tapes, policy=policy, equity=1_000_000))
    stops = [each for each in slow.recorder.orders if each.stop_price is not None]
    assert len(stops) > 40
    assert fast.visits < len(stops)
    # What was renewed is not kept by the exchange, which tells of a year's orders otherwise.
    assert len(fast.arena.orders) < len(slow.arena.orders) - len(stops) / 2


@pytest.mark.parametrize(
    "rates",
    [
        [("first", 0, "0.004", "0.01"), ("second", 100, "0", "0.0002")],
        [("makers pay more", 0, "0.005", "0.0002")],
    ],
)
def test_what_is_renewed_pays_the_rates_of_its_hour(rates: list[tuple[str, int, str, str]]) -> None:
    # Rates are read at twenty to each hour, and change with the hour.
    warm_up = 2 * 1440 - 80
    tapes = [
        named(walk(90 + at, warm_up + 160, volatility=0.0015), name)
        for at, name in enumerate(PRODUCTS)
    ]
    policy = busy(keeps_stops=True)
    rules = {
        name: replace(rule, target_pct=Percent.of(3)) if isinstance(rule, FixedRule) else rule
        for name, rule in policy.rules.items()
    }
    policy = sealed(replace(policy, rules=rules))
    schedule = tuple(
        Tier(name, Decimal(volume), None, Rates(Decimal(maker), Decimal(taker)))
        for name, volume, maker, taker in rates
    )
    asked = replace(setup(tapes, policy=policy, warm_up=warm_up), fees=FeeTerms(schedule=schedule))
    slow, _ = assert_same(asked)
    assert [each for each in slow.recorder.fills if each.side is Side.SELL]


def test_a_run_leaves_no_cycles_of_objects_since_it_looks_for_none() -> None:
    tapes = [named(walk(at, WARM_UP + 200), name) for at, name in enumerate(PRODUCTS)]
    asked = setup(tapes, policy=busy(keeps_stops=True), equity=1_000_000)
    # What is made when it is first used is made here.
    FastBacktest(asked).run()
    fast = FastBacktest(asked)
    gc.collect()
    gc.disable()
    try:
        fast.run()
        assert len(fast.recorder.orders) > 40
        assert gc.collect() == 0
        # Of stops long renewed it keeps what they are told by, and not what they were made of.
        assert not [each for each in gc.get_objects() if isinstance(each, Ladder)]
    finally:
        gc.enable()


def test_where_little_is_traded_both_buy_a_part_and_leave_the_same_as_dust() -> None:
    # A buy of ours that rests, and fills bit by bit, is the best bid of some minutes.
    minutes = WARM_UP + 160
    whole = walk(252, minutes, volatility=0.0008)
    volume = whole.volume.copy()
    volume[WARM_UP - 2 :] = np.random.default_rng(252).integers(1, 1000, minutes - WARM_UP + 2)
    slow, fast = assert_same(setup([replace(whole, volume=volume)], policy=busy()))
    (dust,) = slow.ledger.portfolio.dust.values()
    assert len(dust.lots) == 5
    assert fast.visits < 20


def test_a_buy_of_ours_may_decide_who_is_in_the_universe() -> None:
    # It rests above what others bid, and the spread that is seen is another than the candles'.
    warm_up, minutes = 2 * 1440 - 80, 2 * 1440 + 320
    whole = walk(7340, minutes)
    volume = whole.volume.copy()
    volume[warm_up - 2 :] = np.random.default_rng(7417).integers(1, 2000, minutes - warm_up + 2)
    asked = setup([replace(whole, volume=volume)], policy=busy(), warm_up=warm_up)
    slow, fast = assert_same(asked)
    assert slow.recorder.fills
    assert fast.visits < 30


@pytest.mark.parametrize("seed", [21, 27])
def test_a_buy_that_nothing_touches_ends_when_its_product_leaves_the_universe(seed: int) -> None:
    # It is sent in the first minute. By then nearly nothing is traded: its depth fades.
    whole = walk(seed, WARM_UP + 120, volatility=0.0006)
    volume = whole.volume.copy()
    volume[WARM_UP - 54 :] = 1000
    slow, _ = assert_same(setup([replace(whole, volume=volume)], policy=busy()))
    first = slow.recorder.orders[0]
    assert (first.state, first.ended) == (OrderState.CANCELLED, first.created + 3 * MINUTE)


@pytest.mark.parametrize(("seed", "spread_max"), [(2, "7.7511"), (14, "15.1468"), (73, "7.2644")])
def test_a_first_buy_above_what_others_bid_decides_who_is_in_the_universe_too(
    seed: int, spread_max: str
) -> None:
    # Without it the spread would be a five-hundredth too wide in a minute, and the product leave.
    policy = busy()
    floors = replace(
        policy.universe.floors, spread_bps_max=Bps.of(spread_max), enter_cycles=1, leave_cycles=1
    )
    policy = sealed(replace(policy, universe=replace(policy.universe, floors=floors)))
    tapes = [walk(seed, WARM_UP + 160, volatility=0.0008, price=1_000_000)]
    slow, fast = assert_same(setup(tapes, policy=policy))
    assert slow.recorder.fills
    assert fast.visits < 20


@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    seed=st.integers(0, 10_000),
    volatility=st.sampled_from([0.0004, 0.0008, 0.002]),
    equity=st.sampled_from([1_000, 10_000, 1_000_000]),
    keeps_stops=st.booleans(),
    is_shipped=st.sampled_from([False, False, True]),
    clears=st.booleans(),
)
def test_the_fast_run_is_the_slow_one(
    seed: int,
    volatility: float,
    equity: int,
    keeps_stops: bool,
    is_shipped: bool,
    clears: bool,
) -> None:
    # The roll of a day lies within.
    warm_up = 2 * 1440 - 80
    minutes = warm_up + 160
    tapes = [
        named(walk(seed + at, minutes, volatility=volatility), name)
        for at, name in enumerate(PRODUCTS[:2])
    ]
    policy = shipped() if is_shipped else busy(keeps_stops=keeps_stops)
    asked = setup(tapes, policy=policy, equity=equity, warm_up=warm_up)
    assert_same(replace(asked, clears_at_midnight=clears))


def test_a_later_cycle_of_a_minute_finds_what_was_known_of_it_and_what_ours_have_left() -> None:
    # A target is reached where a stop rests: that makes way, and a second later the lots are sold.
    tapes = [
        named(walk(100 + at, WARM_UP + 240, volatility=0.0012), name)
        for at, name in enumerate((*PRODUCTS, "SOL-USD"))
    ]
    slow, _ = assert_same(setup(tapes, policy=busy(keeps_stops=True), equity=1_000_000))
    assert int((slow.columns.cycles > 1).sum()) > 2


def test_a_busy_market_trades_in_both_and_few_minutes_are_visited() -> None:
    tapes = [
        named(walk(11 + at, WARM_UP + 200, volatility=0.0008), name)
        for at, name in enumerate(PRODUCTS)
    ]
    slow, fast = assert_same(setup(tapes, policy=busy(), equity=1_000_000))
    assert len(slow.recorder.trades) > 3
    again = int((slow.columns.reasons == CODES["duplicate"]).sum())
    assert again > 3, "the size of an entry that was stopped out comes again"
    assert fast.visits < 32, "what is refused for that alone is not visited"


def test_what_is_not_worth_its_fees_is_counted_as_that_and_not_visited() -> None:
    policy = busy()
    reverting = policy.rules["mean_reversion"]
    assert isinstance(reverting, MeanReversionRule)
    reverting = replace(reverting, target_atr=Decimal("0.8"))
    policy = sealed(replace(policy, rules={**policy.rules, "mean_reversion": reverting}))
    # They fall while a loss has its pause: nothing of the day's mean is left, and that triggers.
    tapes = [
        _falling(walk(49 + at, WARM_UP + 200, volatility=0.0006), name)
        for at, name in enumerate(PRODUCTS[:2])
    ]
    slow, fast = assert_same(setup(tapes, policy=policy, equity=1_000_000))
    thin = int((slow.columns.reasons == CODES["fee_worth"]).sum())
    paused = int((slow.columns.reasons == CODES["cooldown"]).sum())
    assert thin > 50
    assert paused > 50
    assert fast.visits < 40


def test_a_rule_that_asks_for_figures_is_told_those_that_a_cycle_measures() -> None:
    tapes = [
        _falling(walk(49 + at, WARM_UP + 200, volatility=0.0006), name)
        for at, name in enumerate(PRODUCTS[:2])
    ]
    prospect = FastBacktest(setup(tapes, policy=busy(), equity=1_000_000)).prospect
    recall, seen = Recall(prospect), 0
    for product, outlook in prospect.outlooks.items():
        triggers = outlook.triggers
        for at, rule, is_sure in zip(triggers.at, triggers.rule, triggers.is_sure, strict=True):
            if not is_sure or not isinstance(prospect.rules[rule], MeanReversionRule):
                continue
            regime = recall.regime_at(at, prospect.policy)
            fresh = examine(
                product,
                prospect.view_at(product, int(at)),
                prospect.instruments,
                tier=outlook.tier,
                regime=regime,
                now=Instant(0) + (prospect.start + int(at)) * MINUTE,
            )
            assert recall.trigger_at(int(at), product, outlook.tier, regime) == fresh.trigger
            assert fresh.trigger is not None
            seen += 1
    assert seen > 50


def _falling(known: Tape, product: str) -> Tape:
    """A past that falls by 3 % within ten minutes, an hour after trading began."""
    at = np.arange(len(known.close))
    share = 1 - 0.03 * np.clip((at - WARM_UP - 60) / 10, 0, 1)
    begin, high, low, close = (
        (each * share).astype(np.int64) for each in (known.open, known.high, known.low, known.close)
    )
    return replace(
        known,
        product_id=product,
        open=begin,
        high=np.maximum(high, np.maximum(begin, close)),
        low=np.minimum(low, np.minimum(begin, close)),
        close=close,
    )


def test_what_is_asked_again_far_from_our_last_fill_is_banned_whatever_else_forbids_it() -> None:
    # A cooldown stands, but the collar is asked before it, and counts how often it refuses.
    changed: dict[str, dict[str, Any]] = {
        Collar.id: {"last_fill_pct": Percent.of(1)},
        Cooldown.id: {"fill_minutes": 60, "loss_minutes": 60, "stop_minutes": 60},
    }
    policy = busy()
    checks = tuple(replace(each, **changed.get(each.id, {})) for each in policy.checks)
    policy = sealed(replace(policy, checks=checks))
    slow, fast = assert_same(setup([walk(4, WARM_UP + 120, volatility=0.0012)], policy=policy))
    assert int((slow.columns.reasons == CODES["collar"]).sum()) == 5
    assert int((slow.columns.reasons == CODES["banned"]).sum()) == 64
    assert fast.visits < 60


def test_an_open_breaker_is_waited_for_and_not_watched() -> None:
    policy = busy(keeps_stops=True)
    breakers = replace(
        policy.breakers, move_major_pct=Percent.of(1), move_minutes=20, clean_cycles=9
    )
    policy = sealed(replace(policy, breakers=breakers))
    tapes = [
        named(walk(at, WARM_UP + 160, volatility=0.0008), name)
        for at, name in enumerate(PRODUCTS[:2])
    ]
    slow, fast = assert_same(setup(tapes, policy=policy, equity=1_000_000))
    opened = [each for each in slow.recorder.stops if each.kind == "breaker"]
    assert any(each.ended is not None for each in opened)
    assert fast.visits < 100


def test_a_daily_stop_hit_as_a_position_s_stop_is_counts_from_highs_that_nobody_saw() -> None:
    policy = busy()
    rules = {
        name: replace(rule, target_pct=Percent.of(10)) if isinstance(rule, FixedRule) else rule
        for name, rule in policy.rules.items()
    }
    stops = replace(policy.stops, daily_pct=Percent.of("-0.04"))
    policy = sealed(replace(policy, rules=rules, stops=stops))
    # It buys at 02:00, and rises by 4 % while nothing else happens. Then it falls at once,
    # through its stop: equity is 0.02 % under the day's first, and 0.05 % under its high.
    bought = WARM_UP + 1
    known = walk(1, WARM_UP + 200, volatility=0.0008)
    at = np.arange(len(known.close))
    above = np.clip((at - bought - 3) / 10, 0, 1) * 0.04
    close = np.where(at > bought, known.close[bought] * (1 + above), known.close)
    close = np.where(at >= bought + 20, known.close[bought] * 0.994, close).astype(np.int64)
    begin = np.where(at <= bought, known.open, np.concatenate([close[:1], close[:-1]]))
    begin[bought + 20] = close[bought + 20]
    high = np.where(at <= bought, known.high, np.maximum(begin, close))
    low = np.where(at <= bought, known.low, np.minimum(begin, close))
    columns = (each[: bought + 30] for each in (begin, high, low, close, known.volume))
    market = tape("BTC-USD", *columns)
    slow, fast = assert_same(setup([market], policy=policy, equity=1_300))
    found = [(each.kind, each.name) for each in slow.recorder.stops]
    assert found == [("halt", "daily_stop"), ("ban", "collar:BTC-USD")]
    assert fast.visits < 20


def _straight(close: np.ndarray, product: str) -> Tape:
    """A past whose minutes go straight from one close to the next."""
    begin = np.concatenate([close[:1], close[:-1]])
    volume = np.full(len(close), 30_000_000)
    return tape(product, begin, np.maximum(begin, close), np.minimum(begin, close), close, volume)


@pytest.mark.parametrize("fees_pct", ["0.018", "3"])
def test_a_stop_counts_from_highs_that_nobody_saw_whatever_made_somebody_look_later(
    fees_pct: str,
) -> None:
    policy = busy()
    rules = {
        name: replace(rule, stop_pct=Percent.of(5), target_pct=Percent.of(10))
        if isinstance(rule, FixedRule)
        else rule
        for name, rule in policy.rules.items()
    }
    checks = [
        replace(each, fees_pct=Percent.of(fees_pct)) if isinstance(each, Turnover) else each
        for each in policy.checks
    ]
    stops = replace(policy.stops, daily_pct=Percent.of("-0.05"))
    policy = sealed(replace(policy, rules=rules, checks=tuple(checks), stops=stops))
    # It buys at 02:00, and rises by 4 % and falls by 2 % while nothing else happens.
    bought = WARM_UP + 1
    known = walk(1, WARM_UP + 200, volatility=0.0008)
    at = np.arange(bought + 60)
    rises = np.clip((at - bought - 3) / 10, 0, 1) * 0.04
    falls = np.clip((at - bought - 14) / 4, 0, 1) * 0.018
    falls_on = np.clip((at - bought - 43) / 10, 0, 1) * 0.012
    above = known.close[bought] * (1 + rises - falls - falls_on)
    close = np.where(at > bought, above, known.close[: len(at)]).astype(np.int64)
    first = _straight(close, "BTC-USD")
    early = {
        name: np.where(at <= bought, getattr(known, name)[: len(at)], getattr(first, name))
        for name in ("open", "high", "low", "volume")
    }
    # Another one rises, is bought and falls to its buy: with its fee each minute is looked at.
    risen = 100_000 * (1 + np.clip((at - bought - 18) / 8, 0, 1) * 0.008)
    close = np.where(at >= bought + 40, risen * 0.995, risen).astype(np.int64)
    second = _straight(close, "ETH-USD")
    slow, fast = assert_same(setup([replace(first, **early), second], policy=policy, equity=1_300))
    assert slow.recorder.stops[0].name == "daily_stop"
    assert slow.recorder.stops[0].cause.endswith("from 1,300.38 as the 24 h high")
    assert fast.visits < 45


@pytest.mark.parametrize("enter", [1, 3])
def test_memberships_go_on_from_wherever_they_stood(enter: int) -> None:
    rng = np.random.default_rng(enter)
    eligible = rng.random(300) < 0.6
    whole = membership_of(eligible, enter=enter, leave=2)
    for cut in (1, 7, 150):
        before = bool(whole.is_member[cut - 1]), int(whole.streak[cut - 1])
        rest = membership_of(eligible[cut:], enter=enter, leave=2, before=before)
        assert np.array_equal(rest.is_member, whole.is_member[cut:])
        assert np.array_equal(rest.streak, whole.streak[cut:])


@pytest.mark.parametrize("cut", [0, 3, 90, 299])
def test_a_membership_that_is_set_right_goes_on_as_if_it_had_always_been_right(cut: int) -> None:
    rng = np.random.default_rng(cut)
    # Long stretches, too: what differs may do so for a while.
    eligible = np.repeat(rng.random(30) < 0.5, 10)
    known = membership_of(eligible, enter=70, leave=5)
    stands = not bool(known.is_member[cut]), 2
    onward = membership_of(eligible[cut + 1 :], enter=70, leave=5, before=stands)
    before = known.is_member.copy()
    agrees = go_on_from(known, eligible, cut, stands, enter=70, leave=5)
    assert np.array_equal(known.is_member[cut + 1 :], onward.is_member)
    assert np.array_equal(known.streak[cut + 1 :], onward.streak)
    assert np.array_equal(known.is_member[agrees:], before[agrees:])
