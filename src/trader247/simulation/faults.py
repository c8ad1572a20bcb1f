"""The faults of a simulation: an id for each, how likely it is, and how often it struck.

Each run draws its own few of them and how hostile it is, so that faults meet in company that a
list of all at once would never let them keep; one run in ten is calm.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from types import MappingProxyType

from trader247.simulation.dice import Dice


@dataclass(frozen=True, slots=True)
class Fault:
    """One kind of fault. `per_million` are its chances at each occasion, in a hostile run.

    An occasion is a request where `hours` is 0; else it is time, and so many hours lie between two
    of them on average. `rules` are faults of the exchange, in its own words, at their worst.
    """

    id: str
    doc: str
    per_million: int = 0
    hours: int = 0
    rules: tuple[str, ...] = ()


def _each(*faults: Fault) -> MappingProxyType[str, Fault]:
    return MappingProxyType({each.id: each for each in faults})


FAULTS = _each(
    Fault("F1", "the venue's name cannot be resolved", 2_000),
    Fault("F2", "the venue refuses connections", 2_000),
    Fault("F3", "a connection is not made in time", 1_000),
    Fault("F4", "TLS fails", 1_000),
    Fault("F5", "the connection is reset before the request arrives", 3_000),
    Fault("F6", "the connection is reset amid request or answer", 3_000),
    Fault("F7", "the request is obeyed, the answer never comes", 2_000),
    Fault("F8", "the request never arrives, and nothing is answered", 2_000),
    Fault("F9", "request or answer is 10 to 170 s late", 1_000),
    Fault("F14", "nothing gets through, for a minute to six hours", hours=6),
    Fault("F15", "requests arrive, answers do not, for a while", hours=6),
)
"""Every kind, by id."""


@dataclass(slots=True)
class Odds:
    """One run's faults: which, how likely, and how often each has struck."""

    dice: Dice
    chosen: frozenset[str]
    hostility: int
    """From 0 to 100: the share of its chances that each fault has."""
    counts: Counter[str] = field(default_factory=Counter)
    is_calm: bool = False

    @staticmethod
    def drawn(seed: int, *, only: frozenset[str] | None = None) -> Odds:
        """What a seed draws; `only` these where somebody says which."""
        dice = Dice(seed, "odds")
        if only is not None:
            return Odds(Dice(seed, "strikes"), only, 100)
        if dice.chance(100_000):
            return Odds(Dice(seed, "strikes"), frozenset(), 0)
        share = dice.between(150_000, 600_000)
        chosen = frozenset(each for each in FAULTS if dice.chance(share))
        return Odds(Dice(seed, "strikes"), chosen, dice.between(10, 100))

    def has(self, id: str) -> bool:
        """Whether this run has that fault, and it has not been made to stop."""
        return not self.is_calm and id in self.chosen

    def strikes(self, id: str) -> bool:
        """Whether a fault strikes at this occasion; counted where it does."""
        if not self.has(id):
            return False
        is_struck = self.dice.chance(FAULTS[id].per_million * self.hostility // 100)
        self.counts[id] += is_struck
        return is_struck

    def count(self, id: str) -> None:
        """A fault has struck."""
        self.counts[id] += 1

    def calm_down(self) -> None:
        """From here on nothing strikes."""
        self.is_calm = True
