"""From bars to a trigger, or to the reason why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.core.market_values import cut
from tests.core.mind_values import JUMPED, QUIET, RISING, market_bars, market_view, mind_policy
from tests.core.risk.risk_values import BTC, DOGE, ETH, NOW

from trader247.core.market.instruments import instruments_of
from trader247.core.market.triggers import Examination, Trigger, examine, ranked
from trader247.core.policy import SignalPolicy
from trader247.core.regime import Regime
from trader247.core.rules.momentum import MomentumRule
from trader247.core.rules.price_move import PriceMoveRule
from trader247.core.rules.rule import Wish
from trader247.core.signals.price_move import PriceMove
from trader247.core.signals.signal import Reading
from trader247.domain.ids import ProductId
from trader247.domain.market import Bars, ProductView
from trader247.domain.money import Percent
from trader247.domain.reasons import Reason

CHOP = Regime("chop", Decimal("0.8"))


def examined(
    view: ProductView, *, tier: int = 0, regime: Regime = CHOP, **sections: Any
) -> Examination:
    instruments = instruments_of(mind_policy(**sections))
    return examine(BTC, view, instruments, tier=tier, regime=regime, now=NOW)


def over(closes: Sequence[int], **columns: Any) -> ProductView:
    return market_view(bars=market_bars(closes, **columns))


def ending(view: ProductView, **changes: Any) -> tuple[Reason, str]:
    result = examined(view, **changes)
    assert result.trigger is None
    assert result.objection is not None
    return result.objection.reason, result.objection.detail


def moved(bars: Bars, minutes: int) -> ProductView:
    return market_view(bars=replace(bars, end=bars.end + minutes))


def test_the_strongest_signal_is_the_trigger() -> None:
    result = examined(over(JUMPED))
    assert result.objection is None
    assert result.trigger is not None
    # 6.4 % in an hour, 1.6 % in a quarter: price_move scores 0.7 x 0.75, breakout 0.7 x 0.8.
    assert result.trigger.reading.signal == "breakout"
    assert result.trigger.score == Decimal("0.56")
    assert result.trigger.rule.id == "breakout"
    assert len(result.readings) == 6
    assert len(result.guards) == 2


@pytest.mark.parametrize(
    ("view", "detail"),
    [
        (market_view(bars=None), "no bars were read"),
        (market_view(bars=None, trouble="timed out"), "timed out"),
        (market_view(bars=cut(market_bars(), 0, 0)), "no bars were read"),
        (moved(market_bars(), 1), "the last bar is of a minute that is not over"),
        (moved(market_bars(), -4), "4 minutes have closed since the last bar, at most 3"),
        (over(QUIET[:1454]), "volatility: 1454 bars, needs 1455"),
        (over(QUIET[:20]), "outlier: 20 bars, needs 21"),
        (
            over(QUIET, filled=[0] * 1399 + [1] * 161),
            "price_move: 61 of 61 minutes without a trade, at most 6",
        ),
    ],
)
def test_bars_that_are_missing_are_no_bars(view: ProductView, detail: str) -> None:
    assert ending(view) == (Reason.BARS_MISSING, detail)


@pytest.mark.parametrize("minutes", [0, -3])
def test_the_newest_bars_may_come_a_moment_late(minutes: int) -> None:
    assert ending(moved(market_bars(), minutes))[0] is Reason.NO_TRIGGER


def test_one_signal_without_its_bars_does_not_silence_the_others() -> None:
    # The last hour has too many holes for price_move, the day has not.
    result = examined(over(JUMPED, filled=[0] * 1550 + [1] * 10))
    assert not result.readings[0].is_measured
    assert result.trigger is not None


def test_an_outlier_skips_the_product() -> None:
    reason, detail = ending(over([*QUIET[:-1], 12_000], volumes=[100_000] * 1559 + [9_000]))
    assert reason is Reason.OUTLIER
    assert "off_mean_of_20 19.99 % (threshold 10.00), volume_of_mean 9.00 %" in detail


def test_a_wild_day_allows_no_entry() -> None:
    wild = [10_000 if i // 15 % 2 else 10_200 for i in range(1559)]
    reason, detail = ending(over([*wild, 10_300]))
    assert reason is Reason.VOLATILITY_HIGH
    assert detail.startswith("volatility 36")


def test_a_crash_allows_no_entry() -> None:
    crash = Regime("crash", Decimal(0), Percent.of(-12), Percent.of(80))
    assert ending(over(JUMPED), regime=crash) == (
        Reason.REGIME_CRASH,
        "crash: seven days -12 %, volatility 80 %",
    )


def test_without_a_trigger_the_nearest_signal_is_named() -> None:
    reason, detail = ending(over(QUIET))
    assert reason is Reason.NO_TRIGGER
    assert "threshold" in detail


def test_a_weak_score_is_nothing() -> None:
    evenly = [9_780 + (i // 6) for i in range(1560)]
    view = over([*evenly[:-1], evenly[-2]])
    reason, detail = ending(view, triggers=SignalPolicy(score_min=Decimal("0.5")))
    assert reason is Reason.NO_TRIGGER
    assert detail.endswith("at least 0.5")
    assert "momentum scores 0." in detail
    assert examined(view).trigger is not None


FALLEN = [*[10_000 + i % 40 for i in range(1559)], 9_900]


def test_mean_reversion_acts_in_the_first_tier_in_chop_alone() -> None:
    result = examined(over(FALLEN))
    assert result.trigger is not None
    assert result.trigger.rule.id == "mean_reversion"
    bull = Regime("bull", Decimal("1.2"))
    for changes in ({"tier": 1}, {"regime": bull}):
        reason, detail = ending(over(FALLEN), **changes)
        assert reason is Reason.NO_TRIGGER
        assert detail == "mean_reversion scores 0.600, and no rule acts on it here"


def test_the_policys_own_thresholds_and_rules_are_used() -> None:
    signals = {"price_move": PriceMove(return_60_min_pct=Percent.of(50))}
    rules = {"breakout": replace(PriceMoveRule(), stop_pct=Percent.of(3))}
    result = examined(over(RISING), signals=signals, rules={})
    assert result.readings[0].figures[1].threshold == Decimal(50)
    assert instruments_of(mind_policy(rules=rules)).rules["price_move"][-1] == rules["breakout"]


def a_trigger(product: ProductId, tier: int, score: str) -> Trigger:
    reading = Reading("momentum", True, True, Decimal(1), Decimal(score), Decimal(score), ())
    plan = PriceMoveRule().wish(reading, setting=None)  # type: ignore[arg-type] # not looked at
    assert plan is not None
    return Trigger(product, tier, reading, MomentumRule(), Wish(plan.plan, Decimal(1)))


def test_triggers_rank_by_score_then_tier_then_name() -> None:
    triggers = [
        a_trigger(ETH, 1, "0.5"),
        a_trigger(BTC, 1, "0.5"),
        a_trigger(DOGE, 0, "0.5"),
        a_trigger(ProductId("XRP", "USD"), 2, "0.6"),
    ]
    assert [each.product.base for each in ranked(triggers)] == ["XRP", "DOGE", "BTC", "ETH"]
