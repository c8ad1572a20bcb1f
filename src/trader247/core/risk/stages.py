"""The stage of an armed book, where other limits have to know of it."""

from __future__ import annotations

from collections.abc import Sequence

from trader247.core.risk.check import Check, check_in
from trader247.core.risk.checks.canary import Canary
from trader247.domain.money import Money
from trader247.domain.stage import Stage


def canary_in(checks: Sequence[Check], stage: Stage | None, equity: Money | None) -> Canary | None:
    """The canary's sizes, while they are in force."""
    if stage is None:
        return None
    canary = check_in(checks, Canary)
    return canary if canary.binds(stage, equity) else None


def share_cap(
    share: Money, checks: Sequence[Check], stage: Stage | None, equity: Money | None
) -> Money:
    """What a share of equity allows: in the canary stage at least the canary's largest order."""
    canary = canary_in(checks, stage, equity)
    return share if canary is None else max(share, canary.quote_max)
