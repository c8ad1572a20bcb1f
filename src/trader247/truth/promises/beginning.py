"""The first stage of real money: small orders, and one position at a time."""

from __future__ import annotations

from fractions import Fraction

from trader247.truth.exact import exact, plain
from trader247.truth.promise import Promise, Told, Wrong


class Small(Promise):
    """While the equity of a cycle is below where the first stage ends, or unknown, an entry that is
    decided in it is no larger than that stage allows, and of one product at most anything is held
    or bought.

    Of orders that the trader decided on: what a restored journal takes back is no decision.
    """

    id = "I1"

    _NONE = Fraction(0)

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        below = world.limits.get("small_below")
        intent = world.intents[payload["intent"]["client_order_id"]]
        if below is None or intent.purpose != "entry" or intent.name in world.by_name:
            return []
        said = world.cycle.get("equity")
        if said is not None and exact(said) >= below:
            return []
        notional, most = intent.price * intent.size, world.limits["small_max"]
        found = []
        if notional > most:
            found.append(f"{intent.name} is of {plain(notional)} in the first stage")
        at_risk = {intent.product} | {
            each for each in world.products_at_risk() if world.exposure(each) > self._NONE
        }
        if len(at_risk) > world.limits["small_positions_max"]:
            found.append(
                f"{len(at_risk)} products are at risk with {intent.name} in the first stage"
            )
        return found
