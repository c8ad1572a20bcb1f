"""With what fault was found buys nothing until a person says so."""

from __future__ import annotations

from trader247.truth.facts import Intent
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.times import MINUTE_US, instant_us
from trader247.truth.world import World

_COLLAR = "collar"


class Banned(Promise):
    """A product whose prices were outside the collar three times within ten minutes is banned.

    Strikes are each cycle's own words, whole or between two, where they name a price. What is
    banned is not bought until a person lets it, whatever ends and begins meanwhile, and what of it
    rests to be bought is ended: two whole cycles may leave that out.
    """

    id = "I15"

    _CYCLES = 2

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._strikes: dict[str, list[int]] = {}
        """When each product was refused for its price, by the trader's clock."""
        self._due: dict[str, int] = {}
        """What has to be banned in this breath, with how many strikes."""
        self._bans: dict[tuple[str, str], str] = {}
        """What stands, by control and scope, and why."""
        self._rests: dict[str, int] = {}
        """For how many whole cycles a buy rests that is banned, and whose end nobody wished."""

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        limits = self.world.limits
        if "strikes_max" not in limits:
            return []
        at_us, since_us = instant_us(payload["at"]), self.world.seconds("strikes_s")
        for product, ending in payload["endings"].items():
            # What is unknown is nobody's fault: only a price can be outside.
            if ending["reason"] != _COLLAR or not ending["detail"][:1].isdigit():
                continue
            before = self._strikes.get(product, [])
            lately = [each for each in before if 0 <= at_us - each < since_us]
            self._strikes[product] = [*lately, at_us]
            if len(lately) + 1 >= limits["strikes_max"]:
                self._due[product] = len(lately) + 1
        return [] if payload.get("regime") == EXITS_ONLY else self._resting()

    def _resting(self) -> Wrong:
        before, self._rests = self._rests, {}
        for name in self.world.live if self._bans else ():
            intent = self.world.intents.get(name)
            if (
                intent is not None
                and intent.side == "BUY"
                and intent.state == "ACCEPTED"
                and name not in self.world.cancel_wishes
                and self._ban_of(intent.product, intent.strategy)
            ):
                self._rests[name] = before.get(name, 0) + 1
        return [
            f"{name} rests, which is banned, and nobody asked for its end"
            for name, count in self._rests.items()
            if count > self._CYCLES
        ]

    def _ban_of(self, product: str, strategy: str) -> str:
        for (control, scope), cause in self._bans.items():
            if scope in (product, strategy):
                return f"{control} bans {scope}: {cause}"
        return ""

    def event_ban_latched(self, payload: Told, _: Told) -> Wrong:
        self._bans[payload["control"], payload["scope"]] = payload["cause"]
        return []

    def event_ban_cleared(self, payload: Told, _: Told) -> Wrong:
        self._bans.pop((payload["control"], payload["scope"]), None)
        self._strikes.pop(payload["scope"], None)
        return []

    def on_journal(self, _: Told) -> Wrong:
        due, self._due = self._due, {}
        return [
            f"{product} had {count} prices outside the collar within "
            f"{self.world.seconds('strikes_s') // MINUTE_US} min, and is not banned"
            for product, count in due.items()
            if (_COLLAR, product) not in self._bans
        ]

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        intent: Intent = self.world.intents[payload["intent"]["client_order_id"]]
        if intent.purpose != "entry" or intent.name in self.world.by_name:
            return []
        ban = self._ban_of(intent.product, intent.strategy)
        return [f"{intent.name} buys {intent.product}, and {ban}"] if ban else []
