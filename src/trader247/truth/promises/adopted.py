"""By which policy something was decided: the journal has it."""

from __future__ import annotations

from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.world import World


class InForce(Promise):
    """An order is decided by the policy that the journal has adopted last, whole, in its own words.

    Whoever asks later why it was sent decides once more by that one.
    """

    id = "I19"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._hash = ""

    def event_policy_adopted(self, payload: Told, _: Told) -> Wrong:
        self._hash = payload["policy_hash"]
        return []

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        intent = payload["intent"]
        by, name = intent.get("policy_hash", self._hash), intent["client_order_id"]
        if by == self._hash or name in self.world.by_name:
            return []
        return [f"{name} was decided by policy {by[:12]}, and {self._hash[:12]} is adopted"]
