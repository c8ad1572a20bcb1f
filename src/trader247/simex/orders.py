"""Orders and fills as the exchange keeps them: whole ticks and lots, exact money, and text."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from enum import Enum

from trader247.simex.book import Side
from trader247.simex.exact import ZERO


class Status(Enum):
    """Where an order stands; all but OPEN are final."""

    OPEN = "OPEN"
    FILLED = "FILLED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"


class Lifetime(Enum):
    """How long an order may rest; the value is the wire's word."""

    GTC = "GOOD_UNTIL_CANCELLED"
    GTD = "GOOD_UNTIL_DATE_TIME"
    IOC = "IMMEDIATE_OR_CANCEL"
    FOK = "FILL_OR_KILL"


@dataclass(frozen=True, slots=True)
class Terms:
    """What an order asks for, read and found valid.

    `limit` in ticks, None for a market order. Exactly one of `lots` and `quote_size` is given;
    `quote_size` is what may be spent, fee included. `end_us` in microseconds since 1970.
    """

    product_id: str
    side: Side
    lifetime: Lifetime
    limit: int | None = None
    lots: int | None = None
    quote_size: Decimal | None = None
    is_post_only: bool = False
    end_us: int | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a resting order: its new price and size as text, and when it was accepted."""

    price: str
    size: str
    time_us: int


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

    @property
    def remaining(self) -> int:
        """Lots that may still fill, of an order that is sized in lots."""
        assert self.terms.lots is not None
        return self.terms.lots - self.filled_lots

    @property
    def wanted(self) -> Terms:
        """The terms of what may still fill."""
        return replace(self.terms, lots=self.remaining) if self.filled_lots else self.terms


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
