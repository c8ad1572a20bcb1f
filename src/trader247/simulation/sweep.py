"""One stretch of the way, struck at its first operation, then its second, until it is passed clean.

An operation is a change of a file, or a request that is about to leave. Each way of striking begins
anew at the first one: `most` ends it earlier, where there is no time for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from trader247.domain.milestones import Milestone

DISK = frozenset({"kill", "power", "error", "full"})
"""What strikes at a change of a file."""
NETWORK = frozenset({"kill", "power", "cut"})
"""What strikes at a request."""
HOWS = ("kill", "power", "error", "full", "cut")
ENDING = frozenset({"kill", "power", "error"})
"""After these another process starts."""

STRETCHES: dict[str, tuple[Milestone | None, Milestone]] = {
    "migrate": (None, Milestone.LEASE_TAKEN),
    "start": (Milestone.LEASE_TAKEN, Milestone.BEFORE_DECISION),
    "submit": (Milestone.DECIDED, Milestone.OUTCOME_RECORDED),
    "fill": (Milestone.FILLS_FETCHED, Milestone.FILL_BOOKED),
    "cancel": (Milestone.STOP_SEEN, Milestone.CANCEL_ANSWERED),
}
"""From where to where each goes; None is the beginning of a process on an empty folder."""
LEFT_AT = {
    "submit": Milestone.ORDERS_REST,
    "fill": Milestone.BEFORE_DECISION,
    "cancel": Milestone.BEFORE_DECISION,
}
"""Where one is over in which nothing was submitted, nothing was booked, or nothing rested."""
CORE = {"submit": Milestone.REQUEST_BEGUN}
"""What a clean passage has in it: an order that was given up before it left shows nothing."""
AT_STARTS = frozenset({"migrate", "start"})
MOST = 400


@dataclass(slots=True)
class Sweep:
    """How a stretch is struck now, and at which of its operations next."""

    name: str
    hows: list[str]
    most: int = MOST
    nth: int = 1
    seen: int = 0
    is_inside: bool = False
    has_core: bool = False
    is_cut_short: bool = False
    """Whether it goes on in another run, on an empty folder."""
    struck: dict[str, int] = field(default_factory=dict)
    """How many operations were struck, by the way in which they were."""

    @property
    def how(self) -> str | None:
        """How it is struck now; None where that is over."""
        return self.hows[0] if self.hows else None

    def begin(self) -> None:
        """A process enters the stretch."""
        self.is_inside, self.seen = bool(self.hows), 0
        self.has_core = self.name not in CORE

    def passing(self, milestone: Milestone) -> None:
        """A process has come so far."""
        begin, end = STRETCHES[self.name]
        self.has_core = self.has_core or milestone is CORE.get(self.name)
        if milestone is end:
            self.end()
        if milestone is LEFT_AT.get(self.name):
            self.leave()
        if milestone is begin:
            self.begin()

    def end(self) -> None:
        """It came through: where no operation was left to strike, that way of striking is over."""
        if self.is_inside and self.has_core and self.seen < self.nth:
            self._next_how()
        self.is_inside = False

    def leave(self) -> None:
        """What it is about does not happen this time."""
        self.is_inside = False

    def strikes(self, kind: frozenset[str], *, is_due: bool) -> str | None:
        """How the operation of this kind that comes now is struck, or None."""
        how = self.how
        if how is None or not self.is_inside or how not in kind:
            return None
        self.seen += 1
        if self.seen != self.nth or not is_due:
            return None
        self.is_inside = False
        self.struck[how] = self.nth
        if STRETCHES[self.name][0] is None:
            # Whatever becomes of it, nothing of it comes twice in a run.
            self.hows.clear()
            self.is_cut_short = True
            return how
        self.nth += 1
        if self.nth > self.most:
            self._next_how()
        return how

    def _next_how(self) -> None:
        self.hows.pop(0)
        self.nth = 1
