"""What happens to a run in the course of time: each kind at moments drawn from the seed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from trader247.simulation.mishaps.faults import FAULTS, Odds
from trader247.simulation.world.dice import Dice
from trader247.simulation.world.timeline import Timeline

_HOUR_US = 3_600_000_000
_EARLY_US = 50 * 60_000_000

Mishap = Callable[[], None]


class Mishaps:
    """The calendar of one run. `kinds` has what is done for each fault that comes with time."""

    def __init__(self, seed: int, odds: Odds, timeline: Timeline, kinds: dict[str, Mishap]) -> None:
        assert kinds.keys() == {each.id for each in FAULTS.values() if each.hours}
        self._odds = odds
        self._timeline = timeline
        self._kinds = kinds
        self._dice = {id: Dice(seed, f"mishaps/{id}") for id in kinds}

    def begin(self) -> None:
        """Let the first of each kind come at its time, and a few of them early."""
        for id in self._kinds:
            if self._odds.has(id):
                self._next(id)
        for id in sorted(self._odds.early):
            if self._odds.has(id):
                self._timeline.after(self._dice[id].below(_EARLY_US), partial(self._do, id))

    def _do(self, id: str) -> None:
        if self._odds.has(id):
            self._odds.count(id)
            self._kinds[id]()

    def _next(self, id: str) -> None:
        span_us = FAULTS[id].hours * _HOUR_US * 100 // max(10, self._odds.hostility)
        self._timeline.after(self._dice[id].below(2 * span_us), lambda: self._happen(id))

    def _happen(self, id: str) -> None:
        if not self._odds.has(id):
            return
        # The next one first: what happens now may end the process, and with it this call.
        self._next(id)
        self._do(id)
