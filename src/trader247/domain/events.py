"""The facts that the journal keeps, in the order in which they became known.

Each event is one frozen value. Its `kind` is the name under which it is stored and `v` the
version of its shape: a stored shape never changes, a new one gets a new `v` and an upcaster.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from typing import ClassVar

from trader247.domain.dataclass import dataclass
from trader247.domain.fills import Fill
from trader247.domain.ids import ClientOrderId, DecisionId, OrderId, ProductId
from trader247.domain.intents import RecordedIntent
from trader247.domain.keys import KeyPermissions
from trader247.domain.market import FeeTier
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.orders import Order, Side
from trader247.domain.outcomes import Outcome
from trader247.domain.portfolio import EMPTY, Membership
from trader247.domain.proposals import ExitPlan
from trader247.domain.reasons import BreakerName, HaltName, Severity
from trader247.domain.time import Instant
from trader247.domain.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Event:
    """A fact. `ref` is what it is about, for finding it again."""

    kind: ClassVar[str]
    v: ClassVar[int] = 1

    @property
    def ref(self) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class JournalOpened(Event):
    """The first event of a journal: whose book it is, and on which market."""

    kind: ClassVar[str] = "journal_opened"
    book: str
    feed: str
    quote_currency: str


@dataclass(frozen=True, slots=True)
class SessionStarted(Event):
    """A process took the journal; `was_clean` says whether the last one ended properly."""

    kind: ClassVar[str] = "session_started"
    epoch: int
    code_version: str
    was_clean: bool


@dataclass(frozen=True, slots=True)
class SessionEnded(Event):
    """A process let go of the journal properly."""

    kind: ClassVar[str] = "session_ended"
    epoch: int
    cause: str


@dataclass(frozen=True, slots=True)
class PolicyAdopted(Event):
    """The policy in force from here on, in full."""

    kind: ClassVar[str] = "policy_adopted"
    policy_hash: str
    text: str


@dataclass(frozen=True, slots=True)
class CashFlowed(Event):
    """Quote currency came or went without a trade: capital, never profit."""

    kind: ClassVar[str] = "cash_flowed"
    amount: Money
    cause: str


@dataclass(frozen=True, slots=True)
class ForeignSeen(Event):
    """What the account holds of a currency that no fill of ours explains, as a new total."""

    kind: ClassVar[str] = "foreign_seen"
    currency: str
    quantity: Decimal

    @property
    def ref(self) -> str:
        return self.currency


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
class HoldingAdopted(Event):
    """A person made foreign coins a position of ours, at a cost that they state.

    `price` and `fee` are what the coins cost; `mark` is what they were worth then, which moved
    equity: what they gained or lost before is no profit or loss of ours. `decision_id` is what
    their exits carry.
    """

    kind: ClassVar[str] = "holding_adopted"
    product: ProductId
    quantity: Quantity
    price: Price
    fee: Money
    mark: Price
    plan: ExitPlan
    decision_id: DecisionId
    reason: str
    operator: str

    @property
    def ref(self) -> str:
        return str(self.product)


@dataclass(frozen=True, slots=True)
class LotsSoldByHand(Event):
    """A person sold coins of ours at the venue, past this program: booked at their word or at
    what the venue's own fills say.
    """

    kind: ClassVar[str] = "lots_sold_by_hand"
    product: ProductId
    quantity: Quantity
    price: Price
    fee: Money
    reason: str

    @property
    def ref(self) -> str:
        return str(self.product)


@dataclass(frozen=True, slots=True)
class FlattenAsked(Event):
    """A person wants a position sold; the wish ends with it, or at `until`."""

    kind: ClassVar[str] = "flatten_asked"
    product: ProductId
    until: Instant
    reason: str
    operator: str

    @property
    def ref(self) -> str:
        return str(self.product)


@dataclass(frozen=True, slots=True)
class DustSetAside(Event):
    """So little is left of a position that the venue sells none of it: it is none any more.

    Its lots are kept, and go with whatever of the product is bought next.
    """

    kind: ClassVar[str] = "dust_set_aside"
    product: ProductId
    quantity: Quantity
    cause: str

    @property
    def ref(self) -> str:
        return str(self.product)


@dataclass(frozen=True, slots=True)
class DustTakenBack(Event):
    """What was set aside can be sold again: it is the position that it was, under its old plan."""

    kind: ClassVar[str] = "dust_taken_back"
    product: ProductId
    quantity: Quantity
    cause: str

    @property
    def ref(self) -> str:
        return str(self.product)


@dataclass(frozen=True, slots=True)
class FeesRead(Event):
    """The account's fee tier, when it is new or has changed."""

    kind: ClassVar[str] = "fees_read"
    tier: FeeTier


@dataclass(frozen=True, slots=True)
class PortfolioPinned(Event):
    """The venue's portfolio that this book is begun on: no key of another one trades for it."""

    kind: ClassVar[str] = "portfolio_pinned"
    portfolio: str
    portfolio_type: str

    @property
    def ref(self) -> str:
        return self.portfolio


@dataclass(frozen=True, slots=True)
class KeyRead(Event):
    """What the venue says that the key may do."""

    kind: ClassVar[str] = "key_read"
    permissions: KeyPermissions

    @property
    def ref(self) -> str:
        return self.permissions.portfolio


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
class HaltLatched(Event):
    """A stop that stands until a person clears it."""

    kind: ClassVar[str] = "halt_latched"
    v: ClassVar[int] = 2
    name: HaltName
    cause: str
    keeps_sales: bool = False
    """Whether resting sales stay: they only reduce. A person says so, with a kill switch."""

    @property
    def ref(self) -> str:
        return self.name.value


@dataclass(frozen=True, slots=True)
class HaltCleared(Event):
    """A person cleared a stop; `accepted_peak` is a new high-water mark, for drawdown alone.

    `policy_hash` is of the policy in force then; empty where that was not kept yet.
    """

    kind: ClassVar[str] = "halt_cleared"
    name: HaltName
    reason: str
    operator: str
    accepted_peak: Money | None = None
    policy_hash: str = ""

    @property
    def ref(self) -> str:
        return self.name.value


@dataclass(frozen=True, slots=True)
class Struck(Event):
    """A control found fault with a product or a strategy; so many strikes make a ban, or a word."""

    kind: ClassVar[str] = "struck"
    control: str
    scope: str
    detail: str

    @property
    def ref(self) -> str:
        return self.scope


@dataclass(frozen=True, slots=True)
class BanLatched(Event):
    """A product or a strategy buys nothing from here on, until a person clears it."""

    kind: ClassVar[str] = "ban_latched"
    control: str
    scope: str
    cause: str

    @property
    def ref(self) -> str:
        return self.scope


@dataclass(frozen=True, slots=True)
class BanCleared(Event):
    """A person lets a product or a strategy buy again; what led to the ban is forgotten.

    `policy_hash` is of the policy in force then; empty where that was not kept yet.
    """

    kind: ClassVar[str] = "ban_cleared"
    control: str
    scope: str
    reason: str
    operator: str
    policy_hash: str = ""

    @property
    def ref(self) -> str:
        return self.scope


@dataclass(frozen=True, slots=True)
class ProductDoubted(Event):
    """A product's market data is not believed, or its doubt has changed: the state from here on."""

    kind: ClassVar[str] = "product_doubted"
    product: ProductId
    cause: str
    until: Instant
    level: Price | None
    prints: int
    last_print: Instant | None

    @property
    def ref(self) -> str:
        return str(self.product)


@dataclass(frozen=True, slots=True)
class ProductTrusted(Event):
    """A product's market data is believed again."""

    kind: ClassVar[str] = "product_trusted"
    product: ProductId

    @property
    def ref(self) -> str:
        return str(self.product)


@dataclass(frozen=True, slots=True)
class BreakerOpened(Event):
    """A measured condition closed entries."""

    kind: ClassVar[str] = "breaker_opened"
    name: BreakerName
    cause: str

    @property
    def ref(self) -> str:
        return self.name.value


@dataclass(frozen=True, slots=True)
class BreakerClosed(Event):
    """Two clean cycles passed: entries are open again, as far as this breaker goes."""

    kind: ClassVar[str] = "breaker_closed"
    name: BreakerName

    @property
    def ref(self) -> str:
        return self.name.value


@dataclass(frozen=True, slots=True)
class DifferenceFound(Event):
    """Ledger and venue differ; `is_break` when it is old enough, or nothing explains it."""

    kind: ClassVar[str] = "difference_found"
    key: str
    ledger: str
    venue: str
    is_break: bool

    @property
    def ref(self) -> str:
        return self.key


@dataclass(frozen=True, slots=True)
class DifferenceHealed(Event):
    """Ledger and venue agree again on this."""

    kind: ClassVar[str] = "difference_healed"
    key: str

    @property
    def ref(self) -> str:
        return self.key


@dataclass(frozen=True, slots=True)
class SegmentRef:
    """Where the market that a cycle saw is stored, and its hash."""

    segment: str
    offset: int
    length: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Ending:
    """How one product's cycle ended: the value of a `Reason`, and the figures behind it."""

    reason: str
    detail: str


EXITS_ONLY = "exits"
"""In place of a regime's name, where none was measured: exits alone were judged."""


@dataclass(frozen=True, slots=True)
class CycleDecided(Event):
    """One cycle: what was seen (by reference), and how each product ended.

    `endings` are those of the decision: what the venue then said of a sent order follows in
    `submission_settled`. `universe` holds only what changed, `verdicts` only those of products
    whose reason is new or for which an order follows. `equity` is None where it is unknown.
    `tripped` names every breaker whose condition holds in this cycle: for any other open breaker
    the cycle was a clean one. Between cycles exits alone may be judged: then `regime` is
    `EXITS_ONLY`, and `endings` are those of what is held.
    """

    kind: ClassVar[str] = "cycle_decided"
    v: ClassVar[int] = 2
    cycle: int
    at: Instant
    seen: SegmentRef
    regime: str
    endings: Mapping[ProductId, Ending]
    marks: Mapping[ProductId, Price]
    equity: Money | None
    universe: Mapping[ProductId, Membership] = field(default_factory=lambda: EMPTY)
    verdicts: Mapping[ProductId, tuple[Verdict, ...]] = field(default_factory=lambda: EMPTY)
    errors: int = 0
    errors_running: int = 0
    rate_limited: int = 0
    is_overrun: bool = False
    reconnects: int = 0
    is_slow: bool = False
    is_disk_low: bool = False
    tripped: tuple[BreakerName, ...] = ()

    @property
    def is_exits_only(self) -> bool:
        """Whether this was no whole cycle: exits alone were judged, between two of them."""
        return self.regime == EXITS_ONLY

    @property
    def ref(self) -> str:
        return str(self.cycle)


@dataclass(frozen=True, slots=True)
class AlertRaised(Event):
    """Something a person should know; deliveries are kept outside the chain."""

    kind: ClassVar[str] = "alert_raised"
    severity: Severity
    code: str
    text: str

    @property
    def ref(self) -> str:
        return self.code


@dataclass(frozen=True, slots=True)
class AlertsAcknowledged(Event):
    """A person said that he knows of critical alerts: these codes are not told again."""

    kind: ClassVar[str] = "alert_acknowledged"
    codes: tuple[str, ...]
    operator: str

    @property
    def ref(self) -> str:
        return self.codes[0] if len(self.codes) == 1 else ""


@dataclass(frozen=True, slots=True)
class Armed(Event):
    """A person let this book send orders: to which account, under which policy, until when.

    `largest` is the largest order at `ladder_since`, from where it may grow.
    """

    kind: ClassVar[str] = "armed"
    account: str
    policy_hash: str
    version: str
    largest: Money
    ladder_since: Instant
    until: Instant
    operator: str

    @property
    def ref(self) -> str:
        return self.account


@dataclass(frozen=True, slots=True)
class Disarmed(Event):
    """The arming was taken back: by a person, or because what it was given for has changed."""

    kind: ClassVar[str] = "disarmed"
    cause: str
    operator: str


@dataclass(frozen=True, slots=True)
class ConfirmationAsked(Event):
    """An entry that only waits for a person's yes."""

    kind: ClassVar[str] = "confirmation_asked"
    id: str
    product: ProductId
    side: Side
    notional: Money

    @property
    def ref(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True)
class ConfirmationGiven(Event):
    """A person said yes to an entry: for a while, and up to the notional that was asked."""

    kind: ClassVar[str] = "confirmation_given"
    id: str
    operator: str

    @property
    def ref(self) -> str:
        return self.id


@dataclass(frozen=True, slots=True)
class SmokePassed(Event):
    """All checks of the smoke test passed, on this market and with this policy.

    `at` is the machine's time: a book's own may be a simulated market's.
    """

    kind: ClassVar[str] = "smoke_passed"
    feed: str
    policy_hash: str
    version: str
    at: Instant


@dataclass(frozen=True, slots=True)
class DrillsHeld(Event):
    """Emergencies were drilled under a policy; `passed` and `failed` are the names of the drills.

    `at` is the machine's time: a drill's own is that of its simulated market.
    """

    kind: ClassVar[str] = "drills_held"
    policy_hash: str
    version: str
    at: Instant
    passed: tuple[str, ...]
    failed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InstanceRefused(Event):
    """A second instance was refused while this one held the guard."""

    kind: ClassVar[str] = "instance_refused"
    process: str


AnyEvent = (
    JournalOpened
    | SessionStarted
    | SessionEnded
    | PolicyAdopted
    | CashFlowed
    | ForeignSeen
    | ForeignOrdersSeen
    | HoldingAdopted
    | LotsSoldByHand
    | DustSetAside
    | DustTakenBack
    | FlattenAsked
    | FeesRead
    | PortfolioPinned
    | KeyRead
    | IntentRecorded
    | SubmissionSettled
    | IntentUnseen
    | OrderSeen
    | CancelRequested
    | FillBooked
    | FillQuarantined
    | HaltLatched
    | HaltCleared
    | Struck
    | BanLatched
    | BanCleared
    | ProductDoubted
    | ProductTrusted
    | BreakerOpened
    | BreakerClosed
    | DifferenceFound
    | DifferenceHealed
    | CycleDecided
    | AlertRaised
    | AlertsAcknowledged
    | Armed
    | Disarmed
    | ConfirmationAsked
    | ConfirmationGiven
    | SmokePassed
    | DrillsHeld
    | InstanceRefused
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event as it stands in the journal: numbered, dated, chained."""

    seq: int
    time: Instant
    event: AnyEvent
    hash: str
