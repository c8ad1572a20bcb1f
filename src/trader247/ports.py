"""What the engine asks of the world. Adapters answer; the engine never knows which."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from enum import Enum
from typing import Protocol

from trader247.domain.balances import Balance
from trader247.domain.dataclass import dataclass
from trader247.domain.events.cycles import SegmentRef
from trader247.domain.events.orders import FillQuarantined
from trader247.domain.events.recorded import AnyEvent, Recorded
from trader247.domain.fills import Fill, IrregularFill
from trader247.domain.ids import ClientOrderId, DecisionId, OrderId, ProductId
from trader247.domain.intents import OrderBody
from trader247.domain.keys import KeyPermissions
from trader247.domain.market import FeeTier, Quote, Snapshot
from trader247.domain.orders import Order
from trader247.domain.outcomes import CancelResult, Outcome
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import Severity
from trader247.domain.time import Instant
from trader247.domain.verdicts import Approved


class Clock(Protocol):
    """The venue's time, and the only way to wait."""

    def now(self) -> Instant:
        """The current instant, by the venue's clock: virtual on a simulated market."""

    def monotonic(self) -> timedelta:
        """Time since some fixed point that never jumps; virtual where `now` is."""

    def wait_until(self, when: Instant, wake: Callable[[], bool]) -> bool:
        """Wait until `when`, asking `wake` at least every 250 ms of real time.

        Returns whether `when` was reached: False as soon as `wake` says True.
        """


class Ids(Protocol):
    """Ids derived from the installation and the decision; never random, never reused."""

    def client_order(self, *, epoch: int, decision: DecisionId, leg: int) -> ClientOrderId:
        """`t247-<install 6>-<epoch>-<uuid>`: one for each (decision, leg), for ever."""

    def epoch_of(self, client_order_id: ClientOrderId) -> int | None:
        """The epoch in an id of this installation; None for any other id."""

    def jitter(self, cycle: int) -> float:
        """A fraction from 0 to 1, the same for the same cycle of the same installation."""


@dataclass(frozen=True, slots=True)
class VenueFaults:
    """What went wrong at the venue since the last reading."""

    errors: int = 0
    running: int = 0
    rate_limited: int = 0
    key_refused: str = ""
    """Why the venue takes the key no more, where it said so twice running; else empty."""
    latency: timedelta | None = None
    """How long 95 % of the answers of the last five minutes took at most; None without any."""
    reconnects: int = 0
    """How often a stream had to be begun anew."""


class MarketData(Protocol):
    """The market, read in whole."""

    def snapshot(
        self, *, cycle: int, products: Sequence[ProductId], reference: ProductId
    ) -> Snapshot:
        """Everything `decide` may know; a part that cannot be read is None, with its trouble.

        Raises:
            ReadAborted: a stop was raised while waiting.
            TapeEnded: a replayed market has no further bar.
        """

    def faults(self) -> VenueFaults:
        """The venue's failures since this was last asked."""


class LiveQuotes(Protocol):
    """What the venue's stream tells between two snapshots: reasons to act, never a record."""

    def quotes(self, products: Sequence[ProductId]) -> Mapping[ProductId, Quote]:
        """The streamed quotes that are fresh and not in doubt; others are left out."""

    def has_order_news(self) -> bool:
        """Whether something happened to orders of the account since it was last taken."""

    def take_order_news(self) -> int:
        """How much happened to orders; from here on it is no news."""


class Venue(Protocol):
    """The one door to the exchange."""

    def render(self, approved: Approved, client_order_id: ClientOrderId, end: Instant) -> OrderBody:
        """The exact body that `submit` will send."""

    def submit(self, approved: Approved, body: OrderBody) -> Outcome:
        """Send an order's recorded body, once. Never raises: what is unclear is `Unknown`."""

    def cancel(self, orders: Sequence[OrderId]) -> tuple[CancelResult, ...]:
        """Ask for cancels; the answer means requested. Raises VenueError."""

    def orders(self, since: Instant) -> tuple[Order, ...]:
        """Every order created at or after `since`, whatever its state, all pages.

        Raises VenueError; a page missing means an error, never a shorter list.
        """

    def order(self, order_id: OrderId) -> Order | None:
        """One order, or None if the venue does not know it. Raises VenueError."""

    def fills(self, since: Instant) -> tuple[Fill, ...]:
        """Every fill whose sequence time is at or after `since`, oldest first, all pages."""

    def irregular_fills(self) -> tuple[IrregularFill, ...]:
        """What the last reading of fills met besides executions: never summed."""

    @property
    def orders_sent(self) -> int:
        """Orders of which at least one byte left since the process began, by the wire's count."""

    def balances(self) -> Mapping[str, Balance]:
        """Every currency of the account, all pages. Raises VenueError."""

    def fees(self) -> FeeTier:
        """The account's fee tier. Raises VenueError."""

    def time(self) -> Instant:
        """The venue's own clock. Raises VenueError."""


class KeyReader(Protocol):
    """Who can say what the key may do."""

    def permissions(self) -> KeyPermissions:
        """What the key may do. Raises VenueError, also where the venue leaves a part unsaid."""


class Journal(Protocol):
    """The append-only record of events: the truth."""

    @property
    def epoch(self) -> int:
        """The number of this process's tenure."""

    def raise_epoch(self, epoch: int) -> None:
        """Go on as a later tenure, because ids of this one may have been used before.

        Raises StorageError, EpochLost: as `append` does.
        """

    def record_market(self, snapshot: Snapshot) -> SegmentRef:
        """Store what a cycle saw, synced, and say where."""

    def append(self, events: Sequence[AnyEvent], time: Instant) -> tuple[Recorded, ...]:
        """Append all of `events` in one synced transaction, or none.

        Raises:
            StorageError: nothing may be sent after it.
            EpochLost: another process has taken over.
        """

    def events(self, after: int = 0) -> Iterator[Recorded]:
        """Every event after `after`, in order."""

    def briefly(self, after: int = 0) -> Iterator[Recorded]:
        """As `events`, of cycles no more than a ledger is folded from."""

    def has_fill(self, entry_id: str) -> bool:
        """Whether a fill of this entry id is already booked or quarantined."""

    def contradicts(self, fill: Fill) -> bool:
        """Whether a fill of this entry id stands here with other figures."""

    def repeats_trade(self, fill: Fill) -> bool:
        """Whether another entry of the same trade of the same order is booked."""

    def set_aside(self, order_id: OrderId) -> Sequence[FillQuarantined]:
        """The entries of an order that are quarantined, in the order in which they were."""

    def knows_order(self, client_order_id: ClientOrderId) -> bool:
        """Whether an intent of this id was ever recorded."""

    def record_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        """Keep what became of alerts, outside the chain."""

    def save_portfolio(self, *portfolios: Portfolio) -> None:
        """Keep folded snapshots, so that the next start, and asking of the past, is short."""

    def unreadable_portfolios(self) -> Collection[int]:
        """Up to which events the snapshots go that another version saved, and this cannot read."""

    def load_portfolio(self) -> Portfolio | None:
        """The latest folded snapshot, if there is one that this version can read."""


class Upkeep(Protocol):
    """What the files need now and then: done while there is time, and outside the record."""

    def is_due(self, now: Instant) -> bool:
        """Whether there is something to do at `now`."""

    def step(self) -> None:
        """Do a little of it. Raises StorageError: it could not be done, which stops nothing."""

    def close(self) -> None:
        """Give up what is under way: nothing is left of it."""


class StopSignal(Protocol):
    """A person's stop."""

    def is_raised(self) -> bool:
        """Whether the kill switch is on. A switch that cannot be read counts as on."""

    def raising(self) -> str:
        """What tells this raising from every other one; empty while the switch is off."""

    def cause(self) -> str:
        """Why it is on: the words of whoever raised it, or that it is on where there are none."""

    def keeps_sales(self) -> bool:
        """Whether whoever raised it wants resting sales left alone; no, where nobody said so."""


class Permit(Protocol):
    """The right to send, issued by the wiring; whoever sends asks it last."""

    def refusal(self) -> str | None:
        """Why nothing may be sent now, or None."""


@dataclass(frozen=True, slots=True)
class Alert:
    """One message for a person: the fact, what follows, and the next command to type."""

    severity: Severity
    code: str
    text: str
    id: int
    """The journal's sequence number of the alert."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of an alert on one channel so far; kept outside the chain."""

    alert: int
    """The journal's sequence number of the alert."""
    channel: str
    is_delivered: bool
    attempts: int
    detail: str


class Alerts(Protocol):
    """Off the trading thread: taking an alert never waits."""

    def send(self, alert: Alert) -> None: ...

    def acknowledged(self, code: str) -> None:
        """Critical alerts of this code are known to a person, or their cause is gone."""

    def undeliverable(self) -> str:
        """Why nobody can be told of something critical, if for too long; else empty."""

    def take_storm(self) -> str:
        """That there are too many warnings to tell each, in a sentence, once; else empty."""


class CommandKind(Enum):
    """What another command may ask of the process that holds the guard."""

    CLEAR_HALT = "clear_halt"
    PAUSE = "pause"
    RESUME = "resume"
    RELEASE_KILL = "release_kill"
    ALERT_TEST = "alert_test"
    ALERT_ACK = "alert_ack"
    ACCEPT_MOVEMENT = "accept_movement"
    CONFIRM = "confirm"
    DISARM = "disarm"
    NOTE_SMOKE = "note_smoke"
    NOTE_DRILLS = "note_drills"
    NOTE_REFUSED_INSTANCE = "note_refused_instance"
    CANCEL_ORDERS = "cancel_orders"
    FLATTEN = "flatten"
    ADOPT = "adopt"


@dataclass(frozen=True, slots=True)
class Command:
    """A request that a person made from another process."""

    id: str
    kind: CommandKind
    arguments: Mapping[str, str]


class Inbox(Protocol):
    """Where everything concurrent posts, and only the loop drains."""

    def has_post(self) -> bool:
        """Whether something waits."""

    def commands(self) -> Sequence[Command]:
        """Take what waits, oldest first."""

    def answer(self, command: Command, *, is_done: bool, text: str) -> None:
        """Tell whoever asked."""

    def deliveries(self) -> Sequence[Delivery]:
        """Take what became of alerts since this was last asked."""
