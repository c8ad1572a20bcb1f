"""A raised kill switch, as the journal learns of it: the file is the fact, its wish comes along.

The same words for whoever sees it first: a start, a cycle, or the loop between two cycles.
"""

from __future__ import annotations

from trader247.domain.events.halts import HaltLatched
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import HaltName
from trader247.ports import StopSignal


def learned(stop: StopSignal, portfolio: Portfolio) -> tuple[HaltLatched, ...]:
    """What is to be journalled of the switch: that it is on, or that it keeps no sales any more."""
    if not stop.is_raised():
        return ()
    known = portfolio.halts.get(HaltName.KILL_SWITCH)
    if known is not None and not known.keeps_sales:
        return ()
    keeps_sales = stop.keeps_sales()
    if known is not None and keeps_sales:
        return ()
    return (HaltLatched(HaltName.KILL_SWITCH, stop.cause(), keeps_sales),)
