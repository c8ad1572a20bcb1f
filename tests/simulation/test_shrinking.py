"""A broken run is made smaller without losing what broke."""

from __future__ import annotations

from dataclasses import replace

import pytest

from trader247.simulation.outcome import Broken, RunOutcome
from trader247.simulation.shrinking import shrunk
from trader247.simulation.world.exchange import START

HOUR_US = 3_600_000_000
ALL = tuple(f"F{number}" for number in range(1, 17))


def run(chosen: tuple[str, ...], span_us: int, *broken: Broken) -> RunOutcome:
    return RunOutcome(
        seed=3,
        span_us=span_us,
        lived_us=span_us,
        digest="",
        orders=0,
        fills=0,
        cycles=0,
        starts=0,
        crashes=0,
        recoveries=0,
        worst_recovery_us=0,
        records=0,
        cpu_s=0.0,
        chosen=chosen,
        faults={},
        milestones={},
        ends={},
        broken=broken,
    )


class World:
    """In which a promise breaks after twenty minutes where all of these faults are there."""

    def __init__(self, *needed: str) -> None:
        self.needed = frozenset(needed)
        self.asked: list[frozenset[str]] = []

    def again(self, faults: frozenset[str], span_us: int) -> RunOutcome:
        self.asked.append(faults)
        chosen = tuple(sorted(faults))
        if self.needed <= faults and span_us >= HOUR_US // 3:
            return run(chosen, span_us, Broken("I4", START.us + HOUR_US // 3, "sent twice"))
        # Without all of them something else may be wrong.
        return run(chosen, span_us, *([Broken("I1", START.us, "other")] if faults else []))


def broken() -> RunOutcome:
    return run(ALL, 6 * HOUR_US, Broken("I4", START.us + HOUR_US // 3, "sent twice"))


@pytest.mark.parametrize("needed", [("F7",), ("F2", "F13"), ("F1", "F8", "F16")])
def test_what_is_left_is_what_it_takes(needed: tuple[str, ...]) -> None:
    world = World(*needed)
    found = shrunk(broken(), world.again, tries_max=100)
    assert found is not None
    assert found.faults == frozenset(needed)
    assert found.span_us == HOUR_US // 3 + 1_000_000
    assert found.tries == len(world.asked)


def test_tries_have_an_end_and_what_is_left_still_breaks() -> None:
    world = World("F2", "F13")
    found = shrunk(broken(), world.again, tries_max=6)
    assert found is not None
    assert found.tries == 6
    assert frozenset({"F2", "F13"}) <= found.faults < frozenset(ALL)


def test_what_does_not_break_again_is_not_made_smaller() -> None:
    assert shrunk(broken(), World("F99").again) is None


def test_what_breaks_after_the_last_fault_keeps_its_time() -> None:
    late = replace(broken(), span_us=60_000_000)
    found = shrunk(late, lambda faults, span: late if "F7" in faults else run((), span))
    assert found is not None
    assert found.span_us == 60_000_000
    assert found.faults == frozenset({"F7"})
