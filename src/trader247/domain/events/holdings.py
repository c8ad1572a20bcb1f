"""Facts about positions that no order of ours made or ended."""

from __future__ import annotations

from typing import ClassVar

from trader247.domain.dataclass import dataclass
from trader247.domain.events.event import Event
from trader247.domain.ids import DecisionId, ProductId
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.proposals import ExitPlan
from trader247.domain.time import Instant


@dataclass(frozen=True, slots=True)
class HoldingAdopted(Event):
    """A person made foreign coins a position of ours, at a cost that they state.

    `price` and `fee` are what the coins cost; `mark` is what they were worth then, which moved
    equity: what they gained or lost before is no profit or loss of ours. `decision_id` is what
    their exits carry.
    """

    kind: ClassVar[str] = "holding_adopted"
    product: ProductId
    quantity: Quantity
    price: Price
    fee: Money
    mark: Price
    plan: ExitPlan
    decision_id: DecisionId
    reason: str
    operator: str

    @property
    def ref(self) -> str:
        return str(self.product)


@dataclass(frozen=True, slots=True)
class LotsSoldByHand(Event):
    """A person sold coins of ours at the venue, past this program: booked at their word or at
    what the venue's own fills say.
    """

    kind: ClassVar[str] = "lots_sold_by_hand"
    product: ProductId
    quantity: Quantity
    price: Price
    fee: Money
    reason: str

    @property
    def ref(self) -> str:
        return str(self.product)


@dataclass(frozen=True, slots=True)
class FlattenAsked(Event):
    """A person wants a position sold; the wish ends with it, or at `until`."""

    kind: ClassVar[str] = "flatten_asked"
    product: ProductId
    until: Instant
    reason: str
    operator: str

    @property
    def ref(self) -> str:
        return str(self.product)


@dataclass(frozen=True, slots=True)
class DustSetAside(Event):
    """So little is left of a position that the venue sells none of it: it is none any more.

    Its lots are kept, and go with whatever of the product is bought next.
    """

    kind: ClassVar[str] = "dust_set_aside"
    product: ProductId
    quantity: Quantity
    cause: str

    @property
    def ref(self) -> str:
        return str(self.product)


@dataclass(frozen=True, slots=True)
class DustTakenBack(Event):
    """What was set aside can be sold again: it is the position that it was, under its old plan."""

    kind: ClassVar[str] = "dust_taken_back"
    product: ProductId
    quantity: Quantity
    cause: str

    @property
    def ref(self) -> str:
        return str(self.product)
