"""How alerts reach people in a run: by the outbox's own attempts, at moments of the timeline."""

from __future__ import annotations

from collections.abc import Callable

from trader247.adapters.alerts import AlertOutbox
from trader247.adapters.channels import NotDelivered
from trader247.app.world import Finish
from trader247.ports import Alert, Delivery
from trader247.simulation.history import Record
from trader247.simulation.timeline import Timeline

_PUMP_US = 2_000_000
_PUMP_SOON_US = 250_000


class Channel:
    """The way to people, which may be down."""

    def __init__(self) -> None:
        self.is_up = True

    @property
    def name(self) -> str:
        """What it is called."""
        return "simulated"

    def deliver(self, *, title: str, body: str, key: str) -> None:
        """Deliver at once. Raises NotDelivered."""
        del title, body, key
        if not self.is_up:
            raise NotDelivered("the channel is down")


def pumped(outbox: AlertOutbox, timeline: Timeline, *, is_living: Callable[[], bool]) -> Finish:
    """Let an outbox deliver in virtual time while its process lives; what ends that."""
    is_over = False

    def pump() -> None:
        if is_over or not is_living():
            return
        while outbox.attempt(0):
            pass
        timeline.after(_PUMP_SOON_US if outbox.waiting else _PUMP_US, pump)

    def finish(_: float) -> None:
        nonlocal is_over
        if is_living():
            while outbox.attempt(0):
                pass
        is_over = True

    timeline.after(_PUMP_SOON_US, pump)
    return finish


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
