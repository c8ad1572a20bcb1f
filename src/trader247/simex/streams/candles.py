"""The channel `candles`: buckets of five minutes, the latest hundred first, then as they grow."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from trader247.simex import charts
from trader247.simex.exchange import Exchange
from trader247.simex.path import Candle
from trader247.simex.streams.channel import EACH_COMMIT
from trader247.simex.streams.memory import Known
from trader247.simex.wire.render import joined

_STEP = 5
_RECENT = 100
_Bucket = tuple[int, Candle]


class CandlesChannel:
    """Every product's buckets of five minutes, newest first."""

    name = "candles"
    message = "candles"
    period_us = EACH_COMMIT

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._told: Known[str, tuple[_Bucket, ...]] = Known()

    def opening(self, product: str) -> str:
        recent = self._latest(product, _RECENT)
        self._told.set(product, tuple(recent[:1]))
        self._told.keep()
        return self._event("snapshot", product, recent)

    def news(self, product: str) -> str | None:
        told = self._told.get(product)
        assert told is not None, "there are no news before there is a beginning"
        since = told[0][0] if told else self._exchange.minute
        missed = (self._exchange.minute - since) // _STEP + 2
        changed = [
            each
            for each in self._latest(product, min(missed, _RECENT))
            if each[0] >= since and each not in told
        ]
        if not changed:
            return None
        self._told.set(product, (changed[0],))
        return self._event("update", product, changed)

    def keep(self) -> None:
        self._told.keep()

    def undo(self) -> None:
        self._told.undo()

    def _latest(self, product: str, count: int) -> list[_Bucket]:
        now = self._exchange.minute
        first = now - now % _STEP - (count - 1) * _STEP
        found = charts.candles(self._exchange, product, first=first, end=now + 1, step=_STEP)
        return list(islice(found, count))

    def _event(self, kind: str, product: str, candles: Iterable[_Bucket]) -> str:
        market = self._exchange.markets[product]
        price, size = market.price.text, market.size.text
        rows = (
            f'{{"start":"{begin * 60}","high":"{price(each.high)}","low":"{price(each.low)}",'
            f'"open":"{price(each.open)}","close":"{price(each.close)}",'
            f'"volume":"{size(each.volume)}","product_id":"{product}"}}'
            for begin, each in candles
        )
        return f'{{"type":"{kind}","candles":{joined(rows)}}}'
