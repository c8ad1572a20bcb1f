"""What a UTC day's digest counts: cycles, refusals, halts, and how long the trader was up."""

from __future__ import annotations

from datetime import timedelta

from trader247.core.book.clocks import Clocks
from trader247.domain.changing import replace
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.portfolio import EMPTY, DayTally, Portfolio
from trader247.domain.reasons import HaltName, Reason
from trader247.domain.time import DAY, Instant

_MEMBERS = list(Reason)
REFUSALS = frozenset(each.value for each in _MEMBERS[_MEMBERS.index(Reason.TRADING_STATE) :])
"""The reasons that are a check's no."""


def tallied(portfolio: Portfolio, event: CycleDecided, clocks: Clocks) -> DayTally:
    """The tally after one more whole cycle; the first of a UTC day begins a new one."""
    at, known = clocks.right, portfolio.tally
    day = at.day_start
    up = timedelta(0)
    if known is None or clocks.begin_day_after(known.day):
        began = up if known is None or known.is_restarted else _since(portfolio, day, at)
        known = DayTally(
            day=day,
            fills=portfolio.fills_booked,
            realised=portfolio.realised,
            fees=portfolio.fees_paid,
            up=began,
            halts=tuple(portfolio.halts),
        )
    elif not known.is_restarted:
        up = _since(portfolio, day, at)
    refusals = known.refusals
    said = [each.reason for each in event.endings.values() if each.reason in REFUSALS]
    if said:
        counts = dict(refusals)
        for reason in said:
            counts[reason] = counts.get(reason, 0) + 1
        refusals = counts
    return replace(
        known,
        cycles=known.cycles + 1,
        refusals=refusals or EMPTY,
        up=known.up + up,
        is_restarted=False,
    )


def restarted(tally: DayTally | None) -> DayTally | None:
    """The tally after a process took over: until its first cycle, nobody was up."""
    return None if tally is None else replace(tally, is_restarted=True)


def halted(tally: DayTally | None, name: HaltName) -> DayTally | None:
    """The tally after a halt was latched."""
    if tally is None or name in tally.halts:
        return tally
    return replace(tally, halts=(*tally.halts, name))


def up_to_midnight(portfolio: Portfolio, tally: DayTally, now: Instant) -> timedelta:
    """How long the trader was up on the tally's day, seen from the first cycle after it."""
    if tally.is_restarted or portfolio.time is None:
        return tally.up
    return tally.up + max(timedelta(0), min(now, tally.day + DAY) - portfolio.time)


def _since(portfolio: Portfolio, day: Instant, at: Instant) -> timedelta:
    nothing = timedelta(0)  # a clock that was set back takes back nothing that was
    return nothing if portfolio.time is None else max(nothing, at - max(portfolio.time, day))
