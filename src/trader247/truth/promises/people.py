"""What people hear, and that everything comes to an end."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from trader247.truth.facts import HALTING, PAST
from trader247.truth.promise import Promise, Told, Wrong
from trader247.truth.promises.cancels import EXITS_ONLY
from trader247.truth.times import HOUR_US, MINUTE_US, SECOND_US, instant_us
from trader247.truth.world import World

_ESCALATED = ":escalated"
_DIGEST, _NO_ROOM = "Folded within ", " other codes"
_WORDS_MAX = 1_500


class Heard(Promise):
    """What is critical is tried within five seconds, and delivered once the channel heals.

    By the messages that went out, whatever the trader says of them. From the commit of its event
    while the process lives; a process that died hands it over after its next start. Of a code that
    was told of within the hour a new one may wait for the repetition of the old one, twenty minutes
    at most; whoever acknowledged a code, or cleared its halt, knows. Every halt that latches is
    told of by an alert in the same breath.
    """

    id = "I18"

    _FOLDED_US = 20 * MINUTE_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._codes: set[str] = set()
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
        if payload["severity"].upper() == "CRITICAL":
            self._codes.add(code)
            is_known = now_us - self._tried_us.get(code, -HOUR_US) < HOUR_US
            wait_us = self._FOLDED_US if is_known else self.world.seconds("alert_s") + SECOND_US
            self._untried[code] = min(self._untried.get(code, now_us + wait_us), now_us + wait_us)
            self._undelivered[code] = event["seq"]
        return []

    def event_halt_latched(self, payload: Told, event: Told) -> Wrong:
        name = payload["name"]
        if event["seq"] == self.world.gone_back_to + 1:
            return []  # latched by whoever went back to a backup, and saw it say so
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

    def on_message(self, record: Told) -> Wrong:
        for code in self._codes:
            if not _is_named(code, record):
                continue
            self._tried_us[code] = self.world.now_us
            self._untried.pop(code, None)
            if record["is_taken"]:
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
    """Whatever is raised is told, and what a channel did not take is told once it does.

    Nothing counts as told but what stands in a message that was taken: in its own words, or by its
    code in a digest. Tried again within a dozen cycles and ten minutes, the pace of digests,
    while the channel is up and one process lives, but for the time that the machine sleeps. What is
    critical is repeated, so that of one code the latest alert is enough, and whoever acknowledged
    it, or cleared its halt, knows; everything else is tried again by itself.
    """

    id = "I18"

    _PATIENCE, _PATIENCE_US = 12, 11 * MINUTE_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._raised: dict[int, _Raised] = {}
        """What nobody was told of yet."""
        self._failed: dict[int, tuple[int, int]] = {}
        """Since when each alert that was not taken was not tried again, and for how many cycles."""
        self._is_up = True
        self._taken: Told = {"title": "", "body": ""}
        """The last message that was taken."""

    def on_channel(self, record: Told) -> Wrong:
        self._is_up = record["is_up"]
        return []

    def on_process(self, _: Told) -> Wrong:
        self._failed = dict.fromkeys(self._failed, (self.world.now_us, 0))
        return []

    def on_slept(self, record: Told) -> Wrong:
        """Digests have their pace by a clock that stands still meanwhile."""
        span_us = record["span_us"]
        self._failed = {id: (at_us + span_us, n) for id, (at_us, n) in self._failed.items()}
        return []

    def on_folded(self, _: Told) -> Wrong:
        if not self._is_up or not self._failed:
            return []
        self._failed = {id: (since, count + 1) for id, (since, count) in self._failed.items()}
        until_us = self.world.now_us - self._PATIENCE_US
        late = [
            id
            for id, (since_us, count) in self._failed.items()
            if count > self._PATIENCE and since_us < until_us
        ]
        for id in late:
            del self._failed[id]
        return [
            f"alert {id} ({self._raised[id].code}) was not taken, and not tried again"
            for id in late
        ]

    def event_alert_raised(self, payload: Told, event: Told) -> Wrong:
        code = payload["code"].removesuffix(_ESCALATED)
        self._raised[event["seq"]] = _Raised(payload["severity"].upper(), code, payload["text"])
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
        for id, each in list(self._raised.items()):
            if each.is_critical and each.code == code:
                del self._raised[id]
                self._failed.pop(id, None)

    def on_message(self, record: Told) -> Wrong:
        if record["is_taken"]:
            self._taken = record
            for code in {each.code for each in self._raised.values() if each.is_critical}:
                if _is_named(code, record):
                    self._know(code)
        return []

    def on_alert(self, record: Told) -> Wrong:
        id = record["id"]
        raised = self._raised.get(id)
        if raised is None or record["what"] == "raised":
            return []
        if record["what"] == "tried":
            self._failed[id] = self.world.now_us, 0
            return []
        if raised.is_critical:
            return []  # a message, or a person, has the last word
        del self._raised[id]
        self._failed.pop(id, None)
        if raised.is_told_in(self._taken):
            return []
        return [f"alert {id} ({raised.code}) counts as told, and no message told of it"]

    def on_settled(self, _: Told) -> Wrong:
        return [
            f"alert {id} ({each.code}) was raised, and nobody was ever told of it"
            for id, each in self._raised.items()
        ]


class Repeated(Promise):
    """What is critical is told of again and again, until a person has acknowledged it.

    By the messages that went out: at least one in eight minutes and as many cycles of one process,
    while the channel is up. Ten within an hour are enough for it. Minutes are those of the
    machine's being awake.
    """

    id = "I18"

    _CYCLES, _WITHIN_US, _ENOUGH = 8, 8 * MINUTE_US, 10

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._open: dict[str, tuple[int, int]] = {}
        """Since when each code was not named, and for how many cycles."""
        self._named: dict[str, deque[int]] = {}
        """When each was named last."""
        self._bans: set[tuple[str, str]] = set()
        self._is_up = True

    def event_alert_raised(self, payload: Told, _: Told) -> Wrong:
        if payload["severity"].upper() == "CRITICAL":
            self._open.setdefault(payload["code"].removesuffix(_ESCALATED), (self.world.now_us, 0))
        return []

    def event_alert_acknowledged(self, payload: Told, _: Told) -> Wrong:
        for code in payload["codes"]:
            self._open.pop(code.removesuffix(_ESCALATED), None)
        return []

    def event_halt_cleared(self, payload: Told, _: Told) -> Wrong:
        self._open.pop(payload["name"], None)
        return []

    def event_ban_latched(self, payload: Told, _: Told) -> Wrong:
        self._bans.add((payload["control"], payload["scope"]))
        return []

    def event_ban_cleared(self, payload: Told, _: Told) -> Wrong:
        control = payload["control"]
        self._bans.discard((control, payload["scope"]))
        if all(each != control for each, _ in self._bans):
            self._open.pop(f"ban_{control}", None)
        return []

    def on_message(self, record: Told) -> Wrong:
        for code in self._open:
            if _is_named(code, record):
                self._open[code] = self.world.now_us, 0
                told = self._named.setdefault(code, deque(maxlen=self._ENOUGH))
                told.append(self.world.now_us)
        return []

    def on_slept(self, record: Told) -> Wrong:
        """What is said again has its pace by a clock that stands still meanwhile."""
        span_us, now_us = record["span_us"], self.world.now_us
        self._open = {
            code: (min(since_us + span_us, now_us), count)
            for code, (since_us, count) in self._open.items()
        }
        for told in self._named.values():
            for place, at_us in enumerate(told):
                told[place] = at_us + span_us
        return []

    def _is_enough(self, code: str) -> bool:
        told = self._named.get(code, deque[int]())
        return len(told) == self._ENOUGH and told[0] > self.world.now_us - HOUR_US

    def on_channel(self, record: Told) -> Wrong:
        self._is_up = record["is_up"]
        return self.on_process(record)

    def on_process(self, _: Told) -> Wrong:
        self._open = dict.fromkeys(self._open, (self.world.now_us, 0))
        return []

    def on_folded(self, _: Told) -> Wrong:
        if not self._is_up:
            return []
        self._open = {code: (since, count + 1) for code, (since, count) in self._open.items()}
        until_us = self.world.now_us - self._WITHIN_US
        return [
            f"what is critical was not told of again: {code}"
            for code, (since_us, count) in self._open.items()
            if count > self._CYCLES and since_us < until_us and not self._is_enough(code)
        ]


class Unanswered(Promise):
    """An order whose fate is unknown for a minute is told of, and once more after ten.

    By the trader's own dates, within three whole cycles of either.
    """

    id = "I18"

    _CODE, _CYCLES = "unknown_outcome", 3
    _AGES = (("WARNING", MINUTE_US), ("CRITICAL", 10 * MINUTE_US))

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._since_us: dict[str, int] = {}
        self._told_us: dict[str, int] = {}
        """When it was told of last, by severity."""
        self._late: dict[tuple[str, str], int] = {}
        """For how many cycles each should have been told of."""

    def event_intent_recorded(self, payload: Told, event: Told) -> Wrong:
        self._since_us[payload["intent"]["client_order_id"]] = instant_us(event["time"])
        return []

    def event_alert_raised(self, payload: Told, event: Told) -> Wrong:
        if payload["code"] == self._CODE:
            self._told_us[payload["severity"].upper()] = instant_us(event["time"])
        return []

    def event_cycle_decided(self, payload: Told, event: Told) -> Wrong:
        if payload.get("regime") == EXITS_ONLY:
            return []
        now_us, before, self._late = instant_us(event["time"]), self._late, {}
        self._since_us = {key: self._since_us.get(key, now_us) for key in self.world.unresolved}
        for name, since_us in self._since_us.items():
            for severity, age_us in self._AGES:
                is_told = self._told_us.get(severity, -1) >= since_us + age_us
                if now_us >= since_us + age_us and not is_told:
                    self._late[name, severity] = before.get((name, severity), 0) + 1
        return [
            f"what became of {name} is unknown, and nobody was told: {severity.lower()}"
            for (name, severity), count in self._late.items()
            if count > self._CYCLES
        ]


class OnDisk(Promise):
    """Nobody is told of what the journal does not hold: an alert is handed over once its event is
    committed. Who acts on one that is lost acts on what never was.
    """

    id = "I18"

    def on_alert(self, record: Told) -> Wrong:
        if record["what"] != "raised" or record["id"] <= self.world.seq:
            return []
        return [
            f"alert {record['id']} ({record['code']}) was handed over before its event was kept"
        ]


class Unended(Promise):
    """Under what allows cancels alone people hear of each order that is not known to have ended.

    Half a minute after it latched, in a whole cycle and with orders of unknown fate among them:
    three cycles may leave it out, and each quarter of an hour it is told anew.
    """

    id = "I18"

    _CODE, _CYCLES, _WITHIN_US, _AGAIN_US = "orders_not_ended", 3, 30 * SECOND_US, 15 * MINUTE_US

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._told_us = -self._AGAIN_US
        self._late: dict[str, int] = {}

    def event_alert_raised(self, payload: Told, event: Told) -> Wrong:
        if payload["code"] == self._CODE:
            self._told_us = instant_us(event["time"])
        return []

    def event_cycle_decided(self, payload: Told, event: Told) -> Wrong:
        world, now_us = self.world, instant_us(event["time"])
        since_us = [at_us for name, at_us in world.halts.items() if name in HALTING]
        before, self._late = self._late, {}
        is_due = bool(since_us) and now_us - min(since_us, default=0) > self._WITHIN_US
        if payload.get("regime") == EXITS_ONLY or not is_due:
            return []
        if now_us - self._told_us < self._AGAIN_US:
            return []
        self._late = {name: before.get(name, 0) + 1 for name in world.unresolved}
        return [
            f"{name} is {world.unresolved[name].state} under a halt, and nobody heard of it"
            for name, count in self._late.items()
            if count > self._CYCLES
        ]


@dataclass(frozen=True, slots=True)
class _Raised:
    """An alert as the journal has it."""

    severity: str
    code: str
    text: str

    @property
    def is_critical(self) -> bool:
        return self.severity == "CRITICAL"

    def is_told_in(self, message: Told) -> bool:
        """In its own words, as many as a message has room for, or in a digest that has its code, or
        no room for it.
        """
        body = message["body"]
        in_digest = f" x {self.severity} {self.code}" in body or _NO_ROOM in body
        return self.text[:_WORDS_MAX] in body or (_DIGEST in body and in_digest)


def _is_named(code: str, message: Told) -> bool:
    """Whether a message tells of what is critical by this code, for the first time or again."""
    title, body = message["title"], message["body"]
    begins = f"CRITICAL {code}"
    return any(f"{begins}{end}" in text for text in (title, body) for end in (" (", ":"))


class Alive(Promise):
    """Ten minutes after the last fault all is resolved, and it runs, or stands with a reason.

    No order of unknown fate but one whose trace a difference may be that it told and halted for, no
    fill that is not booked, no difference that is not explained or halted for; the process lives
    and has gone through a cycle.
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

    def _is_explained(self, product: str) -> bool:
        """Whether a difference that it told and halted for may be the trace of an order."""
        world = self.world
        return bool(world.halts) and f"base:{world.bases[product]}" in world.breaks

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
            if each.recorded_us < calm_us and not self._is_explained(each.product)
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
