"""A wish to trade, before anything has judged it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from enum import Enum

from trader247.domain.dataclass import dataclass
from trader247.domain.ids import DecisionId, ProductId
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.orders import OrderType, Side


class Purpose(Enum):
    """Why an order is wished for: to open exposure or to lower it."""

    ENTRY = "entry"
    EXIT = "exit"


class ExitCause(Enum):
    """What made a position leave."""

    STOP = "stop"
    TARGET = "target"
    LONGEST_HOLD = "longest_hold"
    TRAILING_STOP = "trailing_stop"
    FLATTEN = "flatten"


@dataclass(frozen=True, slots=True)
class ExitPlan:
    """How a position is to end, fixed when its entry is decided.

    `stop_fraction` and `target_fraction` are distances from the entry price, as fractions of it,
    both positive: the position's own prices follow from its average cost.
    """

    stop_fraction: Decimal
    target_fraction: Decimal
    longest_hold: timedelta
    trailing_fraction: Decimal | None = None


class _Derived:
    """Room for what follows from a proposal's fields: every check asks for it."""

    __slots__ = ("is_entry", "notional")
    is_entry: bool
    notional: Money


@dataclass(frozen=True, slots=True)
class Proposal(_Derived):
    """A wish to trade, unjudged.

    `strategy` names the strategy, `rule` the rule of it; an exit carries those of its entry and
    the entry's decision id. `leg` tells several orders of one decision apart: 0 is the entry,
    exits count up from 1. `reference` is the mid that the decision saw.
    """

    product: ProductId
    side: Side
    purpose: Purpose
    order_type: OrderType
    price: Price
    quantity: Quantity
    reference: Price
    strategy: str
    rule: str
    decision_id: DecisionId
    leg: int
    score: Decimal
    lifetime: timedelta
    plan: ExitPlan | None = None
    exit_cause: ExitCause | None = None
    stop_price: Price | None = None
    """Where a resting stop triggers; for that kind of order alone."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "notional", self.price * self.quantity)
        object.__setattr__(self, "is_entry", self.purpose is Purpose.ENTRY)
