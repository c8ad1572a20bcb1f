"""What the measures share: a row of the table, and how two things are timed in turn."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum

REPETITIONS = 25

Pair = tuple[float, float]
"""A figure of ours, and the baseline's that was taken right after it."""


class Target(Enum):
    """What is held against the limit, and on which side of it a measure must stay."""

    RATIO_AT_MOST = "≤ {} x"
    RATIO_AT_LEAST = "≥ {} x"
    MEASURED_AT_MOST = "≤ {} {unit}"
    MEASURED_AT_LEAST = "≥ {} {unit}"


@dataclass(frozen=True, slots=True)
class Row:
    """One measured thing beside its baseline, both in `unit`; None where it has no baseline."""

    name: str
    unit: str
    measured: float
    baseline: float | None
    ratio: float | None
    target: Target
    limit: float

    @staticmethod
    def paired(name: str, unit: str, pairs: Sequence[Pair], target: Target, limit: float) -> Row:
        """Medians of figures taken in turn.

        The ratio is the median of each pair's: what made the machine slow for a while made both
        of a pair slow, and cancels out.
        """
        ours, bare = zip(*pairs, strict=True)
        ratio = statistics.median(one / other for one, other in pairs)
        return Row(
            name, unit, statistics.median(ours), statistics.median(bare), ratio, target, limit
        )

    @property
    def is_met(self) -> bool:
        if self.target is Target.MEASURED_AT_MOST:
            return self.measured <= self.limit
        if self.target is Target.MEASURED_AT_LEAST:
            return self.measured >= self.limit
        assert self.ratio is not None, "a target that is a ratio needs a baseline"
        if self.target is Target.RATIO_AT_MOST:
            return self.ratio <= self.limit
        return self.ratio >= self.limit

    def line(self) -> str:
        """The row as a line of the table; `HEADER` names its columns."""
        baseline = "" if self.baseline is None else f"{self.baseline:,.1f}"
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        target = self.target.value.format(f"{self.limit:g}", unit=self.unit)
        return (
            f"{self.name:<41}{self.measured:>9,.1f} {self.unit:<8}{baseline:>9}{ratio:>7}"
            f"  {target:<9} {'pass' if self.is_met else 'FAIL'}"
        )


HEADER = f"{'what':<41}{'measured':>9} {'':<8}{'baseline':>9}{'ratio':>7}  {'target':<9} result"


def pin() -> str:
    """Stay on one core where the system can; says which."""
    if not hasattr(os, "sched_setaffinity"):
        return "not pinned: this system cannot"
    core = max(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})
    return f"core {core}"


def in_turn(ours: Callable[[], None], baseline: Callable[[], None]) -> Sequence[Pair]:
    """The milliseconds that each takes, run in turn after a warm-up of each."""
    pairs = [(_milliseconds(ours), _milliseconds(baseline)) for _ in range(REPETITIONS + 1)]
    return pairs[1:]


def _milliseconds(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000
