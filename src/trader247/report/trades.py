"""A trade: one position from its first fill to its last, as it was wished and as it went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from trader247.domain.fills import Fill
from trader247.domain.ids import ClientOrderId, DecisionId, ProductId
from trader247.domain.money import Money, Percent, Price, Quantity
from trader247.domain.time import Instant


@dataclass(frozen=True, slots=True)
class TradeFill:
    """A fill of a trade, with the order that it belongs to and what that order was sent for.

    `reference` is the mid that its decision saw; None where no decision of ours did.
    """

    fill: Fill
    client_order_id: ClientOrderId
    cause: str
    reference: Price | None

    @property
    def slippage(self) -> Money | None:
        """What the price cost against the mid of the decision; below zero it was a gain."""
        if self.reference is None:
            return None
        paid = self.fill.price * self.fill.quantity
        fair = self.reference * self.fill.quantity
        return paid - fair if self.fill.side.value == "BUY" else fair - paid


@dataclass(frozen=True, slots=True)
class Trade:
    """A round trip, exact. While it is open, `closed` and `exit_cause` are None.

    `pnl` is what its sales have made after all fees, first bought first sold; `entry_price` and
    `exit_price` are averages over its fills, fees apart, the latter None before the first sale.
    `stop` and `target` are those of the position when it opened; `lowest` and `highest` the least
    and greatest bid that a cycle marked it at. `is_whole` is False where the record begins after it
    did: then its buys are not all in `fills`.
    """

    number: int
    product: ProductId
    cluster: str
    strategy: str
    rule: str
    decision_id: DecisionId
    opened: Instant
    closed: Instant | None
    quantity: Quantity
    entry_price: Price
    exit_price: Price | None
    stop: Price
    target: Price
    longest_hold: timedelta
    exit_cause: str | None
    cost: Money
    pnl: Money
    fees: Money
    slippage: Money | None
    lowest: Price | None
    highest: Price | None
    fills: tuple[TradeFill, ...]
    is_whole: bool = True

    @property
    def is_open(self) -> bool:
        return self.closed is None

    @property
    def held(self) -> timedelta | None:
        """How long it was held."""
        return None if self.closed is None else self.closed - self.opened

    @property
    def return_pct(self) -> Percent | None:
        """What it made of what it cost, both with all fees; None while it is open."""
        if self.is_open or self.cost.value <= 0:
            return None
        return Percent.from_fraction(self.pnl.share_of(self.cost))

    @property
    def multiple(self) -> float | None:
        """Profit as a multiple of what its stop put at risk, price alone."""
        risk = (self.entry_price.value - self.stop.value) * self.quantity.value
        return None if self.is_open or risk <= 0 else float(self.pnl.value / risk)
