"""Alerts on their way to people, off the trading thread, until they are delivered.

Taking an alert never waits: it is logged, and queued if the gate lets it pass. Each channel has
workers of its own, so that one that hangs holds up no other. The first channel is tried at once;
one that fails is tried later and later, in the order in which alerts were raised, and at once when
a new one comes. The others join in after half a minute without a delivery, and at once for an
escalation, a repetition and a test. A channel that was down, or is slow, gets what waits for it in
one message. What became of each attempt is posted, for the loop to keep: also of what is folded
into a digest, which nobody was told of before a channel took that.

A channel has several workers, because an attempt may hang for seconds: a new alert need not wait
for the end of an older one's attempt. They never try the same alert at the same time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from hashlib import sha256

from trader247.adapters.alert_gate import TEST, AlertGate, Outgoing, base_code
from trader247.adapters.alert_waiting import (
    BODY_MAX,
    FRESH_PAUSE_SECONDS,
    Line,
    Try,
    Waiting,
    fitting,
    in_a_line,
)
from trader247.adapters.channels import Channel, NotDelivered
from trader247.domain.dataclass import dataclass
from trader247.domain.reasons import Severity
from trader247.ports import Alert, Delivery

SECOND_CHANNEL_SECONDS = 30.0
RETRY_SECONDS_MIN = 2.0
RETRY_SECONDS_MAX = 300.0
UNDELIVERABLE_SECONDS = 300.0
"""A critical alert that nobody could be told of for so long ends buying."""
WAITING_MAX = 500
"""Alerts that may wait for a delivery; beyond it the least and oldest are given up, and logged."""
FOLDED = "folded"
"""In the channel's place: what became of an alert that left in no message of its own."""
WORKERS_EACH = 3
"""Workers of a channel; each begins an attempt only `_STAGGER_SECONDS` after the one before."""

_STAGGER_SECONDS = 2.0
_SLOW_SECONDS = 3.0
"""What has waited so long for a channel that works is sent together."""
_IDLE_SECONDS = 0.5
_DIGEST_HEX = 16
_RANK = {Severity.INFO: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}


@dataclass(frozen=True, slots=True)
class Route:
    """A channel, and the least severity that it is for."""

    channel: Channel
    least: Severity = Severity.INFO


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An alert that an earlier process could not deliver, failing for so long by now."""

    alert: Alert
    failing_seconds: float


class AlertOutbox:
    """The Alerts port. `workers` are to be run, each in a thread of its own."""

    def __init__(
        self,
        routes: Sequence[Route],
        *,
        title: str,
        log: Callable[[Alert], None],
        post: Callable[[Delivery], None],
        redacted: Callable[[str], str],
        monotonic: Callable[[], float],
        is_quiet: Callable[[], bool] = lambda: False,
    ) -> None:
        """`title` names the book in every message; `monotonic` is in seconds.

        While `is_quiet`, only critical alerts leave; the others wait for its end.
        """
        self._routes = tuple(routes)
        self._title = title
        self._log = log
        self._post = post
        self._redacted = redacted
        self._monotonic = monotonic
        self._is_quiet = is_quiet
        self._gate = AlertGate()
        self._lines = [Line() for _ in self._routes]
        self._waiting: list[Waiting] = []
        self._changed = threading.Condition()
        self._is_closing = False
        self._seen: dict[int, float] = {}

    def send(self, alert: Alert) -> None:
        """Log an alert, and queue it for its channels; never waits for any of them."""
        self._log(alert)
        if not self._is_wanted(alert):
            return
        now = self._monotonic()
        with self._changed:
            message = self._gate.passed(alert, now)
            if message is not None:
                self._queue(message, now)
            is_held = message is None and self._gate.is_held(alert)
        if is_held:
            self._post(Delivery(alert.id, FOLDED, False, 0, "waits for a digest"))
        elif message is None:
            self._post(Delivery(alert.id, FOLDED, True, 0, "told of in a repetition"))

    def resume(self, unfinished: Unfinished) -> None:
        """Queue what an earlier process could not deliver; it passed the gate then."""
        if not self._is_wanted(unfinished.alert):
            return
        now = self._monotonic()
        with self._changed:
            self._queue(
                Outgoing(unfinished.alert, is_for_all=False),
                now,
                since=now - unfinished.failing_seconds,
                is_resumed=True,
            )

    def fold_again(self, unfinished: Unfinished) -> None:
        """Keep for a digest what an earlier process folded, and no channel was told of."""
        if self._is_wanted(unfinished.alert):
            now, ago = self._monotonic(), unfinished.failing_seconds
            with self._changed:
                self._gate.fold_again(unfinished.alert, now=now, folded_ago=ago)

    def remember(self, alert: Alert, *, told_seconds_ago: float, raised_seconds_ago: float) -> None:
        """Go on telling of a critical alert that nobody has acknowledged yet."""
        if self._is_wanted(alert):
            now = self._monotonic()
            with self._changed:
                self._gate.remember(
                    alert, now=now, told_ago=told_seconds_ago, raised_ago=raised_seconds_ago
                )

    def acknowledged(self, code: str) -> None:
        """A person knows of a critical alert: it is not told again, nor for the first time."""
        with self._changed:
            self._gate.acknowledged(code)
            known = [each for each in self._waiting if _is_critical(each, code)]
            self._waiting = [each for each in self._waiting if not _is_critical(each, code)]
        for each in known:
            if not each.is_delivered:
                self._post(Delivery(each.alert.id, "acknowledged", True, 0, "known before"))

    def undeliverable(self) -> str:
        """Since when nobody could be told of something critical, if for too long; else empty."""
        now = self._monotonic()
        with self._changed:
            old = [
                each
                for each in self._waiting
                if each.alert.severity is Severity.CRITICAL
                and not each.is_delivered
                and now - each.since > UNDELIVERABLE_SECONDS
            ]
        if not old:
            return ""
        minutes = int((now - min(each.since for each in old)) // 60)
        codes = ", ".join(sorted({each.alert.code for each in old})[:5])
        return f"no channel has taken {codes} for {minutes} min"

    def take_storm(self) -> str:
        """That a storm of warnings began, in a sentence, once; else empty."""
        with self._changed:
            return self._gate.take_storm()

    @property
    def has_channels(self) -> bool:
        """Whether anything but the log is told."""
        return bool(self._routes)

    @property
    def workers(self) -> tuple[Callable[[], None], ...]:
        """Functions that return some time after `close`; every channel has several."""
        return tuple(
            (lambda place=place, number=number: self._serve(place, number))
            for place in range(len(self._routes))
            for number in range(place * WORKERS_EACH, (place + 1) * WORKERS_EACH)
        )

    def are_workers_alive(self, within: float) -> bool:
        """Whether each worker has turned round at least once in that many seconds."""
        now = self._monotonic()
        return all(
            now - self._seen.get(number, now) <= within
            for number in range(len(self._routes) * WORKERS_EACH)
        )

    @property
    def waiting(self) -> int:
        """Alerts that are not where they should be yet."""
        with self._changed:
            return len(self._waiting)

    def close(self) -> None:
        """Let the workers end, once each has tried what is due now."""
        with self._changed:
            self._queue_due(is_ending=True)
            self._is_closing = True
            untried = [
                each.alert.id
                for each in self._waiting
                if not any(one.attempts for one in each.tries.values())
            ]
            self._changed.notify_all()
        for id in untried:
            # Its row tells a later process of it, should there be no time left to try it.
            self._post(Delivery(id, "outbox", False, 0, "not yet tried"))

    def attempt(self, place: int) -> bool:
        """Make the attempt of one channel that is due; False if none is."""
        line = self._lines[place]
        with self._changed:
            self._queue_due(is_ending=False)
            batch = self._batch(place)
            if not batch:
                return False
            for each in batch:
                each.tries[place].is_running = True
            line.running += 1
            line.began = self._monotonic()
        failure = self._delivered(place, [each.alert for each in batch])
        news = []
        with self._changed:
            line.running -= 1
            self._mark(line, is_failure=failure is not None)
            for each in batch:
                mine = each.tries[place]
                is_first = not any(one.attempts for one in each.tries.values())
                if failure is not None and is_first:
                    # Its row keeps the time from which it was tried in vain.
                    news += [Delivery(id, "outbox", False, 0, "not at once") for id in each.ids]
                if failure is None and not each.is_delivered:
                    news += [
                        Delivery(id, FOLDED, True, 0, "told of in a digest") for id in each.held
                    ]
                mine.is_running = False
                mine.attempts += 1
                mine.is_delivered = failure is None
                name = self._routes[place].channel.name
                news.append(
                    Delivery(each.alert.id, name, failure is None, mine.attempts, failure or "")
                )
            self._waiting = [each for each in self._waiting if not each.is_over]
        for delivery in news:
            self._post(delivery)
        return True

    def _is_wanted(self, alert: Alert) -> bool:
        return bool(self._places(alert))

    def _places(self, alert: Alert) -> list[int]:
        """The channels that an alert is for; a test is for all of them."""
        return [
            place
            for place, route in enumerate(self._routes)
            if alert.code == TEST or _RANK[alert.severity] >= _RANK[route.least]
        ]

    def _queue_due(self, *, is_ending: bool) -> None:
        now = self._monotonic()
        for message in self._gate.due(now, is_ending=is_ending):
            code = base_code(message.alert)
            alike = [each for each in self._waiting if _is_critical(each, code)]
            if message.is_for_all and any(not each.is_delivered for each in alike):
                continue  # the first telling is still under way
            # A channel that has missed the earlier ones gets the latest alone.
            self._waiting = [each for each in self._waiting if each not in alike]
            if self._places(message.alert):
                self._queue(message, now)

    def _queue(
        self,
        message: Outgoing,
        now: float,
        *,
        since: float | None = None,
        is_resumed: bool = False,
    ) -> None:
        self._make_room()
        first, *others = self._places(message.alert)
        later = now if message.is_for_all else now + SECOND_CHANNEL_SECONDS
        tries = {first: Try(now), **{place: Try(later) for place in others}}
        self._waiting.append(
            Waiting(
                message.alert,
                now if since is None else since,
                message.is_for_all,
                is_resumed,
                tries,
                message.held,
            )
        )
        if self._is_held_back(message.alert):
            # Its row tells a later process that it is still to be delivered.
            self._post(Delivery(message.alert.id, "outbox", False, 0, "waits: quiet hours"))
        self._changed.notify_all()

    def _batch(self, place: int) -> list[Waiting]:
        """What a channel is to be sent now, oldest first; empty where nothing is due."""
        now, line = self._monotonic(), self._lines[place]
        ready = [each for each in self._waiting if self._is_ready(each, place, now)]
        if line.running:
            if line.running >= WORKERS_EACH or now - line.began < _STAGGER_SECONDS:
                return []
            ready = [each for each in ready if not each.tries[place].attempts]
        if not ready:
            return []
        is_fresh = any(not each.tries[place].attempts for each in ready)
        pause = 0.0 if self._is_closing else FRESH_PAUSE_SECONDS
        if now < (line.ended + pause if is_fresh and line.failures else line.due):
            return []
        if not line.failures and not line.running and now - ready[0].since < _SLOW_SECONDS:
            return ready[:1]
        if not line.failures:
            return fitting(ready)
        # Behind a whole message of what was tried in vain, what is new would never be tried.
        ready.sort(key=lambda each: bool(each.tries[place].attempts))
        return sorted(fitting(ready), key=lambda each: each.alert.id)

    def _is_ready(self, waiting: Waiting, place: int, now: float) -> bool:
        mine = waiting.tries.get(place)
        if mine is None or mine.is_delivered or mine.is_running:
            return False
        if self._is_held_back(waiting.alert):
            return False
        # Who ends after one cycle has no half minute to wait.
        is_joined = waiting.is_resumed and any(each.attempts for each in waiting.tries.values())
        return mine.opens <= now or is_joined

    def _is_held_back(self, alert: Alert) -> bool:
        return alert.severity is not Severity.CRITICAL and alert.code != TEST and self._is_quiet()

    def _mark(self, line: Line, *, is_failure: bool) -> None:
        line.ended = self._monotonic()
        if not is_failure:
            line.failures, line.due = 0, line.ended
            return
        delay = min(RETRY_SECONDS_MAX, RETRY_SECONDS_MIN * 2.0 ** min(line.failures, 20))
        line.failures += 1
        line.due = line.ended + delay

    def _delivered(self, place: int, alerts: Sequence[Alert]) -> str | None:
        """Why the channel did not take them, or None."""
        first = alerts[0]
        title = f"{first.severity.value} {first.code} ({self._title})"
        body = self._redacted(first.text)[:BODY_MAX]
        if len(alerts) > 1:
            worst = max((each.severity for each in alerts), key=_RANK.__getitem__)
            title = f"{worst.value} {len(alerts)} alerts ({self._title})"
            body = "\n\n".join(self._redacted(in_a_line(each)) for each in alerts)
        ids = dict.fromkeys([str(first.id), str(alerts[-1].id)])
        # A repetition has its alert's id, a journal that went back gives ids again, and other books
        # count alike: by its id alone, a receiver would take another message for one that it has.
        told = sha256(f"{title}\n{body}".encode()).hexdigest()[:_DIGEST_HEX]
        key = "-".join([*ids, told])
        try:
            self._routes[place].channel.deliver(title=title, body=body, key=key)
        except NotDelivered as error:
            return self._redacted(str(error))
        return None

    def _serve(self, place: int, number: int) -> None:
        while True:
            self._seen[number] = self._monotonic()
            if self.attempt(place):
                continue
            with self._changed:
                if self._is_closing:
                    return
                self._changed.wait(_IDLE_SECONDS)

    def _make_room(self) -> None:
        """Give up the least and oldest alert if there is no room."""
        if len(self._waiting) < WAITING_MAX:
            return
        least = min(self._waiting, key=lambda each: (_RANK[each.alert.severity], each.alert.id))
        self._waiting = [each for each in self._waiting if each is not least]
        self._post(Delivery(least.alert.id, "outbox", False, 0, "given up: too many wait"))


def _is_critical(waiting: Waiting, code: str) -> bool:
    return waiting.alert.severity is Severity.CRITICAL and base_code(waiting.alert) == code
