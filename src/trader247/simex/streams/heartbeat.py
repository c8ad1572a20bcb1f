"""The channel `heartbeats`: once a second, the time as Go's clock writes it, and a counter."""

from __future__ import annotations

from trader247.simex.switches import Switches
from trader247.simex.wire import times

_SECOND_US = 1_000_000


class Heartbeat:
    """Beats whenever a second of the exchange's clock has begun; one beat for a long step."""

    def __init__(self, begun_us: int, switches: Switches) -> None:
        self._begun_us = begun_us
        self._second = begun_us // _SECOND_US
        self._count = 0
        self._quote = '"' if switches.heartbeat_counter == "text" else ""

    def beat(self, now_us: int) -> str | None:
        """The event of a new second, or None while it is still the old one."""
        second = now_us // _SECOND_US
        if second <= self._second:
            return None
        self._second = second
        self._count += 1
        day, _, clock = times.nanos(now_us).removesuffix("Z").partition("T")
        seconds, us = divmod(now_us - self._begun_us, _SECOND_US)
        return (
            f'{{"current_time":"{day} {clock} +0000 UTC m=+{seconds}.{us:06d}000",'
            f'"heartbeat_counter":{self._quote}{self._count}{self._quote}}}'
        )
