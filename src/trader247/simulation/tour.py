"""A run that visits every place at which a process may die, and fails every operation in turn.

At each point of an order's way the process is killed once, loses its power once, and has its disk
fail once. And of five stretches of that way the first operation is struck, then the second, the
third, until a stretch is passed clean. Each visit is followed by the judge, and mostly by a start.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from typing import Protocol

from trader247.domain.milestones import Milestone
from trader247.simulation.death import Cause
from trader247.simulation.sweep import AT_STARTS as SWEPT_AT_STARTS
from trader247.simulation.sweep import DISK, ENDING, NETWORK, STRETCHES, Sweep

_APART_US = 125_000_000
"""So long between two visits: more than five unclean ends in ten minutes halt a trader."""
_SOON_US = 5_000_000
"""And where the process goes on."""
_SWITCH_US = 900_000_000
_SWITCH_OFTEN_US = 240_000_000
"""So often where cancels are what is waited for."""
_CUT_US = 60_000_000

HOWS = ("kill", "power", "error")
_CAUSES = {"kill": Cause.KILLED, "power": Cause.POWER}
_ERRORS = {"error": errno.EIO, "full": errno.ENOSPC}

ELSEWHERE = frozenset({Milestone.STRANGER_FOUND})
"""Needs a journal that lost its end, which no crash brings about."""

AT_STARTS = frozenset({Milestone.CHECKPOINT_DUE, Milestone.LEASE_TAKEN, Milestone.RECOVERING})
"""Are passed where a process ends or starts: one that goes on for ever never comes there."""
AT_ONCE = frozenset({Milestone.DISK_FAILED, Milestone.TABLES_MADE})
"""Who is past these is past them once: there is no waiting for the next time."""
POINTS = tuple(each for each in Milestone if each not in ELSEWHERE)


class Visited(Protocol):
    """The run that is toured."""

    @property
    def now_us(self) -> int: ...

    def die(self, cause: Cause, where: str) -> None: ...

    def terminate(self) -> None:
        """Ask it to end, as SIGTERM does."""

    def raise_switch(self) -> None:
        """As a person does, who lets it go again before long."""

    def cut_off(self, span_us: int) -> None:
        """Nothing gets through to the exchange for so long."""


class Tour:
    """What is still to be visited: `points`, and every operation of the `sweeps`."""

    def __init__(
        self,
        run: Visited,
        *,
        points: Sequence[Milestone] = POINTS,
        sweeps: Sequence[Sweep] = (),
    ) -> None:
        self._run = run
        self._points = {milestone: list(HOWS) for milestone in points}
        self.sweeps = tuple(sweeps)
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
        sweeps = [f"{each.name} {how}" for each in self.sweeps for how in each.hows]
        return points + sweeps

    def started(self) -> None:
        """A process begins."""
        for sweep in self.sweeps:
            sweep.leave()
            if STRETCHES[sweep.name][0] is None:
                sweep.begin()

    def passing(self, milestone: Milestone) -> None:
        """A process has come so far."""
        for sweep in self.sweeps:
            sweep.passing(milestone)
        now_us = self._run.now_us
        if now_us >= self._switch_us:
            is_awaited = any(each.name == "cancel" and each.how for each in self.sweeps)
            self._switch_us = now_us + (_SWITCH_OFTEN_US if is_awaited else _SWITCH_US)
            self._run.raise_switch()
        hows = self._points.get(milestone, [])
        is_due = now_us >= self._next_us
        if milestone is Milestone.ORDERS_REST and is_due and not hows:
            if self.is_over or self._needs_a_start():
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
        return self._swept(DISK)

    def leaving(self) -> None:
        """A request is about to leave."""
        self._swept(NETWORK)

    def _swept(self, kind: frozenset[str]) -> int:
        for sweep in self.sweeps:
            how = sweep.strikes(kind, is_due=self._run.now_us >= self._next_us)
            if how is None:
                continue
            if how in _ERRORS:
                self._count(_SOON_US if how == "full" else _APART_US)
                return _ERRORS[how]
            self._strike(how, f"{sweep.name} {sweep.struck[how]}")
        return 0

    def _strike(self, how: str, where: str) -> None:
        self._count(_APART_US)
        if how == "error":
            self._is_error_due = True
        elif how == "cut":
            self._run.cut_off(_CUT_US)
        else:
            self._run.die(_CAUSES[how], where)

    def _count(self, apart_us: int) -> None:
        self.visits += 1
        self._next_us = self._run.now_us + apart_us

    def _needs_a_start(self) -> bool:
        """Whether something waits for a process to start that no strike of another brings about."""
        if any(self._points.get(each) for each in AT_STARTS):
            return True
        is_waiting = any(each.how for each in self.sweeps if each.name in SWEPT_AT_STARTS)
        others = (each.how for each in self.sweeps if each.name not in SWEPT_AT_STARTS)
        return is_waiting and not any(how in ENDING for how in others)
