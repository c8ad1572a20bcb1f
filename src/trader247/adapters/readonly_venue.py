"""A venue that answers questions and takes no order, for modes that must not trade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from trader247.domain.balances import Balance
from trader247.domain.dataclass import dataclass
from trader247.domain.fills import Fill, IrregularFill
from trader247.domain.ids import ClientOrderId, OrderId
from trader247.domain.intents import OrderBody
from trader247.domain.market import FeeTier
from trader247.domain.orders import Order
from trader247.domain.outcomes import CancelResult, Declined, Outcome
from trader247.domain.time import Instant
from trader247.domain.verdicts import Approved
from trader247.ports import Venue

CODE = "dry_run"
"""The code of every refusal here."""


@dataclass(frozen=True, slots=True)
class AssumedAccount:
    """What the account is taken to hold where there is no key to ask with."""

    balances: Mapping[str, Balance]
    fees: FeeTier


class ReadOnlyVenue:
    """`venue`, without the door: nothing is ever sent to it that changes anything.

    With an `account`, the account's questions are answered from that and never asked.
    """

    def __init__(self, venue: Venue, account: AssumedAccount | None = None) -> None:
        self._venue = venue
        self._account = account

    def render(self, approved: Approved, client_order_id: ClientOrderId, end: Instant) -> OrderBody:
        """The exact body that the venue would get."""
        return self._venue.render(approved, client_order_id, end)

    def submit(self, approved: Approved, body: OrderBody) -> Outcome:  # noqa: ARG002 # the port's
        """Decline, without a byte sent."""
        return Declined(CODE, "this mode sends no orders", is_sent=False)

    def cancel(self, orders: Sequence[OrderId]) -> tuple[CancelResult, ...]:
        """Refuse each: what rests at the venue is not ours to touch in this mode."""
        return tuple(CancelResult(order_id, is_taken=False, reason=CODE) for order_id in orders)

    def orders(self, since: Instant) -> tuple[Order, ...]:
        """The venue's orders; none of an assumed account."""
        return self._venue.orders(since) if self._account is None else ()

    def order(self, order_id: OrderId) -> Order | None:
        """The venue's order; none of an assumed account."""
        return self._venue.order(order_id) if self._account is None else None

    def fills(self, since: Instant) -> tuple[Fill, ...]:
        """The venue's fills; none of an assumed account."""
        return self._venue.fills(since) if self._account is None else ()

    def irregular_fills(self) -> tuple[IrregularFill, ...]:
        """What the last reading of the venue's fills met besides."""
        return self._venue.irregular_fills() if self._account is None else ()

    @property
    def orders_sent(self) -> int:
        """Orders that left for the venue: none may."""
        return self._venue.orders_sent

    def balances(self) -> Mapping[str, Balance]:
        """The venue's balances, or those assumed."""
        return self._venue.balances() if self._account is None else self._account.balances

    def fees(self) -> FeeTier:
        """The venue's fee tier, or the one assumed."""
        return self._venue.fees() if self._account is None else self._account.fees

    def time(self) -> Instant:
        """The venue's own clock."""
        return self._venue.time()
