"""Every fact that there is, and how one stands in the journal."""

from __future__ import annotations

from trader247.domain.dataclass import dataclass
from trader247.domain.events.book import (
    InstanceRefused,
    JournalOpened,
    KeyRead,
    PolicyAdopted,
    PortfolioPinned,
    SessionEnded,
    SessionStarted,
)
from trader247.domain.events.cycles import CycleDecided
from trader247.domain.events.halts import (
    BanCleared,
    BanLatched,
    BreakerClosed,
    BreakerOpened,
    HaltCleared,
    HaltLatched,
    ProductDoubted,
    ProductTrusted,
    Struck,
)
from trader247.domain.events.holdings import (
    DustSetAside,
    DustTakenBack,
    FlattenAsked,
    HoldingAdopted,
    LotsSoldByHand,
)
from trader247.domain.events.money import (
    CashFlowed,
    DifferenceFound,
    DifferenceHealed,
    FeesRead,
    ForeignSeen,
)
from trader247.domain.events.orders import (
    CancelRequested,
    FillBooked,
    FillQuarantined,
    FillsAccepted,
    ForeignOrdersSeen,
    IntentRecorded,
    IntentUnseen,
    OrderSeen,
    SubmissionSettled,
)
from trader247.domain.events.people import (
    AlertRaised,
    AlertsAcknowledged,
    Armed,
    ConfirmationAsked,
    ConfirmationGiven,
    Disarmed,
    DrillsHeld,
    SmokePassed,
)
from trader247.domain.time import Instant

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
    | FillsAccepted
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
