"""What somebody wants run: which seeds, for how long, under which faults, and what besides."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from trader247.simulation.mishaps.scenes.by_name import SCENARIOS, SCENES
from trader247.simulation.sweep import HOWS

TOUR = "tour"
SWEEP = "sweep-"
SCENE = "scene-"
MANY = 24
"""From so many seeds on something rare is made to happen beside each."""


class Scope(Enum):
    """What is toured: the points of an order's way, or each operation between them besides."""

    NOTHING = "nothing"
    POINTS = "points"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which seeds are run, for how long each, and under which faults; None leaves that to each."""

    seeds: tuple[int, ...]
    span_us: int
    faults: frozenset[str] | None = None
    jobs: int = 1
    strength: int | None = None
    """How hostile each is, in per cent, where somebody says it."""
    tour: Scope = Scope.NOTHING
    """What is toured besides, on the first seed's market; where anything is, scenes are played."""
    within_s: int | None = None
    """Seconds of ours for all of it, where there are only so many: seeds are run shorter then."""

    @property
    def tasks(self) -> tuple[str, ...]:
        """What is to be done, one word each: before the seeds the tour, which takes long."""
        if self.tour is Scope.NOTHING:
            return tuple(self._in_turn())
        sweeps = [f"{SWEEP}{how}" for how in HOWS] if self.tour is Scope.ALL else ()
        return (TOUR, *sweeps, *(f"{SCENE}{name}" for name in SCENES), *map(str, self.seeds))

    def _in_turn(self) -> Iterator[str]:
        """The seeds, and before each of many the next scenario or the points, until all were once.

        Those take two rare things at once, which even many seeds come to by luck alone. Whoever
        runs a few, names faults or has no time asks for something else.
        """
        besides = [TOUR, *(f"{SCENE}{name}" for name in SCENARIOS)]
        if len(self.seeds) < MANY or self.faults is not None or self.within_s is not None:
            besides = []
        for nth, seed in enumerate(self.seeds):
            if nth < len(besides):
                yield besides[(self.seeds[0] + nth) % len(besides)]
            yield str(seed)

    @property
    def arguments(self) -> list[str]:
        """What a worker is told of it before its tasks."""
        faults = "*" if self.faults is None else ",".join(sorted(self.faults))
        strength = "*" if self.strength is None else str(self.strength)
        return [str(self.seeds[0]), str(self.span_us), faults, strength, self.tour.value]

    @staticmethod
    def read(arguments: Sequence[str]) -> Wanted:
        """What a worker was told."""
        first, span_us, faults, strength, tour = arguments
        chosen = None if faults == "*" else frozenset(filter(None, faults.split(",")))
        return Wanted(
            (int(first),),
            int(span_us),
            chosen,
            strength=None if strength == "*" else int(strength),
            tour=Scope(tour),
        )
