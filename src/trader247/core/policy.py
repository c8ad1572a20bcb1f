"""The policy: every number that decides, typed, bounded, and nothing else.

Defaults are the shipped ones; a bound in `limit(...)` is a ceiling in code. The numbers of the
founding document (5 %, 15 %, 15 USD, -3 %, -7 %, 10 %, 50 bps, 30 s) are default and ceiling both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal

from trader247.core.limits import limit
from trader247.core.market.own_strategy import OwnStrategy
from trader247.core.risk.check import Ask, Check, ask_of
from trader247.core.universe_policy import UniversePolicy
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ProductId
from trader247.domain.money import Bps, Percent
from trader247.domain.portfolio import EMPTY
from trader247.domain.proposals import Purpose


@dataclass(frozen=True, slots=True)
class SignalPolicy:
    """How signals become triggers."""

    score_min: Decimal = limit(
        Decimal("0.2"), unit="score", at_least="0.05", at_most=1, doc="a score below it is nothing"
    )
    triggers_max: int = limit(
        5, unit="triggers", at_least=1, at_most=20, doc="triggers a cycle, the strongest first"
    )
    missing_pct_max: Percent = limit(
        Percent(Decimal(10)),
        unit="%",
        at_least=0,
        at_most=25,
        doc="minutes without a trade in a window",
    )
    outlier_pct: Percent = limit(
        Percent(Decimal(10)),
        unit="%",
        at_least=1,
        at_most=50,
        doc="last close off the mean of the 20 bars before it",
    )
    outlier_volume_pct: Percent = limit(
        Percent(Decimal(10)),
        unit="%",
        at_least=0,
        at_most=100,
        doc="of their volume: below it, the close is an outlier",
    )
    volatility_pct_max: Percent = limit(
        Percent(Decimal(150)),
        unit="%",
        at_least=10,
        at_most=300,
        doc="annualised volatility over 24 h: above it no entry",
    )


@dataclass(frozen=True, slots=True)
class RegimePolicy:
    """What the reference product's week says of the market, and how it scales sizes."""

    reference: ProductId = ProductId("BTC", "USD")
    crash_trend_pct: Percent = limit(
        Percent(Decimal(-10)),
        unit="%",
        at_least=-50,
        at_most=0,
        doc="seven-day return below which it is a crash",
    )
    crash_volatility_pct: Percent = limit(
        Percent(Decimal(100)),
        unit="%",
        at_least=20,
        at_most=200,
        doc="volatility above which it is a crash",
    )
    bull_trend_pct: Percent = limit(
        Percent(Decimal(10)),
        unit="%",
        at_least=0,
        doc="seven-day return from which it is a bull market",
    )
    bull_volatility_pct: Percent = limit(
        Percent(Decimal(60)),
        unit="%",
        at_least=0,
        at_most=150,
        doc="volatility below which it can be a bull market",
    )
    bear_trend_pct: Percent = limit(
        Percent(Decimal(-5)),
        unit="%",
        at_least=-50,
        at_most=0,
        doc="seven-day return down to which it is no bear market",
    )
    bull_multiplier: Decimal = limit(Decimal("1.2"), unit="x", at_least=0, at_most=2, doc="of size")
    chop_multiplier: Decimal = limit(Decimal("0.8"), unit="x", at_least=0, at_most=2, doc="of size")
    bear_multiplier: Decimal = limit(Decimal("0.5"), unit="x", at_least=0, at_most=1, doc="of size")


@dataclass(frozen=True, slots=True)
class SizingPolicy:
    """How large an order is before the caps."""

    risk_pct: Percent = limit(
        Percent(Decimal(1)),
        unit="% of equity",
        at_least="0.01",
        at_most=2,
        doc="lost if the stop is hit",
    )


@dataclass(frozen=True, slots=True)
class StopPolicy:
    """Losses at which trading stops until a person looks; all on marked-to-market equity."""

    daily_pct: Percent = limit(
        Percent(Decimal(-3)),
        unit="%",
        at_least=-3,
        at_most="-0.1",
        key="risk.daily_stop_pnl_pct",
        doc="from 00:00 UTC and from the 24 h high, the worse",
    )
    weekly_pct: Percent = limit(
        Percent(Decimal(-7)),
        unit="%",
        at_least=-7,
        at_most="-0.1",
        key="risk.weekly_stop_pnl_pct",
        doc="from Monday 00:00 UTC and from the 7 x 24 h high, the worse",
    )
    drawdown_pct: Percent = limit(
        Percent(Decimal(10)),
        unit="%",
        at_least="0.1",
        at_most=10,
        key="risk.max_drawdown_pct",
        doc="below the flow-adjusted high-water mark",
    )


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """Measured conditions that close entries for a while."""

    errors_running: int = limit(
        3, unit="errors", at_least=1, at_most=10, doc="API errors one after the other"
    )
    errors_in_5_min: int = limit(
        5, unit="errors", at_least=1, at_most=20, doc="API errors in five minutes"
    )
    rate_limited_in_10_min: int = limit(
        3, unit="answers", at_least=1, at_most=10, doc="rate-limit answers in ten minutes"
    )
    stale_share_pct: Percent = limit(
        Percent(Decimal(50)),
        unit="% of universe",
        at_least=1,
        at_most=90,
        doc="products stale or unquoted: above it, open",
    )
    overruns: int = limit(
        3,
        unit="cycles",
        at_least=1,
        at_most=10,
        doc="cycles over their budget, one after the other",
    )
    cycle_budget_seconds: int = limit(
        45, unit="s", at_least=1, at_most=600, doc="a cycle's own time"
    )
    latency_seconds_max: int = limit(
        5, unit="s", at_least=1, at_most=5, doc="95 % of the venue's answers of 5 min within it"
    )
    reconnects_per_hour: int = limit(
        6, unit="times", at_least=1, at_most=6, doc="a stream had to be begun anew: above it, open"
    )
    disk_mb_min: int = limit(
        1000, unit="MB", at_least=1000, doc="free where the journal is: under it, open"
    )
    probe_minutes: int = limit(
        5, unit="min", at_least=5, at_most=60, doc="open at the least, whatever opened it"
    )
    move_major_pct: Percent = limit(
        Percent(Decimal(5)),
        unit="%",
        at_least=1,
        at_most=20,
        doc="five-minute move of tier 1 that is a flash crash",
    )
    move_other_pct: Percent = limit(
        Percent(Decimal(10)),
        unit="%",
        at_least=1,
        at_most=40,
        doc="five-minute move of others that is a flash crash",
    )
    move_minutes: int = limit(
        30, unit="min", at_least=1, at_most=1440, doc="without entries after a flash crash"
    )
    velocity_pct: Percent = limit(
        Percent(Decimal(1)),
        unit="% of equity",
        at_least="0.1",
        at_most=1,
        doc="lost within 15 minutes: at it, open",
    )
    velocity_minutes: int = limit(
        360, unit="min", at_least=60, at_most=1440, doc="without entries after such a loss"
    )
    clean_cycles: int = limit(
        2, unit="cycles", at_least=2, at_most=60, doc="clean cycles that close a breaker"
    )


@dataclass(frozen=True, slots=True)
class ConductPolicy:
    """How a strategy may behave towards the market within a UTC day."""

    orders_per_trade: int = limit(
        50, unit="orders", at_least=2, at_most=50, doc="for each that trades: above it, a warning"
    )
    hasty_pct: int = limit(
        50, unit="% of orders", at_least=1, at_most=50, doc="ended within 2 s: above it, a ban"
    )
    orders_min: int = limit(
        4, unit="orders", at_least=1, at_most=10, doc="of a day before that share is judged"
    )


@dataclass(frozen=True, slots=True)
class ExecutionPolicy:
    """How an approved order is sent, and for how long it lives."""

    order_type: str = field(
        default="limit_post_only",
        metadata={"key": "execution.default_order_type", "choices": ("limit_post_only",)},
    )
    venue_stops: str = field(
        default="auto",
        metadata={
            "key": "execution.venue_stops",
            "choices": ("auto", "off"),
            "doc": "auto keeps each position's stop at the venue, where it takes it",
        },
    )
    reprices_max: int = limit(
        2,
        unit="tries",
        at_least=0,
        at_most=3,
        doc="entries after post-only rejections in a row, within 10 min",
    )
    post_only_cushion_bps: Bps = limit(
        Bps.of(2), unit="bps", at_least=1, at_most=20, doc="under the touch for each rejection"
    )
    entry_seconds: int = limit(300, unit="s", at_least=30, at_most=300, doc="life of an entry")
    exit_seconds: int = limit(900, unit="s", at_least=30, at_most=900, doc="life of an exit")
    exit_collar_bps: Bps = limit(
        Bps(Decimal(50)),
        unit="bps",
        at_least=1,
        at_most=50,
        doc="how far under the mid a sale may take",
    )
    decision_seconds_max: int = limit(
        2, unit="s", at_least=1, at_most=2, doc="age of a decision at the moment of sending"
    )
    cancels_per_minute: int = limit(
        30,
        unit="requests",
        at_least=20,
        at_most=30,
        doc="for cancels: above it they wait; a stop's never do",
    )
    reconcile_seconds: int = limit(
        120, unit="s", at_least=10, at_most=120, doc="age at which a difference becomes a break"
    )
    overlap_minutes: int = limit(
        5,
        unit="min",
        at_least=5,
        at_most=1440,
        doc="fills are read again this far back, each cycle",
    )
    overlap_start_hours: int = limit(
        24,
        unit="h",
        at_least=24,
        at_most=720,
        doc="fills are read again this far back, after a start",
    )
    fallback_maker_bps: Bps = limit(
        Bps(Decimal(50)),
        unit="bps",
        at_least=0,
        at_most=200,
        doc="maker fee while the account's tier is unknown",
    )
    fallback_taker_bps: Bps = limit(
        Bps(Decimal(90)),
        unit="bps",
        at_least=0,
        at_most=200,
        doc="taker fee while the account's tier is unknown",
    )


class _ByKindOnce:
    """Room for what follows from a policy alone, and is asked for with every order or cycle."""

    __slots__ = ("_asked", "_by_kind", "_check_ids", "_kinds", "instruments")
    _asked: Mapping[Purpose, tuple[Ask, ...]]
    _by_kind: Mapping[type[Check], Check]
    _check_ids: tuple[str, ...]
    _kinds: tuple[type[Check], ...]
    instruments: object
    """What `core.instruments` has made of it, once it was asked."""


@dataclass(frozen=True, slots=True)
class Policy(_ByKindOnce):
    """Everything that decides. `hash` is of its canonical text, `text` that text itself.

    `signals` and `rules` hold one settings object for each registered signal and rule, by id.
    `strategies` are a person's own, enabled, in order of their names.
    """

    universe: UniversePolicy
    checks: tuple[Check, ...]
    signals: Mapping[str, object] = field(default_factory=lambda: EMPTY)
    rules: Mapping[str, object] = field(default_factory=lambda: EMPTY)
    triggers: SignalPolicy = field(default_factory=SignalPolicy)
    regime: RegimePolicy = field(default_factory=RegimePolicy)
    sizing: SizingPolicy = field(default_factory=SizingPolicy)
    stops: StopPolicy = field(default_factory=StopPolicy)
    breakers: BreakerPolicy = field(default_factory=BreakerPolicy)
    conduct: ConductPolicy = field(default_factory=ConductPolicy)
    execution: ExecutionPolicy = field(default_factory=ExecutionPolicy)
    strategies: tuple[OwnStrategy, ...] = ()
    quote_currency: str = "USD"
    hash: str = ""
    text: str = ""

    @property
    def kinds(self) -> tuple[type[Check], ...]:
        """The classes of the checks, in their order."""
        try:
            return self._kinds
        except AttributeError:
            object.__setattr__(self, "_kinds", tuple(map(type, self.checks)))
            return self._kinds

    @property
    def check_ids(self) -> tuple[str, ...]:
        """What the checks are called, in their order."""
        try:
            return self._check_ids
        except AttributeError:
            object.__setattr__(self, "_check_ids", tuple(each.id for each in self.checks))
            return self._check_ids

    @property
    def by_kind(self) -> Mapping[type[Check], Check]:
        """The checks, each by its class."""
        try:
            return self._by_kind
        except AttributeError:
            object.__setattr__(self, "_by_kind", {type(each): each for each in self.checks})
            return self._by_kind

    def asked(self, purpose: Purpose) -> tuple[Ask, ...]:
        """How each check is asked of orders with a purpose."""
        try:
            return self._asked[purpose]
        except AttributeError:
            asked = {each: tuple(ask_of(check, each) for check in self.checks) for each in Purpose}
            object.__setattr__(self, "_asked", asked)
            return asked[purpose]

    def strategy_of(self, rule: str) -> OwnStrategy | None:
        """The person's own strategy that a rule belongs to; None for a shipped one."""
        return next((each for each in self.strategies if each.rule.id == rule), None)
