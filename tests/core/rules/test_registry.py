"""What the shipped rules wish for."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal

import pytest

from trader247.core.limits import bound_of
from trader247.core.rules.mean_reversion import MeanReversionRule
from trader247.core.rules.price_move import PriceMoveRule
from trader247.core.rules.registry import ALL_RULES
from trader247.core.rules.rule import Rule, Setting
from trader247.core.signals.registry import ALL_SIGNALS
from trader247.core.signals.signal import Figure, Reading
from trader247.domain.money import Percent

TOP_IN_CHOP = Setting(tier=0, regime="chop")


def triggered(signal: str, *, atr_nanos: int = 10_000_000) -> Reading:
    """A trigger; the average range is 1 % unless said otherwise."""
    atr = Figure("atr_14_h", atr_nanos, None, "%")
    half = Decimal("0.5")
    return Reading(signal, True, True, half, half, Decimal("0.25"), (atr,))


@pytest.mark.parametrize(
    ("rule", "stop", "target", "hours", "multiplier"),
    [
        ("price_move", "0.06", "0.12", 48, "1"),
        ("volume_spike", "0.08", "0.15", 72, "1"),
        ("breakout", "0.06", "0.2", 120, "1.2"),
        ("reversal", "0.12", "0.25", 48, "0.8"),
        ("momentum", "0.08", "0.15", 72, "1"),
        ("mean_reversion", "0.012", "0.018", 48, "0.8"),
    ],
)
def test_the_shipped_numbers(
    rule: str, stop: str, target: str, hours: int, multiplier: str
) -> None:
    kind = next(each for each in ALL_RULES if each.id == rule)
    wish = kind().wish(triggered(rule), TOP_IN_CHOP)
    assert wish is not None
    assert wish.plan.stop_fraction == Decimal(stop)
    assert wish.plan.target_fraction == Decimal(target)
    assert wish.plan.longest_hold == timedelta(hours=hours)
    assert wish.plan.trailing_fraction is None
    assert wish.multiplier == Decimal(multiplier)


def test_each_signal_has_one_rule() -> None:
    assert sorted(rule.signal for rule in ALL_RULES) == sorted(each.id for each in ALL_SIGNALS)
    assert len({rule.id for rule in ALL_RULES}) == len(ALL_RULES)


@pytest.mark.parametrize("kind", ALL_RULES, ids=lambda kind: kind.id)
def test_every_rule_has_a_manual_and_bounded_numbers(kind: type[Rule]) -> None:
    assert kind.__doc__
    assert not kind.__doc__.startswith(f"{kind.__name__}(")
    assert all(bound_of(kind, each.name) is not None for each in fields(kind))


@pytest.mark.parametrize(
    "setting", [Setting(1, "chop"), Setting(0, "bull"), Setting(0, "bear"), Setting(2, "crash")]
)
def test_mean_reversion_is_for_the_first_tier_in_chop(setting: Setting) -> None:
    assert MeanReversionRule().wish(triggered("mean_reversion"), setting) is None


@pytest.mark.parametrize("atr_nanos", [0, 208_333_334])
def test_mean_reversion_wants_a_range_that_makes_sense(atr_nanos: int) -> None:
    reading = triggered("mean_reversion", atr_nanos=atr_nanos)
    assert MeanReversionRule().wish(reading, TOP_IN_CHOP) is None


def test_a_trailing_stop_is_asked_for_by_its_distance() -> None:
    rule = replace(PriceMoveRule(), trailing_pct=Percent.of(3))
    wish = rule.wish(triggered("price_move"), TOP_IN_CHOP)
    assert wish is not None
    assert wish.plan.trailing_fraction == Decimal("0.03")
