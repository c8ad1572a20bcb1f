"""The check on how fast entries follow each other."""

from __future__ import annotations

from bisect import bisect_right
from datetime import timedelta
from operator import attrgetter
from typing import ClassVar

from trader247.core.limits import limit
from trader247.core.risk.check import Check, Context
from trader247.domain.dataclass import dataclass
from trader247.domain.proposals import Proposal
from trader247.domain.time import DAY, HOUR, MINUTE, Instant, microseconds
from trader247.domain.verdicts import Finding

_US = attrgetter("us")
_HOUR_US, _DAY_US = microseconds(HOUR), microseconds(DAY)


@dataclass(frozen=True, slots=True)
class Pace(Check):
    """Entries keep a distance in time; there are only so many in a minute, an hour and a day.

    Windows roll: an entry leaves the count exactly a minute, an hour or a day after it was sent. A
    wait that is exactly over is over. What has no room is dropped, never queued.
    """

    id: ClassVar[str] = "pace"
    row: ClassVar[int] = 13
    source: ClassVar[str] = "RTS 6 Art 15(1)(d), Art 15(3)"

    seconds_between: int = limit(90, unit="s", at_least=0, doc="between any two entries")
    per_minute: int = limit(6, unit="entries", at_least=1, at_most=6, doc="in any 60 s")
    per_hour: int = limit(4, unit="entries", at_least=1, at_most=60, doc="in any 60 min")
    per_day: int = limit(10, unit="entries", at_least=1, at_most=500, doc="in any 24 h")
    product_minutes: int = limit(15, unit="min", at_least=1, doc="between entries of a product")

    def assess(self, proposal: Proposal, context: Context) -> Finding:
        sent = context.portfolio.entries_sent
        hour, day = in_hour_and_day(sent, context.now)
        value, most = ("{}/{}", hour, day), ("{}/{}", self.per_hour, self.per_day)
        fault = self._fault(proposal, context, hour=hour, day=day)
        count = "{} entries in the last hour, {} in the last day", hour, day
        return not fault, fault or count, value, most, "an hour/a day"

    def _fault(self, proposal: Proposal, context: Context, *, hour: int, day: int) -> str:
        sent, now = context.portfolio.entries_sent, context.now
        latest = max(sent, key=_US, default=None)
        if latest is not None and now.us - latest.us < self.seconds_between * 1_000_000:
            return f"the last entry was at {latest}, {self.seconds_between} s are asked for"
        minute = entries_since(sent, now, MINUTE) if hour >= self.per_minute else 0
        if minute >= self.per_minute:
            return f"{minute} entries in the last 60 s"
        if hour >= self.per_hour:
            return f"{hour} entries in the last hour"
        if day >= self.per_day:
            return f"{day} entries in the last 24 h"
        history = context.portfolio.history.get(proposal.product)
        last = None if history is None else history.last_entry
        if last is not None and now.us - last.us < self.product_minutes * 60_000_000:
            return f"{proposal.product} was entered at {last}, under {self.product_minutes} min ago"
        return ""


def in_hour_and_day(sent: tuple[Instant, ...], now: Instant) -> tuple[int, int]:
    """How many entries were sent within an hour of now, and within a day."""
    if not sent:
        return 0, 0
    times, us = sorted(map(_US, sent)), now.us
    count = len(times)
    return count - bisect_right(times, us - _HOUR_US), count - bisect_right(times, us - _DAY_US)


def entries_since(sent: tuple[Instant, ...], now: Instant, window: timedelta) -> int:
    """How many entries were sent within `window` of now."""
    before = now.us - microseconds(window)
    return len([each for each in sent if each.us > before])
