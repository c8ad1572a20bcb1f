"""A price far under its day's mean."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from trader247.core.limits import limit
from trader247.core.signals.series import SCATTER_TICKS_MAX, Series
from trader247.core.signals.signal import Gauge, Measured, Signal, nanos
from trader247.domain.dataclass import dataclass

_CONFIDENCE = 600_000_000


@dataclass(frozen=True, slots=True)
class MeanReversion(Signal):
    """How many standard deviations the close lies off the mean of 24 hours; low is what counts.

    ATR(14 h), with plain averages over whole hours, rides along: the rule's distances are its
    multiples.
    """

    id = "mean_reversion"
    bars_needed = 1440

    z_max: Decimal = limit(
        Decimal(-2), unit="sd", at_least=-10, at_most="-0.5", doc="at or below it"
    )

    def measure(self, series: Series, at: Any) -> Measured:
        z = series.z_score(1440, at)
        z_max = nanos(self.z_max)
        atr = series.shown(lambda: _atr(series, at))
        span = series.highest(1440, at) - series.lowest(1440, at)
        return Measured(
            is_triggered=z <= z_max,
            strength=series.capped(-z // 4),
            confidence=z * 0 + _CONFIDENCE,
            gauges=(
                Gauge("z", z, z_max, "sd"),
                Gauge("atr_14_h", atr, None, "%"),
            ),
            # The squares of a wider day do not fit 64 bits.
            is_measurable=span < SCATTER_TICKS_MAX,
        )


def _atr(series: Series, at: Any) -> Any:
    ranges = series.true_ranges(60, 14, series.boundary(60, at))
    return series.ratio(ranges, series.closes(at) * 14)
