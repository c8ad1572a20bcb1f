"""That everything comes to an end."""

from __future__ import annotations

from trader247.truth.facts import PAST
from trader247.truth.promise import Lasting, Told, Wrong
from trader247.truth.times import SECOND_US
from trader247.truth.world import World


class Alive(Lasting):
    """Ten minutes after the last fault all is resolved, and it runs, or stands with a reason.

    No order of unknown fate but one whose trace a difference may be that it told and halted for, no
    fill that is not booked, no difference that is not explained or halted for; the process lives
    and has gone through a cycle.
    """

    id = "I23"

    _LATE_US = 90 * SECOND_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._cycled_us = 0
        self._is_judged = False

    def on_folded(self, _: Told) -> Wrong:
        self._cycled_us = self.world.now_us
        return []

    def on_calm(self, record: Told) -> Wrong:
        self._is_judged = False
        self.due_us = record["at_us"] + self.world.seconds("settle_s") + self._LATE_US + 1
        return []

    def _is_explained(self, product: str) -> bool:
        """Whether a difference that it told and halted for may be the trace of an order."""
        world = self.world
        return bool(world.halts) and f"base:{world.bases[product]}" in world.breaks

    def every(self) -> Wrong:
        return self.on_settled({})

    def on_settled(self, _: Told) -> Wrong:
        if self._is_judged:
            return []
        self._is_judged, self.due_us = True, self.NEVER_US
        world = self.world
        calm_us = world.calm_us or 0
        found = [
            f"{name} is still {each.state}"
            for name, each in world.unresolved.items()
            if each.recorded_us < calm_us and not self._is_explained(each.product)
        ]
        found += [
            f"{name} lives at the exchange, and is {world.intents[name].state} in the journal"
            for name in world.live
            if name in world.intents and world.intents[name].state in PAST
        ]
        if self._cycled_us < calm_us:
            found.append("no cycle has ended since the last fault")
        if world.breaks and not world.halts:
            found.append(f"{', '.join(sorted(world.breaks))} differ, and nothing is halted")
        return found
