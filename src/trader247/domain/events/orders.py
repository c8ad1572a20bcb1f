"""Facts about orders and their fills, from the intent on."""

from __future__ import annotations

from typing import ClassVar

from trader247.domain.dataclass import dataclass
from trader247.domain.events.event import Event
from trader247.domain.fills import Fill
from trader247.domain.ids import ClientOrderId, OrderId
from trader247.domain.intents import RecordedIntent
from trader247.domain.orders import Order
from trader247.domain.outcomes import Outcome
from trader247.domain.time import Instant


@dataclass(frozen=True, slots=True)
class ForeignOrdersSeen(Event):
    """Orders rest at the venue that do not carry our prefix; `newest` is the latest one's time.

    `told` says what they are. Only those that are newer than the last ones told make an event.
    """

    kind: ClassVar[str] = "foreign_orders_seen"
    count: int
    newest: Instant
    told: str


@dataclass(frozen=True, slots=True)
class IntentRecorded(Event):
    """An approved proposal, with its exact body, before a byte of it is sent."""

    kind: ClassVar[str] = "intent_recorded"
    v: ClassVar[int] = 2
    intent: RecordedIntent

    @property
    def ref(self) -> str:
        return self.intent.client_order_id


@dataclass(frozen=True, slots=True)
class SubmissionSettled(Event):
    """What came of sending an intent, at once or after resolving an unknown."""

    kind: ClassVar[str] = "submission_settled"
    client_order_id: ClientOrderId
    outcome: Outcome

    @property
    def ref(self) -> str:
        return self.client_order_id


@dataclass(frozen=True, slots=True)
class IntentUnseen(Event):
    """A complete listing, late enough to be evidence, did not hold the intent's order."""

    kind: ClassVar[str] = "intent_unseen"
    client_order_id: ClientOrderId

    @property
    def ref(self) -> str:
        return self.client_order_id


@dataclass(frozen=True, slots=True)
class OrderSeen(Event):
    """What the venue says of an order of ours, when that is news."""

    kind: ClassVar[str] = "order_seen"
    order: Order

    @property
    def ref(self) -> str:
        return self.order.client_order_id


@dataclass(frozen=True, slots=True)
class CancelRequested(Event):
    """We are about to ask the venue to cancel an order."""

    kind: ClassVar[str] = "cancel_requested"
    client_order_id: ClientOrderId
    order_id: OrderId
    cause: str

    @property
    def ref(self) -> str:
        return self.client_order_id


@dataclass(frozen=True, slots=True)
class FillBooked(Event):
    """A fill of an order of ours, booked once, by its entry id."""

    kind: ClassVar[str] = "fill_booked"
    fill: Fill
    client_order_id: ClientOrderId

    @property
    def ref(self) -> str:
        return self.fill.entry_id


@dataclass(frozen=True, slots=True)
class FillQuarantined(Event):
    """A fill that cannot be explained: kept as received, and not booked."""

    kind: ClassVar[str] = "fill_quarantined"
    fill: Fill
    cause: str

    @property
    def ref(self) -> str:
        return self.fill.entry_id


@dataclass(frozen=True, slots=True)
class FillsAccepted(Event):
    """A person accepted fills of an order that were set aside: with them it has ended.

    They are all that lacked of it, the oldest first. What they moved follows in the same
    transaction: coins that were ours as sold, all else as foreign coins and as capital.
    """

    kind: ClassVar[str] = "fills_accepted"
    client_order_id: ClientOrderId
    fills: tuple[Fill, ...]
    reason: str

    @property
    def ref(self) -> str:
        return self.client_order_id
