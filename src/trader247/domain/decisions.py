"""What `decide` answers: how each product ends, what may be sent, what must stop."""

from __future__ import annotations

from collections.abc import Mapping

from trader247.domain.dataclass import dataclass
from trader247.domain.events.cycles import Ending
from trader247.domain.events.halts import (
    BanLatched,
    BreakerClosed,
    BreakerOpened,
    HaltLatched,
    ProductDoubted,
    ProductTrusted,
    Struck,
)
from trader247.domain.events.people import ConfirmationAsked
from trader247.domain.ids import ClientOrderId, ProductId
from trader247.domain.money import Money, Price
from trader247.domain.portfolio import Membership
from trader247.domain.reasons import BreakerName, Reason
from trader247.domain.verdicts import Approved, Refused


class _EndsOnce:
    """Where an outcome keeps what the journal has of it: many are the same in each cycle."""

    __slots__ = ("_ending",)
    _ending: Ending


@dataclass(frozen=True, slots=True)
class Outcome(_EndsOnce):
    """How one product's cycle ended, with the figures behind the reason."""

    reason: Reason
    detail: str

    @property
    def ending(self) -> Ending:
        """The same, as the journal keeps it."""
        try:
            return self._ending
        except AttributeError:
            object.__setattr__(self, "_ending", Ending(self.reason.value, self.detail))
            return self._ending


@dataclass(frozen=True, slots=True)
class Cancellation:
    """A working order that should go, and why."""

    client_order_id: ClientOrderId
    cause: str


@dataclass(frozen=True, slots=True)
class Decisions:
    """The whole answer to one snapshot. Equal inputs give equal decisions, always.

    `tripped` names every breaker whose condition holds now, open already or not; `asked` is what
    a person has to confirm before it can be bought. `is_pressing` says that a sale only waits for a
    resting stop to end. `bans` are the faults found with products and strategies, and what follows;
    `doubts` are products whose market data is not believed, or is again.
    """

    regime: str
    outcomes: Mapping[ProductId, Outcome]
    approved: tuple[Approved, ...]
    refused: tuple[Refused, ...]
    halts: tuple[HaltLatched, ...]
    breakers: tuple[BreakerOpened | BreakerClosed, ...]
    cancellations: tuple[Cancellation, ...]
    universe: Mapping[ProductId, Membership]
    marks: Mapping[ProductId, Price]
    equity: Money | None
    eligible: int
    tripped: tuple[BreakerName, ...] = ()
    asked: tuple[ConfirmationAsked, ...] = ()
    is_pressing: bool = False
    bans: tuple[Struck | BanLatched, ...] = ()
    doubts: tuple[ProductDoubted | ProductTrusted, ...] = ()
