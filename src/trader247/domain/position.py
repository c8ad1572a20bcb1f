"""What is held of one product: lots at their cost, and where they are to leave."""

from __future__ import annotations

from trader247.domain.changing import replace
from trader247.domain.dataclass import dataclass
from trader247.domain.ids import DecisionId, ProductId
from trader247.domain.money import (
    CONTEXT,
    NO_MONEY,
    ONE,
    ZERO,
    Money,
    Price,
    Quantity,
    total,
)
from trader247.domain.proposals import ExitPlan
from trader247.domain.time import Instant


@dataclass(frozen=True, slots=True)
class Lot:
    """A quantity bought at one cost; `fee` is the part of the buy's fee still on it."""

    quantity: Quantity
    price: Price
    fee: Money
    opened: Instant

    @property
    def cost(self) -> Money:
        """Buy notional plus buy fee."""
        return self.price * self.quantity + self.fee


class _Known:
    """What follows from a position's lots and plan alone, each worked out when it is asked for."""

    __slots__ = ("cost", "entry_price", "quantity", "stop", "target")
    cost: Money
    entry_price: Price
    quantity: Quantity
    stop: Price
    target: Price


class _Figures:
    """Where a position keeps what follows from it alone: a cycle asks for it dozens of times.

    It is no part of the value: neither compared nor stored, and a copy works it out anew, unless
    it has the same lots and plan.
    """

    __slots__ = ("_known",)

    _known: _Known

    def _room(self) -> _Known:
        known: _Known | None = getattr(self, "_known", None)
        if known is None:
            _keep(self, "_known", known := _Known())
        return known


_keep = object.__setattr__


@dataclass(frozen=True, slots=False)
class Position(_Figures):
    """All lots of one product, first bought first, with the plan of its entry.

    `highest` is the highest bid seen since it opened, for a trailing stop; `exit_legs` counts the
    exit orders recorded for it; `realised` is what its sales so far have made after fees. Until
    `flatten_until` a person wants it sold; None where nobody does. `inherited` counts the first
    lots that were there before it as dust: they leave first, and say nothing of where it ends.
    """

    product: ProductId
    lots: tuple[Lot, ...]
    strategy: str
    rule: str
    decision_id: DecisionId
    plan: ExitPlan
    opened: Instant
    highest: Price
    exit_legs: int = 0
    realised: Money = NO_MONEY
    flatten_until: Instant | None = None
    inherited: int = 0

    @property
    def quantity(self) -> Quantity:
        try:
            return self._known.quantity
        except AttributeError:
            known = self._room()
            known.quantity = _quantity_of(self.lots)
            return known.quantity

    @property
    def cost(self) -> Money:
        """Buy notional plus buy fees of what is still held."""
        try:
            return self._known.cost
        except AttributeError:
            known = self._room()
            known.cost = total([lot.cost for lot in self.lots])
            return known.cost

    @property
    def entry_price(self) -> Price:
        """Average price of what is still held of its own entry, fees apart."""
        try:
            return self._known.entry_price
        except AttributeError:
            own = self.lots[self.inherited :]
            worth = total([lot.price * lot.quantity for lot in own])
            held = self.quantity if not self.inherited else _quantity_of(own)
            known = self._room()
            known.entry_price = worth.per(held)
            return known.entry_price

    @property
    def stop(self) -> Price:
        """The price at or below which the position leaves."""
        try:
            return self._known.stop
        except AttributeError:
            stop = self.entry_price * CONTEXT.subtract(ONE, self.plan.stop_fraction)
            trail = self.plan.trailing_fraction
            if trail is not None:
                stop = max(stop, self.highest * CONTEXT.subtract(ONE, trail))
            known = self._room()
            known.stop = stop
            return known.stop

    @property
    def target(self) -> Price:
        """The price at or above which the position leaves."""
        try:
            return self._known.target
        except AttributeError:
            target = self.entry_price * CONTEXT.add(ONE, self.plan.target_fraction)
            known = self._room()
            known.target = target
            return known.target

    def with_legs(self, exit_legs: int) -> Position:
        """The position after so many exit orders; its figures, which they do not touch, with it."""
        return self._like(replace(self, exit_legs=exit_legs))

    def with_high(self, highest: Price) -> Position:
        """The position after so high a bid, which moves a stop that trails, and nothing else."""
        made = replace(self, highest=highest)
        return made if self.plan.trailing_fraction is not None else self._like(made)

    def _like(self, made: Position) -> Position:
        _keep(made, "_known", self._room())
        return made

    @property
    def leaves_at(self) -> Instant:
        """The end of the longest hold."""
        return self.opened + self.plan.longest_hold


def _quantity_of(lots: tuple[Lot, ...]) -> Quantity:
    result = ZERO
    for lot in lots:
        result = CONTEXT.add(result, lot.quantity.value)
    return Quantity(result)
