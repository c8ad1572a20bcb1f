"""What is written: kept, chained, without a secret, and not without a bound."""

from __future__ import annotations

import json
from hashlib import sha256

from trader247.truth.promise import EACH, Promise, Told, Wrong
from trader247.truth.times import DAY_US
from trader247.truth.world import World

_MONTH_BYTES = 840_000_000
"""Of text: it is stored in a fourth of that, so that a month takes 210 MB on the disk."""


class Kept(Promise):
    """What a commit acknowledged is there after any crash and any loss of power.

    Whoever opens the journal next finds at least the last event that was committed, unchanged.
    """

    id = "I10"

    def on_lost(self, record: Told) -> Wrong:
        return [f"{record['text']} is lost"]

    def on_reopened(self, record: Told) -> Wrong:
        world = self.world
        if record["seq"] < world.seq:
            lost = world.seq - record["seq"]
            return [f"{lost} committed events are gone: {record['seq']} of {world.seq} are left"]
        if record["seq"] == world.seq and record["hash"] != world.hash:
            return [f"event {record['seq']} is another one than was committed"]
        return []


class Chained(Promise):
    """Events follow one another, each chained to the one before by a hash that holds."""

    id = "I19"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._seq, self._hash = 0, ""

    def on_event(self, event: Told, text: str) -> Wrong:
        found = []
        if self._seq and event["seq"] != self._seq + 1:
            found.append(f"event {event['seq']} follows event {self._seq}")
        if self._seq and event["prev_hash"] != self._hash:
            found.append(f"event {event['seq']} is not chained to the one before")
        if sha256((event["prev_hash"] + text).encode()).hexdigest() != event["hash"]:
            found.append(f"the hash of event {event['seq']} does not hold")
        self._seq, self._hash = event["seq"], event["hash"]
        return found


class Sound(Promise):
    """No process ever finds its own books, or its own orders, in contradiction to themselves.

    It looks each cycle and before each order, and halts where it does. An answer of the exchange
    that contradicts an order is not its fault, and names that order.
    """

    id = "I8"

    def event_halt_latched(self, payload: Told, _: Told) -> Wrong:
        cause = payload["cause"]
        if payload["name"] != "invariant" or cause.startswith("t247-"):
            return []
        return [f"it found itself broken: {cause}"]


class Unflipped(Promise):
    """No process trades on a journal of which a bit has flipped since it was written.

    After a proper end the events before its anchor are looked at once a day, and not at each start.
    """

    id = "I19"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._is_flipped = self._was_proper = False

    def on_flipped(self, record: Told) -> Wrong:
        self._is_flipped = record["matters"] and not self._was_proper
        return []

    def on_process(self, record: Told) -> Wrong:
        if record["what"] == "recovered" and self._is_flipped:
            return ["it trades on a journal of which a bit has flipped"]
        if record["what"] not in ("started", "recovered"):
            self._was_proper, self._is_flipped = record["what"] == "ended", False
        return []


class Secret(Promise):
    """No secret stands in an event, an alert, a request, or whatever else is told."""

    id = "I21"
    of_reads = EACH

    def on_event(self, event: Told, text: str) -> Wrong:
        return self._in("event", event["seq"], text)

    def on_alert(self, record: Told) -> Wrong:
        return self._in("alert", record["id"], record["text"])

    def on_message(self, record: Told) -> Wrong:
        return self._in("a", "message", f"{record['title']} {record['body']}")

    def on_request(self, record: Told) -> Wrong:
        return self._in("request", record["id"], f"{record['path']} {record['body']}")

    def on_log(self, record: Told) -> Wrong:
        return self._in("a", "line of the log", record["text"])

    def _in(self, what: str, which: int | str, text: str) -> Wrong:
        count = sum(map(text.__contains__, self.world.secrets))
        return [f"a secret stands in {what} {which}"] * count


class Bounded(Promise):
    """The journal grows by less than 840 MB of text a month, and no list is without an end.

    Measured once a day has gone by. That the same seed and version make the same history is not for
    one history to show: whoever runs them compares the hashes of two.
    """

    id = "I24"

    _WORKING_MAX = 200

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._bytes, self._since_us, self._asked_us = 0, 0, 0

    def on_event(self, event: Told, text: str) -> Wrong:
        if not self._since_us:
            self._since_us = self._asked_us = self.world.now_us
        self._bytes += len(text) + len(event["hash"]) + len(event["prev_hash"])
        went_us = self.world.now_us - self._since_us
        if went_us < DAY_US or self.world.now_us - self._asked_us < DAY_US:
            return []
        self._asked_us = self.world.now_us
        month = self._bytes * 30 * DAY_US // went_us
        if month > _MONTH_BYTES:
            return [f"the journal grows by {month:,} bytes a month"]
        return []

    def on_folded(self, record: Told) -> Wrong:
        count = len(record["portfolio"]["working"])
        return [f"{count} orders work at once"] if count > self._WORKING_MAX else []


_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False)


def canonical(event: Told) -> str:
    """An event as its hash takes it: everything but the hashes, keys in order, no spaces."""
    rest = {key: event[key] for key in ("kind", "payload", "ref", "seq", "time", "v")}
    return _ENCODER.encode(rest)
