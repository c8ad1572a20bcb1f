"""What is known of an order, from both sides: the exchange's own word, and the trader's journal."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

from trader247.truth.exact import NONE, exact, maybe

Row = dict[str, Any]
"""A row of the exchange, or an event of the journal, as it was told."""

FINAL = frozenset({"FILLED", "CANCELLED", "EXPIRED", "FAILED"})
"""The statuses after which nothing happens to an order any more."""
UNRESOLVED = frozenset({"SUBMITTING", "UNKNOWN"})
PAST = frozenset({"REJECTED", "NOT_CREATED"})
HALTING = frozenset({"kill_switch", "invariant", "storage", "chain", "read_only", "key"})
"""Halts under which only cancels leave; every other lets orders through that only reduce."""


@dataclass(slots=True)
class Order:
    """An order as the exchange has it."""

    order_id: str
    name: str
    product: str
    side: str
    kind: str
    is_post_only: bool
    price: Fraction | None
    size: Fraction | None
    filled: Fraction
    fees: Fraction
    status: str
    created_us: int
    end_us: int | None
    is_ours: bool

    @staticmethod
    def of(row: Row) -> Order:
        """A row as it was told."""
        return Order(
            order_id=row["order_id"],
            name=row["client_order_id"],
            product=row["product_id"],
            side=row["side"],
            kind=row["kind"],
            is_post_only=row["post_only"],
            price=maybe(row["price"]),
            size=maybe(row["size"]),
            filled=exact(row["filled"]),
            fees=exact(row["fees"]),
            status=row["status"],
            created_us=row["created_us"],
            end_us=row["end_us"],
            is_ours=row["is_ours"],
        )

    @property
    def is_live(self) -> bool:
        """Whether anything can still happen to it."""
        return self.status not in FINAL

    @property
    def remaining(self) -> Fraction:
        """What may still fill."""
        if not self.is_live or self.size is None:
            return NONE
        return self.size - self.filled


@dataclass(slots=True)
class Fill:
    """An execution as the exchange has it."""

    entry_id: str
    order_id: str
    product: str
    side: str
    price: Fraction
    size: Fraction
    fee: Fraction
    kind: str
    is_ours: bool

    @property
    def sign(self) -> int:
        """What it does to what is held: nothing where it is mere bookkeeping."""
        if self.kind == "SYNTHETIC":
            return 0
        sign = 1 if self.side == "BUY" else -1
        return -sign if self.kind == "REVERSAL" else sign


class Shown(NamedTuple):
    """A book as the exchange answered with it: the time and best prices that it gave, and all."""

    at_us: int
    bid: str
    ask: str
    text: str

    @property
    def middle(self) -> Fraction:
        return (exact(self.bid) + exact(self.ask)) / 2


@dataclass(frozen=True, slots=True)
class Plan:
    """How a position is to end, as its entry said."""

    stop_fraction: Fraction
    target_fraction: Fraction
    longest_us: int
    trailing_fraction: Fraction | None = None
    """How far under the highest bid its stop follows, where it does."""

    @staticmethod
    def of(told: Row) -> Plan:
        """It as an intent tells it."""
        return Plan(
            exact(told["stop_fraction"]),
            exact(told["target_fraction"]),
            told["longest_hold"],
            maybe(told.get("trailing_fraction")),
        )


@dataclass(slots=True)
class Intent:
    """An order as the trader's journal has it, and how far its protocol has come."""

    name: str
    decision: str
    leg: int
    cycle: int
    product: str
    side: str
    purpose: str
    order_type: str
    price: Fraction
    size: Fraction
    reference: Fraction
    stop_price: Fraction | None
    """Where a stop triggers that waits at the exchange."""
    exit_cause: str
    body: str
    body_sha256: str
    epoch: int
    plan: Plan | None
    strategy: str
    recorded_us: int
    """When the exchange's clock stood there as its record was told."""
    fee: Fraction = NONE
    """What a taker paid as it was recorded, as a share: it is held to be paid for at least so."""
    state: str = "SUBMITTING"
    before: str = ""
    order_id: str = ""
    booked: Fraction = NONE
    paid: Fraction = NONE
    """Fees of what was booked."""
    is_end_seen: bool = False
    sent_us: list[int] = field(default_factory=list)
    """When a first byte of it left."""
    answered: list[int | None] = field(default_factory=list)
    """The statuses of the answers that the trader got; None for one that never came."""

    @staticmethod
    def of(payload: Row, at_us: int) -> Intent:
        """An event's payload, told now."""
        told = payload["intent"]
        return Intent(
            name=told["client_order_id"],
            decision=told["decision_id"],
            leg=told["leg"],
            cycle=told["cycle"],
            product=told["product"],
            side=told["side"],
            purpose=told["purpose"],
            order_type=told["order_type"],
            price=exact(told["price"]),
            size=exact(told["quantity"]),
            reference=exact(told["reference"]),
            stop_price=maybe(told.get("stop_price")),
            exit_cause=told.get("exit_cause") or "",
            body=told["body"],
            body_sha256=told["body_sha256"],
            epoch=told["epoch"],
            plan=None if told.get("plan") is None else Plan.of(told["plan"]),
            strategy=told.get("strategy", ""),
            recorded_us=at_us,
        )

    def goes(self, state: str) -> None:
        """The journal says that it stands there now."""
        self.before, self.state = self.state, state
