"""What a person wants sold is not bought on, and what a person took back is not traded on."""

from __future__ import annotations

from collections.abc import Callable

from trader247.truth.facts import HALTING
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.times import SECOND_US, instant_us
from trader247.truth.world import World

_CYCLES = 2
"""Whole cycles of one process until it has taken notice."""


class _Wishes:
    """What somebody asked a process for, and how many whole cycles ago, until it takes notice."""

    def __init__(self) -> None:
        self._cycles: dict[str, int] = {}

    def add(self, name: str) -> None:
        self._cycles.setdefault(name, 0)

    def take_notice(self, name: str) -> None:
        self._cycles.pop(name, None)

    def clear(self) -> None:
        self._cycles.clear()

    def late(self, does_stand: Callable[[str], bool] = lambda _: True) -> list[str]:
        """Those that still stand and had their cycles, this one included: each is told of once."""
        self._cycles = {name: count + 1 for name, count in self._cycles.items() if does_stand(name)}
        late = [name for name, count in self._cycles.items() if count > _CYCLES]
        for name in late:
            del self._cycles[name]
        return late


class Flattened(Promise):
    """Whoever wants products sold, or all of it, has the buys of them ended.

    Of those that rested as it was asked for the journal says before the third whole cycle of the
    same process that their end is wanted. Under what allows cancels alone nothing is sold by wish.
    """

    id = "I17"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._wishes = _Wishes()
        """For the end of each buy."""

    def on_process(self, _: Told) -> Wrong:
        self._wishes.clear()
        return []

    def on_asked(self, record: Told) -> Wrong:
        world, wanted = self.world, record["arguments"].get("products", "").split()
        if record["what"] != "flatten" or HALTING & world.halts.keys():
            return []
        for name in world.live:
            intent = world.intents.get(name)
            if intent is None or intent.side != "BUY" or intent.state != "ACCEPTED":
                continue
            is_known = not intent.is_end_seen and name not in world.understated
            if is_known and (not wanted or intent.product in wanted):
                self._wishes.add(name)
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        if payload.get("regime") == EXITS_ONLY:
            return []
        if HALTING & world.halts.keys() or world.kill_us is not None:
            self._wishes.clear()
        late = self._wishes.late(
            lambda name: name in world.live and name not in world.cancel_wishes
        )
        return [f"{name} buys on what a person wants sold" for name in late]


class Wished(Promise):
    """Whoever wants positions sold is heard: before the third whole cycle of the same process the
    journal has the wish for each of them that was held as it was asked for, and still is.

    That they leave by it is asked beside stop, target and time. Where something that was named is
    not held the whole wish is refused.
    """

    id = "I17"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._wishes = _Wishes()
        """For the sale of each position, of which the journal says nothing."""

    def on_process(self, _: Told) -> Wrong:
        self._wishes.clear()
        return []

    def event_halt_latched(self, payload: Told, _: Told) -> Wrong:
        if payload["name"] in HALTING:
            self._wishes.clear()
        return []

    def on_asked(self, record: Told) -> Wrong:
        world = self.world
        if record["what"] != "flatten" or HALTING & world.halts.keys():
            return []
        wanted = record["arguments"].get("products", "").split() or list(world.plans)
        if set(wanted) <= world.plans.keys():
            for product in wanted:
                self._wishes.add(product)
        return []

    def event_flatten_asked(self, payload: Told, _: Told) -> Wrong:
        self._wishes.take_notice(payload["product"])
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        if payload.get("regime") == EXITS_ONLY:
            return []
        late = self._wishes.late(lambda product: product in self.world.plans)
        return [f"{product} was to be sold, and nobody took notice" for product in late]


class Over(Promise):
    """Nothing is sold by a wish that is over: what has not left by then is a person's to look at.

    By the journal's own word of until when it stands, and the date of the cycle that sells.
    """

    id = "I17"

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        intent = world.intents[payload["intent"]["client_order_id"]]
        wish = world.wanted_sold.get(intent.product)
        is_another = intent.cycle != world.cycle.get("cycle") or intent.name in world.by_name
        if intent.exit_cause != "flatten" or wish is None or is_another:
            return []
        late_us = instant_us(world.cycle["at"]) - wish[1]
        if late_us < 0:
            return []
        return [f"{intent.name} sells by a wish that was over {late_us // SECOND_US} s before"]


class TakenBack(Promise):
    """Whoever takes an arming back is heard before the third whole cycle of the same process, and
    from then on nothing is bought until somebody has armed the book anew. Nor is anything once the
    time is over for which it was armed, by the date of the cycle that buys.
    """

    id = "I2"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._is_armed = True
        self._until_us: int | None = None
        self._wishes = _Wishes()

    def on_process(self, _: Told) -> Wrong:
        self._wishes.clear()
        return []

    def on_asked(self, record: Told) -> Wrong:
        if record["what"] == "disarm" and self._is_armed:
            self._wishes.add("disarm")
        return []

    def event_armed(self, payload: Told, _: Told) -> Wrong:
        self._is_armed, until = True, payload.get("until")
        self._until_us = None if until is None else instant_us(until)
        return []

    def event_disarmed(self, _: Told, __: Told) -> Wrong:
        self._is_armed = False
        self._wishes.clear()
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        if payload.get("regime") == EXITS_ONLY:
            return []
        late = self._wishes.late()
        return ["the arming was to be taken back, and nobody took notice" for _ in late]

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        intent = payload["intent"]
        name = intent["client_order_id"]
        if intent["purpose"] != "entry" or name in self.world.by_name:
            return []
        if not self._is_armed:
            return [f"{name} buys, and the arming was taken back"]
        at = self.world.cycle.get("at")
        if self._until_us is None or at is None or instant_us(at) < self._until_us:
            return []
        return [f"{name} buys, and the time is over for which the book was armed"]
