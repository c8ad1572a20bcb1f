"""What a cycle leaves behind: equity, marks, universe, reasons, and what the breakers count."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from trader247.core.book.clocks import Clocks
from trader247.core.book.equity import marked
from trader247.core.book.intents import within_a_day
from trader247.core.book.tally import tallied
from trader247.domain.changing import replace
from trader247.domain.errors import LedgerError
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.ids import ProductId
from trader247.domain.money import Price
from trader247.domain.portfolio import Breaker, FaultTimes, Portfolio
from trader247.domain.position import Position
from trader247.domain.reasons import BreakerName
from trader247.domain.time import HOUR, MINUTE, Instant

ERROR_WINDOW = 5 * MINUTE
RATE_WINDOW = 10 * MINUTE
RECONNECT_WINDOW = HOUR
UNCLEAN_WINDOW = 10 * MINUTE
FAULTS_MAX = 64
"""Faults kept in a window, the latest: more than any breaker's ceiling asks for."""


def cycle_decided(portfolio: Portfolio, event: CycleDecided) -> Portfolio:
    """The portfolio after a cycle.

    Raises:
        LedgerError: a later cycle was decided before.
    """
    if event.cycle <= portfolio.cycle:
        raise LedgerError(f"cycle {event.cycle} after cycle {portfolio.cycle}")
    if event.is_exits_only:
        return _exits_judged(portfolio, event)
    universe, clocks = portfolio.universe, Clocks.of(event)
    return replace(
        portfolio,
        cycle=event.cycle,
        time=clocks.right,
        marks=event.marks,
        equity=marked(portfolio.equity, event.equity, clocks.right, own=clocks.own),
        positions=_with_highs(portfolio.positions, event.marks),
        universe={**universe, **event.universe} if event.universe else universe,
        reasons={product: ending.reason for product, ending in event.endings.items()},
        tally=tallied(portfolio, event, clocks),
        faults=_with_faults(portfolio.faults, event, clocks, portfolio.time),
        breakers=_with_clean_cycles(portfolio.breakers, event, clocks.after(portfolio.time)),
        entries_sent=within_a_day(portfolio.entries_sent, clocks.earlier),
        unclean_ends=recent(portfolio.unclean_ends, clocks, UNCLEAN_WINDOW),
    )


def _exits_judged(portfolio: Portfolio, event: CycleDecided) -> Portfolio:
    """The portfolio after exits alone were judged: what was not looked at stays as it was."""
    known, clocks = portfolio.equity, Clocks.of(event)
    equity = event.equity
    reasons = {product: ending.reason for product, ending in event.endings.items()}
    return replace(
        portfolio,
        cycle=event.cycle,
        time=clocks.right,
        marks={**portfolio.marks, **event.marks},
        equity=known if equity is None else marked(known, equity, clocks.right, own=clocks.own),
        positions=_with_highs(portfolio.positions, event.marks),
        reasons={**portfolio.reasons, **reasons},
    )


def recent(times: tuple[Instant, ...], clocks: Clocks, window: timedelta) -> tuple[Instant, ...]:
    """The latest of `times` that lie within `window` before now, no more than `FAULTS_MAX`.

    None is forgotten by one clock alone. A clock that ran ahead dated some of them later: those
    count as of now, or they would count until that hour comes again.
    """
    if not times:
        return times
    since, latest = clocks.earlier - window, clocks.later
    return tuple(min(time, latest) for time in times if time >= since)[-FAULTS_MAX:]


def _with_highs(
    positions: Mapping[ProductId, Position], marks: Mapping[ProductId, Price]
) -> Mapping[ProductId, Position]:
    """Positions that remember the highest bid seen, for a trailing stop."""
    higher = {
        product: position.with_high(mark)
        for product, position in positions.items()
        if (mark := marks.get(product)) is not None and mark > position.highest
    }
    return {**positions, **higher} if higher else positions


def _with_faults(
    faults: FaultTimes, event: CycleDecided, clocks: Clocks, last: Instant | None
) -> FaultTimes:
    """What the venue failed at, each in its own window; `last` is when the last cycle was."""
    at = clocks.after(last)
    errors = (at,) * min(event.errors, FAULTS_MAX)
    limited = (at,) * min(event.rate_limited, FAULTS_MAX)
    anew = (at,) * min(event.reconnects, FAULTS_MAX)
    return FaultTimes(
        errors=recent((*faults.errors, *errors), clocks, ERROR_WINDOW),
        running=event.errors_running,
        rate_limited=recent((*faults.rate_limited, *limited), clocks, RATE_WINDOW),
        is_refused=event.rate_limited > 0,
        overruns=faults.overruns + 1 if event.is_overrun else 0,
        reconnects=recent((*faults.reconnects, *anew), clocks, RECONNECT_WINDOW),
        is_slow=event.is_slow,
        is_disk_low=event.is_disk_low,
    )


def _with_clean_cycles(
    breakers: Mapping[BreakerName, Breaker], event: CycleDecided, at: Instant
) -> Mapping[BreakerName, Breaker]:
    """Open breakers, each with one clean cycle more, or none where its condition holds."""
    if not breakers:
        return breakers
    return {
        name: replace(
            breaker,
            # A clock that was ahead must not keep it open until that hour comes again.
            since=min(breaker.since, at),
            clean_cycles=0 if name in event.tripped else breaker.clean_cycles + 1,
        )
        for name, breaker in breakers.items()
    }
