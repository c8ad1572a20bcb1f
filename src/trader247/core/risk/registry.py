"""Every risk check, in the order in which they are asked and in which a reason is chosen."""

from __future__ import annotations

from trader247.core.risk.check import Check
from trader247.core.risk.checks.arming import ArmingCheck
from trader247.core.risk.checks.banned import Banned
from trader247.core.risk.checks.breaker_open import BreakerOpen
from trader247.core.risk.checks.buying_power import BuyingPower
from trader247.core.risk.checks.canary import Canary
from trader247.core.risk.checks.capital import Capital
from trader247.core.risk.checks.clock_skew import ClockSkew
from trader247.core.risk.checks.cluster_exposure import ClusterExposure
from trader247.core.risk.checks.collar import Collar
from trader247.core.risk.checks.confirmation import ConfirmationCheck
from trader247.core.risk.checks.cooldown import Cooldown
from trader247.core.risk.checks.depth_multiple import DepthMultiple
from trader247.core.risk.checks.duplicate import Duplicate
from trader247.core.risk.checks.equity_known import EquityKnown
from trader247.core.risk.checks.fee_worth import FeeWorth
from trader247.core.risk.checks.increments import Increments
from trader247.core.risk.checks.ladder import Ladder
from trader247.core.risk.checks.losing_streak import LosingStreak
from trader247.core.risk.checks.market_volume import MarketVolume
from trader247.core.risk.checks.max_order import MaxOrder
from trader247.core.risk.checks.max_positions import MaxPositions
from trader247.core.risk.checks.min_notional import MinNotional
from trader247.core.risk.checks.new_positions import NewPositions
from trader247.core.risk.checks.order_type import OrderTypeCheck
from trader247.core.risk.checks.pace import Pace
from trader247.core.risk.checks.product_exposure import ProductExposure
from trader247.core.risk.checks.product_status import ProductStatusCheck
from trader247.core.risk.checks.quote_age import QuoteAge
from trader247.core.risk.checks.quote_sanity import QuoteSanity
from trader247.core.risk.checks.repetition import Repetition
from trader247.core.risk.checks.self_match import SelfMatch
from trader247.core.risk.checks.slippage import Slippage
from trader247.core.risk.checks.total_exposure import TotalExposure
from trader247.core.risk.checks.trading_state import TradingStateCheck
from trader247.core.risk.checks.turnover import Turnover

ALL_CHECKS: tuple[type[Check], ...] = (
    TradingStateCheck,
    ArmingCheck,
    BreakerOpen,
    Banned,
    EquityKnown,
    ClockSkew,
    ProductStatusCheck,
    QuoteAge,
    QuoteSanity,
    OrderTypeCheck,
    Increments,
    MinNotional,
    MaxOrder,
    Collar,
    Slippage,
    FeeWorth,
    DepthMultiple,
    MarketVolume,
    SelfMatch,
    MaxPositions,
    NewPositions,
    Pace,
    Repetition,
    Cooldown,
    LosingStreak,
    Duplicate,
    Turnover,
    Capital,
    ProductExposure,
    ClusterExposure,
    TotalExposure,
    BuyingPower,
    Canary,
    Ladder,
    ConfirmationCheck,
)
