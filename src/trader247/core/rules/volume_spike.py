"""The rule for `volume_spike`."""

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
class VolumeSpikeRule(FixedRule):
    """A crowd that buys needs some days to finish, and room meanwhile."""

    id = "volume_spike"
    signal = "volume_spike"

    stop_pct: Percent = stop_limit("8")
    target_pct: Percent = target_limit("15")
    hours_max: int = hours_limit(72)
    multiplier: Decimal = multiplier_limit("1")
    trailing_pct: Percent = trailing_limit()
