"""What happened in a run, counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from trader247.domain.milestones import Milestone


@dataclass(slots=True)
class Tally:
    """The figures of one run."""

    orders: int = 0
    fills: int = 0
    cycles: int = 0
    crashes: int = 0
    starts: int = 0
    recoveries: int = 0
    restored: int = 0
    """How often somebody went back to an older journal."""
    records: int = 0
    worst_recovery_us: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    milestones: Counter[Milestone] = field(default_factory=Counter)
