"""What a person wants sold is not bought on."""

from __future__ import annotations

from trader247.truth.facts import HALTING
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.world import World


class Flattened(Promise):
    """Whoever wants products sold, or all of it, has the buys of them ended.

    Of those that rested as it was asked for the journal says before the third whole cycle of the
    same process that their end is wanted. Under what allows cancels alone nothing is sold by wish.
    """

    id = "I17"

    _WISH, _CYCLES = "flatten", 2

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._cycles: dict[str, int] = {}
        """How many whole cycles ago the end of each buy was wished for."""

    def on_process(self, _: Told) -> Wrong:
        self._cycles.clear()
        return []

    def on_asked(self, record: Told) -> Wrong:
        world, wanted = self.world, record["arguments"].get("products", "").split()
        if record["what"] != self._WISH or HALTING & world.halts.keys():
            return []
        for name in world.live:
            intent = world.intents.get(name)
            if intent is None or intent.side != "BUY" or intent.state != "ACCEPTED":
                continue
            is_known = not intent.is_end_seen and name not in world.understated
            if is_known and (not wanted or intent.product in wanted):
                self._cycles.setdefault(name, 0)
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        if payload.get("regime") == EXITS_ONLY:
            return []
        if HALTING & world.halts.keys() or world.kill_us is not None:
            self._cycles.clear()
        self._cycles = {
            name: count + 1
            for name, count in self._cycles.items()
            if name in world.live and name not in world.cancel_wishes
        }
        late = [name for name, count in self._cycles.items() if count > self._CYCLES]
        for name in late:
            del self._cycles[name]
        return [f"{name} buys on what a person wants sold" for name in late]
