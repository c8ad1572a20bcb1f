"""When prices come to what waits for them: a live order, a position's stop, target or time, and
what is less than the venue sells."""

from __future__ import annotations

from collections.abc import Mapping

from trader247.backtest.levels import Level, Levels
from trader247.backtest.outlook import Ints
from trader247.backtest.prospect import Prospect
from trader247.backtest.seen import FAR, Seen, first_of
from trader247.domain.ids import ProductId
from trader247.domain.position import Lot, Position
from trader247.simex.book import Side
from trader247.simex.orders.order import Order, Terms

_ORDERS_MAX = 512


class Reach:
    """The first places at which something of an order or of a position may be seen."""

    def __init__(self, prospect: Prospect, levels: Levels, *, start: int) -> None:
        self._prospect = prospect
        self._levels = levels
        self._start = start
        self._orders: dict[int, Seen] = {}
        self._shown: dict[int, Seen] = {}
        self._positions: dict[ProductId, tuple[Level, Seen]] = {}
        self._dust: dict[ProductId, tuple[tuple[Lot, ...], Seen]] = {}

    def order_until(self, order: Order, at: int, most: int, *, is_renewed: bool) -> int:
        """The place of the first cycle that may see something of a live order, or of its like."""
        terms = order.terms
        outlook = self._prospect.histories.products[terms.product_id]
        base = self._start - outlook.first
        if terms.end_us is not None and not is_renewed:
            most = min(most, -(-terms.end_us // 60_000_000) - self._start)
        if order.is_triggered or order.filled_lots:
            return at + 1
        price, falls = _awaited(terms)
        seen = self._orders.get(order.number)
        if seen is None or not seen.tells(at, most):
            end = max(most, at + FAR)
            rows = slice(base + at, base + end)
            reach = outlook.low[rows] <= price if falls else outlook.high[rows] >= price
            if len(self._orders) > _ORDERS_MAX:
                self._orders.clear()
            place = first_of(reach)
            found = end if place is None else at + place
            seen = self._orders[order.number] = Seen(at, found, end)
        found = seen.found
        if found >= most:
            # The first price of the minute in which it would be looked at counts, too.
            return most
        begin = outlook.open.item(base + found)
        is_at_once = begin <= price if falls else begin >= price
        return found + (0 if found > at and is_at_once else 1)

    def shown_until(self, order: Order, at: int, most: int) -> int:
        """The first place after one at which a buy is a part of what decides who is in the
        universe: above what others bid, or where little more than that rests.

        There it is seen in spread and depth, which the columns do not know.
        """
        terms = order.terms
        if terms.side is not Side.BUY or terms.limit is None:
            return most
        seen = self._shown.get(order.number)
        if seen is None or not seen.tells(at + 1, most):
            end = max(most, at + FAR)
            market = self._prospect.outlooks[ProductId.parse(terms.product_id)].market
            rows = slice(at + 1, end)
            place = first_of((market.bid[rows] < terms.limit) | market.is_scant[rows])
            if len(self._shown) > _ORDERS_MAX:
                self._shown.clear()
            found = end if place is None else at + 1 + place
            seen = self._shown[order.number] = Seen(at + 1, found, end)
        return min(seen.found, most)

    def may_be_touched(self, order: Order, following: int) -> bool:
        """Whether the minute before a place, or its own first price, may come to a live order."""
        terms = order.terms
        if order.is_triggered or order.filled_lots:
            return True
        history = self._prospect.histories.products[terms.product_id]
        row = self._start - history.first + following
        price, falls = _awaited(terms)
        if falls:
            return min(history.low.item(row - 1), history.open.item(row)) <= price
        return max(history.high.item(row - 1), history.open.item(row)) >= price

    def positions_until(self, positions: Mapping[ProductId, Position], at: int, most: int) -> int:
        """The first place at which one of them may be at its stop or target, that is after its
        time, or where one is dust."""
        for product, level in self._levels.among(positions).items():
            most = self._level_until(product, level, at, most)
        return most

    def _level_until(self, product: ProductId, level: Level, at: int, most: int) -> int:
        known = self._positions.get(product)
        if known is not None and known[0] is level and known[1].tells(at + 1, most):
            return min(known[1].found, most)
        end = max(most, at + FAR)
        found = self._due_from(product, level, at + 1, end)
        self._positions[product] = level, Seen(at + 1, found, end)
        return min(found, most)

    def _due_from(self, product: ProductId, level: Level, begin: int, end: int) -> int:
        over = min(end, max(level.over, begin))
        bids = self._bid(product)[begin:over]
        reach = (bids <= max(level.stop, level.sold_from)) | (bids >= level.target)
        place = first_of(reach)
        return over if place is None else begin + place

    def dust_until(self, dust: Position, at: int, most: int) -> int:
        """The first place at whose bid dust may be a position again."""
        product = dust.product
        known = self._dust.get(product)
        if known is not None and known[0] is dust.lots and known[1].tells(at + 1, most):
            return min(known[1].found, most)
        end = max(most, at + FAR)
        back = self._levels.back_from(dust)
        place = first_of(self._bid(product)[at + 1 : end] >= back)
        found = end if place is None else at + 1 + place
        self._dust[product] = dust.lots, Seen(at + 1, found, end)
        return min(found, most)

    def _bid(self, product: ProductId) -> Ints:
        return self._prospect.outlooks[product].market.bid


def _awaited(terms: Terms) -> tuple[int, bool]:
    """The price that an order waits for, in ticks, and whether prices fall to it."""
    if terms.stop is not None:
        return terms.stop.price, not terms.stop.is_up
    assert terms.limit is not None
    return terms.limit, terms.side is Side.BUY
