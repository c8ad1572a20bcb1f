"""How soon a process that only waits hears of what somebody wants."""

from __future__ import annotations

from trader247.truth.facts import HALTING
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.times import MINUTE_US, SECOND_US
from trader247.truth.world import World

_SILENCE_US = 15 * SECOND_US
"""What one request may take, with its connection."""


class _Awake(Promise):
    """Whatever a process does next comes within what one request may take: it writes, asks, or
    ends. Of one that is through its start.
    """

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._wanted_us: int | None = None
        """When somebody wanted something, while nothing was heard of the process since."""

    def _want(self) -> None:
        world = self.world
        is_there = world.is_recovered and not world.is_taken
        self._wanted_us = world.now_us if is_there else None

    def on_process(self, _: Told) -> Wrong:
        self._wanted_us = None
        return []

    def on_slept(self, _: Told) -> Wrong:
        self._wanted_us = None
        return []

    def on_stalled(self, _: Told) -> Wrong:
        self._wanted_us = None
        return []

    def on_answer(self, _: Told) -> Wrong:
        wanted_us, self._wanted_us = self._wanted_us, None
        late_us = 0 if wanted_us is None else self.world.now_us - wanted_us
        if late_us <= _SILENCE_US:
            return []
        return [f"nothing was heard for {late_us // SECOND_US} s after {self._what()}"]

    on_unsent = on_journal = on_answer

    def _what(self) -> str:
        raise NotImplementedError


class OfTheSwitch(_Awake):
    """A process that only waits hears at once of a switch that somebody raises.

    One that its journal does not hold yet. Within fifteen seconds it writes, asks, or ends.
    """

    id = "I2"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._was_on = False

    def on_kill(self, record: Told) -> Wrong:
        was_on, self._was_on = self._was_on, record["is_on"]
        self._wanted_us = None
        if record["is_on"] and not was_on and "kill_switch" not in self.world.halts:
            self._want()
        return []

    def _what(self) -> str:
        return "the switch was raised"


class OfPeople(_Awake):
    """A process that only waits hears at once of a command that is always answered by an event, and
    does at once what follows from a wish to sell.

    Within fifteen seconds it writes, asks, or ends; where it was not refused for asking too often
    within the last minutes: then its own pace keeps it waiting.
    """

    id = "I2"

    _REFUSED, _PATIENCE_US = 429, 5 * MINUTE_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._refused_us = -self._PATIENCE_US

    def on_asked(self, record: Told) -> Wrong:
        what = record["what"]
        if what == "alert_test" or (what == "pause" and what not in self.world.halts):
            self._ask()
        return []

    def on_journal(self, record: Told) -> Wrong:
        found = super().on_answer(record)
        if any(each["kind"] == "flatten_asked" for each in record["events"]):
            self._ask()
        return found

    def on_answer(self, record: Told) -> Wrong:
        if record["status"] == self._REFUSED:
            self._refused_us = self.world.now_us
        return super().on_answer(record)

    def _ask(self) -> None:
        world = self.world
        is_halted = bool(HALTING & world.halts.keys()) or world.kill_us is not None
        if world.now_us - self._refused_us > self._PATIENCE_US and not is_halted:
            self._want()

    def _what(self) -> str:
        return "somebody asked for something, or wanted something sold"
