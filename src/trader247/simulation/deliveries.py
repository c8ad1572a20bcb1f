"""How alerts reach people in a run: by the outbox's own attempts, at moments of the timeline."""

from __future__ import annotations

from collections.abc import Callable

from trader247.adapters.alerts import AlertOutbox
from trader247.adapters.channels import NotDelivered
from trader247.ports import Alert, Delivery
from trader247.simulation.judged.history import Record
from trader247.simulation.world.timeline import Timeline

_SOON_US = 250_000
_NOW_AND_THEN_US = 10_000_000


class Channel:
    """The way to people, which may be down; whoever judges reads along."""

    def __init__(self, tell: Callable[[Record], None]) -> None:
        self.is_up = True
        self.is_hanging = False
        """Whether an attempt hangs, so that no other one is made."""
        self._tell = tell

    @property
    def name(self) -> str:
        """What it is called."""
        return "simulated"

    def deliver(self, *, title: str, body: str, key: str) -> None:
        """Deliver at once. Raises NotDelivered."""
        del key
        is_taken = self.is_up
        self._tell({"kind": "message", "title": title, "body": body, "is_taken": is_taken})
        if not is_taken:
            raise NotDelivered("the channel is down")


class Pump:
    """Lets one process's outbox deliver in virtual time: soon after an alert, and now and then."""

    def __init__(
        self,
        outbox: AlertOutbox,
        timeline: Timeline,
        *,
        is_living: Callable[[], bool],
        is_hanging: Callable[[], bool] = lambda: False,
    ) -> None:
        self._is_hanging = is_hanging
        self._outbox = outbox
        self._timeline = timeline
        self._is_living = is_living
        self._is_over = False
        self._next_us = timeline.now_us
        self._begin(_SOON_US)

    def soon(self) -> None:
        """Something is to be told."""
        if self._next_us > self._timeline.now_us + _SOON_US:
            self._begin(_SOON_US)

    def finish(self, _: float) -> None:
        """Tell what is left, and end."""
        if self._is_living():
            self._deliver()
        self._is_over = True

    def _begin(self, span_us: int) -> None:
        due_us = self._next_us = self._timeline.now_us + span_us

        def pump() -> None:
            # Another one may have taken this one's place meanwhile.
            if due_us == self._next_us and not self._is_over and self._is_living():
                self._deliver()
                self._begin(_SOON_US if self._outbox.waiting else _NOW_AND_THEN_US)

        self._timeline.after(span_us, pump)

    def _deliver(self) -> None:
        while not self._is_hanging() and self._outbox.attempt(0):
            pass


def raised_row(alert: Alert) -> Record:
    """An alert as whoever judges is told of it."""
    return {
        "kind": "alert",
        "what": "raised",
        "id": alert.id,
        "code": alert.code,
        "severity": alert.severity.value.lower(),
        "text": alert.text,
    }


def delivery_row(delivery: Delivery) -> Record:
    """An attempt to tell people as whoever judges is told of it."""
    return {
        "kind": "alert",
        "what": "delivered" if delivery.is_delivered else "tried",
        "id": delivery.alert,
        "code": delivery.channel,
        "severity": "",
        "text": delivery.detail,
    }
