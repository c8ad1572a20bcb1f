"""Alerts on their way to people, off the trading thread, until they are delivered.

Taking an alert never waits: it is logged and queued. Each channel has its own worker, so that one
that hangs holds up no other. The first channel is tried at once and again, later and later, until
it takes the alert; the others join in after half a minute without a delivery, and at once for an
escalation and for a test. What became of each attempt is posted, for the loop to keep.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from trader247.adapters.channels import Channel, NotDelivered
from trader247.domain.reasons import Severity
from trader247.ports import Alert, Delivery

SECOND_CHANNEL_SECONDS = 30.0
RETRY_SECONDS_MIN = 2.0
RETRY_SECONDS_MAX = 300.0
WAITING_MAX = 500
"""Alerts that may wait for a delivery; beyond it the least and oldest are given up, and logged."""

BODY_MAX = 2_000
_IDLE_SECONDS = 0.5
_ESCALATED = ":escalated"
_TEST = "test"
_RANK = {Severity.INFO: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}


@dataclass(slots=True)
class _Try:
    """One channel's attempts at one alert."""

    due: float
    attempts: int = 0
    is_running: bool = False
    is_delivered: bool = False


@dataclass(slots=True)
class _Waiting:
    """An alert on its way: one channel is enough, but an escalation or a test wants them all."""

    alert: Alert
    tries: list[_Try]

    @property
    def is_over(self) -> bool:
        delivered = [each.is_delivered for each in self.tries]
        return all(delivered) if _wants_all(self.alert) else any(delivered)


def _wants_all(alert: Alert) -> bool:
    return alert.code == _TEST or alert.code.endswith(_ESCALATED)


class AlertOutbox:
    """The Alerts port. `workers` are to be run, each in a thread of its own."""

    def __init__(
        self,
        channels: Sequence[Channel],
        *,
        title: str,
        log: Callable[[Alert], None],
        post: Callable[[Delivery], None],
        redacted: Callable[[str], str],
        monotonic: Callable[[], float],
    ) -> None:
        """`title` names the book in every message; `monotonic` is in seconds."""
        self._channels = tuple(channels)
        self._title = title
        self._log = log
        self._post = post
        self._redacted = redacted
        self._monotonic = monotonic
        self._waiting: list[_Waiting] = []
        self._changed = threading.Condition()
        self._is_closing = False

    def send(self, alert: Alert) -> None:
        """Log an alert, and queue it for its channels; never waits for any of them."""
        self._log(alert)
        if not self._channels:
            return
        now = self._monotonic()
        later = now if _wants_all(alert) else now + SECOND_CHANNEL_SECONDS
        tries = [_Try(now if place == 0 else later) for place in range(len(self._channels))]
        with self._changed:
            dropped = self._room()
            self._waiting.append(_Waiting(alert, tries))
            self._changed.notify_all()
        if dropped is not None:
            self._post(Delivery(dropped.id, "outbox", False, 0, "given up: too many wait"))

    @property
    def has_channels(self) -> bool:
        """Whether anything but the log is told."""
        return bool(self._channels)

    @property
    def workers(self) -> tuple[Callable[[], None], ...]:
        """One function a channel: it returns some time after `close`."""
        return tuple(
            (lambda place=place: self._serve(place)) for place in range(len(self._channels))
        )

    @property
    def waiting(self) -> int:
        """Alerts that no channel has taken yet."""
        with self._changed:
            return len(self._waiting)

    def close(self) -> None:
        """Let the workers end, once each has tried what is due now."""
        with self._changed:
            self._is_closing = True
            self._changed.notify_all()

    def attempt(self, place: int) -> bool:
        """Make the attempt of one channel that has been due longest; False if none is due."""
        with self._changed:
            waiting = self._due(place)
            if waiting is None:
                return False
            mine = waiting.tries[place]
            mine.is_running = True
        alert = waiting.alert
        failure = self._delivered(place, alert)
        with self._changed:
            mine.is_running = False
            mine.attempts += 1
            delay = min(RETRY_SECONDS_MAX, RETRY_SECONDS_MIN * 2.0 ** min(mine.attempts - 1, 20))
            mine.due = self._monotonic() + delay
            mine.is_delivered = failure is None
            if waiting.is_over:
                self._waiting = [each for each in self._waiting if each is not waiting]
        name = self._channels[place].name
        self._post(Delivery(alert.id, name, failure is None, mine.attempts, failure or ""))
        return True

    def _delivered(self, place: int, alert: Alert) -> str | None:
        """Why the channel did not take it, or None."""
        title = f"{alert.severity.value} {alert.code} ({self._title})"
        body = self._redacted(alert.text)[:BODY_MAX]
        try:
            self._channels[place].deliver(title=title, body=body)
        except NotDelivered as error:
            return self._redacted(str(error))
        return None

    def _serve(self, place: int) -> None:
        while True:
            if self.attempt(place):
                continue
            with self._changed:
                if self._is_closing:
                    return
                self._changed.wait(_IDLE_SECONDS)

    def _due(self, place: int) -> _Waiting | None:
        now = self._monotonic()
        found = [
            each
            for each in self._waiting
            if each.tries[place].due <= now
            and not each.tries[place].is_running
            and not each.tries[place].is_delivered
        ]
        return min(found, key=lambda each: each.tries[place].due, default=None)

    def _room(self) -> Alert | None:
        """Give up the least and oldest alert if there is no room; answers which."""
        if len(self._waiting) < WAITING_MAX:
            return None
        least = min(self._waiting, key=lambda each: (_RANK[each.alert.severity], each.alert.id))
        self._waiting = [each for each in self._waiting if each is not least]
        return least.alert
