"""What the past looks like: candles, prints and the figures of the last day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from trader247.simex.book import Side
from trader247.simex.exchange import Exchange
from trader247.simex.history import DAY
from trader247.simex.market import Market
from trader247.simex.path import MINUTE_US, POINTS, SECONDS, Candle, prices, share, so_far


class Print(NamedTuple):
    """A trade of the crowd: `maker` is the side that rested."""

    number: int
    price: int
    lots: int
    time_us: int
    maker: Side


class DayFigures(NamedTuple):
    """The last 24 closed hours: lots, lots of the 24 hours before, ticks x lots, price then."""

    volume: int
    volume_before: int
    turnover: int
    price_then: int


class Range(NamedTuple):
    """The lowest and the highest price of some time, in ticks; 0 and 0 where nothing traded."""

    low: int
    high: int

    def joined(self, other: Range) -> Range:
        """The range of both times."""
        if not (self.high and other.high):
            return self if self.high else other
        return Range(min(self.low, other.low), max(self.high, other.high))


def candles(
    exchange: Exchange, product: str, *, first: int, end: int, step: int
) -> Iterator[tuple[int, Candle]]:
    """Buckets of `step` minutes that begin from minute `first` up to `end`, newest first.

    Each with the minute at which it begins; buckets in which nothing was traded are left out, and
    the one that time stands in holds what has happened of it.
    """
    index = list(exchange.markets).index(product)
    history = exchange.history
    newest = min(end - 1, exchange.minute) // step * step
    oldest = max(-(-first // step) * step, history.first // step * step)
    if step == 1 and newest < history.end:
        # Whoever starts asks for a day of closed minutes of everything: nothing is to be folded.
        rows = history.columns[index].minutes(oldest - history.first, newest + 1 - history.first)
        for begin, row in zip(range(newest, oldest - 1, -1), rows, strict=True):
            if row[4]:
                yield begin, Candle(*row)
        return
    for begin in range(newest, oldest - 1, -step):
        closed = history.fold(index, begin, begin + step)
        candle = closed
        if begin <= exchange.minute < begin + step:
            candle = _joined(closed, _current(exchange, exchange.markets[product]))
        if candle is not None:
            yield begin, candle


def prints(exchange: Exchange, product: str, *, limit: int) -> list[Print]:
    """The crowd's latest trades, one for each leg of the path that traded, newest first."""
    index = list(exchange.markets).index(product)
    found: list[Print] = []
    minute = exchange.minute
    # Each minute prints at most once a point; a long silence is not searched to its end.
    for back in range(limit + DAY):
        at = minute - back
        bar = exchange.markets[product].bar if back == 0 else exchange.history.bar(index, at)
        if bar is None:
            continue
        path = prices(bar)
        points = exchange.points if back == 0 else POINTS
        for point in range(points - 1, -1, -1):
            lots = share(bar.volume, point)
            if lots:
                is_down = point > 0 and path[point] < path[point - 1]
                time_us = at * MINUTE_US + SECONDS[point] * 1_000_000
                side = Side.BUY if is_down else Side.SELL
                found.append(Print(at * POINTS + point, path[point], lots, time_us, side))
        if len(found) >= limit:
            break
    return found[:limit]


def day_figures(exchange: Exchange, product: str) -> DayFigures:
    """The product's last day, as of the last minute that closed."""
    index = list(exchange.markets).index(product)
    columns = exchange.history.columns[index]
    then = exchange.history.price_before(index, exchange.minute - DAY)
    return DayFigures(columns.volume_day, columns.before, columns.turnover, then)


def range_of(exchange: Exchange, product: str, *, minutes: int | None = None) -> Range:
    """The range of the product's last closed minutes, or of all that are kept."""
    columns = exchange.history.columns[list(exchange.markets).index(product)]
    rows = slice(None) if minutes is None else slice(-minutes, None)
    high = max(columns.high[rows], default=0)
    return Range(min(columns.low[rows]), high) if high else Range(0, 0)


def _current(exchange: Exchange, market: Market) -> Candle | None:
    if market.bar is None:
        return None
    candle = so_far(market.bar, exchange.points)
    return candle if candle.volume else None


def _joined(closed: Candle | None, current: Candle | None) -> Candle | None:
    if closed is None or current is None:
        return closed or current
    return Candle(
        closed.open,
        max(closed.high, current.high),
        min(closed.low, current.low),
        current.close,
        closed.volume + current.volume,
    )
