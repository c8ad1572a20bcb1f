"""An order under our name that is listed with other terms than were sent."""

from __future__ import annotations

from trader247.truth.facts import UNRESOLVED
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.world import World


class Otherwise(Promise):
    """One of unknown fate that is listed as another order than was sent is not taken for ours, and
    halts everything: whoever gave it that name, nobody here knows what it is.

    Within three readings that compared.
    """

    id = "I2"

    _READINGS, _HALT = 3, "invariant"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._listed: set[str] = set()
        """What is listed otherwise than it was sent."""
        self._due: dict[str, int] = {}
        """Those of them of unknown fate, and for how many readings nothing was halted."""

    def on_otherwise(self, record: Told) -> Wrong:
        names = set(record["orders"])
        self._listed = self._listed | names if names else set()
        if not names:
            self._due.clear()
        for name in names & self.world.unresolved.keys():
            self._due.setdefault(name, 0)
        return []

    def event_halt_latched(self, payload: Told, _: Told) -> Wrong:
        if payload["name"] == self._HALT:
            self._due = dict.fromkeys(self._due, -1)
        return []

    def event_submission_settled(self, payload: Told, _: Told) -> Wrong:
        name = payload["client_order_id"]
        intent = self.world.intents.get(name)
        if intent is None or payload["outcome"]["is"] != "Acknowledged":
            return []
        if name not in self._listed or intent.before != "UNKNOWN":
            return []
        return [f"{name} is listed as another order than was sent, and was taken for ours"]

    def on_folded(self, record: Told) -> Wrong:
        if not record.get("is_compared", True):
            return []
        self._due = {
            name: count if count < 0 or self._HALT in self.world.halts else count + 1
            for name, count in self._due.items()
            if (intent := self.world.intents.get(name)) is not None and intent.state in UNRESOLVED
        }
        return [
            f"{name} is listed as another order than was sent, and nothing is halted"
            for name, count in self._due.items()
            if count > self._READINGS
        ]
