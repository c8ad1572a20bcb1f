"""What the reference product's week says of the whole market, and how it scales sizes."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from trader247.core.policy import RegimePolicy
from trader247.core.risk.check import figure
from trader247.domain.dataclass import dataclass
from trader247.domain.market import Snapshot
from trader247.domain.money import CONTEXT, ZERO, Percent

BULL, BEAR, CHOP, CRASH = "bull", "bear", "chop", "crash"

HOURS = 168
"""Closes that the regime looks at: seven days of whole UTC hours."""

_HOURS_A_YEAR = 8_760
_NANO = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Regime:
    """The state of the market; trend and volatility are None while the week is not known.

    `volatility` is annualised, from hourly returns.
    """

    name: str
    multiplier: Decimal
    trend: Percent | None = None
    volatility: Percent | None = None

    def __str__(self) -> str:
        if self.trend is None or self.volatility is None:
            return f"{self.name}: fewer than {HOURS} hours are known"
        trend, volatility = figure(self.trend.value, 2), figure(self.volatility.value, 1)
        return f"{self.name}: seven days {trend} %, volatility {volatility} %"


def regime_of(snapshot: Snapshot, policy: RegimePolicy) -> Regime:
    """The regime at this instant, from the last `HOURS` hourly closes and no others."""
    view = snapshot.views.get(policy.reference)
    hourly = None if view is None else view.hourly
    if hourly is None or len(hourly) < HOURS or min(hourly[-HOURS:]) <= 0:
        return Regime(CHOP, policy.chop_multiplier)
    closes = hourly[-HOURS:].tolist()
    trend = _percent(closes[-1] - closes[0], closes[0])
    volatility = _volatility(closes)
    name = _name(trend, volatility, policy)
    return Regime(name, multiplier_of(name, policy), trend, volatility)


def multiplier_of(name: str, policy: RegimePolicy) -> Decimal:
    """By how much a regime scales sizes."""
    multipliers = {
        BULL: policy.bull_multiplier,
        BEAR: policy.bear_multiplier,
        CHOP: policy.chop_multiplier,
        CRASH: ZERO,
    }
    return multipliers[name]


def _name(trend: Percent, volatility: Percent, policy: RegimePolicy) -> str:
    if trend < policy.crash_trend_pct or volatility > policy.crash_volatility_pct:
        return CRASH
    if trend >= policy.bull_trend_pct and volatility < policy.bull_volatility_pct:
        return BULL
    return BEAR if trend <= policy.bear_trend_pct else CHOP


def _percent(part: int, whole: int) -> Percent:
    return Percent.from_fraction(CONTEXT.divide(Decimal(part), Decimal(whole)))


def _volatility(closes: list[int]) -> Percent:
    # Whole billionths, and a root of exact sums: the same everywhere.
    returns = [
        (2 * _NANO * (after - before) + before) // (2 * before)
        for before, after in pairwise(closes)
    ]
    count, total = len(returns), sum(returns)
    squares = sum(each * each for each in returns)
    yearly = CONTEXT.sqrt(Decimal((count * squares - total * total) * _HOURS_A_YEAR))
    return Percent.from_fraction(CONTEXT.divide(yearly, Decimal(count * _NANO)))
