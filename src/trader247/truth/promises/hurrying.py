"""What has given up its stop for a sale does not wait for its turn."""

from __future__ import annotations

from trader247.truth.facts import HALTING
from trader247.truth.promise import EACH, Promise, Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.times import SECOND_US
from trader247.truth.world import World

_STOP = "stop_limit_gtd"


class Hurrying(Promise):
    """Whoever asks a stop to end for a sale that is due looks at once whether it has: until then
    its position has neither.

    By the exchange's clock: until the next cycle half a minute does not go by in which one process,
    awake, asks nothing and writes nothing. A whole cycle's wish, and the first for that stop; not
    under what allows cancels alone.
    """

    id = "I17"
    of_reads = EACH

    _IDLE_US, _DUE = 30 * SECOND_US, " is due"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._asked: set[str] = set()
        """Stops whose end was asked for already."""
        self._waiting: set[str] = set()
        """Products whose stop makes way since the last cycle."""
        self._busy_us = 0
        """When something was last done, while one does."""

    def on_process(self, _: Told) -> Wrong:
        self._waiting.clear()
        return []

    def on_slept(self, _: Told) -> Wrong:
        self._waiting.clear()
        return []

    def on_stalled(self, _: Told) -> Wrong:
        self._waiting.clear()
        return []

    def event_cancel_requested(self, payload: Told, _: Told) -> Wrong:
        world, name = self.world, payload["client_order_id"]
        intent = world.intents.get(name)
        if intent is None or intent.order_type != _STOP or name in self._asked:
            return []
        self._asked.add(name)
        is_whole = world.cycle.get("regime") != EXITS_ONLY
        if is_whole and payload["cause"].endswith(self._DUE):
            self._waiting.add(intent.product)
        return []

    def event_cycle_decided(self, _: Told, __: Told) -> Wrong:
        self._waiting.clear()
        return []

    def on_journal(self, _: Told) -> Wrong:
        return self._done() if self._waiting else []

    def on_answer(self, _: Told) -> Wrong:
        return self._done() if self._waiting else []

    def on_unsent(self, _: Told) -> Wrong:
        return self._done() if self._waiting else []

    def on_request(self, record: Told) -> Wrong:
        if not self._waiting:
            return []
        idle_us, world = record["at_us"] - self._busy_us, self.world
        self._busy_us = record["at_us"]
        if idle_us < self._IDLE_US or world.kill_us is not None or HALTING & world.halts.keys():
            return []
        late, self._waiting = sorted(self._waiting), set()
        return [
            f"the stop of {product} was to make way for its sale, and nobody looked for "
            f"{idle_us // SECOND_US} s"
            for product in late
        ]

    def _done(self) -> Wrong:
        self._busy_us = self.world.now_us
        return []
