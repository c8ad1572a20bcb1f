"""What the venue holds for us."""

from __future__ import annotations

from decimal import Decimal

from trader247.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Balance:
    """One currency at the venue: what is free and what open orders hold."""

    available: Decimal
    hold: Decimal

    @property
    def total(self) -> Decimal:
        return self.available + self.hold
