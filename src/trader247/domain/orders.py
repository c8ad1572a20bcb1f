"""From a wish to trade to what the venue knows of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field, fields
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from functools import partial
from operator import itemgetter
from typing import Any, Self

from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ClientOrderId, DecisionId, EntryId, OrderId, ProductId
from trader247.domain.money import NOTHING, Money, Price, Quantity, rounded
from trader247.domain.time import Instant


class Side(Enum):
    """Which way base currency moves, seen from us."""

    BUY = "BUY"
    SELL = "SELL"


class Purpose(Enum):
    """Why an order is wished for: to open exposure or to lower it."""

    ENTRY = "entry"
    EXIT = "exit"


class OrderType(Enum):
    """The ways in which an order may be sent; there is no market order."""

    POST_ONLY_GTD = "post_only_gtd"
    """Rests or is rejected; expires at its end time."""
    LIMIT_IOC = "limit_ioc"
    """Takes what is there within its limit; the rest is cancelled."""
    STOP_LIMIT_GTD = "stop_limit_gtd"
    """Waits for its stop price, then sells within its limit; expires at its end time."""


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


Words = object
"""A text, a value whose text is meant, a derived figure with its decimals, a function with what it
is asked, or a template with its values: what a verdict's texts are made of. It is put together when
somebody reads it; nothing in it may change."""

Finding = tuple[bool, Words, Words, Words, str]
"""What a check finds: whether it allows the order, in which words, its value (None where that is
unknown), its limit, and the unit of both. A bare tuple: every order has one of each check, and most
nobody reads."""


@dataclass(frozen=True, init=False, repr=False, eq=False)
class Verdict(tuple[Any, ...]):
    """One check's answer: what it found, what it allows, and what follows.

    `value` and `limit` are figures in `unit`, as text; `value` is None where it is unknown, and
    then the verdict is no. Each of `detail`, `value` and `limit` may be given as what its text is
    made of: a value whose text it is, a figure and its decimals, a function and what it is asked,
    or a template and its values. Nothing of that changes, so it is put together when somebody reads
    it. It is a tuple underneath: the check's id, and what it found.
    """

    __slots__ = ()

    check: str
    is_allowed: bool
    detail: str
    value: str | None
    limit: str | None
    unit: str

    @staticmethod
    def of(  # noqa: PLR0917 - its fields, in their order
        check: str,
        is_allowed: bool,
        detail: Words,
        value: Words = None,
        limit: Words = None,
        unit: str = "",
    ) -> Verdict:
        """A verdict of these fields."""
        return Verdict((check, is_allowed, detail, value, limit, unit))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Verdict) and self.words == other.words

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self.words)

    def __repr__(self) -> str:
        return f"Verdict{self.words}"

    @property
    def finding(self) -> Finding:
        """What the check found, as it came."""
        return self[1:]

    @property
    def words(self) -> tuple[str, bool, str, str | None, str | None, str]:
        """All of it as text: what it is compared by, and how it is copied."""
        return (self.check, self.is_allowed, self.detail, self.value, self.limit, self.unit)

    def __getnewargs__(self) -> tuple[tuple[object, ...]]:
        return (self.words,)


def _text(told: Words) -> str | None:
    """What somebody reads of a verdict's part."""
    if told is None or type(told) is str:
        return told
    if isinstance(told, Enum):
        return str(told.value)
    if type(told) is not tuple:
        return str(told)
    first, *rest = told
    if isinstance(first, Decimal):
        return rounded(first, *rest)
    if callable(first):
        return str(first(*rest))
    return str(first.format(*map(_text, rest)))


for _place, _field in enumerate(fields(Verdict)):
    _part: Callable[[Any], Any] = itemgetter(_place)
    if _field.name in ("detail", "value", "limit"):
        _part = partial(lambda part, verdict: _text(part(verdict)), _part)
    setattr(Verdict, _field.name, property(_part))


class _Judged:
    """What was asked of every check; its verdicts are made of that when somebody reads them."""

    __slots__ = ()
    checks: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """One of each check, in their order."""
        pairs = zip(self.checks, self.findings, strict=True)
        return tuple([Verdict((check, *found)) for check, found in pairs])


@dataclass(frozen=True, slots=True)
class Approved(_Judged):
    """The gate's yes. Only the gate makes one, and only one of these can be sent."""

    proposal: Proposal
    checks: tuple[str, ...]
    findings: tuple[Finding, ...]
    cycle: int
    decided_at: Instant
    quote_time: Instant


@dataclass(frozen=True, slots=True)
class Refused(_Judged):
    """The gate's no, with what every check found."""

    proposal: Proposal
    checks: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def first(self) -> Verdict:
        """The first verdict that said no, in the order of the checks."""
        return next(verdict for verdict in self.verdicts if not verdict.is_allowed)


@dataclass(frozen=True, slots=True)
class OrderBody:
    """The exact bytes of an order's request, rendered before it is recorded."""

    text: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RecordedIntent:
    """What the journal keeps of an approved proposal, before it is sent.

    It cannot be submitted: a restart never sends what an earlier process decided.
    """

    client_order_id: ClientOrderId
    decision_id: DecisionId
    leg: int
    cycle: int
    product: ProductId
    side: Side
    purpose: Purpose
    order_type: OrderType
    price: Price
    quantity: Quantity
    reference: Price
    end_time: Instant
    strategy: str
    rule: str
    plan: ExitPlan | None
    exit_cause: ExitCause | None
    body: str
    body_sha256: str
    created: Instant
    epoch: int
    policy_hash: str
    code_version: str
    taker_fee_fraction: Decimal
    """The worst fee rate that the reservation counts, as a fraction."""
    stop_price: Price | None = None

    @classmethod
    def of(
        cls,
        approved: Approved,
        *,
        client_order_id: ClientOrderId,
        body: OrderBody,
        created: Instant,
        epoch: int,
        policy_hash: str,
        code_version: str,
        taker_fee_fraction: Decimal,
    ) -> Self:
        """The intent of what was approved: its terms, and when and by whom it is recorded."""
        proposal = approved.proposal
        return cls(
            client_order_id=client_order_id,
            decision_id=proposal.decision_id,
            leg=proposal.leg,
            cycle=approved.cycle,
            product=proposal.product,
            side=proposal.side,
            purpose=proposal.purpose,
            order_type=proposal.order_type,
            price=proposal.price,
            quantity=proposal.quantity,
            reference=proposal.reference,
            end_time=created + proposal.lifetime,
            strategy=proposal.strategy,
            rule=proposal.rule,
            plan=proposal.plan,
            exit_cause=proposal.exit_cause,
            stop_price=proposal.stop_price,
            body=body.text,
            body_sha256=body.sha256,
            created=created,
            epoch=epoch,
            policy_hash=policy_hash,
            code_version=code_version,
            taker_fee_fraction=taker_fee_fraction,
        )


class OrderState(Enum):
    """What the venue says of an order; UNKNOWN is not final: it is asked again."""

    PENDING = "PENDING"
    OPEN = "OPEN"
    QUEUED = "QUEUED"
    CANCEL_QUEUED = "CANCEL_QUEUED"
    EDIT_QUEUED = "EDIT_QUEUED"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN_ORDER_STATUS"

    @property
    def is_final(self) -> bool:
        return self in (
            OrderState.FILLED,
            OrderState.CANCELLED,
            OrderState.EXPIRED,
            OrderState.FAILED,
        )


@dataclass(frozen=True, slots=True)
class Order:
    """What the venue knows of an order, ours or not.

    `filled` is base quantity, `fees` quote currency, both as the venue totals them; `fill_count`
    is None where the venue does not say.
    """

    order_id: OrderId
    client_order_id: ClientOrderId
    product: ProductId
    side: Side
    state: OrderState
    price: Price | None
    quantity: Quantity | None
    filled: Quantity
    fees: Money
    fill_count: int | None
    created: Instant
    end_time: Instant | None
    reject_reason: str = ""


class Liquidity(Enum):
    """Whether a fill rested in the book or removed from it: decides the fee."""

    MAKER = "MAKER"
    TAKER = "TAKER"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution: `quantity` in base, `fee` in quote currency, exactly as received."""

    entry_id: EntryId
    trade_id: str
    order_id: OrderId
    product: ProductId
    side: Side
    price: Price
    quantity: Quantity
    fee: Money
    liquidity: Liquidity
    time: Instant
    sequence_time: Instant

    @property
    def notional(self) -> Money:
        return self.price * self.quantity


@dataclass(frozen=True, slots=True)
class IrregularFill:
    """An entry of the venue's ledger that is no plain execution, as it came.

    A reversal, a correction, bookkeeping, or a kind that nobody knows: told of, never summed.
    """

    kind: str
    fill: Fill


@dataclass(frozen=True, slots=True)
class Balance:
    """One currency at the venue: what is free and what open orders hold."""

    available: Decimal
    hold: Decimal

    @property
    def total(self) -> Decimal:
        return self.available + self.hold


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The venue took the order."""

    order_id: OrderId


UNAUTHORIZED = "UNAUTHORIZED"
"""The code of an order that the venue declined because it does not take the key at all."""
PERMISSION_DENIED = "PERMISSION_DENIED"
"""The code of an order that the venue declined because the key may not trade."""


@dataclass(frozen=True, slots=True)
class Declined:
    """The order is not at the venue, and we have evidence of it.

    `is_sent` is False where no byte of it left us. `code` is the venue's reason, or ours.
    """

    code: str
    message: str
    is_sent: bool


@dataclass(frozen=True, slots=True)
class Unknown:
    """We cannot tell: its reservation stays until evidence settles it."""

    detail: str
    latch: bool = False
    """Whether the answer contradicts the protocol, so that trading must stop."""


Outcome = Acknowledged | Declined | Unknown


@dataclass(frozen=True, slots=True)
class CancelResult:
    """The venue's answer to one cancel; `is_taken` means requested, not yet cancelled."""

    order_id: OrderId
    is_taken: bool
    reason: str


class IntentState(Enum):
    """Where an intent stands (the protocol's states)."""

    SUBMITTING = "SUBMITTING"
    UNKNOWN = "UNKNOWN"
    ACCEPTED = "ACCEPTED"
    FILLS_PENDING = "DONE_FILLS_PENDING"
    DONE = "DONE"
    REJECTED = "REJECTED"
    NOT_CREATED = "NOT_CREATED"

    def __init__(self, text: str) -> None:
        # Each cycle asks this of every intent of a day, many times: it is told once.
        self.is_settled = text in ("DONE", "REJECTED", "NOT_CREATED")
        """Nothing of it can cost anything any more."""
        self.is_unresolved = text in ("SUBMITTING", "UNKNOWN")
        """We cannot tell whether the venue has it."""


@dataclass(frozen=True, slots=False)
class WorkingIntent:
    """An intent, with what is known of its order so far; `detail` is what was last said of it."""

    intent: RecordedIntent
    state: IntentState
    order_id: OrderId | None = None
    order: Order | None = None
    filled: Quantity = NOTHING
    filled_fees: Money = field(default_factory=lambda: Money(Decimal(0)))
    fill_count: int = 0
    cancel_requested: Instant | None = None
    unseen_listings: int = 0
    """Complete listings without it, each late enough to count as evidence."""
    last_unseen: Instant | None = None
    detail: str = ""

    @property
    def is_over(self) -> bool:
        """Whether the venue said that its order ended; fills of it may still be told."""
        return self.order is not None and self.order.state.is_final

    @property
    def remaining(self) -> Quantity:
        """What may still fill."""
        return self.intent.quantity - min(self.filled, self.intent.quantity)
