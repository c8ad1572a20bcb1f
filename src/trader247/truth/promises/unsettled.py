"""That people hear of orders of which nobody knows what became, or whether they ended."""

from __future__ import annotations

from trader247.truth.facts import HALTING
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.times import MINUTE_US, SECOND_US, instant_us
from trader247.truth.world import World


class Unanswered(Promise):
    """An order whose fate is unknown for a minute is told of, and once more after ten.

    By the trader's own dates, within three whole cycles of either.
    """

    id = "I18"

    _CODE, _CYCLES = "unknown_outcome", 3
    _AGES = (("WARNING", MINUTE_US), ("CRITICAL", 10 * MINUTE_US))

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._since_us: dict[str, int] = {}
        self._told_us: dict[str, int] = {}
        """When it was told of last, by severity."""
        self._late: dict[tuple[str, str], int] = {}
        """For how many cycles each should have been told of."""

    def event_intent_recorded(self, payload: Told, event: Told) -> Wrong:
        self._since_us[payload["intent"]["client_order_id"]] = instant_us(event["time"])
        return []

    def event_alert_raised(self, payload: Told, event: Told) -> Wrong:
        if payload["code"] == self._CODE:
            self._told_us[payload["severity"].upper()] = instant_us(event["time"])
        return []

    def event_cycle_decided(self, payload: Told, event: Told) -> Wrong:
        if payload.get("regime") == EXITS_ONLY:
            return []
        now_us, before, self._late = instant_us(event["time"]), self._late, {}
        self._since_us = {key: self._since_us.get(key, now_us) for key in self.world.unresolved}
        for name, since_us in self._since_us.items():
            for severity, age_us in self._AGES:
                is_told = self._told_us.get(severity, -1) >= since_us + age_us
                if now_us >= since_us + age_us and not is_told:
                    self._late[name, severity] = before.get((name, severity), 0) + 1
        return [
            f"what became of {name} is unknown, and nobody was told: {severity.lower()}"
            for (name, severity), count in self._late.items()
            if count > self._CYCLES
        ]


class Unended(Promise):
    """Under what allows cancels alone people hear of each order that is not known to have ended.

    Half a minute after it latched, in a whole cycle and with orders of unknown fate among them:
    three cycles may leave it out, and each quarter of an hour it is told anew.
    """

    id = "I18"

    _CODE, _CYCLES, _WITHIN_US, _AGAIN_US = "orders_not_ended", 3, 30 * SECOND_US, 15 * MINUTE_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._told_us = -self._AGAIN_US
        self._late: dict[str, int] = {}

    def event_alert_raised(self, payload: Told, event: Told) -> Wrong:
        if payload["code"] == self._CODE:
            self._told_us = instant_us(event["time"])
        return []

    def event_cycle_decided(self, payload: Told, event: Told) -> Wrong:
        world, now_us = self.world, instant_us(event["time"])
        since_us = [at_us for name, at_us in world.halts.items() if name in HALTING]
        before, self._late = self._late, {}
        is_due = bool(since_us) and now_us - min(since_us, default=0) > self._WITHIN_US
        if payload.get("regime") == EXITS_ONLY or not is_due:
            return []
        if now_us - self._told_us < self._AGAIN_US:
            return []
        self._late = {name: before.get(name, 0) + 1 for name in world.unresolved}
        return [
            f"{name} is {world.unresolved[name].state} under a halt, and nobody heard of it"
            for name, count in self._late.items()
            if count > self._CYCLES
        ]
