"""The gate: all checks asked of one proposal, on what a real run proposed and was judged on."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from scripts.bench.measure import Row, Target
from scripts.bench.simulation import trader

from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.past.cycle import past_cycle
from trader247.core.risk.gate import judge
from trader247.core.risk.registry import ALL_CHECKS
from trader247.core.risk.reservations import at_market
from trader247.core.why.world import World
from trader247.domain.money import Money
from trader247.domain.proposals import Proposal
from trader247.domain.verdicts import Approved, Refused

CYCLES = 240
TIMES = 100
MICROSECONDS_MAX = 100
EQUITY = Money.of(10_000)


def gate() -> Iterator[Row]:
    """A proposal through every check, in CPU time."""
    with trader(lambda *_: None) as made:
        made.loop.run(cycles=CYCLES, until=None)
        with JournalReader.open(made.journal.path) as journal:
            worlds = [past_cycle(journal, number).world for number in range(1, CYCLES + 1)]
    judged = [(world, proposals) for world in worlds if (proposals := _proposed(world))]
    assert judged, "a run of some hours proposes something"
    spans = [_microseconds(world, proposals) for world, proposals in judged]
    name = f"the gate, {len(ALL_CHECKS)} checks, a proposal of {len(spans)}"
    measured = statistics.median(spans)
    yield Row(name, "us", measured, None, None, Target.MEASURED_AT_MOST, MICROSECONDS_MAX)


def _proposed(world: World) -> list[Proposal]:
    decisions = world.deliberated().decisions
    answers: tuple[Approved | Refused, ...] = (*decisions.approved, *decisions.refused)
    return [each.proposal for each in answers]


def _microseconds(world: World, proposals: list[Proposal]) -> float:
    """Of one proposal, against a book at the market's prices, as `deliberate` hands it over."""
    book = at_market(world.portfolio, world.snapshot)
    began = time.process_time()
    for _ in range(TIMES):
        judge(proposals, world.snapshot, book, world.policy, equity=EQUITY)
    return (time.process_time() - began) * 1e6 / TIMES / len(proposals)
