"""A sale that is due reaches as deep as it may: what rests at the bid alone may be too little."""

from __future__ import annotations

from fractions import Fraction

from trader247.truth.exact import exact
from trader247.truth.promise import Promise, Told, Wrong


class Reaching(Promise):
    """The limit of a sale that takes what rests is as far under the middle as a collar lets it be.

    To a step of its prices. Where prices have fallen by a hundredth lately the median of the last
    minutes may hold it higher, which nobody here knows: of those nothing is asked.
    """

    id = "I17"

    _FALLEN = Fraction(101, 100)

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        intent = world.intents[payload["intent"]["client_order_id"]]
        bids = world.bids.get(intent.product)
        is_other = (intent.side, intent.order_type) != ("SELL", "limit_ioc")
        if is_other or intent.name in world.by_name or "collar_bps" not in world.limits:
            return []
        if not bids or exact(max(bids)) > intent.reference * self._FALLEN:
            return []
        lowest = intent.reference * (1 - world.limits["collar_bps"] / 10_000)
        if intent.price <= lowest + world.steps[intent.product]:
            return []
        told = f"{float(intent.price):.8f}, and may reach down to {float(lowest):.8f}"
        return [f"{intent.name} sells for no less than {told}"]
