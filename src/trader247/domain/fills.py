"""Executions of an order, as the venue tells of them."""

from __future__ import annotations

from enum import Enum

from trader247.domain.dataclass import dataclass
from trader247.domain.ids import EntryId, OrderId, ProductId
from trader247.domain.money import Money, Price, Quantity
from trader247.domain.orders import Side
from trader247.domain.time import Instant


class Liquidity(Enum):
    """Whether a fill rested in the book or removed from it: decides the fee."""

    MAKER = "MAKER"
    TAKER = "TAKER"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution: `quantity` in base, `fee` in quote currency, exactly as received."""

    entry_id: EntryId
    trade_id: str
    order_id: OrderId
    product: ProductId
    side: Side
    price: Price
    quantity: Quantity
    fee: Money
    liquidity: Liquidity
    time: Instant
    sequence_time: Instant

    @property
    def notional(self) -> Money:
        return self.price * self.quantity


IRREGULAR = "the venue calls it "
"""How the cause begins of what is set aside since it is no plain execution."""


_KINDS = frozenset({"REVERSAL", "CORRECTION", "SYNTHETIC"})
"""What the venue's documentation calls an entry that is no plain execution."""


@dataclass(frozen=True, slots=True)
class IrregularFill:
    """An entry of the venue's ledger that is no plain execution, as it came.

    A reversal, a correction, bookkeeping, or a kind that nobody knows: told of, never summed.
    """

    kind: str
    fill: Fill

    @property
    def is_of_known_kind(self) -> bool:
        """Whether its kind is documented; of another nobody knows that it is no plain execution."""
        return self.kind in _KINDS

    @property
    def cause(self) -> str:
        """Why it is set aside."""
        return f"{IRREGULAR}{self.kind}"
