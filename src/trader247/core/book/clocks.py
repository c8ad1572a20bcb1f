"""What time it was for the ledger in a cycle: by which clock it remembers, and forgets."""

from __future__ import annotations

from trader247.domain.dataclass import dataclass
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.portfolio import Portfolio
from trader247.domain.time import HOUR, Instant


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

    @property
    def later(self) -> Instant:
        """The time by which something is dated ahead for both."""
        return max(self.own, self.right)

    def after(self, last: Instant | None) -> Instant:
        """When something was that follows on what was `last` remembered.

        A venue that tells of a time long past, while ours goes on from there, dates nothing back:
        it would be forgotten once that is over.
        """
        if last is None or self.own is self.right:
            return self.right
        return max(self.right, min(self.own, last))

    def begin_day_after(self, known: Instant) -> bool:
        """Whether both have begun another UTC day than that of `known`."""
        both = self.own.begins_day_after(known) and self.right.begins_day_after(known)
        return both and not self._are_beside(known)

    def begin_week_after(self, known: Instant) -> bool:
        """Whether both have begun another week than that of `known`."""
        both = self.own.begins_week_after(known) and self.right.begins_week_after(known)
        return both and not self._are_beside(known)

    def _are_beside(self, known: Instant) -> bool:
        """Whether ours went on from `known` and the venue's went back: which is right is open."""
        return self.right < known < self.own


def not_before(portfolio: Portfolio, at: Instant) -> Instant:
    """`at`, and no earlier than the last cycle: a clock that was set back dates nothing back."""
    return at if portfolio.time is None else max(at, portfolio.time)


def near(portfolio: Portfolio, at: Instant) -> Instant:
    """`at`, as near to the last cycle as what follows on it is: an hour at most.

    By a clock that runs ahead nothing is over for it.
    """
    at = not_before(portfolio, at)
    return at if portfolio.time is None else min(at, portfolio.time + HOUR)
