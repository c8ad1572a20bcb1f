"""Realised profit, fees and turnover in parts: by day, week, product, strategy, rule.

Each event's part is the difference that it made to the ledger itself. So whatever the parts are
grouped by, they add up to the ledger's figures, to the last digit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum

from trader247.domain.dataclass import dataclass
from trader247.domain.events.holdings import HoldingAdopted, LotsSoldByHand
from trader247.domain.events.orders import FillBooked
from trader247.domain.events.recorded import Recorded
from trader247.domain.ids import ProductId
from trader247.domain.money import NO_MONEY, Money
from trader247.domain.orders import Side
from trader247.domain.portfolio import Portfolio
from trader247.domain.time import Instant

_DATE = 10
NOBODY = "-"
"""Of no product, or of no strategy."""


class Part(Enum):
    """What profit and loss can be shown by."""

    DAY = "day"
    WEEK = "week"
    PRODUCT = "product"
    STRATEGY = "strategy"
    RULE = "rule"


@dataclass(frozen=True, slots=True)
class Earned:
    """What one event made: at the time of the trade, where it is one."""

    at: Instant
    product: str
    strategy: str
    rule: str
    fills: int
    bought: Money
    sold: Money
    realised: Money
    fees: Money


@dataclass(frozen=True, slots=True)
class Earnings:
    """What a day, a product or a strategy made. `realised` counts the fees of buy and sale both,
    when the lots are sold; `fees` are those paid in it, whether or not their lots are sold yet.
    """

    key: str
    fills: int = 0
    bought: Money = NO_MONEY
    sold: Money = NO_MONEY
    realised: Money = NO_MONEY
    fees: Money = NO_MONEY

    def plus(self, part: Earned) -> Earnings:
        return Earnings(
            self.key,
            self.fills + part.fills,
            self.bought + part.bought,
            self.sold + part.sold,
            self.realised + part.realised,
            self.fees + part.fees,
        )


def earned(before: Portfolio, recorded: Recorded, after: Portfolio) -> Earned | None:
    """What an event made of one ledger the next; None where it earned, paid and traded nothing."""
    realised = after.realised - before.realised
    fees = after.fees_paid - before.fees_paid
    event, at, product = recorded.event, recorded.time, None
    bought, sold, fills, strategy, rule = NO_MONEY, NO_MONEY, 0, NOBODY, NOBODY
    match event:
        case FillBooked(fill=fill):
            at, product, fills = fill.time, fill.product, 1
            if fill.side is Side.BUY:
                bought = fill.price * fill.quantity
            else:
                sold = fill.price * fill.quantity
        case LotsSoldByHand() | HoldingAdopted():
            product = event.product
            if isinstance(event, LotsSoldByHand):
                sold = event.price * event.quantity
        case _ if realised == NO_MONEY and fees == NO_MONEY:
            return None
        case _:
            pass
    held = None if product is None else _held(before, after, product)
    if held is not None:
        strategy, rule = held
    name = NOBODY if product is None else str(product)
    return Earned(at, name, strategy, rule, fills, bought, sold, realised, fees)


def _held(before: Portfolio, after: Portfolio, product: ProductId) -> tuple[str, str] | None:
    """Whose lots they are: those that were there, or those that the event brought."""
    position = before.holdings.get(product) or after.holdings.get(product)
    return None if position is None else (position.strategy, position.rule)


def summed(parts: Iterable[Earned], by: Part) -> tuple[Earnings, ...]:
    """The parts added up by one of their sides, in the order of its names or days."""
    key = _KEYS[by]
    found: dict[str, Earnings] = {}
    for each in parts:
        name = key(each)
        found[name] = found.get(name, Earnings(name)).plus(each)
    return tuple(found[name] for name in sorted(found))


def total_of(rows: Iterable[Earnings]) -> Earnings:
    """All rows as one."""
    whole = Earnings("total")
    for each in rows:
        whole = Earnings(
            whole.key,
            whole.fills + each.fills,
            whole.bought + each.bought,
            whole.sold + each.sold,
            whole.realised + each.realised,
            whole.fees + each.fees,
        )
    return whole


_KEYS: Mapping[Part, Callable[[Earned], str]] = {
    Part.DAY: lambda each: str(each.at)[:_DATE],
    Part.WEEK: lambda each: str(each.at.week_start)[:_DATE],
    Part.PRODUCT: lambda each: each.product,
    Part.STRATEGY: lambda each: each.strategy,
    Part.RULE: lambda each: each.rule,
}
assert set(_KEYS) == set(Part), "every part has its key"
