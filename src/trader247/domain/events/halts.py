"""Facts that end buying, and that allow it again: halts, breakers, bans, doubts."""

from __future__ import annotations

from typing import ClassVar

from trader247.domain.dataclass import dataclass
from trader247.domain.events.event import Event
from trader247.domain.ids import ProductId
from trader247.domain.money import Money, Price
from trader247.domain.reasons import BreakerName, HaltName
from trader247.domain.time import Instant


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
