"""What falls due between two cycles does not wait for the next one."""

from __future__ import annotations

from trader247.truth.facts import HALTING
from trader247.truth.promise import Told, Wrong
from trader247.truth.promises.leaving import STOP, Due
from trader247.truth.times import SECOND_US
from trader247.truth.world import World


class AtOnce(Due):
    """What streams show to be due is looked at within seconds, whatever else was just looked at.

    Where it is told within how many, and so that nothing of the streams is lost: by the bids that
    the exchange told of what is held. What a cycle has found due, and could not sell, is looked at
    again half a minute later.
    """

    id = "I17"

    _AGAIN_US = 31 * SECOND_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._due_us: dict[str, int] = {}
        """Since when each is shown to be due, and was not looked at."""
        self._looked_us: dict[str, int] = {}

    def on_process(self, _: Told) -> Wrong:
        self._due_us.clear()
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        late = self._late()
        for product, ending in payload["endings"].items():
            if ending["reason"] != "holding":
                self._due_us.pop(product, None)
                self._looked_us[product] = self.world.now_us
        return late

    def _may_sell(self) -> bool:
        world = self.world
        is_halted = bool(HALTING & world.halts.keys()) or world.kill_us is not None
        return not is_halted and world.is_recovered and world.may_send

    def _late(self) -> Wrong:
        """What is shown to be due for too long, told of once."""
        if not self._due_us or not self._may_sell():
            return []
        late_us = self.world.now_us - self.world.seconds("hears_s")
        late = [product for product, since_us in self._due_us.items() if since_us < late_us]
        for product in late:
            del self._due_us[product]
        return [f"{product} is due, and nobody has looked at it for seconds" for product in late]

    def on_quotes(self, record: Told) -> Wrong:
        world = self.world
        if "hears_s" not in world.limits:
            return []
        if not self._may_sell():
            self._due_us.clear()
            return []
        for product, touch in record["touches"].items():
            if touch["bid"] is None or not self._is_due(product, touch["bid"]):
                self._due_us.pop(product, None)
            else:
                self._due_us.setdefault(product, world.now_us)
        return self._late()

    def _is_due(self, product: str, bid: str) -> bool:
        now_us = self.world.now_us
        if now_us - self._looked_us.get(product, -self._AGAIN_US) < self._AGAIN_US:
            return False
        is_selling = bool(self.sales(product) - {STOP})  # a stop makes way first
        return not is_selling and self.is_there(product) and bool(self.why(product, bid, now_us))
