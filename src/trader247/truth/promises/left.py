"""What whoever raises the switch wants left alone: sales that rest, since they only reduce."""

from __future__ import annotations

from trader247.truth.facts import HALTING
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.times import SECOND_US
from trader247.truth.world import World


class Left(Promise):
    """Under a switch that keeps sales no end is asked for of one that rests, and has time left.

    By the journal's own word that they are kept, while nothing else halts all and nobody wishes it
    otherwise; also of one that the journal lost when it went back to a backup. Whose end was asked
    for once may be asked to end again, and so may what the venue trades no more.
    """

    id = "I2"

    _SWITCH = "kill_switch"
    _ASKED_US = 60 * SECOND_US
    """What people asked for is done by then."""
    _NEAR_US = 10 * SECOND_US
    """Clocks may differ by so much."""
    _GIVEN_UP = ("NOT_CREATED", "REJECTED")
    """What was settled like that, and turns up after all, ends whatever it is."""
    _UNTRADED = ("the product is no longer traded", "left the market")

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._is_raised = self._is_keeping = False
        """Whether the journal has it that the switch is on, and that it keeps sales."""
        self._asked_us: int | None = None
        self._ending: set[str] = set()
        """Of which an end was asked for."""

    def on_asked(self, _: Told) -> Wrong:
        self._asked_us = self.world.now_us
        return []

    def event_halt_latched(self, payload: Told, _: Told) -> Wrong:
        if payload["name"] == self._SWITCH:
            is_first, self._is_raised = not self._is_raised, True
            keeps = bool(payload.get("keeps_sales"))
            self._is_keeping = keeps and (is_first or self._is_keeping)
        return []

    def event_halt_cleared(self, payload: Told, _: Told) -> Wrong:
        if payload["name"] == self._SWITCH:
            self._is_raised = self._is_keeping = False
        return []

    def event_cancel_requested(self, payload: Told, _: Told) -> Wrong:
        name, is_wished = payload["client_order_id"], not self._is_kept()
        is_known, order = name in self._ending, self.world.by_name.get(name)
        self._ending.add(name)
        if is_known or is_wished or order is None or order.side != "SELL" or not order.is_live:
            return []
        if order.end_us is None or order.end_us - self.world.now_us < self._NEAR_US:
            return []
        if any(word in payload["cause"] for word in self._UNTRADED):
            return []
        intent = self.world.intents.get(name)
        if intent is not None and not {intent.state, intent.before}.isdisjoint(self._GIVEN_UP):
            return []
        return [f"{name} was to be left under the switch, and its end is asked for"]

    def _is_kept(self) -> bool:
        world, asked_us = self.world, self._asked_us
        if not self._is_keeping or world.kill_us is None or not world.keeps_sales:
            return False
        if HALTING & world.halts.keys() != {self._SWITCH}:
            return False
        return asked_us is None or world.now_us - asked_us > self._ASKED_US
