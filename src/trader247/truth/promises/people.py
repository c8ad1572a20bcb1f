"""That people hear of what is raised: in time, in words that were taken, and again."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from trader247.truth.promise import Lasting, Promise, Told, Wrong
from trader247.truth.promises.lifted import Lifted
from trader247.truth.times import HOUR_US, MINUTE_US, SECOND_US
from trader247.truth.world import World

ESCALATED = ":escalated"
_DIGEST, _NO_ROOM = "Folded within ", " other codes"
_WORDS_MAX = 1_500


class Heard(Lasting):
    """What is critical is tried within five seconds, and delivered once the channel heals.

    By the messages that went out, whatever the trader says of them. From the commit of its event
    while the process lives; a process that died hands it over after its next start. Of a code that
    was told of within the hour a new one may wait for the repetition of the old one, twenty minutes
    at most; whoever acknowledged a code, or cleared its halt, knows. For as long as the machine
    sleeps nobody can be told. Every halt that latches is told of by an alert in the same breath,
    also once it was cleared: but where an alert of its code is open.
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
        self._standing: set[str] = set()
        """Halts that stand."""
        self._open: set[str] = set()
        """Codes of critical alerts that nobody has acknowledged."""

    def event_alert_raised(self, payload: Told, event: Told) -> Wrong:
        code = payload["code"].removesuffix(ESCALATED)
        self._unsaid.pop(code, None)
        now_us = self.world.now_us
        if payload["severity"].upper() == "CRITICAL":
            self._codes.add(code)
            self._open.add(code)
            is_known = now_us - self._tried_us.get(code, -HOUR_US) < HOUR_US
            wait_us = self._FOLDED_US if is_known else self.world.seconds("alert_s") + SECOND_US
            until_us = self._untried.get(code, now_us + wait_us)
            self._untried[code] = until_us = min(until_us, now_us + wait_us)
            self.due_us = min(self.due_us, until_us + 1)
            self._undelivered[code] = event["seq"]
        return []

    def event_halt_latched(self, payload: Told, event: Told) -> Wrong:
        name = payload["name"]
        is_news = name not in self._standing
        self._standing.add(name)
        # By whoever went back to a backup, and saw it say so, it is latched beside the trader.
        if is_news and name not in self._open and event["seq"] != self.world.gone_back_to + 1:
            self._unsaid[name] = event["seq"]
        return []

    def event_halt_cleared(self, payload: Told, _: Told) -> Wrong:
        self._standing.discard(payload["name"])
        self._know(payload["name"])
        return []

    def event_alert_acknowledged(self, payload: Told, _: Told) -> Wrong:
        for code in payload["codes"]:
            self._know(code.removesuffix(ESCALATED))
        return []

    def _know(self, code: str) -> None:
        self._open.discard(code)
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
            if not is_named(code, record):
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

    def on_slept(self, record: Told) -> Wrong:
        span_us = record["span_us"]
        self._untried = {code: until_us + span_us for code, until_us in self._untried.items()}
        return []

    def every(self) -> Wrong:
        if not self.world.is_recovered:
            return []
        late = [code for code, until_us in self._untried.items() if self.world.now_us > until_us]
        for code in late:
            del self._untried[code]
        self.due_us = min(self._untried.values(), default=self.NEVER_US - 1) + 1
        return [f"nobody was told in time of what is critical: {code}" for code in late]

    def on_settled(self, _: Told) -> Wrong:
        return [
            f"critical alert {seq} ({code}) was never delivered"
            for code, seq in self._undelivered.items()
        ]


class Insisting(Promise):
    """Whatever is raised is told, and what a channel did not take is told once it does.

    Nothing counts as told but what stands in a message that was taken: in its own words, or by its
    code in a digest. Tried, and again, within a dozen cycles and ten minutes, the pace of digests,
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
        """Since when each alert that nobody was told of was not tried, and for how many cycles."""
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
        span_us, now_us = record["span_us"], self.world.now_us
        self._failed = {
            id: (min(since_us + span_us, now_us), count)
            for id, (since_us, count) in self._failed.items()
        }
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
            f"alert {id} ({self._raised[id].code}) was not told of, and not tried again"
            for id in late
        ]

    def event_alert_raised(self, payload: Told, event: Told) -> Wrong:
        code, id = payload["code"].removesuffix(ESCALATED), event["seq"]
        raised = self._raised[id] = _Raised(payload["severity"].upper(), code, payload["text"])
        if not raised.is_critical:
            self._failed[id] = self.world.now_us, 0
        return []

    def event_alert_acknowledged(self, payload: Told, _: Told) -> Wrong:
        for code in payload["codes"]:
            self._know(code.removesuffix(ESCALATED))
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
                if is_named(code, record):
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


class Repeated(Lifted):
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
        self._is_up = True

    def event_alert_raised(self, payload: Told, _: Told) -> Wrong:
        if payload["severity"].upper() == "CRITICAL":
            self._open.setdefault(payload["code"].removesuffix(ESCALATED), (self.world.now_us, 0))
        return []

    def event_alert_acknowledged(self, payload: Told, _: Told) -> Wrong:
        for code in payload["codes"]:
            self._end(code.removesuffix(ESCALATED))
        return []

    def _end(self, code: str) -> None:
        self._open.pop(code, None)

    def on_message(self, record: Told) -> Wrong:
        for code in self._open:
            if is_named(code, record):
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
                told[place] = min(at_us + span_us, now_us)
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


def is_named(code: str, message: Told) -> bool:
    """Whether a message tells of what is critical by this code, for the first time or again."""
    title, body = message["title"], message["body"]
    begins = f"CRITICAL {code}"
    return any(f"{begins}{end}" in text for text in (title, body) for end in (" (", ":"))
