"""A stop that trails follows where it rests as well: at the exchange."""

from __future__ import annotations

from fractions import Fraction

from trader247.truth.exact import NONE
from trader247.truth.facts import HALTING, Intent
from trader247.truth.promise import Told, Wrong
from trader247.truth.promises.leaving import STOP, Planned
from trader247.truth.world import World


class Followed(Planned):
    """A stop that trails, and rests at the exchange, is laid anew as the price rises.

    By the highest bid that a cycle saw since the position was bought. Where it rests lower than
    that by more than moving it is worth, its end is asked for: three cycles that hold on to the
    position may leave it as it is.
    """

    id = "I17"

    _LEFT_MAX, _MOVED = 3, Fraction(30, 10_000)

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._left: dict[str, int] = {}
        self._decided_us = 0

    def on_folded(self, record: Told) -> Wrong:
        del record
        return []

    def event_cycle_decided(self, payload: Told, event: Told) -> Wrong:
        super().event_cycle_decided(payload, event)
        world, before, self._left = self.world, self._left, {}
        decided_us, self._decided_us = self._decided_us, world.now_us
        if HALTING & world.halts.keys() or world.kill_us is not None:
            return []
        if world.untold_us >= decided_us:
            self._left = {name: before[name] for name in before if name in world.live}
            return []  # nobody would learn of its end
        for name in world.live:
            intent = world.intents.get(name)
            if intent is None or not self._is_behind(intent):
                continue
            word = payload["endings"].get(intent.product, {}).get("reason", "")
            if word == "holding" and name not in world.cancel_wishes:
                self._left[name] = before.get(name, 0) + 1
        return [
            f"{name} did not follow its position's stop, for {count} cycles"
            for name, count in self._left.items()
            if count > self._LEFT_MAX
        ]

    def _is_behind(self, intent: Intent) -> bool:
        plan, _since_us = self.world.plans.get(intent.product, (None, 0))
        highest = self._highest.get(intent.product)
        is_stop = intent.order_type == STOP and intent.state == "ACCEPTED"
        if not is_stop or plan is None or plan.trailing_fraction is None or highest is None:
            return False
        placed, wanted = intent.stop_price or NONE, highest * (1 - plan.trailing_fraction)
        return wanted - placed > self._MOVED * wanted + self.world.steps[intent.product]
