"""The ledger as folded from the journal: what we own, owe, wait for and remember.

Values only. Each figure here is a fold over events (`core.booking` folds them): there is no
counter that anything else can change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from trader247.domain.changing import replace
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ClientOrderId, ProductId
from trader247.domain.intents import WorkingIntent
from trader247.domain.keys import KeyStanding
from trader247.domain.market import FeeTier
from trader247.domain.money import (
    CONTEXT,
    NO_MONEY,
    ONE,
    Bps,
    Money,
    Price,
)
from trader247.domain.position import Position
from trader247.domain.reasons import BreakerName, HaltName, TradingState
from trader247.domain.stage import Stage
from trader247.domain.time import Instant

_keep = object.__setattr__

EMPTY: Mapping[Any, Any] = MappingProxyType({})


def _nothing() -> Mapping[Any, Any]:
    # Python 3.11 takes a mapping proxy for a mutable default and refuses it.
    return EMPTY


class _SlipsOnce:
    """Where a product's history keeps how many of its fills slipped, asked twice in each cycle."""

    __slots__ = ("_slipped",)
    _slipped: tuple[Decimal, int]


@dataclass(frozen=True, slots=True)
class ProductHistory(_SlipsOnce):
    """What a product's cooldowns and pace remember.

    `previous_stop` is the stop before the last one; `entries` are the buys of the last day that
    traded, `entries_running` counts those since the last sale. `slips` are what the last fills cost
    beyond the price that their orders were decided on, the oldest first; a gain is below zero.
    `last_price` is that of the last fill.
    """

    last_entry: Instant | None = None
    last_fill: Instant | None = None
    last_loss: Instant | None = None
    last_stop: Instant | None = None
    previous_stop: Instant | None = None
    entries: tuple[Instant, ...] = ()
    entries_running: int = 0
    slips: tuple[Bps, ...] = ()
    last_price: Price | None = None

    def slipped(self, most: Bps) -> int:
        """How many of the last fills cost more than `most`."""
        cap = most.value
        known: tuple[Decimal, int] | None = getattr(self, "_slipped", None)
        if known is None or known[0] != cap:
            known = cap, sum([slip.value > cap for slip in self.slips])
            _keep(self, "_slipped", known)
        return known[1]


NO_HISTORY = ProductHistory()
"""Of a product that was never traded."""


@dataclass(frozen=True, slots=True)
class DaySpending:
    """What was bought and paid in fees on the UTC day that began at `day`, as booked.

    The same of the day that was counted before stays with it: a clock may have run ahead.
    """

    day: Instant
    bought: Money = NO_MONEY
    fees: Money = NO_MONEY
    day_before: Instant | None = None
    bought_before: Money = NO_MONEY
    fees_before: Money = NO_MONEY

    def counted(self, at: Instant) -> DaySpending:
        """What counts on the UTC day of `at`, with a day that a clock which ran ahead has begun.

        A clock that is set back makes no room.
        """
        day, before = at.day_start, self.day_before
        if self.day < day:
            return DaySpending(day)
        if self.day == day or before is None or before < day:
            return self
        bought, fees = self.bought + self.bought_before, self.fees + self.fees_before
        return DaySpending(self.day, bought, fees)

    def going_on(self, at: Instant, last: Instant | None = None) -> DaySpending:
        """The same as more of it is booked at `at`: the later day goes on, until another begins.

        `last` is when the last cycle was, by the clock that is right: a day that has seen none is
        one that a clock ahead told of. It gives way to no second one, or what was counted before it
        would be forgotten.
        """
        day = at.day_start
        if not at.begins_day_after(self.day):
            return self
        if last is not None and last < self.day < day:
            return replace(self, day=day)
        if self.day < day:
            return DaySpending(day, NO_MONEY, NO_MONEY, self.day, self.bought, self.fees)
        return replace(self.counted(at), day=day)  # the day that it told of never was


@dataclass(frozen=True, slots=True)
class DayConduct:
    """How one strategy behaved on the UTC day that began at `day`.

    `orders` are those sent to trade: a position's resting stop, renewed all day, is none. `traded`
    are those of them that filled, wholly or in part, `hasty` those whose end was asked for at once.
    """

    day: Instant
    orders: int = 0
    traded: int = 0
    hasty: int = 0


@dataclass(frozen=True, slots=True)
class Doubt:
    """A product whose market data is not believed: it is not bought until `until` at the least.

    Where a jump is in doubt, `level` is where it went and `prints` counts the later quotes that
    stayed there, the last of them of the time
    `last_print`; `level` is None where nothing of that kind
    could confirm it.
    """

    cause: str
    since: Instant
    until: Instant
    level: Price | None = None
    prints: int = 0
    last_print: Instant | None = None


@dataclass(frozen=True, slots=True)
class Ban:
    """A latched stop of entries: of one product, or of one strategy, named by `scope`.

    `control` is what found fault; it stands until a person clears `key`.
    """

    control: str
    scope: str
    cause: str
    since: Instant

    @property
    def key(self) -> str:
        """What a person clears: `collar:BTC-USD`."""
        return ban_key(self.control, self.scope)


def ban_key(control: str, scope: str) -> str:
    """The name under which a fault of `scope` is kept."""
    return f"{control}:{scope}"


@dataclass(frozen=True, slots=True)
class Membership:
    """Where a product stands with the universe; `streak` counts cycles against its state."""

    is_member: bool
    streak: int = 0


@dataclass(frozen=True, slots=True)
class Halt:
    """A latched stop: it stands until a person clears it."""

    name: HaltName
    cause: str
    since: Instant
    keeps_sales: bool = False


@dataclass(frozen=True, slots=True)
class Breaker:
    """An open circuit breaker; it closes after two clean cycles."""

    name: BreakerName
    cause: str
    since: Instant
    clean_cycles: int = 0


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """A critical alert that nobody has acknowledged; its cause has not been cleared either.

    `ids` are the latest alerts of its code, escalations among them, and `text` is the last one's.
    Whether it was escalated is a fact of its own: times do not tell where a clock was set.
    """

    code: str
    ids: tuple[int, ...]
    since: Instant
    text: str
    is_escalated: bool = False


@dataclass(frozen=True, slots=True)
class DayTally:
    """What a UTC day's digest counts, from the first whole cycle of the day on.

    `fills`, `realised` and `fees` are the ledger's as the day began. `up` is the time between
    cycles of one process; while `is_restarted`, the process of the day has not cycled yet.
    """

    day: Instant
    fills: int
    realised: Money
    fees: Money
    up: timedelta
    halts: tuple[HaltName, ...] = ()
    cycles: int = 0
    refusals: Mapping[str, int] = field(default_factory=_nothing)
    is_restarted: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference between ledger and venue, with its age; `is_break` once it has latched."""

    key: str
    ledger: str
    venue: str
    since: Instant
    is_break: bool = False


@dataclass(frozen=True, slots=True)
class HighPoint:
    """A value that no later one in its window has reached yet."""

    time: Instant
    nav: Decimal


@dataclass(frozen=True, slots=True)
class EquityRecord:
    """Equity over time as a fund counts it, so that flows are never profit or loss.

    `units` are bought and sold at `going_nav`, the last known one, by deposits and withdrawals;
    `nav` is equity a unit. The stops compare navs. `day` and `week` hold the nav at the start of
    the UTC day and of the Monday week; `highs_24h` and `highs_7d` are falling staircases whose
    first step is the greatest nav of the window. All None or empty until the first known equity.
    """

    units: Decimal = Decimal(0)
    going_nav: Decimal = ONE
    equity: Money | None = None
    time: Instant | None = None
    high_nav: Decimal | None = None
    day: HighPoint | None = None
    week: HighPoint | None = None
    highs_24h: tuple[HighPoint, ...] = ()
    highs_7d: tuple[HighPoint, ...] = ()

    @property
    def nav(self) -> Decimal | None:
        """Equity a unit, or None while equity is unknown."""
        if self.equity is None or self.units == 0:
            return None
        return CONTEXT.divide(self.equity.value, self.units)

    def money(self, nav: Decimal) -> Money:
        """A nav as money, at today's number of units."""
        return Money(CONTEXT.multiply(nav, self.units))

    @property
    def high_water_mark(self) -> Money | None:
        """The greatest equity so far, flow-adjusted."""
        return None if self.high_nav is None else self.money(self.high_nav)


@dataclass(frozen=True, slots=True)
class Rejections:
    """Entries of a product that would not have rested, one after the other."""

    count: int
    last: Instant


@dataclass(frozen=True, slots=True)
class FaultTimes:
    """When the venue failed us lately, for the breakers: each bounded by its window."""

    errors: tuple[Instant, ...] = ()
    running: int = 0
    rate_limited: tuple[Instant, ...] = ()
    is_refused: bool = False
    """Whether the last cycle was, for its rate."""
    overruns: int = 0
    reconnects: tuple[Instant, ...] = ()
    is_slow: bool = False
    is_disk_low: bool = False


class _SumsOnce:
    """Where a ledger keeps what it has at risk: each check of an order asks for it anew."""

    __slots__ = ("sums",)
    sums: object


@dataclass(frozen=True, slots=False)
class Portfolio(_SumsOnce):
    """The whole folded state; `seq` is the last event folded into it.

    `working` are the intents that may still cost something; `settled` those that ended lately, of
    which an order or a fill may still turn up late. `pinned` is the venue's portfolio that the
    book was begun on, `key` what the venue said of the key; empty and None where nobody asked.
    `stage` is None where nobody has to arm.
    """

    seq: int = 0
    book: str = ""
    quote_currency: str = "USD"
    epoch: int = 0
    code_version: str = ""
    is_session_open: bool = False
    unclean_ends: tuple[Instant, ...] = ()
    policy_hash: str = ""
    cycle: int = 0
    time: Instant | None = None
    cash: Money | None = None
    flows: Money = NO_MONEY
    realised: Money = NO_MONEY
    fees_paid: Money = NO_MONEY
    fills_booked: int = 0
    fills_quarantined: int = 0
    foreign: Mapping[str, Decimal] = field(default_factory=_nothing)
    foreign_until: Instant | None = None
    """When the latest order that is not ours was made, of those told of."""
    positions: Mapping[ProductId, Position] = field(default_factory=_nothing)
    dust: Mapping[ProductId, Position] = field(default_factory=_nothing)
    """What is left of positions and less than the venue sells: owned, and no position."""
    working: Mapping[ClientOrderId, WorkingIntent] = field(default_factory=_nothing)
    settled: Mapping[ClientOrderId, WorkingIntent] = field(default_factory=_nothing)
    marks: Mapping[ProductId, Price] = field(default_factory=_nothing)
    equity: EquityRecord = field(default_factory=EquityRecord)
    fee_tier: FeeTier | None = None
    pinned: str = ""
    key: KeyStanding | None = None
    halts: Mapping[HaltName, Halt] = field(default_factory=_nothing)
    breakers: Mapping[BreakerName, Breaker] = field(default_factory=_nothing)
    differences: Mapping[str, Difference] = field(default_factory=_nothing)
    universe: Mapping[ProductId, Membership] = field(default_factory=_nothing)
    history: Mapping[ProductId, ProductHistory] = field(default_factory=_nothing)
    entries_sent: tuple[Instant, ...] = ()
    spent: DaySpending | None = None
    losing_streak: int = 0
    last_loss: Instant | None = None
    faults: FaultTimes = field(default_factory=FaultTimes)
    alerts: Mapping[str, Instant] = field(default_factory=_nothing)
    open_alerts: Mapping[str, OpenAlert] = field(default_factory=_nothing)
    tally: DayTally | None = None
    reasons: Mapping[ProductId, str] = field(default_factory=_nothing)
    fills_until: Instant | None = None
    stage: Stage | None = None
    stops_refused: Mapping[ProductId, Instant] = field(default_factory=_nothing)
    """When the venue last declined to keep a product's stop, and has taken none since."""
    post_only_rejections: Mapping[ProductId, Rejections] = field(default_factory=_nothing)
    bans: Mapping[str, Ban] = field(default_factory=_nothing)
    """By key: what may not be bought until a person says so."""
    strikes: Mapping[str, tuple[Instant, ...]] = field(default_factory=_nothing)
    """By control and scope: when fault was found within the last day, the latest."""
    conduct: Mapping[str, DayConduct] = field(default_factory=_nothing)
    """By strategy."""
    doubts: Mapping[ProductId, Doubt] = field(default_factory=_nothing)

    @property
    def holdings(self) -> Mapping[ProductId, Position]:
        """All that is ours: positions and dust. No product is in both."""
        return {**self.positions, **self.dust} if self.dust else self.positions

    @property
    def keeps_sales(self) -> bool:
        """Whether sales may go on resting, since they only reduce, whatever halts trading."""
        return all(
            halt.keeps_sales
            for halt in self.halts.values()
            if halt.name.state is TradingState.HALTED
        )

    @property
    def trading_state(self) -> TradingState:
        """The strictest state that a standing halt imposes."""
        if not self.halts:
            return TradingState.ACTIVE
        states = {halt.name.state for halt in self.halts.values()}
        if TradingState.HALTED in states:
            return TradingState.HALTED
        return TradingState.REDUCING
