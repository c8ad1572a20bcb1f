"""Whose end is asked for: of orders of ours alone, and of those that the journal names."""

from __future__ import annotations

import json

from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.world import ORDERS, World

CANCELS = f"{ORDERS}/batch_cancel"


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
