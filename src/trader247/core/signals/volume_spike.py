"""An hour that trades far more than its day did, while the price rises."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from trader247.core.limits import limit
from trader247.core.signals.series import NANO, Series
from trader247.core.signals.signal import Gauge, Measured, Signal, nanos
from trader247.domain.dataclass import dataclass
from trader247.domain.money import Percent


@dataclass(frozen=True, slots=True)
class VolumeSpike(Signal):
    """The last hour's quote volume over the mean hour of the 24 before it, in a rising hour."""

    id = "volume_spike"
    bars_needed = 1500

    ratio_min: Decimal = limit(
        Decimal("1.8"), unit="x", at_least=1, at_most=100, doc="the last hour over the mean hour"
    )
    return_60_min_pct: Percent = limit(
        Percent(Decimal(2)), unit="%", at_least=0, at_most=50, doc="rise over the same hour"
    )

    def measure(self, series: Series, at: Any) -> Measured:
        before = series.volume(1440, at - 60)
        ratio = series.ratio(series.volume(60, at) * 24, before)
        rise = series.change(60, at)
        ratio_min, rise_min = nanos(self.ratio_min), nanos(self.return_60_min_pct)
        return Measured(
            is_triggered=(ratio >= ratio_min) & (rise >= rise_min),
            strength=series.capped((ratio - NANO) // 3),
            confidence=series.capped(ratio // 4),
            gauges=(
                Gauge("volume_ratio", ratio, ratio_min, "x"),
                Gauge("return_60_min", rise, rise_min, "%"),
            ),
            is_measurable=before > 0,
        )
