"""What was traded over some time, and what it cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from trader247.simex.exact import EXACT, ZERO
from trader247.simex.market import Market
from trader247.simex.orders.order import Fill, Kind

_SIGNS = {Kind.FILL: Decimal(1), Kind.REVERSAL: Decimal(-1), Kind.CORRECTION: Decimal(1)}


class Turnover(NamedTuple):
    """Both in quote currency, of both sides."""

    value: Decimal
    fees: Decimal


def turnover(fills: Iterable[Fill], markets: Mapping[str, Market]) -> Turnover:
    """What these rows come to; what was taken back was not traded.

    A trade may have been taken back later than the rows begin: never less than nothing.
    """
    value = fees = ZERO
    for each in fills:
        if (sign := _SIGNS.get(each.kind)) is not None:
            traded = markets[each.product_id].value(each.price, each.lots)
            value = EXACT.add(value, EXACT.multiply(traded, sign))
            fees = EXACT.add(fees, EXACT.multiply(each.commission, sign))
    return Turnover(max(value, ZERO), max(fees, ZERO))
