"""Selling a position because a person wants it: which positions, and what is left of the wish."""

from __future__ import annotations

from collections.abc import Mapping

from trader247.domain.errors import NotAllowed
from trader247.domain.ids import ProductId
from trader247.domain.money import Quantity
from trader247.domain.orders import Side
from trader247.domain.portfolio import Portfolio
from trader247.domain.reasons import TradingState


def wishes(portfolio: Portfolio, named: str) -> tuple[ProductId, ...]:
    """The products that `named`, separated by blanks, means; all that is held or bought if empty.

    Raises:
        NotAllowed: nothing may be sold now, or nothing of a product is held or being bought.
    """
    if portfolio.trading_state is TradingState.HALTED:
        names = [halt.value for halt in portfolio.halts if halt.state is TradingState.HALTED]
        raise NotAllowed(
            f"trading is HALTED ({', '.join(names)}): nothing is sold while that stands",
            hint="trader247 pause, so that nothing is bought; then end the halt "
            "(trader247 unlock halt NAME, or kill off); then flatten",
        )
    there = _there(portfolio)
    if not named:
        if not there:
            raise NotAllowed("nothing is held, and nothing is being bought")
        return there
    products = []
    for text in named.split():
        found = [each for each in there if str(each) == text.upper() or each.base == text.upper()]
        if not found:
            held = ", ".join(str(each) for each in there) or "nothing"
            dust = [each for each in portfolio.dust if text.upper() in (str(each), each.base)]
            if dust:
                raise NotAllowed(
                    f"of {dust[0]} there is only dust, {portfolio.dust[dust[0]].quantity}: less "
                    "than the venue sells",
                    hint="it is sold with what is bought of it next, or by hand at the venue",
                )
            raise NotAllowed(f"nothing of {text} is held or being bought; there is: {held}")
        products += found
    return tuple(dict.fromkeys(products))


def sold_out_of(portfolio: Portfolio, product: ProductId) -> str:
    """How a wish stands, in a sentence."""
    held = portfolio.positions.get(product)
    if held is None:
        return f"{product}: nothing is held; its buys are being cancelled"
    return f"{product}: {held.quantity} is being sold, until {held.flatten_until}"


def quantity_wanted_sold(portfolio: Portfolio) -> Mapping[ProductId, Quantity]:
    """What is still held of each product that a person wants sold."""
    return {
        product: each.quantity
        for product, each in portfolio.positions.items()
        if each.flatten_until is not None
    }


def is_less(now: Mapping[ProductId, Quantity], before: Mapping[ProductId, Quantity]) -> bool:
    """Whether something of it was sold, and something is left."""
    return any(product in before and each < before[product] for product, each in now.items())


def _there(portfolio: Portfolio) -> tuple[ProductId, ...]:
    buying = {
        each.intent.product
        for each in portfolio.working.values()
        if each.intent.side is Side.BUY and not each.state.is_settled
    }
    return tuple(sorted({*portfolio.positions, *buying}))
