"""A book of our own: cash, lots first in first out, and what was made of them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from fractions import Fraction

from trader247.truth.exact import NONE, fee_share


@dataclass(slots=True)
class Lot:
    """What is left of one buy."""

    quantity: Fraction
    price: Fraction
    fee: Fraction


@dataclass(slots=True)
class Holding:
    """Every lot of one product, with their sums kept up.

    The first `older` lots were left of a position before, and are none of this one's entry.
    """

    lots: deque[Lot] = field(default_factory=deque)
    older: int = 0
    quantity: Fraction = NONE
    cost: Fraction = NONE

    @property
    def paid(self) -> Fraction:
        """The average price of what its own entry bought, and is left."""
        own = list(self.lots)[self.older :]
        worth = sum((each.price * each.quantity for each in own), NONE)
        return worth / sum((each.quantity for each in own), NONE)

    def add(self, quantity: Fraction, price: Fraction, fee: Fraction) -> None:
        """A buy opens a lot."""
        self.lots.append(Lot(quantity, price, fee))
        self.quantity += quantity
        self.cost += price * quantity + fee

    def take(self, quantity: Fraction) -> Fraction | None:
        """A sale consumes the oldest lots: what they had cost; None where there is not enough."""
        if quantity > self.quantity:
            return None
        self.quantity -= quantity
        cost = NONE
        while quantity:
            lot = self.lots[0]
            if lot.quantity <= quantity:
                cost += lot.price * lot.quantity + lot.fee
                quantity -= lot.quantity
                self.lots.popleft()
                self.older = max(0, self.older - 1)
                continue
            share = fee_share(lot.fee, quantity, lot.quantity)
            cost += lot.price * quantity + share
            lot.fee -= share
            lot.quantity -= quantity
            quantity = NONE
        self.cost -= cost
        return cost


@dataclass(slots=True)
class Book:
    """Everything that fills and flows add up to."""

    cash: Fraction = NONE
    flows: Fraction = NONE
    adopted: Fraction = NONE
    """Of the flows, what came in coins."""
    realised: Fraction = NONE
    fees: Fraction = NONE
    holdings: dict[str, Holding] = field(default_factory=dict)

    def held(self, product: str) -> Fraction:
        """How much of a product is held."""
        holding = self.holdings.get(product)
        return NONE if holding is None else holding.quantity

    def flow(self, amount: Fraction) -> None:
        """Money that came or went without a trade."""
        self.cash += amount
        self.flows += amount

    def adopt(self, product: str, quantity: Fraction, price: Fraction, fee: Fraction) -> None:
        """Coins that were there already become ours, at a stated cost: it came as capital."""
        self.flows += price * quantity + fee
        self.adopted += price * quantity + fee
        self.holdings.setdefault(product, Holding()).add(quantity, price, fee)

    def trade(
        self, product: str, side: str, quantity: Fraction, price: Fraction, fee: Fraction
    ) -> str:
        """One execution; what is wrong with it, or nothing."""
        holding = self.holdings.setdefault(product, Holding())
        self.fees += fee
        if side == "BUY":
            holding.add(quantity, price, fee)
            self.cash -= price * quantity + fee
            return ""
        proceeds = price * quantity - fee
        self.cash += proceeds
        cost = holding.take(quantity)
        if cost is None:
            return f"{product}: more is sold than was ever bought"
        self.realised += proceeds - cost
        if not holding.lots:
            del self.holdings[product]
        return ""
