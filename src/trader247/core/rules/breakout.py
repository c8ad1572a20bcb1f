"""The rule for `breakout`."""

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
class BreakoutRule(FixedRule):
    """A new high has nobody above who waits to get out: a long hold and a far target."""

    id = "breakout"
    signal = "breakout"

    stop_pct: Percent = stop_limit("6")
    target_pct: Percent = target_limit("20")
    hours_max: int = hours_limit(120)
    multiplier: Decimal = multiplier_limit("1.2")
    trailing_pct: Percent = trailing_limit()
