"""What time it was for the ledger in a cycle: by which clock it remembers, and forgets."""

from __future__ import annotations

from trader247.domain.dataclass import dataclass
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.time import Instant


@dataclass(frozen=True, slots=True)
class Clocks:
    """Our own clock, and the one that is right as far as is known.

    Where the venue's differs from ours it is the one that is right: nobody sets that by hand. Yet
    nothing is over, and no day begins, before both say so: for what was forgotten by a clock that
    ran ahead there is no way back, and an answer of the venue may be wrong as well.
    """

    own: Instant
    right: Instant

    @classmethod
    def of(cls, event: CycleDecided) -> Clocks:
        """Those of a cycle."""
        return cls(event.at, event.at if event.skew is None else event.at + event.skew)

    @classmethod
    def agreeing(cls, at: Instant) -> Clocks:
        """Two that tell the same time."""
        return cls(at, at)

    @property
    def earlier(self) -> Instant:
        """The time by which something is over for both."""
        return min(self.own, self.right)

    def begin_day_after(self, known: Instant) -> bool:
        """Whether both have begun another UTC day than that of `known`."""
        return self.own.begins_day_after(known) and self.right.begins_day_after(known)

    def begin_week_after(self, known: Instant) -> bool:
        """Whether both have begun another week than that of `known`."""
        return self.own.begins_week_after(known) and self.right.begins_week_after(known)
