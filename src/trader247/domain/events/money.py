"""Facts about the account's money, apart from trades: what came, what went, what differs."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from trader247.domain.dataclass import dataclass
from trader247.domain.events.event import Event
from trader247.domain.market import FeeTier
from trader247.domain.money import Money


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
class FeesRead(Event):
    """The account's fee tier, when it is new or has changed."""

    kind: ClassVar[str] = "fees_read"
    tier: FeeTier


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
