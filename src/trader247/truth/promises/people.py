"""What people hear, and that everything comes to an end."""

from __future__ import annotations

from trader247.truth.facts import PAST
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.times import SECOND_US
from trader247.truth.world import World


class Heard(Promise):
    """What is critical is tried within five seconds, and delivered once the channel heals.

    From the commit of its event while the process lives; a process that died hands it over after
    its next start. Every halt that latches, and every order of a fate unknown for ten minutes, is
    told of by an alert of its own.
    """

    id = "I18"

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._untried: dict[int, int] = {}
        self._undelivered: dict[int, str] = {}
        self._unsaid: dict[str, int] = {}

    def event_alert_raised(self, payload: Told, event: Told) -> Wrong:
        self._unsaid.pop(payload["code"], None)
        if payload["severity"].lower() == "critical":
            self._untried[event["seq"]] = self.world.now_us
            self._undelivered[event["seq"]] = payload["code"]
        return []

    def event_halt_latched(self, payload: Told, event: Told) -> Wrong:
        self._unsaid[payload["name"]] = event["seq"]
        return []

    def on_journal(self, _: Told) -> Wrong:
        unsaid, self._unsaid = self._unsaid, {}
        return [
            f"event {seq} latched {name}, and no alert was raised with it"
            for name, seq in unsaid.items()
            if not self._was_said(name)
        ]

    def _was_said(self, name: str) -> bool:
        return name in self._undelivered.values() or name in self._delivered

    _delivered: frozenset[str] = frozenset()

    def on_alert(self, record: Told) -> Wrong:
        if record["what"] in ("tried", "delivered"):
            self._untried.pop(record["id"], None)
        if record["what"] == "delivered":
            code = self._undelivered.pop(record["id"], None)
            if code is not None:
                self._delivered = self._delivered | {code}
        return []

    def on_process(self, record: Told) -> Wrong:
        if record["what"] == "recovered":
            self._untried = dict.fromkeys(self._untried, self.world.now_us)
        return []

    def every(self) -> Wrong:
        if not self._untried or not self.world.is_recovered:
            return []
        late_us = self.world.seconds("alert_s") + SECOND_US
        late = [seq for seq, at_us in self._untried.items() if self.world.now_us - at_us > late_us]
        for seq in late:
            del self._untried[seq]
        return [f"nobody was told of critical alert {seq} within five seconds" for seq in late]

    def on_settled(self, _: Told) -> Wrong:
        return [
            f"critical alert {seq} ({code}) was never delivered"
            for seq, code in self._undelivered.items()
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
