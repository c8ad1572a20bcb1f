"""The closed lists: why a product traded or not, why trading halted, what opens a breaker."""

from __future__ import annotations

from enum import Enum


class Reason(Enum):
    """The one word in which each product of each cycle ends; the value is the word shown.

    The members after `REFUSALS` are ids of risk checks: the first check that said no.
    """

    # traded
    ENTRY_SENT = "entry_sent"
    EXIT_SENT = "exit_sent"
    # decided, but not at the venue
    DRY_RUN = "dry_run"
    DECLINED = "declined_by_venue"
    NOT_SENT = "not_sent"
    UNKNOWN_OUTCOME = "unknown_outcome"
    # already busy
    HOLDING = "holding"
    ORDER_WORKING = "order_working"
    # not in the universe
    NOT_AT_VENUE = "not_at_venue"
    STABLECOIN = "stablecoin"
    RED_FLAGGED = "red_flagged"
    NOT_TRADABLE = "not_tradable"
    NEWLY_LISTED = "newly_listed"
    NO_QUOTE = "no_quote"
    STALE_QUOTE = "stale_quote"
    CROSSED_QUOTE = "crossed_quote"
    VOLUME_UNKNOWN = "volume_unknown"
    VOLUME_LOW = "volume_low"
    SPREAD_WIDE = "spread_wide"
    DEPTH_UNKNOWN = "depth_unknown"
    DEPTH_LOW = "depth_low"
    WAITING_TO_ENTER = "waiting_to_enter"
    UNIVERSE_TOO_SMALL = "universe_too_small"
    # measured, and nothing to do
    BARS_MISSING = "bars_missing"
    OUTLIER = "outlier"
    VOLATILITY_HIGH = "volatility_high"
    REGIME_CRASH = "regime_crash"
    NO_TRIGGER = "no_trigger"
    OUTRANKED = "outranked"
    SIZE_BELOW_FLOOR = "size_below_floor"
    # REFUSALS: the first risk check that said no
    TRADING_STATE = "trading_state"
    ARMING = "arming"
    BREAKER_OPEN = "breaker_open"
    BANNED = "banned"
    EQUITY_KNOWN = "equity_known"
    CLOCK_SKEW = "clock_skew"
    PRODUCT_STATUS = "product_status"
    QUOTE_AGE = "quote_age"
    QUOTE_SANITY = "quote_sanity"
    ORDER_TYPE = "order_type"
    INCREMENTS = "increments"
    MIN_NOTIONAL = "min_notional"
    MAX_ORDER = "max_order"
    COLLAR = "collar"
    SLIPPAGE = "slippage"
    FEE_WORTH = "fee_worth"
    DEPTH_MULTIPLE = "depth_multiple"
    MARKET_VOLUME = "market_volume"
    SELF_MATCH = "self_match"
    MAX_POSITIONS = "max_positions"
    NEW_POSITIONS = "new_positions"
    PACE = "pace"
    REPETITION = "repetition"
    COOLDOWN = "cooldown"
    LOSING_STREAK = "losing_streak"
    DUPLICATE = "duplicate"
    TURNOVER = "turnover"
    CAPITAL = "capital"
    PRODUCT_EXPOSURE = "product_exposure"
    CLUSTER_EXPOSURE = "cluster_exposure"
    TOTAL_EXPOSURE = "total_exposure"
    BUYING_POWER = "buying_power"
    CANARY = "canary"
    LADDER = "ladder"
    CONFIRMATION = "confirmation"


class TradingState(Enum):
    """ACTIVE trades; REDUCING only lowers exposure; HALTED only cancels."""

    ACTIVE = "ACTIVE"
    REDUCING = "REDUCING"
    HALTED = "HALTED"


class HaltName(Enum):
    """What can latch; the value is the NAME of `unlock halt NAME`."""

    KILL_SWITCH = "kill_switch"
    INVARIANT = "invariant"
    STORAGE = "storage"
    CHAIN = "chain"
    READ_ONLY = "read_only"
    KEY = "key"
    DAILY_STOP = "daily_stop"
    WEEKLY_STOP = "weekly_stop"
    DRAWDOWN = "drawdown"
    FEES = "fees"
    RECONCILIATION_BREAK = "reconciliation_break"
    CRASH_LOOP = "crash_loop"
    ALERTS = "alerts"
    PAUSE = "pause"

    @property
    def state(self) -> TradingState:
        """The trading state that this halt imposes while it stands."""
        return TradingState.HALTED if self in _HALTING else TradingState.REDUCING


_HALTING = frozenset(
    {
        HaltName.KILL_SWITCH,
        HaltName.INVARIANT,
        HaltName.STORAGE,
        HaltName.CHAIN,
        HaltName.READ_ONLY,
        HaltName.KEY,
    }
)


class BreakerName(Enum):
    """Conditions that close entries by themselves and open them again after clean cycles.

    Two of them keep entries closed for a time besides, however clean the cycles are.
    """

    API_ERRORS = "api_errors"
    RATE_LIMIT = "rate_limit"
    MAINTENANCE = "maintenance"
    STALE_MARKET = "stale_market"
    CYCLE_BUDGET = "cycle_budget"
    VOLATILITY = "volatility"
    LOSS_VELOCITY = "loss_velocity"
    LATENCY = "latency"
    RECONNECTS = "reconnects"
    DISK = "disk"


class Severity(Enum):
    """How much an alert matters; CRITICAL is repeated until a person acknowledges it."""

    INFO = "INFO"
    WARNING = "WARNING"
    CRITICAL = "CRITICAL"
