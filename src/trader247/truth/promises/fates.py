"""What becomes of an order in the journal: its end is found out, and stays one once it is seen."""

from __future__ import annotations

from fractions import Fraction

from trader247.truth.exact import exact
from trader247.truth.facts import FINAL
from trader247.truth.paths import BOOKS, ONE
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.times import MINUTE_US, SECOND_US, instant_us
from trader247.truth.world import World


class StaysEnded(Promise):
    """An order whose end the journal has seen is not seen again as one that works, unless more of
    it is filled than was known: a listing that lags tells nothing new.
    """

    id = "I11"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._ended: dict[str, Fraction] = {}
        """What each order that ended had filled."""

    def event_order_seen(self, payload: Told, _: Told) -> Wrong:
        order = payload["order"]
        name, filled = order["client_order_id"], exact(order.get("filled", "0"))
        known = self._ended.get(name)
        if order["state"] in FINAL:
            self._ended[name] = filled if known is None else max(known, filled)
        elif known is not None and filled <= known:
            return [f"{name} had ended, and counts as {order['state']} again, by an older word"]
        return []


class FoundOut(Promise):
    """Where no listing shows an order of ours that ended, it is found out once its time is over: it
    can be asked for by its id.

    By the trader's own dates: once that was over for two minutes, three whole cycles of one process
    may go by in which it counts as one that works. Those do not count in which something could not
    be read.
    """

    id = "I11"
    of_reads, of_yeses = ("batch", "fills", "accounts"), ()

    _OK, _CYCLES, _OVER_US, _LISTED_US = 200, 3, 2 * MINUTE_US, 90 * SECOND_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._left_out_us: dict[str, int] = {}
        """When a listing left each out last."""
        self._working: dict[str, int] = {}
        """For how many cycles each that ended has counted as one that works."""
        self._is_unread = False

    def on_process(self, _: Told) -> Wrong:
        self._working.clear()
        self._is_unread = False
        return []

    def on_leftout(self, record: Told) -> Wrong:
        self._left_out_us |= dict.fromkeys(record["orders"], self.world.now_us)
        return []

    def on_unsent(self, _: Told) -> Wrong:
        self._is_unread = True
        return []

    def on_answer(self, record: Told) -> Wrong:
        path = self.world.path_read
        if record["status"] != self._OK and (path in BOOKS or path.startswith(ONE)):
            self._is_unread = True
        return []

    def event_cycle_decided(self, payload: Told, event: Told) -> Wrong:
        if payload.get("regime") == EXITS_ONLY:
            return []
        was_unread, self._is_unread = self._is_unread, False
        before, self._working = self._working, {}
        if was_unread:
            return []
        at_us = instant_us(event["time"])
        self._working = {
            name: before.get(name, 0) + 1
            for name, listed_us in self._left_out_us.items()
            if self.world.now_us - listed_us < self._LISTED_US and self._is_over(name, at_us)
        }
        return [
            f"{name} ended, no listing has it, and {count} cycles did not ask what became of it"
            for name, count in self._working.items()
            if count > self._CYCLES
        ]

    def _is_over(self, name: str, at_us: int) -> bool:
        """Whether it works by the journal alone, though its time is over."""
        world = self.world
        intent, order = world.intents.get(name), world.by_name.get(name)
        if intent is None or order is None or intent.is_end_seen or name in world.live:
            return False
        if intent.state != "ACCEPTED" or order.end_us is None:
            return False
        return at_us - order.end_us > self._OVER_US
