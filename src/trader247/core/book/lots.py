"""Lots: bought in order, sold first in first out, each with its own part of the buy's fee."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal

from trader247.domain.dataclass import dataclass
from trader247.domain.errors import NotHeld
from trader247.domain.money import CONTEXT, NO_MONEY, Money, Quantity
from trader247.domain.position import Lot

FEE_STEP = Decimal("1E-16")
"""A partial lot's share of its fee is rounded up to a multiple of this; the rest follows."""


@dataclass(frozen=True, slots=True)
class Sale:
    """What a sale leaves, and what the sold part had cost: buy notional plus buy fee."""

    left: tuple[Lot, ...]
    cost: Money


def sold(lots: tuple[Lot, ...], quantity: Quantity) -> Sale:
    """Take `quantity` from `lots`, first bought first.

    Raises:
        NotHeld: the lots hold less.
    """
    wanted, cost = quantity, NO_MONEY
    for index, lot in enumerate(lots):
        if wanted.is_zero:
            return Sale(lots[index:], cost)
        if wanted < lot.quantity:
            piece, rest = split(lot, wanted)
            return Sale((rest, *lots[index + 1 :]), cost + piece.cost)
        wanted, cost = wanted - lot.quantity, cost + lot.cost
    if not wanted.is_zero:
        raise NotHeld(f"sold {wanted} more than the ledger holds")
    return Sale((), cost)


def split(lot: Lot, quantity: Quantity) -> tuple[Lot, Lot]:
    """A lot in two: `quantity` of it, and the rest. Their fees add up to the lot's, exactly."""
    share = CONTEXT.divide(
        CONTEXT.multiply(lot.fee.value, quantity.value), lot.quantity.value
    ).quantize(FEE_STEP, rounding=ROUND_CEILING, context=CONTEXT)
    # A fee below one step must not leave the rest with less than nothing.
    fee = Money(min(share, lot.fee.value) if lot.fee.value > 0 else share)
    piece = Lot(quantity, lot.price, fee, lot.opened)
    return piece, Lot(lot.quantity - quantity, lot.price, lot.fee - fee, lot.opened)
