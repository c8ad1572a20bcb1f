"""What the venue knows of an order."""

from __future__ import annotations

from enum import Enum

from trader247.domain.dataclass import dataclass
from trader247.domain.ids import ClientOrderId, OrderId, ProductId
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.time import Instant


class Side(Enum):
    """Which way base currency moves, seen from us."""

    BUY = "BUY"
    SELL = "SELL"


class OrderType(Enum):
    """The ways in which an order may be sent; there is no market order."""

    POST_ONLY_GTD = "post_only_gtd"
    """Rests or is rejected; expires at its end time."""
    LIMIT_IOC = "limit_ioc"
    """Takes what is there within its limit; the rest is cancelled."""
    STOP_LIMIT_GTD = "stop_limit_gtd"
    """Waits for its stop price, then sells within its limit; expires at its end time."""


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

    def __init__(self, text: str) -> None:
        # Each reading asks this of every order, many times: it is told once.
        self.is_final = text in ("FILLED", "CANCELLED", "EXPIRED", "FAILED")
        """Whether nothing more comes of it."""


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
