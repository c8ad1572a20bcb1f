"""What goes wrong on the streams, drawn from the same plan as everything else."""

from __future__ import annotations

from collections.abc import Callable

from trader247.simex.faults.plan import Plan, Shot
from trader247.simex.streams.faults import (
    Abort,
    Act,
    Close,
    Connection,
    Hang,
    NoFaults,
    Outgoing,
    Say,
)

CODES = (1000, 1001, 1009, 1011)
_HELD_MAX = 1024

_INSTEAD: dict[str, Callable[[Shot, str], tuple[Act, ...]]] = {
    "stream_drop": lambda _, __: (Abort(),),
    "stream_close": lambda shot, text: (Say(text), Close(CODES[shot.pick(len(CODES), "code")])),
    "stream_hang": lambda _, __: (Hang(),),
    "stream_gap": lambda _, __: (),
    "stream_doubled": lambda _, text: (Say(text), Say(text)),
    "stream_late": lambda shot, text: (Say(text, after_us=shot.span_us()),),
}


class PlannedFaults(NoFaults):
    """The streams' faults of one plan; `now_us` is the exchange's clock."""

    def __init__(self, plan: Plan, now_us: Callable[[], int]) -> None:
        self._plan = plan
        self._now_us = now_us
        self._held: dict[int, str] = {}
        """What is to come after the next message, by connection."""

    def connection_refused(self, connection: Connection) -> int | None:
        del connection
        shot = self._meet("stream_busy", "connection")
        return None if shot is None else (429, 503)[shot.pick(2, "status")]

    def is_subscription_refused(
        self, connection: Connection, channel: str, products: tuple[str, ...]
    ) -> bool:
        del connection, products
        return self._meet("stream_refused", channel) is not None

    def is_silent(self, connection: Connection, channel: str, product: str) -> bool:
        del connection, product
        return self._meet("stream_silent", channel) is not None

    def acts(self, connection: Connection, message: Outgoing) -> tuple[Act, ...]:
        held = self._held.pop(connection.number, None)
        if held is not None:
            return (Say(message.text), Say(held))
        here = self._plan.at(message.channel)
        if not here:
            return (Say(message.text),)
        now_us = self._now_us()
        for name, instead in _INSTEAD.items():
            if name in here:
                shot = self._plan.meet(name, message.channel, now_us)
                if shot is not None:
                    return instead(shot, message.text)
        if self._meet("stream_swapped", message.channel) and len(self._held) < _HELD_MAX:
            self._held[connection.number] = message.text
            return ()
        return (Say(message.text),)

    def _meet(self, name: str, channel: str) -> Shot | None:
        return self._plan.meet(name, channel, self._now_us()) if self._plan.has(name) else None
