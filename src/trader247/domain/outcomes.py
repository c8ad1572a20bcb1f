"""What came of asking the venue for an order, or for its end."""

from __future__ import annotations

from trader247.domain.dataclass import dataclass
from trader247.domain.ids import OrderId


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The venue took the order."""

    order_id: OrderId


UNAUTHORIZED = "UNAUTHORIZED"
"""The code of an order that the venue declined because it does not take the key at all."""


NOT_SENT = "not_sent"
"""The code of an order that did not leave: too late, forbidden since, or without a connection."""


RATE_BUDGET = "rate_budget"
"""The code of an order that did not leave since our own budget of requests had no room for it."""


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
