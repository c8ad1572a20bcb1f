"""What was decided to send: recorded before it is sent, and followed until it is settled."""

from __future__ import annotations

from dataclasses import field
from decimal import Decimal
from enum import Enum
from typing import Self

from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ClientOrderId, DecisionId, EntryId, OrderId, ProductId
from trader247.domain.money import NOTHING, Money, Price, Quantity
from trader247.domain.orders import Order, OrderType, Side
from trader247.domain.proposals import ExitCause, ExitPlan, Purpose
from trader247.domain.time import Instant
from trader247.domain.verdicts import Approved


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

    def is_by_stop(self, *, is_loss: bool) -> bool:
        """Whether what this sale closed was stopped out: at a loss also where nobody knows why it
        was sent, since a restored journal lost that.
        """
        return self.exit_cause is ExitCause.STOP or (is_loss and self.exit_cause is None)


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


class _ToldOnce:
    """Where an intent keeps what each cycle says of it while it stands as it does."""

    __slots__ = ("told",)
    told: object


@dataclass(frozen=True, slots=False)
class WorkingIntent(_ToldOnce):
    """An intent, with what is known of its order so far; `detail` is what was last said of it."""

    intent: RecordedIntent
    state: IntentState
    order_id: OrderId | None = None
    order: Order | None = None
    filled: Quantity = NOTHING
    filled_fees: Money = field(default_factory=lambda: Money(Decimal(0)))
    fill_count: int = 0
    accepted: tuple[EntryId, ...] = ()
    """Of those fills, the ones that were set aside, and that a person accepted."""
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
    def untold(self) -> Quantity:
        """What the venue says that it filled, and of which no fill is booked yet."""
        if self.order is None:
            return NOTHING
        return self.order.filled - min(self.filled, self.order.filled)

    @property
    def has_ended_untold(self) -> bool:
        """Whether it is known to be at its end, with no more filled than it asked for, and not
        every fill of it is booked.
        """
        order = self.order
        if self.state is not IntentState.FILLS_PENDING or order is None:
            return False
        return order.state.is_final and max(order.filled, self.filled) <= self.intent.quantity

    @property
    def remaining(self) -> Quantity:
        """What may still fill."""
        return self.intent.quantity - min(self.filled, self.intent.quantity)
