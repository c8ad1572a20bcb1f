"""That cycles come: nobody looks at a stop but in one."""

from __future__ import annotations

from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.times import SECOND_US
from trader247.truth.world import World


class Beating(Promise):
    """A process that is through its start decides one whole cycle after the other, an interval and
    a tenth of it apart.

    By the exchange's clock, whatever the process's own was set to; a minute more may pass, as long
    as it sleeps or hangs, and what each request may take that came to nothing. Who is refused for
    asking too often waits, and under a raised switch that comes first. It is looked at as the
    process writes or ends, since who hangs is told of once it does not any more.
    """

    id = "I23"
    of_yeses = ()

    _SPARE_US, _REQUEST_US = 60 * SECOND_US, 15 * SECOND_US
    _WELL, _TOO_OFTEN = 200, 429

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._since_us = 0
        self._until_us: int | None = None
        """By when the next one is due; None while none is."""

    def _begin(self) -> None:
        world = self.world
        self._since_us, self._until_us = world.now_us, None
        if world.is_recovered and not world.is_taken and "interval_s" in world.limits:
            apart_us = world.seconds("interval_s") * 11 // 10
            self._until_us = world.now_us + apart_us + self._SPARE_US

    def _excuse(self, span_us: int) -> Wrong:
        if self._until_us is not None:
            self._until_us += span_us
        return []

    def _look(self) -> Wrong:
        world, until_us = self.world, self._until_us
        if until_us is None or world.now_us <= until_us:
            return []
        for_s, is_asked = (world.now_us - self._since_us) // SECOND_US, world.kill_us is None
        self._begin()
        return [f"no cycle was decided for {for_s} s"] if is_asked else []

    def on_process(self, record: Told) -> Wrong:
        found = self._look() if record["what"] == "ended" else []
        self._begin()
        return found

    def on_kill(self, _: Told) -> Wrong:
        self._begin()
        return []

    def on_taken(self, _: Told) -> Wrong:
        self._until_us = None
        return []

    def on_slept(self, record: Told) -> Wrong:
        return self._excuse(record["span_us"])

    def on_stalled(self, record: Told) -> Wrong:
        return self._excuse(record["span_us"])

    def on_unsent(self, _: Told) -> Wrong:
        return self._excuse(self._REQUEST_US)

    def on_answer(self, record: Told) -> Wrong:
        if record["status"] == self._TOO_OFTEN:
            self._begin()
        elif record["status"] != self._WELL:
            self._excuse(self._REQUEST_US)
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        if payload.get("regime") == EXITS_ONLY:
            return []
        found = self._look()
        self._begin()
        return found

    def on_journal(self, _: Told) -> Wrong:
        return self._look()
