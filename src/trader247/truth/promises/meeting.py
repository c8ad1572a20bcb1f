"""Whom an order may meet: a market that is open, and nobody of ours."""

from __future__ import annotations

from typing import ClassVar

from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.times import MINUTE_US, SECOND_US
from trader247.truth.world import World

_API = "/api/v3/brokerage"


class Open(Promise):
    """Nothing is bought of a product that the exchange has not traded as usual for two minutes, and
    what buys it and rests has its end asked for.

    What is known of it may be a minute old, and was on its way then. Of what rests whoever read
    since then what may be done with products asks for the end within two whole cycles.
    """

    id = "I12"
    of_reads = of_yeses = ("products",)

    _PATHS: ClassVar = {f"{_API}/products", f"{_API}/market/products"}
    _OK, _KNOWN_US, _CYCLES = 200, 2 * MINUTE_US, 2

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._shut_us: dict[str, int] = {}
        """Since when each product is not traded as usual that is not."""
        self._asked: dict[int, int] = {}
        self._read_us = 0
        """When the last answered reading of what may be done with products began."""
        self._left: dict[str, int] = {}
        """For how many cycles each buy was left to rest that should not."""

    def on_process(self, _: Told) -> Wrong:
        self._asked.clear()
        self._left.clear()
        self._read_us = 0
        return []

    def on_state(self, record: Told) -> Wrong:
        if record["is_usual"]:
            self._shut_us.pop(record["product_id"], None)
        else:
            self._shut_us.setdefault(record["product_id"], record["at_us"])
        return []

    def on_request(self, record: Told) -> Wrong:
        if record["path"] in self._PATHS:
            self._asked[record["id"]] = record["at_us"]
            return []
        intent = self.world.intents.get(self.world.requests[record["id"]]["name"])
        if intent is None or intent.side != "BUY":
            return []
        since_us = self._shut_us.get(intent.product)
        if since_us is None or record["at_us"] - since_us <= self._KNOWN_US:
            return []
        for_s = (record["at_us"] - since_us) // SECOND_US
        return [f"{intent.name} buys {intent.product}, not traded as usual for {for_s} s"]

    def on_answer(self, record: Told) -> Wrong:
        asked_us = self._asked.pop(record["id"], None)
        if asked_us is not None and record["status"] == self._OK and record.get("is_legible", True):
            self._read_us = asked_us
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        if payload.get("regime") == EXITS_ONLY:
            return []
        world, before = self.world, self._left
        self._left = {
            name: before.get(name, 0) + 1
            for name, order in world.live.items()
            if order.side == "BUY"
            and self._read_us > self._shut_us.get(order.product, world.now_us)
            and name in world.intents
            and world.intents[name].state == "ACCEPTED"
            and name not in world.cancel_wishes
        }
        return [
            f"{name} rests, and what it buys is not traded as usual"
            for name, count in self._left.items()
            if count > self._CYCLES
        ]


class Apart(Promise):
    """No sale that may fill at once is recorded while a buy of ours rests that it would meet, whose
    end nobody has asked for: we would trade with ourselves.
    """

    id = "I12"

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        sale = world.intents[payload["intent"]["client_order_id"]]
        if sale.side != "SELL" or sale.stop_price is not None or sale.name in world.by_name:
            return []
        return [
            f"{sale.name} sells at {float(sale.price)}, and {name} buys there"
            for name, order in world.live.items()
            if order.side == "BUY"
            and order.product == sale.product
            and order.price is not None
            and order.price >= sale.price
            and (order.end_us is None or order.end_us > world.now_us)
            and name in world.intents
            and world.intents[name].state == "ACCEPTED"
            and name not in world.cancel_wishes
        ]
