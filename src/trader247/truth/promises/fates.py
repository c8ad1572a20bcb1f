"""What becomes of an order in the journal: an end that was seen stays one."""

from __future__ import annotations

from fractions import Fraction

from trader247.truth.exact import exact
from trader247.truth.facts import FINAL
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.world import World


class StaysEnded(Promise):
    """An order whose end the journal has seen is not seen again as one that works, unless more of
    it is filled than was known: a listing that lags tells nothing new.
    """

    id = "I11"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._ended: dict[str, Fraction] = {}
        """What each order that ended had filled."""

    def event_order_seen(self, payload: Told, _: Told) -> Wrong:
        order = payload["order"]
        name, filled = order["client_order_id"], exact(order.get("filled", "0"))
        known = self._ended.get(name)
        if order["state"] in FINAL:
            self._ended[name] = filled if known is None else max(known, filled)
        elif known is not None and filled <= known:
            return [f"{name} had ended, and counts as {order['state']} again, by an older word"]
        return []
