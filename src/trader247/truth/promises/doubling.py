"""A wish that comes once more is taken for the first one, sent again."""

from __future__ import annotations

from collections import deque
from fractions import Fraction

from trader247.truth.facts import Intent
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.times import SECOND_US, instant_us
from trader247.truth.world import World


class Doubled(Promise):
    """No entry is recorded that may be one of the last ten minutes sent again: of its product, and
    within a twentieth of its size, whatever became of that one. What the exchange turned down at
    once was no order.

    Where it is told for how long that is so, by the dates of the journal's records and of the cycle
    that decides. One that a journal had lost and took back is of a time that nobody here knows, and
    doubles none.
    """

    id = "I4"

    _ALIKE = Fraction(1, 20)
    _NO_ORDER = "REJECTED"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._lately: deque[tuple[int, Intent]] = deque()

    def event_intent_recorded(self, payload: Told, event: Told) -> Wrong:
        world = self.world
        intent = world.intents[payload["intent"]["client_order_id"]]
        within_us = world.microseconds("same_size_s") - SECOND_US
        if within_us < 0 or intent.purpose != "entry" or intent.name in world.by_name:
            return []
        at_us = instant_us(event["time"])
        if intent.cycle == world.cycle.get("cycle"):
            at_us = instant_us(world.cycle["at"])
        while self._lately and at_us - self._lately[0][0] > within_us:
            self._lately.popleft()
        found = [
            f"{intent.name} may be {each.name} once more, {(at_us - recorded_us) // SECOND_US} s "
            "after it"
            for recorded_us, each in self._lately
            if self._is_alike(intent, each) and 0 < at_us - recorded_us <= within_us
        ]
        self._lately.append((instant_us(event["time"]), intent))
        return found

    def _is_alike(self, intent: Intent, earlier: Intent) -> bool:
        is_near = abs(intent.size - earlier.size) <= earlier.size * self._ALIKE
        return intent.product == earlier.product and is_near and earlier.state != self._NO_ORDER
