"""What a person wants sold is not bought on, and what a person took back is not traded on."""

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


class Wished(Promise):
    """Whoever wants positions sold is heard: before the third whole cycle of the same process the
    journal has the wish for each of them that was held as it was asked for, and still is.

    That they leave by it is asked beside stop, target and time. Where something that was named is
    not held the whole wish is refused.
    """

    id = "I17"

    _WISH, _CYCLES = "flatten", 2

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._cycles: dict[str, int] = {}
        """How many whole cycles ago each position was to be sold, of which nothing is said."""

    def on_process(self, _: Told) -> Wrong:
        self._cycles.clear()
        return []

    def event_halt_latched(self, payload: Told, _: Told) -> Wrong:
        if payload["name"] in HALTING:
            self._cycles.clear()
        return []

    def on_asked(self, record: Told) -> Wrong:
        world = self.world
        if record["what"] != self._WISH or HALTING & world.halts.keys():
            return []
        wanted = record["arguments"].get("products", "").split() or list(world.plans)
        if set(wanted) <= world.plans.keys():
            for product in wanted:
                self._cycles.setdefault(product, 0)
        return []

    def event_flatten_asked(self, payload: Told, _: Told) -> Wrong:
        self._cycles.pop(payload["product"], None)
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        if payload.get("regime") == EXITS_ONLY:
            return []
        plans = self.world.plans
        self._cycles = {key: count + 1 for key, count in self._cycles.items() if key in plans}
        late = [product for product, count in self._cycles.items() if count > self._CYCLES]
        for product in late:
            del self._cycles[product]
        return [f"{product} was to be sold, and nobody took notice" for product in late]


class TakenBack(Promise):
    """Whoever takes an arming back is heard before the third whole cycle of the same process, and
    from then on nothing is bought until somebody has armed the book anew.
    """

    id = "I2"

    _WISH, _CYCLES = "disarm", 2

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._is_armed = True
        self._asked: int | None = None
        """How many whole cycles ago it was asked for, of which nothing is said."""

    def on_process(self, _: Told) -> Wrong:
        self._asked = None
        return []

    def on_asked(self, record: Told) -> Wrong:
        if record["what"] == self._WISH and self._is_armed:
            self._asked = self._asked or 0
        return []

    def event_armed(self, _: Told, __: Told) -> Wrong:
        self._is_armed = True
        return []

    def event_disarmed(self, _: Told, __: Told) -> Wrong:
        self._is_armed, self._asked = False, None
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        if payload.get("regime") == EXITS_ONLY or self._asked is None:
            return []
        self._asked += 1
        if self._asked <= self._CYCLES:
            return []
        self._asked = None
        return ["the arming was to be taken back, and nobody took notice"]

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        intent = payload["intent"]
        name = intent["client_order_id"]
        if self._is_armed or intent["purpose"] != "entry" or name in self.world.by_name:
            return []
        return [f"{name} buys, and the arming was taken back"]
