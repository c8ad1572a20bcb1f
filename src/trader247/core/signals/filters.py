"""Guards on the bars themselves: measured like signals, but what they trigger is a no."""

from __future__ import annotations

from typing import Any

from trader247.core.signals.series import Series
from trader247.core.signals.signal import Gauge, Measured, Signal, nanos
from trader247.domain.dataclass import dataclass
from trader247.domain.money import Percent


@dataclass(frozen=True, slots=True)
class OutlierGuard(Signal):
    """The last close is far off the mean of the 20 bars before it, and hardly anything traded."""

    id = "outlier"
    bars_needed = 21

    move_pct: Percent
    volume_pct: Percent

    def measure(self, series: Series, at: Any) -> Measured:
        before = series.closes_sum(20, at - 1)
        off = series.ratio(series.closes(at) * 20, before) - 1_000_000_000
        volume_before = series.volume(20, at - 1)
        volume = series.ratio(series.volume(1, at) * 20, volume_before)
        move_max, volume_min = nanos(self.move_pct), nanos(self.volume_pct)
        is_off = (off > move_max) | (off < -move_max)
        return Measured(
            is_triggered=is_off & ((volume < volume_min) | (volume_before <= 0)),
            strength=off * 0,
            confidence=off * 0,
            gauges=(
                Gauge("off_mean_of_20", off, move_max, "%"),
                Gauge("volume_of_mean", volume, volume_min, "%"),
            ),
        )


@dataclass(frozen=True, slots=True)
class VolatilityGuard(Signal):
    """The annualised volatility of 24 hours, from whole 15 minute bars, is past its limit."""

    id = "volatility"
    bars_needed = 1455

    volatility_pct_max: Percent

    def measure(self, series: Series, at: Any) -> Measured:
        volatility = series.volatility(15, 96, series.boundary(15, at))
        most = nanos(self.volatility_pct_max)
        return Measured(
            is_triggered=volatility > most,
            strength=volatility * 0,
            confidence=volatility * 0,
            gauges=(Gauge("volatility", volatility, most, "%"),),
        )
