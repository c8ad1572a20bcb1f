"""The three losses at which trading stops until a person looks.

All look at marked-to-market equity a unit, so that an open position that falls trips them and a
deposit or a withdrawal does not. Each compares with every base that it has; the worst counts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

from trader247.core.policy import Policy
from trader247.core.risk.check import check_in
from trader247.core.risk.checks.turnover import Turnover, fees_today
from trader247.domain.dataclass import dataclass
from trader247.domain.events.halts import HaltLatched
from trader247.domain.money import CONTEXT, Money, Percent
from trader247.domain.portfolio import EquityRecord, HighPoint, Portfolio
from trader247.domain.reasons import HaltName
from trader247.domain.time import DAY, MINUTE, Instant, microseconds

# A unit's value is a quotient: what it leaves after its fiftieth digit must not hide a limit that
# was reached exactly.
_STEP = Decimal("1e-12")

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_TITLES = {
    HaltName.DAILY_STOP: "Daily stop loss hit",
    HaltName.WEEKLY_STOP: "Weekly stop loss hit",
    HaltName.DRAWDOWN: "Maximum drawdown hit",
}


def judge_fees(
    portfolio: Portfolio, policy: Policy, *, equity: Money | None, now: Instant
) -> tuple[HaltLatched, ...]:
    """The halt of a day whose booked fees are over their share, if it does not stand yet."""
    if HaltName.FEES in portfolio.halts:
        return ()
    cause = fees_over(portfolio, policy, equity=equity, now=now)
    return (HaltLatched(HaltName.FEES, cause),) if cause else ()


def fees_over(portfolio: Portfolio, policy: Policy, *, equity: Money | None, now: Instant) -> str:
    """By how much the fees of the UTC day are over their share; empty where they are not.

    Unknown equity says nothing here: `equity_known` stops entries meanwhile.
    """
    if equity is None:
        return ""
    paid, share = fees_today(portfolio, now), check_in(policy.checks, Turnover).fees_pct
    if paid <= share.of_money(equity):
        return ""
    return f"{paid.value:,.2f} paid in fees today, over {share} % of {equity.value:,.2f}"


@dataclass(frozen=True, slots=True)
class Base:
    """Something that equity is compared with: its worth today, and the change since, in per cent.

    `named` says of its `point` what it is: hardly one is ever read.
    """

    point: HighPoint
    named: Callable[[HighPoint], str]
    equity: Money
    change: Percent

    @property
    def label(self) -> str:
        """What it is, ready to follow "from 10,000.00"."""
        return self.named(self.point)


@dataclass(frozen=True, slots=True)
class StopLevel:
    """Where one stop stands. `limit` is below zero; no bases means that nothing is known yet."""

    name: HaltName
    limit: Percent
    bases: tuple[Base, ...]

    @property
    def worst(self) -> Base | None:
        """The base from which equity has lost most."""
        return min(self.bases, key=lambda base: base.change.value, default=None)

    @property
    def value(self) -> Percent | None:
        """The change that counts, in per cent; None while it is unknown."""
        worst = self.worst
        return None if worst is None else worst.change

    @property
    def headroom(self) -> Percent | None:
        """How many per cent may still be lost; zero or less once the stop is hit."""
        value = self.value
        if value is None:
            return None
        return Percent(CONTEXT.subtract(value.value, self.limit.value))

    @property
    def is_hit(self) -> bool:
        """Whether the loss has reached the limit, exactly or beyond."""
        value = self.value
        return value is not None and value <= self.limit

    @property
    def cause(self) -> str:
        """The loss in a sentence, with its base."""
        worst = self.worst
        if worst is None:
            return "equity is unknown"
        return (
            f"{_TITLES[self.name]}: {worst.change.value:.2f} % "
            f"from {worst.equity.value:,.2f} {worst.label}"
        )


def judge_stops(
    portfolio: Portfolio, policy: Policy, *, equity: Money | None, now: Instant
) -> tuple[HaltLatched, ...]:
    """The stops that latch now: those that are hit and do not stand already.

    Unknown equity latches nothing; the check `equity_known` stops entries meanwhile.
    """
    return tuple(
        HaltLatched(level.name, level.cause)
        for level in stop_levels(portfolio, policy, equity=equity, now=now)
        if level.is_hit and level.name not in portfolio.halts
    )


def stop_levels(
    portfolio: Portfolio, policy: Policy, *, equity: Money | None, now: Instant
) -> tuple[StopLevel, ...]:
    """Where each of the three stops stands at `equity`."""
    record, stops = portfolio.equity, policy.stops
    nav = nav_of(record, equity)
    # A base of an earlier day or week is over: the new one begins with the equity of now.
    day = [record.day] if record.day and record.day.time >= now.day_start else []
    week = [record.week] if record.week and record.week.time >= now.week_start else []
    bases = {
        HaltName.DAILY_STOP: (
            *_bases(record, nav, day, _of_day),
            *_bases(record, nav, high_since(record.highs_24h, now, DAY), _of_24_hours),
        ),
        HaltName.WEEKLY_STOP: (
            *_bases(record, nav, week, _of_week),
            *_bases(record, nav, high_since(record.highs_7d, now, 7 * DAY), _of_7_days),
        ),
        HaltName.DRAWDOWN: (),
    }
    if record.high_nav is not None:
        peak = HighPoint(now, record.high_nav)
        bases[HaltName.DRAWDOWN] = _bases(record, nav, [peak], _of_all_time)
    limits = {
        HaltName.DAILY_STOP: stops.daily_pct,
        HaltName.WEEKLY_STOP: stops.weekly_pct,
        HaltName.DRAWDOWN: -stops.drawdown_pct,
    }
    return tuple(StopLevel(name, limits[name], bases[name]) for name in limits)


def nav_of(record: EquityRecord, equity: Money | None) -> Decimal | None:
    """What a unit is worth at `equity`; None while that is unknown."""
    if equity is None or record.units == 0:
        return None
    return CONTEXT.divide(equity.value, record.units)


def high_since(steps: tuple[HighPoint, ...], now: Instant, window: timedelta) -> list[HighPoint]:
    """The greatest value of the window: the first step that is not older than it."""
    since = now.us - microseconds(window)
    for step in steps:
        if step.time.us >= since:
            return [step]
    return []


def _of_day(point: HighPoint) -> str:
    return f"at {_time_of_day(point)}"


def _of_week(point: HighPoint) -> str:
    weekday = _WEEKDAYS[(point.time - point.time.week_start) // DAY]
    return f"on {weekday} {_time_of_day(point)}"


def _of_24_hours(_: HighPoint) -> str:
    return "as the 24 h high"


def _of_7_days(_: HighPoint) -> str:
    return "as the 7 x 24 h high"


def _of_all_time(_: HighPoint) -> str:
    return "as the high-water mark"


def _time_of_day(point: HighPoint) -> str:
    minutes = (point.time - point.time.day_start) // MINUTE
    return f"{minutes // 60:02d}:{minutes % 60:02d} UTC"


def _bases(
    record: EquityRecord,
    nav: Decimal | None,
    points: list[HighPoint],
    named: Callable[[HighPoint], str],
) -> tuple[Base, ...]:
    if nav is None:
        return ()
    return tuple(
        Base(point, named, record.money(point.nav), change_of(nav, point.nav))
        for point in points
        if point.nav > 0
    )


def change_of(nav: Decimal, base: Decimal) -> Percent:
    """The change from one value of a unit to another, in per cent."""
    ratio = CONTEXT.divide(CONTEXT.subtract(nav, base), base)
    return Percent(Percent.from_fraction(ratio).value.quantize(_STEP, context=CONTEXT))
