"""From a product's bars to the trade that its strongest signal asks for, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from trader247.core.market.instruments import Instruments, Measures, measured, measured_each
from trader247.core.policy import SignalPolicy
from trader247.core.regime import CRASH, Regime
from trader247.core.rules.rule import Rule, Setting, Wish
from trader247.core.signals.series import NANO
from trader247.core.signals.signal import Reading
from trader247.domain.dataclass import dataclass
from trader247.domain.decisions import Outcome
from trader247.domain.ids import ProductId
from trader247.domain.market import ProductView, Snapshot
from trader247.domain.reasons import Reason
from trader247.domain.time import Instant

LATE_MINUTES_MAX = 3
"""How many minutes may have closed since the last bar: the newest ones come a moment late."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """A signal past its threshold, with what its rule makes of it; `tier` 0 is the first."""

    product: ProductId
    tier: int
    reading: Reading
    rule: Rule
    wish: Wish

    @property
    def score(self) -> Decimal:
        """The signal's score."""
        return self.reading.score


@dataclass(frozen=True, slots=True)
class Examination:
    """All that was measured of one product: the guards, the signals, and what came of them.

    Exactly one of `trigger` and `objection` is there.
    """

    guards: tuple[Reading, ...]
    readings: tuple[Reading, ...]
    trigger: Trigger | None
    objection: Outcome | None


def examine(
    product: ProductId,
    view: ProductView,
    instruments: Instruments,
    *,
    tier: int,
    regime: Regime,
    now: Instant,
    measures: Measures | None = None,
) -> Examination:
    """Measure a product and choose its strongest trigger; `measures` are known already."""
    trouble = _trouble(view, now)
    if trouble or view.bars is None:
        return Examination((), (), None, Outcome(Reason.BARS_MISSING, trouble))
    guards, readings = measures or measured(view.bars, instruments)
    objection = _guarded(guards, readings, regime)
    if objection is not None:
        return Examination(guards, readings, None, objection)
    setting = Setting(tier, regime.name)
    trigger = _strongest(product, readings, instruments, setting)
    if trigger is None:
        return Examination(guards, readings, None, _nothing(readings, instruments.triggers))
    return Examination(guards, readings, trigger, None)


def examine_each(
    tiers: Mapping[ProductId, int],
    snapshot: Snapshot,
    instruments: Instruments,
    *,
    regime: Regime,
) -> dict[ProductId, Examination]:
    """`examine` each of these products, by its tier; what can be is measured side by side."""
    now, views = snapshot.time, snapshot.views
    bars = {
        product: each
        for product in tiers
        if not _trouble(views[product], now) and (each := views[product].bars) is not None
    }
    measures = measured_each(bars, instruments)
    return {
        product: examine(
            product,
            views[product],
            instruments,
            tier=tier,
            regime=regime,
            now=now,
            measures=measures.get(product),
        )
        for product, tier in tiers.items()
    }


def ranked(triggers: Sequence[Trigger]) -> tuple[Trigger, ...]:
    """By score, then tier, then name."""
    return tuple(sorted(triggers, key=lambda each: (-each.score, each.tier, each.product)))


def _trouble(view: ProductView, now: Instant) -> str:
    bars = view.bars
    if bars is None or not len(bars):
        return view.trouble or "no bars were read"
    late = now.minute - 1 - bars.end
    if late < 0:
        return "the last bar is of a minute that is not over"
    if late > LATE_MINUTES_MAX:
        return f"{late} minutes have closed since the last bar, at most {LATE_MINUTES_MAX}"
    return ""


def _guarded(
    guards: tuple[Reading, ...], readings: tuple[Reading, ...], regime: Regime
) -> Outcome | None:
    outlier, volatility = guards
    for guard in guards:
        if not guard.is_measured:
            return Outcome(Reason.BARS_MISSING, f"{guard.signal}: {guard.trouble}")
    if not any(reading.is_measured for reading in readings):
        return Outcome(Reason.BARS_MISSING, f"{readings[0].signal}: {readings[0].trouble}")
    if outlier.is_triggered:
        return Outcome(Reason.OUTLIER, ", ".join(str(figure) for figure in outlier.figures))
    if volatility.is_triggered:
        return Outcome(Reason.VOLATILITY_HIGH, str(volatility.figures[0]))
    if regime.name == CRASH:
        return Outcome(Reason.REGIME_CRASH, str(regime))
    return None


def _strongest(
    product: ProductId,
    readings: tuple[Reading, ...],
    instruments: Instruments,
    setting: Setting,
) -> Trigger | None:
    best: Trigger | None = None
    for reading in readings:
        if not reading.is_triggered or reading.score < instruments.triggers.score_min:
            continue
        if best is not None and reading.score <= best.score:
            continue
        for rule in instruments.rules.get(reading.signal, ()):
            wish = rule.wish(reading, setting)
            if wish is not None:
                best = Trigger(product, setting.tier, reading, rule, wish)
                break
    return best


def _nothing(readings: tuple[Reading, ...], triggers: SignalPolicy) -> Outcome:
    """The reason of a product without a trigger: the signal that came nearest to one."""
    weak = [reading for reading in readings if reading.is_triggered]
    if weak:
        best = max(weak, key=lambda reading: reading.score)
        if best.score < triggers.score_min:
            text = f"{best.signal} scores {best.score:.3f}, at least {triggers.score_min}"
        else:
            text = f"{best.signal} scores {best.score:.3f}, and no rule acts on it here"
        return Outcome(Reason.NO_TRIGGER, text)
    nearest = max((reading for reading in readings if reading.is_measured), key=_nearness)
    return Outcome(Reason.NO_TRIGGER, f"{nearest.signal}: {nearest.figures[0]}")


def _nearness(reading: Reading) -> int:
    headline = reading.figures[0]
    threshold = headline.threshold_nanos
    # A threshold of zero has no share that is reached: such a signal is never the nearest.
    return headline.nanos * NANO // threshold if threshold else -NANO * NANO
