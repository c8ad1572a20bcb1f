"""A close above everything of the day before it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from trader247.core.limits import limit
from trader247.core.signals.series import Series
from trader247.core.signals.signal import Gauge, Measured, Signal, nanos
from trader247.domain.dataclass import dataclass
from trader247.domain.money import Percent


@dataclass(frozen=True, slots=True)
class Breakout(Signal):
    """The last close is over the highest price of the 24 hours before that bar."""

    id = "breakout"
    bars_needed = 1441

    over_high_pct: Percent = limit(
        Percent(Decimal(0)),
        unit="%",
        at_least=0,
        at_most=20,
        doc="how far the close must be over the old high: more than this",
    )

    def measure(self, series: Series, at: Any) -> Measured:
        high = series.highest(1440, at - 1)
        close = series.closes(at)
        over = series.ratio(close - high, high)
        over_min = nanos(self.over_high_pct)
        # The ratio is rounded, so a close over the high is asked of the ticks themselves.
        is_triggered = (close > high) & ((over > over_min) | (over_min == 0))
        return Measured(
            is_triggered=is_triggered,
            strength=is_triggered * 700_000_000,
            confidence=is_triggered * 800_000_000,
            gauges=(Gauge("over_24h_high", over, over_min, "%"),),
        )
