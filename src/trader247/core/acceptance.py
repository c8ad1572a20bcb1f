"""What a person accepts as moved by hand: money in or out, coins that came from elsewhere.

Only differences that stand as breaks are accepted, and all of them together or none. What is
missing of our own lots cannot be: nobody told at which price they went.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from trader247.domain.errors import NotAllowed
from trader247.domain.events import CashFlowed, ForeignSeen
from trader247.domain.money import CONTEXT, ZERO, Money, plain
from trader247.domain.orders import Balance
from trader247.domain.portfolio import Portfolio

Movement = CashFlowed | ForeignSeen


def movements(
    portfolio: Portfolio, balances: Mapping[str, Balance], reason: str
) -> tuple[Movement, ...]:
    """The events that make every standing break a movement of capital, explained by `reason`.

    Raises:
        NotAllowed: a break is no such movement, there is none, or orders are under way; nothing
            is accepted.
    """
    if portfolio.working:
        raise NotAllowed(
            f"{len(portfolio.working)} orders are under way, and may explain a part of it",
            hint="wait until they ended: trader247 state show orders",
        )
    broken = [each.key for each in portfolio.differences.values() if each.is_break]
    if not broken:
        raise NotAllowed(
            "ledger and venue have no break to accept", hint="trader247 reconcile shows both"
        )
    return tuple(_movement(portfolio, balances, key, reason) for key in sorted(broken))


def sentence_of(movement: Movement) -> str:
    """What was accepted, for the person who did it."""
    match movement:
        case CashFlowed(amount, cause):
            word = "came in" if amount > Money(ZERO) else "went out"
            return f"{plain(abs(amount.value))} of cash {word}, as capital and no profit: {cause}"
        case ForeignSeen(currency, quantity):
            return f"{plain(quantity)} {currency} beside our own lots is yours, and never sold here"


def _movement(
    portfolio: Portfolio, balances: Mapping[str, Balance], key: str, reason: str
) -> Movement:
    kind, _, name = key.partition(":")
    there = balances[name].total if name in balances else ZERO
    if kind == "cash":
        assert portfolio.cash is not None, "only known cash differs"
        return CashFlowed(Money(CONTEXT.subtract(there, portfolio.cash.value)), reason)
    if kind != "base":
        raise NotAllowed(
            f"{key} is no movement of money: it ends when the venue's orders and fills are whole",
            hint="wait for the next cycles, then trader247 reconcile",
        )
    own = _own(portfolio, name)
    if there < own:
        raise NotAllowed(
            f"{plain(CONTEXT.subtract(own, there))} {name} of our own lots is not at the venue "
            f"(ledger {plain(own)}, venue {plain(there)}): what was sold or sent away by hand "
            "cannot be accepted in this version",
            hint=f"bring the {name} back, or begin a new book with trader247 run --fresh",
        )
    return ForeignSeen(name, CONTEXT.subtract(there, own))


def _own(portfolio: Portfolio, currency: str) -> Decimal:
    own = ZERO
    for product, position in portfolio.positions.items():
        if product.base == currency:
            own = CONTEXT.add(own, position.quantity.value)
    return own
