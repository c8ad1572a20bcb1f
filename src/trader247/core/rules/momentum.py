"""The rule for `momentum`."""

from __future__ import annotations

from decimal import Decimal

from trader247.core.rules.rule import (
    FixedRule,
    hours_limit,
    multiplier_limit,
    stop_limit,
    target_limit,
    trailing_limit,
)
from trader247.domain.dataclass import dataclass
from trader247.domain.money import Percent


@dataclass(frozen=True, slots=True)
class MomentumRule(FixedRule):
    """A day that rose is likelier to be followed by one that does."""

    id = "momentum"
    signal = "momentum"

    stop_pct: Percent = stop_limit("8")
    target_pct: Percent = target_limit("15")
    hours_max: int = hours_limit(72)
    multiplier: Decimal = multiplier_limit("1")
    trailing_pct: Percent = trailing_limit()
