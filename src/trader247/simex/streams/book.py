"""The channel `level2`: the whole book, then what changed, each quantity absolute, zero for gone.

Who applies every update to the beginning has the book that REST shows at the same instant.
"""

from __future__ import annotations

from dataclasses import dataclass

from trader247.simex.book import Level, Side
from trader247.simex.exchange import Exchange
from trader247.simex.market import Market
from trader247.simex.matching import Matching
from trader247.simex.streams.channel import EACH_COMMIT
from trader247.simex.streams.memory import Known
from trader247.simex.wire import times

_NEVER = "1970-01-01T00:00:00Z"
_SIDES = ((Side.BUY, "bid"), (Side.SELL, "offer"))


@dataclass(frozen=True, slots=True)
class _Book:
    """A book as it was told, and what it is recognised by while it stays as it is."""

    matching: Matching
    version: int
    levels: tuple[list[Level], list[Level]]


class BookChannel:
    """Every product's book."""

    name = "level2"
    message = "l2_data"
    period_us = EACH_COMMIT

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._told: Known[str, _Book] = Known()

    def opening(self, product: str) -> str:
        market = self._exchange.markets[product]
        book = _standing(market)
        self._told.set(product, book)
        self._told.keep()
        rows = [
            row
            for (_, side), levels in zip(_SIDES, book.levels, strict=True)
            for row in _rows(market, side, levels, _NEVER)
        ]
        return _event("snapshot", product, rows)

    def news(self, product: str) -> str | None:
        market = self._exchange.markets[product]
        matching = market.matching
        told = self._told.get(product)
        assert told is not None, "there are no news before there is a beginning"
        if told.matching is matching and told.version == matching.crowd.version:
            return None
        book = _standing(market)
        self._told.set(product, book)
        now = times.nanos(self._exchange.now_us)
        rows: list[str] = []
        for (_, side), old, new in zip(_SIDES, told.levels, book.levels, strict=True):
            rows += _rows(market, side, _changed(old, new), now)
        return _event("update", product, rows) if rows else None

    def keep(self) -> None:
        self._told.keep()

    def undo(self) -> None:
        self._told.undo()


def _standing(market: Market) -> _Book:
    matching = market.matching
    bids, asks = (matching.levels(side) for side, _ in _SIDES)
    return _Book(matching, matching.crowd.version, (bids, asks))


def _changed(old: list[Level], new: list[Level]) -> list[Level]:
    """What leaves the book, then what is there otherwise than before."""
    known, present = dict(old), {price for price, _ in new}
    gone = [(price, 0) for price, _ in old if price not in present]
    return gone + [(price, lots) for price, lots in new if known.get(price) != lots]


def _rows(market: Market, side: str, levels: list[Level], time: str) -> list[str]:
    begin = f'{{"side":"{side}","event_time":"{time}","price_level":"'
    prices = market.price.texts([ticks for ticks, _ in levels])
    sizes = market.size.texts([lots for _, lots in levels])
    return [
        f'{begin}{price}","new_quantity":"{size}"}}'
        for price, size in zip(prices, sizes, strict=True)
    ]


def _event(kind: str, product: str, rows: list[str]) -> str:
    return f'{{"type":"{kind}","product_id":"{product}","updates":[{",".join(rows)}]}}'
