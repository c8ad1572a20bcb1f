"""A day that rose, and how evenly."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from trader247.core.limits import limit
from trader247.core.signals.series import NANO, Series
from trader247.core.signals.signal import Gauge, Measured, Signal, nanos
from trader247.domain.dataclass import dataclass
from trader247.domain.money import Percent


@dataclass(frozen=True, slots=True)
class Momentum(Signal):
    """The return over 24 hours; confidence is the share of the last 12 whole hours that rose."""

    id = "momentum"
    bars_needed = 1441

    return_24_h_pct: Percent = limit(
        Percent(Decimal(2)), unit="%", at_least="0.1", at_most=100, doc="rise over 24 hours"
    )

    def measure(self, series: Series, at: Any) -> Measured:
        rise = series.change(1440, at)
        rise_min = nanos(self.return_24_h_pct)
        rising = series.rises(60, 12, series.boundary(60, at))
        share = (rising * NANO + 6) // 12
        return Measured(
            is_triggered=rise >= rise_min,
            strength=series.capped(rise * 10),
            confidence=share,
            gauges=(
                Gauge("return_24_h", rise, rise_min, "%"),
                Gauge("rising_hours", rising * NANO, None, "of 12"),
            ),
        )
