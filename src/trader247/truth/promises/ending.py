"""What a process that ends in order leaves: at the exchange, in its folder, in its tables."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from trader247.truth.exact import exact
from trader247.truth.facts import FINAL, PAST, Intent, Order
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.times import MINUTE_US
from trader247.truth.world import World

_STOP = "stop_limit_gtd"
_REVISIONS = ("REVERSAL", "CORRECTION")


def _known(world: World) -> Iterator[tuple[Order, Intent]]:
    """What lives of what the journal holds for alive."""
    for name, order in world.live.items():
        intent = world.intents.get(name)
        if intent is not None and intent.state not in PAST and not intent.is_end_seen:
            yield order, intent


class Tidy(Promise):
    """Who ends in order has asked for the end of what works, but for the stops of what is held.

    Not where each cycle is called for: the next one looks after what the last has left.
    """

    id = "I13"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._has_ended = False

    def on_journal(self, record: Told) -> Wrong:
        self._has_ended = any(each["kind"] == "session_ended" for each in record["events"])
        return []

    def on_process(self, record: Told) -> Wrong:
        has_ended, self._has_ended = self._has_ended, False
        if record["what"] != "ended" or not has_ended or "is_called" in self.world.limits:
            return []
        return [
            f"{intent.name} rests, and who ended in order did not ask for its end"
            for _order, intent in _known(self.world)
            if intent.state == "ACCEPTED"
            and intent.order_type != _STOP
            and intent.name not in self.world.cancel_wishes
        ]


class LetGo(Promise):
    """Who fails does not let go of the journal as if it had ended in order: the next process would
    look through the last part of it alone, and take what nobody was told of for told.

    But who failed as it let go itself, having ended its session.
    """

    id = "I10"

    _FAILED = "failed"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._last: tuple[str, ...] = ()
        """The kinds of events of the last transaction of the process that lives."""

    def on_journal(self, record: Told) -> Wrong:
        self._last = tuple(each["kind"] for each in record["events"])
        return []

    def on_process(self, record: Told) -> Wrong:
        if record["what"] in ("started", "recovered"):
            self._last = self._last if record["what"] == "recovered" else ()
            return []
        last, self._last = self._last, ()
        is_wrong = record["what"] == self._FAILED and record.get("is_let_go") and last
        if not is_wrong or "session_ended" in last:
            return []
        return [f"it failed after {last[-1]}, and the journal says that it ended in order"]


class Cleared(Promise):
    """Who leaves word in its folder that nothing of it rests has left nothing."""

    id = "I2"

    def on_process(self, record: Told) -> Wrong:
        if not record.get("is_cleared"):
            return []
        return [
            f"{intent.name} rests, and the folder says that nothing does"
            for _order, intent in _known(self.world)
        ]


class InItsName(Promise):
    """Whose end is asked for because of the switch is ended by a switch that is raised, or was
    within the last minute.
    """

    id = "I3"

    _CAUSE, _HALT = "kill switch", "kill_switch"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._was_us = -MINUTE_US
        """When it was let go last."""

    def on_kill(self, record: Told) -> Wrong:
        if not record["is_on"]:
            self._was_us = self.world.now_us
        return []

    def event_cancel_requested(self, payload: Told, _: Told) -> Wrong:
        world = self.world
        if payload.get("cause") != self._CAUSE or world.kill_us is not None:
            return []
        if self._HALT in world.halts or world.now_us - self._was_us < MINUTE_US:
            return []
        name = payload["client_order_id"]
        return [f"the end of {name} is asked for in the name of a switch that nobody raised"]


class Tabled(Promise):
    """What people are shown of an order that is over is what the exchange has of it.

    By the table itself, when all is settled; but for what was ever listed otherwise. Of what the
    exchange takes back or corrects of an order that is over, which figures are true is a person's
    to see: it may be shown as it stood before, or as it stands since.
    """

    id = "I6"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._stands: dict[str, tuple[str, Fraction]] = {}
        """The status of each order of ours, and what it has filled, by our name."""
        self._stood: dict[str, set[tuple[str, Fraction]]] = {}
        """The same as it was before each time that the exchange went back on a fill of it."""

    def on_exchange(self, record: Told) -> Wrong:
        revised = {each["order_id"] for each in record["fills"] if each["kind"] in _REVISIONS}
        for row in record["orders"]:
            if not row["is_ours"]:
                continue
            name, stands = row["client_order_id"], (row["status"], exact(row["filled"]))
            stood = self._stands.get(name)
            if stood is not None and stood[0] in FINAL and row["order_id"] in revised:
                self._stood.setdefault(name, set()).add(stood)
            self._stands[name] = stands
        return []

    def on_tables(self, record: Told) -> Wrong:
        world, found = self.world, []
        for row in record["orders"]:
            name = row["client_order_id"]
            order = world.by_name.get(name)
            if order is None or order.is_live or row["state"] not in FINAL:
                continue
            if name in world.understated or name in world.listed_otherwise:
                continue
            shown = row["state"], exact(row["filled"])
            if shown != (order.status, order.filled) and shown not in self._stood.get(name, ()):
                found.append(
                    f"{name} is {row['state']} with {row['filled']} filled in the table of orders, "
                    f"{order.status} with {float(order.filled)} at the exchange"
                )
        return found
