"""What became of a run, and of many: plain values that travel between processes as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

from trader247.simulation.judged.history import Record
from trader247.simulation.mishaps.faults import FAULTS


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise that a run saw broken: the first one of it."""

    invariant: str
    at_us: int
    text: str


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """One seed's run. `digest` is the hash of all that happened; `last` are the last events before
    the first broken promise, or none."""

    seed: int
    span_us: int
    """How long it was to be, before its ten minutes of peace."""
    lived_us: int
    """How much time passed in it: with those, or until a promise broke."""
    digest: str
    orders: int
    fills: int
    cycles: int
    starts: int
    crashes: int
    recoveries: int
    worst_recovery_us: int
    records: int
    cpu_s: float
    chosen: tuple[str, ...]
    faults: dict[str, int]
    milestones: dict[str, int]
    ends: dict[str, int]
    strength: int = 100
    """How hostile it was."""
    tour: str = ""
    """Which tour of crash points or operations it made instead of living by chance."""
    visits: int = 0
    swept: dict[str, int] = field(default_factory=dict)
    """How many operations of each stretch were struck, by the way in which they were."""
    broken: tuple[Broken, ...] = ()
    last: tuple[Record, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """As a plain mapping."""
        return asdict(self)

    @staticmethod
    def from_json(body: dict[str, Any]) -> RunOutcome:
        """The inverse of `to_json`."""
        broken = tuple(Broken(**each) for each in body["broken"])
        rest = {**body, "broken": broken, "last": tuple(body["last"])}
        return RunOutcome(**{**rest, "chosen": tuple(body["chosen"])})


@dataclass(slots=True)
class Total:
    """Many runs, added up."""

    runs: list[RunOutcome] = field(default_factory=list)

    def add(self, run: RunOutcome) -> None:
        """One more."""
        self.runs.append(run)

    @property
    def broken(self) -> list[RunOutcome]:
        """Those that saw a promise broken, by seed."""
        return sorted((each for each in self.runs if each.broken), key=lambda each: each.seed)

    @property
    def seeded(self) -> list[RunOutcome]:
        """Those of seeds, by seed; tours have no length of their own."""
        return sorted((each for each in self.runs if not each.tour), key=lambda each: each.seed)

    @property
    def seeded_us(self) -> int:
        """How long those were to be, added up, without their peace."""
        return sum(each.span_us for each in self.seeded)

    def sum_of(self, name: str) -> int:
        """The sum of a figure."""
        return int(sum(getattr(each, name) for each in self.runs))

    def counts(self, name: str) -> dict[str, int]:
        """Counters added up, by their keys."""
        return dict(sorted(_added(getattr(each, name) for each in self.runs).items()))

    @property
    def struck(self) -> dict[str, int]:
        """How often each fault struck, in the order in which they are listed."""
        counts = self.counts("faults")
        return {id: counts[id] for id in FAULTS if counts.get(id)}

    def never_struck(self, asked: frozenset[str] | None) -> list[str]:
        """The faults, of those that were `asked` for, that struck in no run."""
        struck = self.counts("faults")
        return [id for id in (FAULTS if asked is None else sorted(asked)) if not struck.get(id)]

    @property
    def swept(self) -> dict[str, int]:
        """How many operations of each stretch were struck, in each way."""
        return {key: most for each in self.runs for key, most in sorted(each.swept.items())}

    @property
    def worst_recovery_us(self) -> int:
        """The longest time that a process took from its start until it could trade."""
        return max((each.worst_recovery_us for each in self.runs), default=0)


def _added(counters: Iterable[dict[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for each in counters:
        total.update(each)
    return total
