"""Whose end is asked for: of orders of ours alone, and of those that the journal names."""

from __future__ import annotations

import json

from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.world import ORDERS, World

CANCELS = f"{ORDERS}/batch_cancel"
_EXITS_ONLY = "exits"
"""The regime of what is no whole cycle: exits alone were judged, between two of them."""


class OwnEnds(Promise):
    """A cancel names orders of ours, of which the journal said before that their end is wanted.

    Whoever cannot write any more asks for the end of all that rests, and writes nothing after it.
    """

    id = "I3"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._unsaid: list[str] = []
        """Cancels without a word of the journal, while nobody knows whether it takes any."""

    def on_request(self, record: Told) -> Wrong:
        if record["method"] != "POST" or record["path"] != CANCELS:
            return []
        world, found = self.world, []
        for order_id in json.loads(record["body"])["order_ids"]:
            order = world.orders.get(order_id)
            if order is None or not order.is_ours:
                found.append(f"the end of {order_id} was asked for, which is none of ours")
            elif order.name not in world.cancel_wishes:
                self._unsaid.append(order.name)
        return found

    def on_journal(self, _: Told) -> Wrong:
        unsaid, self._unsaid = self._unsaid, []
        return [
            f"the end of {name} was asked for, and the journal never said so" for name in unsaid
        ]

    def on_process(self, _: Told) -> Wrong:
        self._unsaid = []
        return []


class AskedAgain(Promise):
    """Whose end was asked for is asked for again by each whole cycle, until it is over.

    Counted are cycles that read what rests: three in a row may leave one out.
    """

    id = "I11"

    _LEFT_OUT_MAX = 3

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._left_out: dict[str, int] = {}
        self._asked: set[str] = set()
        self._listed_us = 0

    def on_process(self, _: Told) -> Wrong:
        self._left_out.clear()
        return []

    def on_request(self, record: Told) -> Wrong:
        if record["method"] == "POST" and record["path"] == CANCELS:
            self._asked |= set(json.loads(record["body"])["order_ids"])
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        world, asked = self.world, self._asked
        listed_us = world.listings[-1] if world.listings else 0
        if payload.get("regime") == _EXITS_ONLY or listed_us == self._listed_us:
            return []
        self._asked, self._listed_us = set(), listed_us
        self._left_out = {
            name: self._left_out.get(name, -1) + 1
            for name, order in world.live.items()
            if name in world.cancel_wishes and order.order_id not in asked
        }
        return [
            f"{name} rests, and {count} cycles did not ask again for its end"
            for name, count in self._left_out.items()
            if count > self._LEFT_OUT_MAX
        ]
