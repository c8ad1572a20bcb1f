"""Whether what a soak weighed stays: no memory, descriptor or thread is gained for ever."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scripts.soak.sample import Sample

SETTLED_DAYS = 1.0
"""The first day fills caches: pools, the parsed bars of a day, SQLite's pages."""
SAMPLES_MIN = 6
MEMORY_NOISE_MB = 4.0
"""An allocator keeps what a busy hour took; half of the runs that gain nothing are above zero."""
MEMORY_PER_TEN_DAYS_MB = 20.0
"""A trader of 110 MB that nobody restarts is at 840 MB after a year, on a host of one GB."""
COUNT_ROOM = 2
"""Over all judged days, however many: a count has no reason to grow."""
RECORD_PER_CYCLE_KB = 4.8
RECORD_PER_ORDER_KB = 5.7
"""Journal and segments, of what was done: a third over what two soaks measured.

1,440 cycles of a minute with 970 orders left 9.3 MB; as many of five minutes, with 2,450, 15.6.
"""
_KB_IN_MB = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """One figure: what it was at first and at last, what it gained, what it may gain."""

    name: str
    first: float
    last: float
    gained: float
    allowed: float
    unit: str

    @property
    def is_bounded(self) -> bool:
        return self.gained <= self.allowed


class TooShortError(Exception):
    """Too few samples to tell: which is no yes."""


def settled(samples: Sequence[Sample]) -> Sequence[Sample]:
    """Those that are judged: after the first day, and never more than the last two thirds.

    Raises:
        TooShortError: they are too few to tell anything.
    """
    whole = samples[-1].days if samples else 0.0
    begin = max(whole / 3, min(SETTLED_DAYS, whole / 2))
    judged = [each for each in samples if each.days >= begin]
    if len(judged) < SAMPLES_MIN:
        raise TooShortError(f"{len(judged)} samples to judge by, at least {SAMPLES_MIN}")
    return judged


def findings(samples: Sequence[Sample]) -> tuple[Finding, ...]:
    """Every figure that is judged.

    Raises:
        TooShortError: the samples are too few to tell anything.
    """
    judged = settled(samples)
    return (
        _memory(judged, "trader memory", lambda each: each.trader.rss_mb),
        _memory(judged, "exchange memory", lambda each: each.exchange.rss_mb),
        _count(judged, "trader descriptors", lambda each: each.trader.descriptors),
        _count(judged, "exchange descriptors", lambda each: each.exchange.descriptors),
        _count(judged, "trader threads", lambda each: each.trader.threads),
        _count(judged, "exchange threads", lambda each: each.exchange.threads),
        _record(judged),
    )


def slope(points: Sequence[tuple[float, float]]) -> float:
    """How much a day: the median of the slopes between any two points, which no outlier moves."""
    slopes = [
        (late[1] - early[1]) / (late[0] - early[0])
        for index, early in enumerate(points)
        for late in points[index + 1 :]
        if late[0] > early[0]
    ]
    return statistics.median(slopes)


def _memory(judged: Sequence[Sample], name: str, of: Callable[[Sample], float]) -> Finding:
    span = judged[-1].days - judged[0].days
    allowed = MEMORY_NOISE_MB + MEMORY_PER_TEN_DAYS_MB * span / 10
    return Finding(name, of(judged[0]), of(judged[-1]), _gained(judged, of), allowed, "MB")


def _count(judged: Sequence[Sample], name: str, of: Callable[[Sample], int]) -> Finding:
    return Finding(name, of(judged[0]), of(judged[-1]), _gained(judged, of), COUNT_ROOM, "")


def _gained(judged: Sequence[Sample], of: Callable[[Sample], float]) -> float:
    """What came to stay over the judged days, whatever single samples saw come and go."""
    span = judged[-1].days - judged[0].days
    return slope([(each.days, of(each)) for each in judged]) * span


def _record(judged: Sequence[Sample]) -> Finding:
    """What journal and segments gained, held against what was done meanwhile, not against days."""
    first, last = judged[0], judged[-1]
    cycles = last.cycles - first.cycles
    if cycles <= 0:
        raise TooShortError("no cycle between the first and the last sample that is judged")
    begin, end = _recorded(first), _recorded(last)
    orders = last.orders - first.orders
    allowed = (cycles * RECORD_PER_CYCLE_KB + orders * RECORD_PER_ORDER_KB) / _KB_IN_MB
    return Finding("record", begin, end, end - begin, allowed, "MB")


def _recorded(each: Sample) -> float:
    return each.journal_mb + each.segments_mb
