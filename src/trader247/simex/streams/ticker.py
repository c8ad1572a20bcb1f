"""The channels `ticker` and `ticker_batch`: the last price, the day's figures, the best prices.

`ticker` speaks at every match, be it of the crowd or of an order here; `ticker_batch` every five
seconds where something changed, and without the best prices.
"""

from __future__ import annotations

from typing import NamedTuple

from trader247.simex import charts
from trader247.simex.alias import canonical
from trader247.simex.book import Side
from trader247.simex.charts import Range
from trader247.simex.exchange import Exchange
from trader247.simex.history import DAY
from trader247.simex.market import Market
from trader247.simex.path import POINTS, share
from trader247.simex.streams.channel import EACH_MOVE, MICROSECONDS
from trader247.simex.streams.memory import Known
from trader247.simex.wire.render import change

_BATCH_US = 5 * MICROSECONDS


class Matched(NamedTuple):
    """What tells one match from the next: last price, the crowd's last trade, our last fill."""

    price: int
    trade: int
    fill: int


class Figures(NamedTuple):
    """The closed part of a product's day."""

    minute: int
    volume: int
    price_then: int
    day: Range
    ever: Range


class Days:
    """Each product's figures, worked out once a minute."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._figures: dict[str, Figures] = {}

    def of(self, product: str) -> Figures:
        exchange = self._exchange
        known = self._figures.get(product)
        if known is None or known.minute != exchange.minute:
            figures = charts.day_figures(exchange, product)
            day = charts.range_of(exchange, product, minutes=DAY)
            ever = charts.range_of(exchange, product) if known is None else known.ever.joined(day)
            known = self._figures[product] = Figures(
                exchange.minute, figures.volume, figures.price_then, day, ever
            )
        return known


class TickerChannel:
    """At every match."""

    name = "ticker"
    message = "ticker"
    period_us = EACH_MOVE

    def __init__(self, exchange: Exchange, days: Days) -> None:
        self._exchange = exchange
        self._days = days
        self._told: Known[str, Matched] = Known()

    def opening(self, product: str) -> str:
        self._told.set(product, self._matched(product, Matched(0, -1, 0)))
        self._told.keep()
        return self._event("snapshot", product)

    def news(self, product: str) -> str | None:
        told = self._told.get(product)
        assert told is not None, "there are no news before there is a beginning"
        matched = self._matched(product, told)
        if matched == told:
            return None
        self._told.set(product, matched)
        return self._event("update", product)

    def keep(self) -> None:
        self._told.keep()

    def undo(self) -> None:
        self._told.undo()

    def _matched(self, product: str, before: Matched) -> Matched:
        exchange = self._exchange
        market, point = exchange.markets[product], exchange.points - 1
        is_traded = market.bar is not None and share(market.bar.volume, point) > 0
        own = [
            each.number
            for each in exchange.desk.ledger.fills
            if canonical(exchange.listed[each.product_id]) is market
        ]
        return Matched(
            market.last,
            exchange.minute * POINTS + point if is_traded else before.trade,
            max(own, default=before.fill),
        )

    def _event(self, kind: str, product: str) -> str:
        market = self._exchange.markets[product]
        (bid, bid_size), (ask, ask_size) = _best(market, Side.BUY), _best(market, Side.SELL)
        best = (
            f',"best_bid":"{bid}","best_bid_quantity":"{bid_size}"'
            f',"best_ask":"{ask}","best_ask_quantity":"{ask_size}"'
        )
        return _event(kind, _figures(market, self._days.of(product)) + best)


class TickerBatchChannel:
    """Every five seconds."""

    name = "ticker_batch"
    message = "ticker_batch"
    period_us = _BATCH_US

    def __init__(self, exchange: Exchange, days: Days) -> None:
        self._exchange = exchange
        self._days = days
        self._told: Known[str, str] = Known()

    def opening(self, product: str) -> str:
        standing = self._standing(product)
        self._told.keep()
        return _event("snapshot", standing)

    def news(self, product: str) -> str | None:
        told = self._told.get(product)
        standing = self._standing(product)
        return None if standing == told else _event("update", standing)

    def keep(self) -> None:
        self._told.keep()

    def undo(self) -> None:
        self._told.undo()

    def _standing(self, product: str) -> str:
        standing = _figures(self._exchange.markets[product], self._days.of(product))
        self._told.set(product, standing)
        return standing


def _event(kind: str, ticker: str) -> str:
    return f'{{"type":"{kind}","tickers":[{{{ticker}}}]}}'


def _best(market: Market, side: Side) -> tuple[str, str]:
    best = market.matching.best(side)
    if best is None:
        return "", ""
    return market.price.text(best[0]), market.size.text(best[1])


def _figures(market: Market, day: Figures) -> str:
    last, text = market.last, market.price.text
    now = Range(last, last)
    today, ever = day.day.joined(now), day.ever.joined(now)
    return (
        f'"type":"ticker","product_id":"{market.listing.product_id}",'
        f'"price":"{text(last) if last else ""}","volume_24_h":"{market.size.text(day.volume)}",'
        f'"low_24_h":"{text(today.low)}",'
        f'"high_24_h":"{text(today.high)}",'
        f'"low_52_w":"{text(ever.low)}",'
        f'"high_52_w":"{text(ever.high)}",'
        f'"price_percent_chg_24_h":"{change(last, day.price_then)}"'
    )
