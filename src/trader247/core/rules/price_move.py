"""The rule for `price_move`."""

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
class PriceMoveRule(FixedRule):
    """A fast rise goes on for a day or two, or is wrong soon."""

    id = "price_move"
    signal = "price_move"

    stop_pct: Percent = stop_limit("6")
    target_pct: Percent = target_limit("12")
    hours_max: int = hours_limit(48)
    multiplier: Decimal = multiplier_limit("1")
    trailing_pct: Percent = trailing_limit()
