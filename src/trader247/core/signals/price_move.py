"""A rise over a quarter of an hour, an hour, or both."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from trader247.core.limits import limit
from trader247.core.signals.series import Series
from trader247.core.signals.signal import Gauge, Measured, Signal, nanos
from trader247.domain.dataclass import dataclass
from trader247.domain.money import Percent


@dataclass(frozen=True, slots=True)
class PriceMove(Signal):
    """The price has risen fast: over 15 minutes, over 60, or over both, which counts most."""

    id = "price_move"
    bars_needed = 61

    return_15_min_pct: Percent = limit(
        Percent(Decimal("3.5")), unit="%", at_least="0.1", at_most=50, doc="rise over 15 minutes"
    )
    return_60_min_pct: Percent = limit(
        Percent(Decimal(6)), unit="%", at_least="0.1", at_most=50, doc="rise over 60 minutes"
    )

    def measure(self, series: Series, at: Any) -> Measured:
        quarter, hour = series.change(15, at), series.change(60, at)
        quarter_min, hour_min = nanos(self.return_15_min_pct), nanos(self.return_60_min_pct)
        in_quarter, in_hour = quarter >= quarter_min, hour >= hour_min
        both = in_quarter & in_hour
        # 15 minutes alone 0.6 and 0.70; 60 minutes alone 0.7 and 0.75; both 0.8 and 0.85.
        return Measured(
            is_triggered=in_quarter | in_hour,
            strength=in_quarter * 600_000_000 + in_hour * 700_000_000 - both * 500_000_000,
            confidence=in_quarter * 700_000_000 + in_hour * 750_000_000 - both * 600_000_000,
            gauges=(
                Gauge("return_15_min", quarter, quarter_min, "%"),
                Gauge("return_60_min", hour, hour_min, "%"),
            ),
        )
