"""Who sends orders: the latest session's process, alone, and only once it has recovered."""

from __future__ import annotations

from trader247.truth.paths import ORDERS
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.times import SECOND_US
from trader247.truth.world import World


class Guarded(Promise):
    """A process changes nothing in its folder but while it holds the folder's guard, from its first
    file to its last: what it wrote, or took away, unguarded would be another one's.
    """

    id = "I20"

    def on_unguarded(self, record: Told) -> Wrong:
        return [f"{record['file']} was changed ({record['act']}), and nobody held the guard"]


class OneSender(Promise):
    """The process of the latest session sends, and no other; epochs only rise.

    An intent carries the epoch of the session that decided it, and is sent by that process alone;
    none is of an epoch that was lost, or before it, whose orders were listed when that one started.
    Nor does a process whose journal was taken write another word into it.
    """

    id = "I20"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._epoch = 0

    def event_session_started(self, payload: Told, _: Told) -> Wrong:
        before, self._epoch = self._epoch, payload["epoch"]
        if payload["epoch"] <= before:
            return [f"epoch {payload['epoch']} began after epoch {before}"]
        return []

    def on_journal(self, record: Told) -> Wrong:
        if not self.world.is_taken:
            return []
        kinds = ", ".join(sorted({each["kind"] for each in record["events"]}))
        return [f"{kinds} were written after another process had taken the journal"]

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        told = payload["intent"]
        name = told["client_order_id"]
        if name in self.world.by_name:
            return []  # taken back after the journal was lost
        if told["epoch"] != self.world.epoch:
            return [f"{name} is of epoch {told['epoch']}, the session's is {self.world.epoch}"]
        if told["epoch"] <= self._lost():
            return [f"{name} is of epoch {told['epoch']}, which was lost"]
        return []

    _LISTED_US = 130 * SECOND_US

    def _lost(self) -> int:
        """The latest lost epoch of which the process that lives could see an order as it began."""
        world = self.world
        return max(
            (
                epoch
                for name, epoch in world.lost.items()
                if (order := world.by_name.get(name)) is not None
                and order.created_us + self._LISTED_US < world.up_since_us
            ),
            default=0,
        )

    def on_request(self, record: Told) -> Wrong:
        if record["method"] != "POST" or record["path"] != ORDERS:
            return []
        world, found = self.world, []
        name = world.requests[record["id"]]["name"]
        if world.is_taken:
            found.append(f"{name} was sent after another process had taken the journal")
        if record["incarnation"] != world.holder:
            found.append(
                f"{name} was sent by process {record['incarnation']}, not by {world.holder}"
            )
        intent = world.intents.get(name)
        if intent is not None and intent.epoch != world.epoch:
            found.append(f"{name} of epoch {intent.epoch} was sent in epoch {world.epoch}")
        return found


class Recovery(Promise):
    """A start sends no order, and starting twice is starting once.

    Nothing is sent between a process's start and the end of its recovery. A second recovery in a
    row, with nothing new at the exchange, finds nothing to record but that it began, and fills
    that it did not come to know of: a listing may lag, and I6 asks how long.
    """

    id = "I22"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._is_still = False
        """Whether the last recovery ended, and nothing has happened since."""
        self._unread: set[str] = set()
        """The fills that no book had as the last recovery ended."""
        self._found: list[str] = []
        self._has_begun = False
        """Whether the process that lives has written its first word."""

    def on_process(self, record: Told) -> Wrong:
        if record["what"] == "started":
            self._found, self._has_begun = [], False
        elif record["what"] == "recovered":
            found, self._found = self._found, []
            was_still, self._is_still = self._is_still, True
            self._unread = set(self.world.unbooked)
            if was_still and found:
                return [f"a second recovery in a row recorded {', '.join(sorted(set(found)))}"]
        return []

    def on_exchange(self, _: Told) -> Wrong:
        self._is_still = False
        return []

    def on_kill(self, _: Told) -> Wrong:
        self._is_still = False
        return []

    def on_restored(self, _: Told) -> Wrong:
        self._is_still = False
        return []

    def on_journal(self, record: Told) -> Wrong:
        if self.world.is_recovered:
            self._is_still = False
            return []
        facts = {"fill_booked", "cash_flowed", "intent_recorded", "order_seen"}
        for each in record["events"]:
            self._has_begun = self._has_begun or each["kind"] == "session_started"
            if not self._has_begun:
                # The last words of the process before: it did more than start.
                self._is_still = False
            elif each["kind"] in facts and not self._was_unread(each):
                self._found.append(each["kind"])
        return []

    def _was_unread(self, event: Told) -> bool:
        """Whether this books a fill that was in no book as the last recovery ended."""
        return (
            event["kind"] == "fill_booked" and event["payload"]["fill"]["entry_id"] in self._unread
        )

    def on_request(self, record: Told) -> Wrong:
        if record["method"] == "POST" and record["path"] == ORDERS and not self.world.is_recovered:
            return [f"{self.world.requests[record['id']]['name']} was sent in a recovery"]
        return []
