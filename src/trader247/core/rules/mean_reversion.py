"""The rule for `mean_reversion`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from trader247.core.limits import limit
from trader247.core.rules.rule import (
    Rule,
    Setting,
    Wish,
    hours_limit,
    multiplier_limit,
    trailing,
    trailing_limit,
)
from trader247.core.signals.series import NANO
from trader247.core.signals.signal import Reading
from trader247.domain.dataclass import dataclass
from trader247.domain.money import CONTEXT, Percent
from trader247.domain.proposals import ExitPlan

_FRACTION_MAX = Decimal("0.25")
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class MeanReversionRule(Rule):
    """A price far under its mean comes back, in the greatest products and a market without trend.

    Its distances are multiples of ATR(14 h), so that they breathe with the market. Elsewhere than
    in the first tier, or in any other regime than chop, it wants nothing; nor where the average
    range is zero, or so wide that the stop would lie more than a quarter away.
    """

    id = "mean_reversion"
    signal = "mean_reversion"

    stop_atr: Decimal = limit(
        Decimal("1.2"), unit="ATR", at_least="0.5", at_most=10, doc="stop under the entry price"
    )
    target_atr: Decimal = limit(
        Decimal("1.8"), unit="ATR", at_least="0.5", at_most=20, doc="target over the entry price"
    )
    hours_max: int = hours_limit(48)
    multiplier: Decimal = multiplier_limit("0.8")
    trailing_pct: Percent = trailing_limit()

    def applies(self, setting: Setting) -> bool:
        return setting.tier == 0 and setting.regime == "chop"

    def wish(self, reading: Reading, setting: Setting) -> Wish | None:
        atr = CONTEXT.divide(reading.figure("atr_14_h").value, _HUNDRED)
        stop = CONTEXT.multiply(atr, self.stop_atr)
        if not (self.applies(setting) and 0 < stop <= _FRACTION_MAX):
            return None
        plan = ExitPlan(
            stop_fraction=stop,
            target_fraction=CONTEXT.multiply(atr, self.target_atr),
            longest_hold=timedelta(hours=self.hours_max),
            trailing_fraction=trailing(self.trailing_pct),
        )
        return Wish(plan, self.multiplier)

    def surely_wishes(self, figure: Callable[[str], Any]) -> Any:
        atr = figure("atr_14_h")
        # A range above the whole price is left to be asked: it would not fit, multiplied.
        times, parts = (self.stop_atr / _FRACTION_MAX).as_integer_ratio()
        return (atr > 0) & (atr <= NANO) & (atr * times <= NANO * parts)

    def sure_target(self, figure: Callable[[str], Any]) -> Any:
        times, parts = self.target_atr.as_integer_ratio()
        return figure("atr_14_h") * times // parts
