"""A disk that takes nothing any more, or soon will not: what a trader does then."""

from __future__ import annotations

import json

from trader247.truth.facts import UNRESOLVED
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.promises.cancels import CANCELS, EXITS_ONLY
from trader247.truth.world import World


class LeftBehind(Promise):
    """Whoever ends because his disk failed has asked for the end of all that rests, stops as well.

    That is the last thing that he does: it comes after his journal's last word. Counted is what he
    had heard of as taken, though his disk did not take that answer any more, of a process that was
    through its start and had not ended properly. Where
    no connection could be made, to have tried is enough. Where his journal failed as he let go of
    it, he had ended properly before, and stops may rest: maybe nobody has heard the last word.
    """

    id = "I13"
    of_yeses = ()

    _FAILED, _AS_IT_LET_GO = "StorageError", "StorageError: cannot close "

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._asked: set[str] = set()
        """Orders whose end was asked for since the journal's last word."""
        self._tried = self._is_over = self._has_begun = False
        self._taken: set[str] = set()
        """Orders to which a plain yes came since then."""

    def on_answer(self, record: Told) -> Wrong:
        if "order_id" in record:
            self._taken.add(record["order_id"])
        return []

    def on_process(self, record: Told) -> Wrong:
        asked, self._asked = self._asked, set()
        taken, self._taken = self._taken, set()
        tried, self._tried = self._tried, False
        is_over, self._is_over = self._is_over, False
        if record["what"] == "recovered":
            self._has_begun = True
            return []
        has_begun, self._has_begun = self._has_begun, False
        is_failed = record["what"] == "failed" and record["cause"].startswith(self._FAILED)
        is_over = is_over or record.get("cause", "").startswith(self._AS_IT_LET_GO)
        if not is_failed or not has_begun or is_over or tried:
            return []
        world = self.world
        return [
            f"{name} rests, and whose disk failed did not ask for its end"
            for name, order in world.live.items()
            if (intent := world.intents.get(name)) is not None
            and (intent.order_id or order.order_id in taken)
            and (intent.state == "ACCEPTED" or intent.state in UNRESOLVED)
            and not intent.is_end_seen
            and order.order_id not in asked
        ]

    def on_journal(self, record: Told) -> Wrong:
        self._asked.clear()
        self._taken.clear()
        self._tried = False
        self._is_over = any(each["kind"] == "session_ended" for each in record["events"])
        return []

    def on_unsent(self, record: Told) -> Wrong:
        self._tried = self._tried or record["path"] == CANCELS
        return []

    def on_request(self, record: Told) -> Wrong:
        if record["method"] == "POST" and record["path"] == CANCELS:
            self._asked |= set(json.loads(record["body"])["order_ids"])
        return []


class Silent(Promise):
    """Whose journal failed writes nothing into it any more: a start finds out what is there."""

    id = "I10"

    def on_process(self, record: Told) -> Wrong:
        if not record.get("wrote_on"):
            return []
        return ["it wrote on after its journal's disk had failed"]


class Room(Promise):
    """While little room is left where the journal is, or nobody can tell how much, nothing is
    bought, and it is said why.

    From the second whole cycle on: the first one may have decided before it looked.
    """

    id = "I15"

    _SAYS = "disk"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._least = ""
        """What is told of the room, where it is too little."""
        self._cycles = 0

    def on_room(self, record: Told) -> Wrong:
        free, least = record["megabytes"], self.world.limits.get("room_mb", 0)
        is_low = free is None or free < least
        said = "room that nobody can tell" if free is None else f"{free} MB of room"
        if not is_low or not self._least:
            self._cycles = 0
        self._least = said if is_low and least else ""
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        if not self._least or payload.get("regime") == EXITS_ONLY:
            return []
        self._cycles += 1
        if self._cycles < 2 or self._SAYS in payload.get("tripped", ()):
            return []
        return [f"cycle {payload['cycle']} has {self._least}, and does not say so"]

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        intent = payload["intent"]
        name = intent["client_order_id"]
        if self._cycles < 2 or intent["purpose"] != "entry" or name in self.world.by_name:
            return []
        return [f"{name} buys with {self._least}"]
