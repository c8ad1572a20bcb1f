"""The matching core alone: markets, an account and its orders, without a file and without a wire.

What a backtest trades on. It is the served exchange's own books, desk and matching, moved along
the same path inside each minute; only where the minutes come from, and that nothing is written
down, is other. Orders and fills are kept as long as it lives.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol
from uuid import NAMESPACE_URL, uuid5

from trader247.simex.accounts import Accounts
from trader247.simex.admission import read_terms
from trader247.simex.desk import Desk
from trader247.simex.exact import EXACT, ZERO
from trader247.simex.feed import Listing, MinuteBar
from trader247.simex.fees import Fees, FeeTerms
from trader247.simex.market import Market
from trader247.simex.orders import Fill, Order, Status
from trader247.simex.path import MINUTE_US, OFFSETS_US, POINTS, reached
from trader247.simex.refusal import Refused, Rejection
from trader247.simex.rules import Rules
from trader247.simex.turnover import Turnover, turnover


class Minutes(Protocol):
    """Where the prices come from: the minutes of every product, at will."""

    def bar(self, product_id: str, minute: int) -> MinuteBar | None:
        """A product's minute; None where it did not trade in it."""

    def last_before(self, product_id: str, minute: int) -> MinuteBar | None:
        """The latest minute before `minute` in which a product traded."""


class Arena:
    """One account on some markets. `identity` is what its ids are derived from."""

    def __init__(
        self,
        *,
        identity: str,
        listings: Iterable[Listing],
        minutes: Minutes,
        funding: Mapping[str, Decimal],
        start_minute: int,
        terms: FeeTerms,
    ) -> None:
        self._identity = identity
        self._minutes = minutes
        self.now_us = start_minute * MINUTE_US
        self.markets = {each.product_id: Market(each) for each in listings}
        self.orders: dict[str, Order] = {}
        """Every order ever placed, by its id."""
        self.fills: list[Fill] = []
        """Every fill ever made, oldest first."""
        self._sums: list[tuple[int, Decimal, Decimal]] = []
        self.fees = Fees(
            terms, traded=self._traded, balance=lambda: ZERO, now_us=lambda: self.now_us
        )
        self.rules = Rules()
        self.desk = Desk(
            name=self.name,
            markets=self.markets,
            accounts=Accounts(),
            rules=self.rules,
            rates=lambda: self.fees.rates,
        )
        for currency, amount in funding.items():
            self.desk.ledger.fund(currency, amount, self.now_us)
        for product_id in self.markets:
            self.stand(product_id, start_minute)
        self._minute, self._points = start_minute, 1

    def name(self, kind: str, number: int) -> str:
        """The n-th id of a kind: the same on every run of the same market."""
        return str(uuid5(NAMESPACE_URL, f"{self._identity}/{kind}/{number}"))

    def stand(self, product_id: str, minute: int) -> None:
        """Let a market stand where the first price of a minute has been reached.

        Whatever came before it is passed over: no order of its may rest meanwhile.
        """
        market = self.markets[product_id]
        assert not market.matching.resting, "orders rest: the market has to be walked"
        before = self._minutes.last_before(product_id, minute)
        if before is not None:
            market.matching.crowd.move(price=before.close, spread=before.spread, depth=before.depth)
        market.begin(self._minutes.bar(product_id, minute))
        market.pass_point(0)

    def advance(self, to_us: int) -> None:
        """Let time pass until `to_us`: every market moves point by point, orders fill and end."""
        while (due_us := self._due_us) <= to_us:
            self.desk.expire(due_us)
            if self._points == POINTS:
                self._minute, self._points = self._minute + 1, 0
                for product_id, market in self.markets.items():
                    market.begin(self._minutes.bar(product_id, self._minute))
            for market in self.markets.values():
                before = market.last
                self.desk.passed(market, before, market.pass_point(self._points), due_us)
            self._points += 1
            self.now_us = due_us
        self.desk.expire(to_us)
        self.now_us = to_us
        self._settle()

    def jump(self, to_us: int, looked_at: Iterable[str] = ()) -> None:
        """Let time pass without any market moving, but for those that are `looked_at`.

        Right where no order lives: what nobody looks at leaves no trace.
        """
        assert not self.desk.live, "orders live: time has to be walked through"
        self.now_us = to_us
        self._minute, self._points = to_us // MINUTE_US, reached(to_us)
        for product_id in looked_at:
            self.stand(product_id, self._minute)

    @property
    def _due_us(self) -> int:
        if self._points == POINTS:
            return (self._minute + 1) * MINUTE_US
        return self._minute * MINUTE_US + OFFSETS_US[self._points]

    def place(
        self,
        *,
        client_order_id: str,
        product_id: str,
        side: str,
        configuration: Mapping[str, Mapping[str, Any]],
    ) -> Order | Rejection:
        """Take an order, or say why not."""
        try:
            order = self.desk.place(
                terms=read_terms(
                    market=self.markets.get(product_id),
                    side=side,
                    configuration=configuration,
                    now_us=self.now_us,
                    rules=self.rules,
                ),
                client_order_id=client_order_id,
                configuration=json.dumps(configuration, separators=(",", ":")),
                now_us=self.now_us,
            )
        except Refused as refused:
            return refused.rejection
        self._settle()
        return order

    def cancel(self, order_ids: Sequence[str]) -> list[str | None]:
        """Cancel orders: for each the wire's reason why not, or None where it is cancelled."""
        answers: list[str | None] = []
        for order_id in order_ids:
            order = self.orders.get(order_id)
            if order is not None and order.number in self.desk.live:
                self.desk.ask_to_cancel(order, self.now_us)
                answers.append(None)
                continue
            is_filled = order is not None and order.status is Status.FILLED
            answers.append("ORDER_IS_FULLY_FILLED" if is_filled else "UNKNOWN_CANCEL_ORDER")
        self._settle()
        return answers

    def _settle(self) -> None:
        orders, fills = self.desk.settle()
        for order in orders:
            self.orders[order.order_id] = order
        for fill in fills:
            # Running sums: a fee tier looks back over a month of fills each hour.
            value, fees = self._sums[-1][1:] if self._sums else (ZERO, ZERO)
            one = turnover([fill], self.markets)
            self._sums.append(
                (fill.time_us, EXACT.add(value, one.value), EXACT.add(fees, one.fees))
            )
        self.fills += fills

    def _traded(self, from_us: int, to_us: int) -> Turnover:
        begin = bisect_left(self._sums, from_us, key=_time)
        end = bisect_left(self._sums, to_us, key=_time)
        if begin == end:
            return Turnover(ZERO, ZERO)
        value, fees = self._sums[end - 1][1:]
        if begin:
            value = EXACT.subtract(value, self._sums[begin - 1][1])
            fees = EXACT.subtract(fees, self._sums[begin - 1][2])
        return Turnover(value, fees)


def _time(row: tuple[int, Decimal, Decimal]) -> int:
    return row[0]
