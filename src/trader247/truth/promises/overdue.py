"""What should be over is asked to end, whoever else should have seen to that."""

from __future__ import annotations

from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.times import SECOND_US, instant_us
from trader247.truth.world import World


class Overdue(Promise):
    """An order that rests past its end is asked to end by the first whole cycle that sees it so:
    the exchange should have ended it, and goes on filling it.

    By the trader's own clock, whose date its end is, and by the books that it decided on.
    """

    id = "I13"

    _LATE_US = 2 * SECOND_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._overdue: list[str] = []

    def on_process(self, _: Told) -> Wrong:
        self._overdue = []
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        if payload.get("regime") == EXITS_ONLY:
            return []
        past_us, world = instant_us(payload["at"]) - self._LATE_US, self.world
        self._overdue = [
            name
            for name, order in world.live.items()
            if order.end_us is not None and order.end_us < past_us and self._is_known(name)
        ]
        return []

    def _is_known(self, name: str) -> bool:
        """Whether it rests as far as the journal goes."""
        intent = self.world.intents.get(name)
        return intent is not None and intent.state == "ACCEPTED" and not intent.is_end_seen

    def on_folded(self, _: Told) -> Wrong:
        overdue, self._overdue = self._overdue, []
        world = self.world
        return [
            f"{name} rests past its end, and nobody asked for that"
            for name in overdue
            if name in world.live and name not in world.cancel_wishes and self._is_known(name)
        ]
