"""Equity over time, counted as a fund counts it: in units, whose value a flow never moves.

A rolling high is kept as a falling staircase: the points that no later one has reached. Its first
step is the greatest value of the window, exactly, whatever the window has seen.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from trader247.core.book.clocks import Clocks
from trader247.domain.changing import replace
from trader247.domain.money import CONTEXT, ZERO, Money
from trader247.domain.portfolio import EquityRecord, HighPoint
from trader247.domain.time import DAY, Instant

WEEK = 7 * DAY


def flowed(record: EquityRecord, amount: Money) -> EquityRecord:
    """Units bought by a deposit, or sold by a withdrawal, at the last known value of one.

    Units never fall below none: a withdrawal of more than the last known equity takes them all.
    """
    moved = CONTEXT.add(record.units, CONTEXT.divide(amount.value, record.going_nav))
    equity = None if record.equity is None else record.equity + amount
    if moved <= 0:
        return replace(record, units=ZERO, equity=equity)
    return replace(record, units=moved, equity=equity)


def marked(
    record: EquityRecord, equity: Money | None, at: Instant, *, own: Instant | None = None
) -> EquityRecord:
    """The record after equity was measured, or found to be unknown, at `at`.

    `own` is what our own clock said, where that does not agree: by one of the two alone no base
    gives way to another, and no high is forgotten.

    The first value measured on or after 00:00 UTC is the day's base, that on or after Monday
    00:00 UTC the week's. Equity that no flow explains buys units at the going value, so that a
    first measurement is neither profit nor loss.
    """
    if equity is None:
        return replace(record, equity=None, time=at)
    clocks = Clocks(at if own is None else own, at)
    units = record.units
    if units == 0:
        units = max(ZERO, CONTEXT.divide(equity.value, record.going_nav))
        if units == 0:
            return replace(record, equity=equity, time=at)
    nav = CONTEXT.divide(equity.value, units)
    last = record.highs_7d[-1].time if record.highs_7d else None
    point = HighPoint(clocks.after(last), nav)
    day, week = record.day, record.week
    if day is None or clocks.begin_day_after(day.time):
        day = point
    if week is None or clocks.begin_week_after(week.time):
        week = point
    return EquityRecord(
        units=units,
        # A value of nothing or less can price no flow: the last one above it stands.
        going_nav=nav if nav > 0 else record.going_nav,
        equity=equity,
        time=at,
        high_nav=nav if record.high_nav is None else max(nav, record.high_nav),
        day=day,
        week=week,
        highs_24h=_rising(record.highs_24h, point, clocks, DAY),
        highs_7d=_rising(record.highs_7d, point, clocks, WEEK),
    )


def with_peak(record: EquityRecord, accepted: Money) -> EquityRecord:
    """The record with a high-water mark that a person has accepted."""
    if record.units == 0:
        return record
    return replace(record, high_nav=CONTEXT.divide(accepted.value, record.units))


def change_since(record: EquityRecord, base: HighPoint | None) -> Money | None:
    """Profit or loss since `base`, flows apart; None where either end is unknown."""
    nav = record.nav
    if nav is None or base is None:
        return None
    return record.money(CONTEXT.subtract(nav, base.nav))


def drawdown(record: EquityRecord) -> Decimal | None:
    """How far equity is below its high-water mark, as a fraction of it; None while unknown."""
    nav, high = record.nav, record.high_nav
    if nav is None or high is None or high <= 0:
        return None
    return CONTEXT.divide(max(ZERO, CONTEXT.subtract(high, nav)), high)


def _rising(
    steps: tuple[HighPoint, ...], point: HighPoint, clocks: Clocks, window: timedelta
) -> tuple[HighPoint, ...]:
    """A staircase with `point` at its end and what is older than `window` gone from its start.

    A step that both clocks say is yet to come was dated by one that was wrong: it is of now.
    """
    end, oldest, latest = len(steps), clocks.earlier - window, clocks.later
    if steps and steps[-1].time > latest:
        steps = tuple(replace(each, time=min(each.time, latest)) for each in steps)
    while end > 0 and steps[end - 1].nav <= point.nav:
        end -= 1
    start = 0
    while start < end and steps[start].time < oldest:
        start += 1
    return (*steps[start:end], point)
