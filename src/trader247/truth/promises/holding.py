"""What a control has found holds for its time: breakers, a refused key, fees of a day."""

from __future__ import annotations

from fractions import Fraction

from trader247.truth.exact import NONE, exact
from trader247.truth.promise import EACH, Promise, Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.times import MINUTE_US, day_of, earlier_us, instant_us, right_us
from trader247.truth.world import World

_UNAUTHORIZED = 401


class HeldOpen(Promise):
    """Nothing is bought until a breaker's time is over, and so many cycles running have not tripped
    it; nor is it closed before.

    Which conditions held is each whole cycle's own word; for how long that counts is not.
    """

    id = "I15"

    _FOR_LOSSES = "loss_velocity"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._open: dict[str, tuple[int, int]] = {}
        """Since when each is open, and how many cycles running have not tripped it."""
        self._unclosed: dict[str, int] = {}
        """Since when each was open that may close by now, and was not closed yet."""

    def event_cycle_decided(self, payload: Told, event: Told) -> Wrong:
        limits = self.world.limits
        if payload.get("regime") == EXITS_ONLY or "breaker_cycles" not in limits:
            return []
        at_us, tripped = right_us(payload), payload.get("tripped", ())
        told_us = min(at_us, instant_us(event["time"]))
        for name in tripped:
            # One that still stands goes on: nothing could be bought since it opened.
            first_us = self._unclosed.pop(name, told_us)
            since_us, _count = self._open.get(name, (first_us, 0))
            self._open[name] = min(since_us, at_us), 0
        for name in self._open.keys() - set(tripped):
            since_us, count = self._open[name]
            since_us = min(since_us, at_us)  # by a clock that was set back it opens anew
            self._open[name] = since_us, count + 1
            is_long = at_us - since_us >= self._held_us(name)
            if is_long and count + 1 >= limits["breaker_cycles"]:
                self._unclosed[name], _count = self._open.pop(name)
        return []

    def _held_us(self, name: str) -> int:
        """For how long a breaker stays open at the least."""
        return self.world.seconds("losses_s" if name == self._FOR_LOSSES else "breaker_s")

    def event_breaker_closed(self, payload: Told, _: Told) -> Wrong:
        name = payload["name"]
        self._unclosed.pop(name, None)
        if name not in self._open:
            return []
        _since_us, count = self._open[name]
        return [f"{name} was closed, and {count} cycles running have not tripped it, or too soon"]

    def event_intent_recorded(self, payload: Told, _: Told) -> Wrong:
        intent, world = payload["intent"], self.world
        name = intent["client_order_id"]
        if intent["purpose"] != "entry" or name in world.by_name:
            return []
        return [
            f"{name} buys, and {breaker} tripped {(world.now_us - since_us) // MINUTE_US} min ago, "
            f"{count} cycles without it since"
            for breaker, (since_us, count) in sorted(self._open.items())
        ]


class Bound(Promise):
    """What a cycle finds binds at once: each breaker that it names as tripped is open when the
    cycle is on disk, in the same transaction. Who dies in between would go on without it.
    """

    id = "I15"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._open: set[str] = set()
        self._tripped: set[str] = set()

    def event_breaker_opened(self, payload: Told, _: Told) -> Wrong:
        self._open.add(payload["name"])
        return []

    def event_breaker_closed(self, payload: Told, _: Told) -> Wrong:
        self._open.discard(payload["name"])
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        self._tripped |= set(payload.get("tripped", ()))
        return []

    def on_journal(self, _: Told) -> Wrong:
        late, self._tripped = self._tripped - self._open, set()
        if "breaker_cycles" not in self.world.limits:
            return []
        return [f"a cycle found {name}, which was not open with it" for name in sorted(late)]


class Erring(Promise):
    """As many requests failed within five minutes as may, and `api_errors` is tripped: whoever errs
    again and again does not buy, whether he does so at once or a little in each cycle.

    Added up from what each whole cycle says that failed since the one before, as the cycle after it
    knows it. A clock that was set back makes nothing happen later than now.
    """

    id = "I15"

    _NAME, _WINDOW_US = "api_errors", 5 * MINUTE_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._failed: list[tuple[int, int]] = []
        """When requests had failed, and how many."""

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        most = self.world.limits.get("errors_max")
        if most is None or payload.get("regime") == EXITS_ONLY:
            return []
        at_us = right_us(payload)
        lately = [
            (min(us, at_us), count) for us, count in self._failed if at_us - us < self._WINDOW_US
        ]
        failed = sum(count for _us, count in lately)
        now = payload.get("errors", 0)
        self._failed = [*lately, (at_us, now)] if now else lately
        if failed < most or self._NAME in payload.get("tripped", ()):
            return []
        return [f"{failed} requests failed within five minutes, and {self._NAME} did not trip"]


class KeyRefused(Promise):
    """Whose key the exchange refused twice running, where it asked, sends nothing until somebody
    has looked at it: `key` latches in the next cycle, or the one after. A reading in between that
    could not be sent has asked as well, and was not refused.
    """

    id = "I2"
    of_reads = EACH

    _CYCLES, _HALT = 2, "key"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._forget()

    def _forget(self) -> None:
        self._asked: dict[int, str] = {}
        self._refused = ""
        """Where the last answer was such a refusal."""
        self._due: int | None = None
        """How many cycles ago it was refused twice."""

    def on_process(self, _: Told) -> Wrong:
        self._forget()
        return []

    def on_request(self, record: Told) -> Wrong:
        if record["method"] == "GET":
            self._asked[record["id"]] = record["path"]
        return []

    def on_unsent(self, record: Told) -> Wrong:
        if record["method"] == "GET":
            self._refused = ""
        return []

    def on_answer(self, record: Told) -> Wrong:
        path = self._asked.pop(record["id"], "")
        is_refused = record["status"] == _UNAUTHORIZED and bool(path)
        if is_refused and path == self._refused and self._due is None:
            self._due = 0
        self._refused = path if is_refused else ""
        return []

    def event_halt_latched(self, payload: Told, _: Told) -> Wrong:
        if payload["name"] == self._HALT:
            self._due = None
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        if self._due is None or payload.get("regime") == EXITS_ONLY:
            return []
        if self._HALT in self.world.halts:
            self._due = None
            return []
        self._due += 1
        if self._due <= self._CYCLES:
            return []
        self._due = None
        return ["the key was refused twice running, and two cycles later it is not halted"]


class Latching(Promise):
    """An answer that cannot be of what was sent halts everything, in the same breath."""

    id = "I2"

    _HALT = "invariant"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._strange: list[str] = []

    def event_submission_settled(self, payload: Told, _: Told) -> Wrong:
        if payload["outcome"].get("latch"):
            self._strange.append(payload["client_order_id"])
        return []

    def on_journal(self, _: Told) -> Wrong:
        strange, self._strange = self._strange, []
        if self._HALT in self.world.halts:
            return []
        return [f"{name} was answered as something else, and nothing is halted" for name in strange]


class DayFees(Promise):
    """Fees of a UTC day that are more than their share of equity latch `fees` with that cycle, in
    one transaction.

    Added up from the fills that were booked on that day, as the cycle's equity is.
    """

    id = "I17"

    _HALT = "fees"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._day, self._paid = -1, NONE
        self._due = ""

    def event_fill_booked(self, payload: Told, event: Told) -> Wrong:
        day = day_of(instant_us(event["time"]))
        if day > self._day:
            self._day, self._paid = day, NONE
        self._paid += exact(payload["fill"]["fee"])
        return []

    def event_halt_latched(self, payload: Told, _: Told) -> Wrong:
        if payload["name"] == self._HALT:
            self._due = ""
        return []

    def event_cycle_decided(self, payload: Told, _: Told) -> Wrong:
        limits, equity = self.world.limits, payload["equity"]
        if payload.get("regime") == EXITS_ONLY or "fees_pct" not in limits:
            return []
        is_today = day_of(earlier_us(payload)) <= self._day
        if equity is not None and is_today and self._HALT not in self.world.halts:
            most: Fraction = exact(equity) * limits["fees_pct"] / 100
            if self._paid > most:
                self._due = f"{float(self._paid):.2f} were paid, {float(most):.2f} are allowed"
        return []

    def on_journal(self, _: Told) -> Wrong:
        late, self._due = self._due, ""
        return [f"the fees of a day did not halt: {late}"] if late else []
