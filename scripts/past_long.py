"""The past of a long run, asked at random: is `replay` the same bits, and is what `why` says true?

`make past-long` runs a paper trader for CYCLES=10000 unless said otherwise, and draws ASKED=100 of
its product-cycles by a SEED. Each cycle is decided again from the journal alone and held against
its own event and what followed it. Then each input that `why` names is changed, alone or with those
before it, and the cycle decided again: the reason that stood there must be gone. It ends with 1
where anything is otherwise.
"""

from __future__ import annotations

import os
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from scripts.bench.simulation import trader

from trader247.adapters.sqlite.reader import JournalReader
from trader247.app.past.again import CycleAgain, unlike
from trader247.app.past.cycle import PastCycle, past_cycle
from trader247.core.book.cycle_event import cycle_event
from trader247.core.decide import decide
from trader247.core.why.takes import TRADED, takes
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.ids import ProductId


@dataclass(frozen=True, slots=True)
class Asked:
    """One product-cycle: why it ended so, and what is wrong with what was answered."""

    cycle: int
    product: ProductId
    reason: str
    answer: str
    faults: tuple[str, ...]


def asked(journal: JournalReader, *, count: int, seed: int) -> Iterator[Asked]:
    """So many product-cycles, by chance: half of any, half of the rarer reasons."""
    drawn = random.Random(seed)
    places = _places(journal)
    by_reason: dict[str, list[tuple[int, ProductId]]] = {}
    for cycle, product, reason in places:
        by_reason.setdefault(reason, []).append((cycle, product))
    for number in range(count):
        if number % 2:
            cycle, product = drawn.choice(by_reason[drawn.choice(sorted(by_reason))])
        else:
            cycle, product, _ = drawn.choice(places)
        yield _asked(past_cycle(journal, cycle), product)


def _places(journal: JournalReader) -> list[tuple[int, ProductId, str]]:
    """Each product of each cycle, with the reason that the journal has."""
    return [
        (each.event.cycle, product, ending.reason)
        for each in journal.recorded()
        if isinstance(each.event, CycleDecided)
        for product, ending in each.event.endings.items()
    ]


def _asked(past: PastCycle, product: ProductId) -> Asked:
    world = past.world
    decisions = decide(world.snapshot, world.portfolio, world.policy)
    again = CycleAgain(
        past.seq,
        past.event,
        cycle_event(world.snapshot, world.portfolio, decisions, past.event.seen),
        decisions,
        world.policy,
        past.code_version,
        world.portfolio,
        list(past.acts),
    )
    faults = [
        f"replay: {each.what} was {each.recorded}, is {each.again}"
        for each in unlike(again, is_over=past.is_over)
    ]
    found = takes(product, world)
    outcome = decisions.outcomes[product]
    before = outcome.reason
    for remedy in found.remedies:
        after = decide(remedy.world.snapshot, remedy.world.portfolio, remedy.world.policy)
        reached = after.outcomes[product].reason
        if reached is before:
            faults.append(f"why: {remedy} changes nothing")
        before = reached
    if before is not found.ending.reason:
        faults.append(f"why: told {found.ending.reason.value}, is {before.value}")
    if not found.is_answer:
        answer = "no single input was found that changes it"
    elif outcome.reason in TRADED:
        answer = "would not have traded"
    else:
        answer = "would have traded" if before in TRADED else "another reason would have stood"
    return Asked(past.event.cycle, product, outcome.reason.value, answer, tuple(faults))


def main() -> int:
    cycles = int(os.environ.get("CYCLES", "10000"))
    count, seed = int(os.environ.get("ASKED", "100")), int(os.environ.get("SEED", "1"))
    with trader(lambda report, _: _told(report.cycle)) as made:
        made.loop.run(cycles=cycles, until=None)
        with JournalReader.open(made.journal.path) as journal:
            found = list(asked(journal, count=count, seed=seed))
    kinds = Counter((each.reason, each.answer) for each in found)
    for (reason, answer), times in sorted(kinds.items()):
        print(f"{times:4}  {reason:20} {answer}")
    wrong = [each for each in found if each.faults]
    for each in wrong:
        for fault in each.faults:
            print(f"cycle {each.cycle} {each.product} {each.reason}: {fault}")
    print(f"{len(found)} product-cycles of {cycles} cycles asked, {len(wrong)} with a fault")
    return 1 if wrong else 0


def _told(cycle: int) -> None:
    if cycle % 1000 == 0:
        print(cycle, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
