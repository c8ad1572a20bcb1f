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
from uuid import NAMESPACE_URL

from trader247.domain.ids import derived_name
from trader247.simex.accounts import Accounts
from trader247.simex.desk import Desk, Renewal
from trader247.simex.exact import EXACT, ZERO
from trader247.simex.feeds.feed import Listing, MinuteBar
from trader247.simex.fees import Fees, FeeTerms
from trader247.simex.market import Market
from trader247.simex.orders.admission import read_terms
from trader247.simex.orders.order import Fill, Order, Status
from trader247.simex.path import MINUTE_US, OFFSETS_US, POINTS, prices
from trader247.simex.rules import Rules
from trader247.simex.turnover import Turnover, turnover
from trader247.simex.wire.refusal import Refused, Rejection

_NAMESPACE = NAMESPACE_URL.bytes


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
        """Every order ever placed, by its id, but for those that were renewed or forgotten."""
        self.news: dict[str, Order] = {}
        """The orders that have changed since somebody last looked and emptied it, by their ids."""
        self.fills: list[Fill] = []
        """Every fill ever made, oldest first."""
        self.moves = 0
        """How often anything of an order, a fill or a wallet has changed."""
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
        self._minute, self._points = start_minute, 1
        self._stood: dict[str, tuple[int, int]] = {}
        for product_id in self.markets:
            self._stand(product_id)

    def name(self, kind: str, number: int) -> str:
        """The n-th id of a kind: the same on every run of the same market."""
        return derived_name(_NAMESPACE, f"{self._identity}/{kind}/{number}")

    def market(self, product_id: str) -> Market:
        """A market as it is now, also where time was hopped over."""
        if self._stood[product_id] != (self._minute, self._points):
            self._stand(product_id)
        return self.markets[product_id]

    def _stand(self, product_id: str) -> None:
        """Let a market stand where it is by now; whatever came before is passed over.

        Right where no order of its was touched meanwhile: those that rest stay as they are.
        """
        market, at = self.markets[product_id], self._minute
        crowd, bar = market.matching.crowd, self._minutes.bar(product_id, at)
        market.begin(bar)
        if bar is not None:
            price = prices(bar)[self._points - 1]
            crowd.move(price=price, spread=bar.spread, depth=bar.depth)
        else:
            before = self._minutes.last_before(product_id, at)
            if before is not None:
                crowd.move(price=before.close, spread=before.spread, depth=before.depth)
        self._stood[product_id] = (at, self._points)

    def advance(self, to_us: int) -> None:
        """Let time pass until `to_us`: every market moves point by point, orders fill and end."""
        self._walk(to_us, self.markets)

    def pass_by(self, to_us: int, walked: Iterable[str]) -> None:
        """Let time pass until `to_us` on some markets; the others are found when looked at."""
        markets = self._listed(walked)
        for product_id in markets:
            self.market(product_id)
        self._walk(to_us, markets)

    def hop(self, to_us: int, walked: Iterable[str]) -> None:
        """Let time pass until `to_us` with most of the way passed over.

        Only the last minute is walked, and only by the markets of `walked`. Right where no live
        order of another market is touched before `to_us`, and none of `walked` before that minute;
        those whose time is over end at their time.
        """
        markets = self._listed(walked)
        before = to_us // MINUTE_US - 1
        if before > self._minute:
            self.desk.expire(before * MINUTE_US)
            self.now_us = before * MINUTE_US
            self._minute, self._points = before, 1
        for product_id in markets:
            self.market(product_id)
        self._walk(to_us, markets)

    def _listed(self, wanted: Iterable[str]) -> dict[str, Market]:
        """Some markets in the exchange's own order: at one instant the first listed goes first."""
        names = set(wanted)
        return {name: market for name, market in self.markets.items() if name in names}

    def _walk(self, to_us: int, markets: Mapping[str, Market]) -> None:
        while (due_us := self._due_us) <= to_us:
            self.desk.expire(due_us)
            if self._points == POINTS:
                self._minute, self._points = self._minute + 1, 0
                for product_id, market in markets.items():
                    market.begin(self._minutes.bar(product_id, self._minute))
            for market in markets.values():
                before = market.last
                self.desk.passed(market, before, market.pass_point(self._points), due_us)
            self._points += 1
            for product_id in markets:
                self._stood[product_id] = (self._minute, self._points)
            self.now_us = due_us
        self.desk.expire(to_us)
        self.now_us = to_us
        self._settle()

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
        market = self.market(product_id) if product_id in self.markets else None
        try:
            order = self.desk.place(
                terms=read_terms(
                    market=market,
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

    def renew(self, renewals: Sequence[Renewal]) -> list[Order]:
        """Let orders end at their dates, and some of their terms be the exchange's next ones.

        Right for stops that wait, at times at which the last trade is above them. Of those that
        end here nothing is kept: there is nothing to be told of them that is not known.
        """
        renewed = [self.desk.renew(each) for each in renewals]
        self._settle()
        for each in renewals:
            del self.orders[each.order.order_id]
            self.news.pop(each.order.order_id, None)
        return renewed

    def forget(self, before_us: int) -> list[str]:
        """Keep no orders that ended before a time; answers which they were."""
        over = [
            name
            for name, order in self.orders.items()
            if order.status.is_final and order.updated_us < before_us
        ]
        for name in over:
            del self.orders[name]
            self.news.pop(name, None)
        return over

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
        self.moves += bool(orders or fills)
        for order in orders:
            self.orders[order.order_id] = order
            self.news[order.order_id] = order
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
