"""What a person accepts as moved by hand: money in or out, coins from elsewhere, lots sold.

Only differences that stand as breaks are accepted, and all of them together or none. Lots of ours
that are missing were sold at some price: the venue's own fills say it, or the person does.

An order that has ended, and of which all that lacks is fills that are set aside, is accepted with
them, break or none: everything is known of it. What they moved is moved, and nothing besides.

Lots of a product without a price, one that the venue has delisted say, are there and differ from
nothing, but while they are ours equity is unknown. At a price that a person states they become
theirs: sold to them, paid out to them, and foreign from then on.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal

from trader247.core.book.aside import deed_of, moved_by
from trader247.core.booking import fold
from trader247.domain.balances import Balance
from trader247.domain.dataclass import dataclass
from trader247.domain.errors import NotAllowed
from trader247.domain.events.holdings import LotsSoldByHand
from trader247.domain.events.money import CashFlowed, ForeignSeen
from trader247.domain.events.orders import FillsAccepted
from trader247.domain.events.recorded import Recorded
from trader247.domain.fills import Fill
from trader247.domain.ids import ProductId
from trader247.domain.money import CONTEXT, NO_MONEY, ZERO, Money, Price, Quantity, plain
from trader247.domain.orders import Side
from trader247.domain.portfolio import Portfolio

Movement = CashFlowed | ForeignSeen | LotsSoldByHand | FillsAccepted

_FIGURE = re.compile(r"[0-9]{1,30}(\.[0-9]{0,30})?([eE][+-]?[0-9]{1,2})?")
_DIGITS_MAX = 15
"""Digits that a stated price has before its point: what comes of it can be worked out exactly."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a person says of it: why, and at which price lots were sold where no fill tells.

    `fills` are the venue's sales that no order of ours made, newest last. `ended` are the orders
    that fills end which are set aside.
    """

    reason: str
    prices: Mapping[ProductId, Price]
    fills: Sequence[Fill]
    ended: Sequence[FillsAccepted] = ()


def movements(
    portfolio: Portfolio, balances: Mapping[str, Balance], statement: Statement
) -> tuple[Movement, ...]:
    """The events that make every standing break a movement of capital or a sale by hand, and end
    the orders that are accepted.

    Raises:
        NotAllowed: a break is no such thing, there is none, or orders are under way; nothing is
            accepted.
    """
    begun = portfolio
    portfolio, found = _by_orders(portfolio, statement.ended)
    over = {f"fills:{each.client_order_id}" for each in statement.ended}
    broken = sorted(
        each.key
        for each in portfolio.differences.values()
        if each.is_break and each.key not in over
    )
    unpriced = unpriced_in(portfolio)
    given_up = [each for each in unpriced if each in statement.prices]
    if not broken and not given_up and not found:
        hint = "trader247 reconcile shows both"
        if unpriced:
            hint = f"{unpriced[0]} has no price; to take it over: --price {unpriced[0]}=PRICE"
        raise NotAllowed("ledger and venue have no break to accept", hint=hint)
    if portfolio.working:
        raise NotAllowed(
            f"{len(portfolio.working)} orders are under way, and may explain a part of it",
            hint="wait until they ended (trader247 orders); what is set aside of one: "
            "trader247 reconcile",
        )
    rest: list[Movement] = []
    for key in broken:
        kind, _, name = key.partition(":")
        if kind == "base":
            rest += _of_base(portfolio, balances, name, statement)
        elif kind != "cash":
            raise NotAllowed(
                f"{key} is no movement of money: it ends when the venue's orders and fills are "
                "whole",
                hint="wait for the next cycles, then trader247 reconcile",
            )
    for product in given_up:
        rest += _given_up(portfolio, balances, product, statement)
    rest += _of_cash(portfolio, balances, rest, broken, statement.reason)
    accepted = (*found, *rest)
    cash = _after(begun, accepted).cash if found else None
    if cash is not None and cash < NO_MONEY:
        raise NotAllowed(
            f"what these orders cost would leave {plain(cash.value)} of cash: some came in that is "
            "not known here",
            hint="wait until cash is a break too, then accept both: trader247 reconcile shows it",
        )
    return accepted


def foreseen(portfolio: Portfolio, ended: Sequence[FillsAccepted]) -> tuple[str, ...]:
    """What accepting each of these orders would come to, for the person who is asked to."""
    told = []
    for each in ended:
        portfolio, (_, *moved) = _by_orders(portfolio, (each,))
        words = [deed_of(each), *(sentence_of(one) for one in moved)]
        told.append("; ".join(words))
    return tuple(told)


def unpriced_in(portfolio: Portfolio) -> list[ProductId]:
    """What is held without a price that the last cycle could believe, in order of product; not
    what ledger and venue differ about.
    """
    return [
        product
        for product in sorted(portfolio.holdings)
        if product not in portfolio.marks and f"base:{product.base}" not in portfolio.differences
    ]


def prices_in(text: str) -> dict[ProductId, Price]:
    """Prices as people state them: `BTC-USD=64000 ETH-USD=3000`.

    Raises:
        NotAllowed: the text is none such.
    """
    prices: dict[ProductId, Price] = {}
    for each in text.split():
        name, _, figure = each.partition("=")
        try:
            prices[ProductId.parse(name.upper())] = _price(figure)
        except ValueError as error:
            raise NotAllowed(
                f"{each[:60]} is no price: {error}",
                hint="state it as PRODUCT=PRICE, BTC-USD=64000",
            ) from error
    return prices


def _price(figure: str) -> Price:
    """One price. Raises ValueError: it is none, or more than anything costs."""
    if _FIGURE.fullmatch(figure) is None:
        raise ValueError(f"{figure[:40]!r} is no figure, which has the digits 0 to 9 and a point")
    price = Price.of(figure)
    if price.value.adjusted() >= _DIGITS_MAX:
        raise ValueError(f"a price has {_DIGITS_MAX} digits before its point at the most")
    return price


def sentence_of(movement: Movement) -> str:
    """What was accepted, for the person who did it."""
    match movement:
        case FillsAccepted():
            return f"{deed_of(movement)}, which lacked here and was set aside: the order has ended"
        case CashFlowed(amount, cause):
            word = "came in" if amount > Money(ZERO) else "went out"
            return f"{plain(abs(amount.value))} of cash {word}, as capital and no profit: {cause}"
        case ForeignSeen(currency, quantity):
            if not quantity:
                return f"no {currency} is there beside our own lots any more"
            return (
                f"{plain(quantity)} {currency} beside our own lots is yours, and sold only once "
                "adopted"
            )
        case LotsSoldByHand(product, quantity, price, fee):
            return (
                f"{quantity} {product.base} of our own lots count as sold at {price}, "
                f"fee {plain(fee.value)}"
            )


def _by_orders(
    portfolio: Portfolio, ended: Sequence[FillsAccepted]
) -> tuple[Portfolio, list[Movement]]:
    """What accepting these orders moves, one after the other, and the portfolio then."""
    found: list[Movement] = []
    for each in ended:
        part = (each, *moved_by(portfolio, each))
        portfolio = _after(portfolio, part)
        found += part
    return portfolio, found


def _after(portfolio: Portfolio, movements: Sequence[Movement]) -> Portfolio:
    """The portfolio with these booked."""
    at = portfolio.time or max(each.intent.created for each in portfolio.working.values())
    for each in movements:
        portfolio = fold(portfolio, Recorded(portfolio.seq + 1, at, each, ""))
    return portfolio


def _of_cash(
    portfolio: Portfolio,
    balances: Mapping[str, Balance],
    found: Sequence[Movement],
    broken: Collection[str],
    reason: str,
) -> list[CashFlowed]:
    """What of the cash is still unexplained once the sales are booked."""
    assert portfolio.cash is not None, "only known cash differs"
    sales = [each for each in found if isinstance(each, LotsSoldByHand)]
    name = portfolio.quote_currency
    if not sales and f"cash:{name}" not in broken:
        return []
    known = portfolio.cash
    for each in sales:
        known = known + (each.price * each.quantity - each.fee)
    there = balances[name].total if name in balances else ZERO
    moved = Money(CONTEXT.subtract(there, known.value))
    return [CashFlowed(moved, reason)] if moved != NO_MONEY else []


def _of_base(
    portfolio: Portfolio, balances: Mapping[str, Balance], name: str, statement: Statement
) -> list[Movement]:
    there = balances[name].total if name in balances else ZERO
    own = _own(portfolio, name)
    if there == CONTEXT.add(own, portfolio.foreign.get(name, ZERO)):
        return []  # fills that are accepted explain it all
    if there >= own:
        return [ForeignSeen(name, CONTEXT.subtract(there, own))]
    foreign: list[Movement] = [ForeignSeen(name, ZERO)] if portfolio.foreign.get(name) else []
    missing = Quantity(CONTEXT.subtract(own, there))
    sales: list[Movement] = []
    holdings = portfolio.holdings
    for product in sorted(holdings):
        if product.base == name and not missing.is_zero:
            part = min(missing, holdings[product].quantity)
            sales += _sales(product, part, statement)
            missing = missing - part
    return foreign + sales


def _given_up(
    portfolio: Portfolio,
    balances: Mapping[str, Balance],
    product: ProductId,
    statement: Statement,
) -> list[Movement]:
    """Lots of ours that a person takes over: what they are said to be worth goes out with them."""
    quantity = portfolio.holdings[product].quantity
    price = statement.prices[product]
    there = balances[product.base].total if product.base in balances else ZERO
    return [
        LotsSoldByHand(product, quantity, price, NO_MONEY, statement.reason),
        ForeignSeen(product.base, there),
    ]


def _sales(product: ProductId, quantity: Quantity, statement: Statement) -> list[Movement]:
    """The sale of so much of ours, as the person or the venue's own fills tell it."""
    stated = statement.prices.get(product)
    if stated is not None:
        return [LotsSoldByHand(product, quantity, stated, NO_MONEY, statement.reason)]
    left = quantity
    sales: list[Movement] = []
    # The latest sales are the ones that just broke the books.
    for fill in reversed(statement.fills):
        if fill.product != product or fill.side is not Side.SELL or left.is_zero:
            continue
        if fill.quantity > left:
            break
        sale = LotsSoldByHand(product, fill.quantity, fill.price, fill.fee, statement.reason)
        sales.insert(0, sale)
        left = left - fill.quantity
    if left.is_zero:
        return sales
    raise NotAllowed(
        f"{quantity} {product.base} of our own lots is not at the venue, and no fill there tells "
        "at which price it went",
        hint=f"say what it was worth when it went: --price {product}=PRICE",
    )


def _own(portfolio: Portfolio, currency: str) -> Decimal:
    own = ZERO
    for product, position in portfolio.holdings.items():
        if product.base == currency:
            own = CONTEXT.add(own, position.quantity.value)
    return own
