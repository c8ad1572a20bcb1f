"""Orders and fills as the exchange keeps them: whole ticks and lots, exact money, and text."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum

from trader247.simex.book import Side
from trader247.simex.exact import ZERO

USUAL_SOURCE = "RETAIL_ADVANCED"


class Status(Enum):
    """Where an order stands."""

    OPEN = "OPEN"
    CANCEL_QUEUED = "CANCEL_QUEUED"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"

    @property
    def is_final(self) -> bool:
        """Whether nothing can happen to it any more."""
        return self not in UNENDED


UNENDED = (Status.OPEN, Status.CANCEL_QUEUED)
"""Where something can still happen to an order."""


class Lifetime(Enum):
    """How long an order may rest; the value is the wire's word."""

    GTC = "GOOD_UNTIL_CANCELLED"
    GTD = "GOOD_UNTIL_DATE_TIME"
    IOC = "IMMEDIATE_OR_CANCEL"
    FOK = "FILL_OR_KILL"


@dataclass(frozen=True, slots=True)
class Stop:
    """A price that an order waits for, in ticks: the last trade at it, or beyond it.

    A stop-limit order sleeps until then. A bracket rests meanwhile, and has another `limit` then;
    None is the order's own.
    """

    price: int
    is_up: bool
    limit: int | None = None

    @property
    def is_bracket(self) -> bool:
        return self.limit is not None

    def is_reached(self, *, low: int | None, high: int | None) -> bool:
        """Whether trades from `low` to `high` reach it; None where nothing is known."""
        if self.is_up:
            return high is not None and high >= self.price
        return low is not None and low <= self.price


@dataclass(frozen=True, slots=True)
class Schedule:
    """When an order's size comes due: so many `lots` each `bucket_us`, the rest with the last."""

    start_us: int
    bucket_us: int
    buckets: int
    lots: int

    def begun(self, now_us: int) -> int:
        """How many buckets have begun."""
        return max(0, min(self.buckets, (now_us - self.start_us) // self.bucket_us + 1))

    def begins_us(self, bucket: int) -> int | None:
        """When a bucket begins, counted from 0; None where there is none."""
        return self.start_us + bucket * self.bucket_us if bucket < self.buckets else None

    def due(self, begun: int, total: int) -> int:
        """How many lots of `total` so many buckets make due."""
        return total if begun == self.buckets else begun * self.lots


@dataclass(frozen=True, slots=True)
class Attached:
    """The bracket that an order brings along, in ticks: its profit, and what triggers its stop."""

    limit: int
    stop: int


@dataclass(frozen=True, slots=True)
class Terms:
    """What an order asks for, read and found valid.

    `limit` in ticks, None for a market order. Exactly one of `lots` and `quote_size` is given;
    `quote_size` is what may be spent, fee included. `end_us` in microseconds since 1970. A scaled
    order has a `ladder` of limits with their lots, and the one next to the market as its `limit`.
    """

    product_id: str
    side: Side
    lifetime: Lifetime
    limit: int | None = None
    lots: int | None = None
    quote_size: Decimal | None = None
    is_post_only: bool = False
    end_us: int | None = None
    stop: Stop | None = None
    ladder: tuple[tuple[int, int], ...] = ()
    schedule: Schedule | None = None
    attached: Attached | None = None

    def until(self, end_us: int) -> Terms:
        """The same, with another date."""
        return Terms(
            self.product_id,
            self.side,
            self.lifetime,
            self.limit,
            self.lots,
            self.quote_size,
            self.is_post_only,
            end_us,
            self.stop,
            self.ladder,
            self.schedule,
            self.attached,
        )

    @property
    def is_in_parts(self) -> bool:
        """Whether it rests in parts of its size, and not as one."""
        return bool(self.ladder) or self.schedule is not None

    @property
    def parts(self) -> tuple[Terms, ...]:
        """The plain orders that it is made of."""
        if not self.ladder:
            return (self,)
        return tuple(
            replace(self, limit=price, lots=lots, ladder=()) for price, lots in self.ladder
        )

    @property
    def is_sleeping(self) -> bool:
        """Whether such an order is not in the book until its stop is reached."""
        return self.stop is not None and not self.stop.is_bracket

    @property
    def dearest(self) -> int | None:
        """The highest limit that it can come to have; None for a market order."""
        if self.limit is None or self.stop is None or self.stop.limit is None:
            return self.limit
        return max(self.limit, self.stop.limit)


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a resting order: its new price and size as text, and when it was accepted."""

    price: str
    size: str
    time_us: int


@dataclass(slots=True)
class Rung:
    """What of an order rests at one price, and how much of the crowd stands ahead of it."""

    price: int
    lots: int
    ahead: int = 0


@dataclass(slots=True)
class Order:
    """One order. `configuration` is its own JSON as it was sent; times in microseconds.

    `held` is what it still holds of the wallet that pays for it: quote for a buy, base for a sell.
    The fee rates are those of the moment at which it was placed. `ahead` is its place in the queue.
    """

    number: int
    order_id: str
    client_order_id: str
    terms: Terms
    configuration: str
    maker_rate: Decimal
    taker_rate: Decimal
    created_us: int
    updated_us: int
    status: Status = Status.OPEN
    last_fill_us: int | None = None
    filled_lots: int = 0
    filled_value: Decimal = ZERO
    fees: Decimal = ZERO
    fill_count: int = 0
    held: Decimal = ZERO
    ahead: int = 0
    reject_reason: str = "REJECT_REASON_UNSPECIFIED"
    cancel_message: str = ""
    edits: tuple[Edit, ...] = ()
    """The last changes, oldest first."""
    is_triggered: bool = False
    """Whether the last trade has reached its stop."""
    cancel_due_us: int | None = None
    """When a cancel that was asked for comes about."""
    dust: Decimal = ZERO
    """What was filled beyond whole lots, in base currency."""
    source: str = USUAL_SOURCE
    """From where it was placed, in the wire's word."""
    rungs: list[Rung] = field(default_factory=list)
    """What rests of it, where it is in parts."""
    begun: int = 0
    """How many buckets of its schedule have begun."""
    attached_id: str = ""
    """The id of the order that it brings along."""
    originating_id: str = ""
    """The id of the order that brought it along."""

    @property
    def is_in_book(self) -> bool:
        """Whether it rests as one where others can meet it, while it lives."""
        is_one = not self.terms.is_in_parts
        return is_one and (self.is_triggered or not self.terms.is_sleeping)

    @property
    def remaining(self) -> int:
        """Lots that may still fill, of an order that is sized in lots."""
        assert self.terms.lots is not None
        return self.terms.lots - self.filled_lots

    @property
    def wanted(self) -> Terms:
        """The terms of what may still fill, as it rests now."""
        terms = self.terms
        if self.filled_lots:
            terms = replace(terms, lots=self.remaining)
        if terms.stop is not None and self.is_triggered:
            limit = terms.limit if terms.stop.limit is None else terms.stop.limit
            terms = replace(terms, limit=limit, stop=None)
        return terms


class Kind(Enum):
    """What a row of fills says: only FILL is a trade; the others change the books afterwards."""

    FILL = "FILL"
    REVERSAL = "REVERSAL"
    CORRECTION = "CORRECTION"
    SYNTHETIC = "SYNTHETIC"


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution; `commission` in quote currency, charged on top of the value."""

    number: int
    entry_id: str
    trade_id: str
    order_id: str
    product_id: str
    side: Side
    price: int
    lots: int
    commission: Decimal
    is_maker: bool
    time_us: int
    kind: Kind = Kind.FILL
    dust: Decimal = ZERO
