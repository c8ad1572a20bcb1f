"""What people hear, and that everything comes to an end."""

from __future__ import annotations

from trader247.truth.facts import PAST
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.times import HOUR_US, MINUTE_US, SECOND_US
from trader247.truth.world import World

_ESCALATED = ":escalated"


class Heard(Promise):
    """What is critical is tried within five seconds, and delivered once the channel heals.

    From the commit of its event while the process lives; a process that died hands it over after
    its next start. Of a code that was told of within the hour a new one may wait for the repetition
    of the old one, a quarter of an hour at most; whoever acknowledged a code, or cleared its halt,
    knows. Every halt that latches is told of by an alert in the same breath.
    """

    id = "I18"

    _FOLDED_US = 15 * MINUTE_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._codes: dict[int, str] = {}
        self._untried: dict[str, int] = {}
        """By when somebody must have been told of a code."""
        self._undelivered: dict[str, int] = {}
        self._tried_us: dict[str, int] = {}
        self._unsaid: dict[str, int] = {}
        self._said_us: dict[str, int] = {}

    def event_alert_raised(self, payload: Told, event: Told) -> Wrong:
        code = payload["code"].removesuffix(_ESCALATED)
        self._unsaid.pop(code, None)
        now_us = self._said_us[code] = self.world.now_us
        self._codes[event["seq"]] = code
        if payload["severity"].upper() == "CRITICAL":
            is_known = now_us - self._tried_us.get(code, -HOUR_US) < HOUR_US
            wait_us = self._FOLDED_US if is_known else self.world.seconds("alert_s") + SECOND_US
            self._untried[code] = min(self._untried.get(code, now_us + wait_us), now_us + wait_us)
            self._undelivered[code] = event["seq"]
        return []

    def event_halt_latched(self, payload: Told, event: Told) -> Wrong:
        name = payload["name"]
        if self.world.now_us - self._said_us.get(name, -MINUTE_US) >= MINUTE_US:
            self._unsaid[name] = event["seq"]
        return []

    def event_halt_cleared(self, payload: Told, _: Told) -> Wrong:
        self._know(payload["name"])
        return []

    def event_alert_acknowledged(self, payload: Told, _: Told) -> Wrong:
        for code in payload["codes"]:
            self._know(code.removesuffix(_ESCALATED))
        return []

    def _know(self, code: str) -> None:
        self._untried.pop(code, None)
        self._undelivered.pop(code, None)

    def on_journal(self, _: Told) -> Wrong:
        unsaid, self._unsaid = self._unsaid, {}
        return [
            f"event {seq} latched {name}, and no alert was raised with it"
            for name, seq in unsaid.items()
        ]

    def on_alert(self, record: Told) -> Wrong:
        code = self._codes.get(record["id"])
        if code is None or record["what"] == "raised":
            return []
        self._tried_us[code] = self.world.now_us
        self._untried.pop(code, None)
        if record["what"] == "delivered":
            self._undelivered.pop(code, None)
        return []

    def on_process(self, record: Told) -> Wrong:
        if record["what"] == "recovered":
            late_us = self.world.now_us + self.world.seconds("alert_s") + SECOND_US
            self._untried = {key: max(each, late_us) for key, each in self._untried.items()}
        return []

    def every(self) -> Wrong:
        if not self._untried or not self.world.is_recovered:
            return []
        late = [code for code, until_us in self._untried.items() if self.world.now_us > until_us]
        for code in late:
            del self._untried[code]
        return [f"nobody was told in time of what is critical: {code}" for code in late]

    def on_settled(self, _: Told) -> Wrong:
        return [
            f"critical alert {seq} ({code}) was never delivered"
            for code, seq in self._undelivered.items()
        ]


class Insisting(Promise):
    """Whatever a channel did not take is told once it does.

    Tried again within a dozen cycles, while the channel is up and one process lives: a clock would
    count what a machine sleeps. What is critical is repeated, so that of one code the latest alert
    is enough, and whoever acknowledged it, or cleared its halt, knows; everything else is tried
    again by itself.
    """

    id = "I18"

    _PATIENCE = 12

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._codes: dict[int, str] = {}
        self._critical: set[int] = set()
        self._failed: dict[int, int] = {}
        """How many cycles have gone by since each alert that was not taken was tried last."""
        self._is_up = True

    def on_channel(self, record: Told) -> Wrong:
        self._is_up = record["is_up"]
        return []

    def on_process(self, _: Told) -> Wrong:
        self._failed = dict.fromkeys(self._failed, 0)
        return []

    def on_folded(self, _: Told) -> Wrong:
        if not self._is_up or not self._failed:
            return []
        self._failed = {id: count + 1 for id, count in self._failed.items()}
        late = [id for id, count in self._failed.items() if count > self._PATIENCE]
        for id in late:
            del self._failed[id]
        return [f"alert {id} ({self._codes[id]}) was not taken, and not tried again" for id in late]

    def event_alert_raised(self, payload: Told, event: Told) -> Wrong:
        self._codes[event["seq"]] = payload["code"].removesuffix(_ESCALATED)
        if payload["severity"].upper() == "CRITICAL":
            self._critical.add(event["seq"])
        return []

    def event_alert_acknowledged(self, payload: Told, _: Told) -> Wrong:
        for code in payload["codes"]:
            self._know(code.removesuffix(_ESCALATED))
        return []

    def event_halt_cleared(self, payload: Told, _: Told) -> Wrong:
        self._know(payload["name"])
        return []

    def _know(self, code: str) -> None:
        """People know of what is critical by this code."""
        for id in self._failed.keys() & self._critical:
            if self._codes[id] == code:
                del self._failed[id]

    def on_alert(self, record: Told) -> Wrong:
        id = record["id"]
        if id not in self._codes or record["what"] == "raised":
            return []
        if record["what"] == "tried":
            self._failed[id] = 0
            return []
        self._failed.pop(id, None)
        if id in self._critical:
            self._know(self._codes[id])
        return []

    def on_settled(self, _: Told) -> Wrong:
        return [
            f"alert {id} ({self._codes[id]}) was not taken, and never told again"
            for id in sorted(self._failed)
        ]


class Alive(Promise):
    """Ten minutes after the last fault all is resolved, and it runs, or stands with a reason.

    No order of unknown fate, no fill that is not booked, no difference that is not explained or
    halted for; the process lives and has gone through a cycle.
    """

    id = "I23"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._cycled_us = 0
        self._is_judged = False

    def on_folded(self, _: Told) -> Wrong:
        self._cycled_us = self.world.now_us
        return []

    def on_calm(self, _: Told) -> Wrong:
        self._is_judged = False
        return []

    def every(self) -> Wrong:
        calm_us = self.world.calm_us
        if calm_us is None or self._is_judged:
            return []
        if self.world.now_us <= calm_us + self.world.seconds("settle_s") + 90 * SECOND_US:
            return []
        return self.on_settled({})

    def on_settled(self, _: Told) -> Wrong:
        if self._is_judged:
            return []
        self._is_judged = True
        world = self.world
        calm_us = world.calm_us or 0
        found = [
            f"{name} is still {each.state}"
            for name, each in world.unresolved.items()
            if each.recorded_us < calm_us
        ]
        found += [
            f"{name} lives at the exchange, and is {world.intents[name].state} in the journal"
            for name in world.live
            if name in world.intents and world.intents[name].state in PAST
        ]
        if self._cycled_us < calm_us:
            found.append("no cycle has ended since the last fault")
        if world.breaks and not world.halts:
            found.append(f"{', '.join(sorted(world.breaks))} differ, and nothing is halted")
        return found
