"""The first steps up from the day's low."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from trader247.core.limits import limit
from trader247.core.signals.series import NANO, Series
from trader247.core.signals.signal import Gauge, Measured, Signal, nanos
from trader247.domain.dataclass import dataclass
from trader247.domain.money import Percent

_CONFIDENCE = 600_000_000


@dataclass(frozen=True, slots=True)
class Reversal(Signal):
    """The price recovers from its 24 hour low, is still near it, and turns.

    It turns when RSI(14) of whole 15 minute bars, with plain averages, has just crossed 50 upwards,
    and the low of the last hour is above the low of the three hours before it.
    """

    id = "reversal"
    bars_needed = 1440

    recovery_pct_min: Percent = limit(
        Percent(Decimal(5)),
        unit="%",
        at_least="0.1",
        at_most=50,
        doc="over the low: more than this",
    )
    recovery_pct_max: Percent = limit(
        Percent(Decimal(10)), unit="%", at_least=1, at_most=50, doc="over the low: at most this"
    )

    def measure(self, series: Series, at: Any) -> Measured:
        low = series.lowest(1440, at)
        recovery = series.ratio(series.closes(at) - low, low)
        least, most = nanos(self.recovery_pct_min), nanos(self.recovery_pct_max)
        ends = series.boundary(15, at)
        gains, losses = _gains_and_losses(series, ends)
        gains_before, losses_before = _gains_and_losses(series, ends - 15)
        # RSI is over 50 exactly when gains are over losses.
        is_crossing = (gains > losses) & (gains_before <= losses_before)
        low_now, low_before = series.lowest(60, at), series.lowest(180, at - 60)
        return Measured(
            is_triggered=(
                (recovery > least) & (recovery <= most) & is_crossing & (low_now > low_before)
            ),
            strength=series.capped(recovery * 5),
            confidence=recovery * 0 + _CONFIDENCE,
            gauges=(
                Gauge("recovery", recovery, least, "%"),
                Gauge("recovery_limit", recovery, most, "%"),
                Gauge("rsi", series.shown(lambda: _rsi(series, gains, losses)), 50 * NANO),
                Gauge(
                    "rsi_before",
                    series.shown(lambda: _rsi(series, gains_before, losses_before)),
                    50 * NANO,
                ),
                Gauge(
                    "higher_low",
                    series.shown(lambda: series.ratio(low_now - low_before, low_before)),
                    0,
                    "%",
                ),
            ),
        )


def _gains_and_losses(series: Series, ends: Any) -> tuple[Any, Any]:
    gains = series.gains(15, 14, ends)
    return gains, gains - (series.closes(ends) - series.closes(ends - 210))


def _rsi(series: Series, gains: Any, losses: Any) -> Any:
    # Without any movement it is 50: neither side has won.
    is_still = (gains + losses) <= 0
    return series.ratio(gains * 100 + is_still * 50, gains + losses + is_still * 1)
