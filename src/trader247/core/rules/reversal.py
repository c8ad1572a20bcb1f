"""The rule for `reversal`."""

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
class ReversalRule(FixedRule):
    """A turn at the low is often early: a wide stop, a far target, a small size."""

    id = "reversal"
    signal = "reversal"

    stop_pct: Percent = stop_limit("12")
    target_pct: Percent = target_limit("25")
    hours_max: int = hours_limit(48)
    multiplier: Decimal = multiplier_limit("0.8")
    trailing_pct: Percent = trailing_limit()
