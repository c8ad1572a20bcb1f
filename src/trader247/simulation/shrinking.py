"""A broken run made smaller: fewer faults, less time, and the same promise broken.

Each fault draws its own luck, so that one less leaves the others as they were as far as the story
goes on as it did. Halves are left out first, then quarters, down to single ones: what is left
matters, unless the tries were used up before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from trader247.simulation.outcome import RunOutcome
from trader247.simulation.world.exchange import START

TRIES_MAX = 16
_A_LITTLE_US = 1_000_000

Again = Callable[[frozenset[str], int], RunOutcome]
"""The same seed under these faults, for so many microseconds."""


@dataclass(frozen=True, slots=True)
class Shrunk:
    """The smallest schedule found under which a seed still breaks the same promise."""

    faults: frozenset[str]
    span_us: int
    tries: int


def shrunk(outcome: RunOutcome, again: Again, *, tries_max: int = TRIES_MAX) -> Shrunk | None:
    """Make a broken run smaller; None where it does not break again, which is a bug of its own."""
    promise, span_us, faults = outcome.broken[0].invariant, outcome.span_us, outcome.chosen
    until_us = outcome.broken[0].at_us - START.us + _A_LITTLE_US
    tries = 0

    def breaks(chosen: tuple[str, ...], span: int) -> bool:
        nonlocal tries
        tries += 1
        found = again(frozenset(chosen), span).broken
        return bool(found) and found[0].invariant == promise

    if until_us < span_us and breaks(faults, until_us):
        span_us = until_us
    elif not breaks(faults, span_us):
        return None
    pieces = 2
    while len(faults) > 1 and tries < tries_max:
        size = -(-len(faults) // pieces)
        for begin in range(0, len(faults), size):
            rest = faults[:begin] + faults[begin + size :]
            if tries < tries_max and breaks(rest, span_us):
                faults, pieces = rest, max(2, pieces - 1)
                break
        else:
            if size == 1:
                break
            pieces = min(len(faults), 2 * pieces)
    return Shrunk(frozenset(faults), span_us, tries)
