"""A run that visits every place at which a process may die, and fails every operation in turn.

At each point of an order's way the process is killed once, loses its power once, and has its disk
fail once. And of four stretches of that way the first change of a file is struck, then the second,
the third, until a stretch is passed clean. Each visit is followed by a start, and by the judge.
"""

from __future__ import annotations

import errno
from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from trader247.domain.milestones import Milestone
from trader247.simulation.death import Cause

_APART_US = 125_000_000
"""So long between two visits: more than five unclean ends in ten minutes halt a trader."""
_SWITCH_US = 900_000_000

HOWS = ("kill", "power", "error")
_HOWS_SWEPT = ("power", "error")
"""A power cut takes all that a kill takes, and what was not synced besides."""
_CAUSES = {"kill": Cause.KILLED, "power": Cause.POWER}

ELSEWHERE = frozenset({Milestone.STRANGER_FOUND})
"""Needs a journal that lost its end, which no crash brings about."""

AT_STARTS = frozenset({Milestone.CHECKPOINT_DUE, Milestone.LEASE_TAKEN, Milestone.RECOVERING})
"""Are passed where a process ends or starts: one that goes on for ever never comes there."""
AT_ONCE = frozenset({Milestone.DISK_FAILED, Milestone.TABLES_MADE})
"""Who is past these is past them once: there is no waiting for the next time."""

STRETCHES = {
    "submit": (Milestone.DECIDED, Milestone.OUTCOME_RECORDED),
    "fill": (Milestone.FILLS_FETCHED, Milestone.FILL_BOOKED),
    "cancel": (Milestone.CANCEL_RECORDED, Milestone.CANCEL_ANSWERED),
    "start": (Milestone.LEASE_TAKEN, Milestone.RECOVERING),
}
_MOST = 200


class Visited(Protocol):
    """The run that is toured."""

    @property
    def now_us(self) -> int: ...

    def die(self, cause: Cause, where: str) -> None: ...

    def terminate(self) -> None:
        """Ask it to end, as SIGTERM does."""

    def raise_switch(self) -> None:
        """As a person does, who lets it go again before long."""


@dataclass(slots=True)
class _Sweep:
    """One stretch: how it is struck now, and at which of its operations next."""

    name: str
    hows: list[str]
    nth: int = 1
    seen: int = 0
    is_inside: bool = False

    @property
    def is_over(self) -> bool:
        return not self.hows or self.nth > _MOST

    def passed_clean(self) -> None:
        """No operation was left to strike: the next way of striking begins anew."""
        self.hows.pop(0)
        self.nth = 1


class Tour:
    """What is still to be visited."""

    def __init__(self, run: Visited, *, stretches: Collection[str] = tuple(STRETCHES)) -> None:
        self._run = run
        self._points = {
            milestone: list(HOWS) for milestone in Milestone if milestone not in ELSEWHERE
        }
        self._sweeps = [_Sweep(name, list(_HOWS_SWEPT)) for name in stretches]
        self._next_us = 0
        self._switch_us = run.now_us + _SWITCH_US
        self._is_error_due = False
        self.visits = 0

    @property
    def is_over(self) -> bool:
        """Whether all was visited."""
        return not self.left

    @property
    def left(self) -> list[str]:
        """What was not visited yet."""
        points = [f"{point.value} {how}" for point, hows in self._points.items() for how in hows]
        sweeps = [f"{each.name} {how}" for each in self._sweeps for how in each.hows]
        return points + sweeps

    def passing(self, milestone: Milestone) -> None:
        """A process has come so far."""
        self._look_at_stretches(milestone)
        now_us = self._run.now_us
        if now_us >= self._switch_us:
            self._switch_us = now_us + _SWITCH_US
            self._run.raise_switch()
        hows = self._points.get(milestone, [])
        is_due = now_us >= self._next_us
        if milestone is Milestone.ORDERS_REST and is_due and not hows:
            if any(self._points[each] for each in AT_STARTS):
                self._run.terminate()
            return
        if not hows or not (is_due or milestone in AT_ONCE):
            return
        how = hows.pop(0)
        self._strike(how, milestone.value)

    def touch(self, _: int) -> int:
        """A file is changed: the error that strikes, or 0."""
        if self._is_error_due:
            self._is_error_due = False
            return errno.EIO
        for sweep in self._sweeps:
            if not sweep.is_inside or sweep.is_over:
                continue
            sweep.seen += 1
            if sweep.seen == sweep.nth and self._run.now_us >= self._next_us:
                sweep.is_inside = False
                sweep.nth += 1
                self._strike(sweep.hows[0], f"{sweep.name} {sweep.nth - 1}")
                if self._is_error_due:
                    self._is_error_due = False
                    return errno.EIO
        return 0

    def _strike(self, how: str, where: str) -> None:
        self.visits += 1
        self._next_us = self._run.now_us + _APART_US
        if how == "error":
            self._is_error_due = True
        else:
            self._run.die(_CAUSES[how], where)

    def _look_at_stretches(self, milestone: Milestone) -> None:
        for sweep in self._sweeps:
            begin, end = STRETCHES[sweep.name]
            if milestone is end and sweep.is_inside and not sweep.is_over:
                sweep.is_inside = False
                if sweep.seen < sweep.nth:
                    sweep.passed_clean()
            if milestone is begin and not sweep.is_over:
                sweep.is_inside, sweep.seen = True, 0
