"""Whose end is asked for: of orders of ours alone, and of those that the journal names."""

from __future__ import annotations

import json

from trader247.truth.paths import ORDERS
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.times import MINUTE_US
from trader247.truth.world import World

_WISH = "cancel_requested"
_ASKED_AT_ONCE = 100
"""Orders in one request, by the exchange's rule."""
CANCELS = f"{ORDERS}/batch_cancel"
EXITS_ONLY = "exits"
"""The regime of what is no whole cycle: exits alone were judged, between two of them."""


class OwnEnds(Promise):
    """A cancel names orders of ours, of which the journal said before that their end is wanted.

    All of those of which it says so at once are named at once. Whoever cannot write any more asks
    for the end of all that rests, and writes nothing after it.
    """

    id = "I3"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._unsaid: list[str] = []
        """Cancels without a word of the journal, while nobody knows whether it takes any."""
        self._wished: set[str] = set()
        """What the latest word of the journal wants ended, until that is asked for."""

    def on_request(self, record: Told) -> Wrong:
        if record["method"] != "POST" or record["path"] != CANCELS:
            return []
        world, asked = self.world, json.loads(record["body"])["order_ids"]
        wished, self._wished = self._wished, set()
        found = [
            f"the end of {each} is wanted, and was left out as others were asked for"
            for each in sorted(wished - set(asked))
            if not self._is_over(each)  # the request for its end may never have left
        ]
        for order_id in asked:
            order = world.orders.get(order_id)
            if order is None or not order.is_ours:
                found.append(f"the end of {order_id} was asked for, which is none of ours")
            elif order.name not in world.cancel_wishes:
                self._unsaid.append(order.name)
        return found

    def _is_over(self, order_id: str) -> bool:
        order = self.world.orders.get(order_id)
        return order is not None and order.name not in self.world.live

    def on_journal(self, record: Told) -> Wrong:
        wished = [each["payload"] for each in record["events"] if each["kind"] == _WISH]
        if wished:
            self._wished = {
                each["order_id"] for each in wished[:_ASKED_AT_ONCE] if "order_id" in each
            }
        unsaid, self._unsaid = self._unsaid, []
        return [
            f"the end of {name} was asked for, and the journal never said so" for name in unsaid
        ]

    def on_process(self, _: Told) -> Wrong:
        self._unsaid, self._wished = [], set()
        return []


class Paced(Promise):
    """Cancels of one process come no faster than so many a minute, but for a stop's.

    By a bucket that holds a minute's, and has one more each time that a minute's share has passed;
    a request may leave a while after it was given leave. Under a raised switch nothing is counted.
    """

    id = "I15"

    _LATE = 6
    """So many more, for what waited on its way."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._full_us = 0

    def on_process(self, _: Told) -> Wrong:
        self._full_us = 0
        return []

    def on_request(self, record: Told) -> Wrong:
        most = self.world.limits.get("cancels_per_minute")
        is_cancel = record["method"] == "POST" and record["path"] == CANCELS
        if most is None or not is_cancel or self.world.kill_us is not None:
            return []
        apart_us = int(MINUTE_US / most)
        self._full_us = max(self._full_us, record["at_us"]) + apart_us
        over = (self._full_us - record["at_us"]) // apart_us - int(most)
        if over <= self._LATE:
            return []
        return [f"{over} cancels more than {int(most)} in a minute"]


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
        if payload.get("regime") == EXITS_ONLY or listed_us == self._listed_us:
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
