"""The channel `market_trades`: the latest hundred trades, then each new one; `side` is the maker's.

They are the trades that REST's ticker has, under the same ids.
"""

from __future__ import annotations

from collections.abc import Iterable

from trader247.simex import charts
from trader247.simex.charts import Print
from trader247.simex.exchange import Exchange
from trader247.simex.path import POINTS
from trader247.simex.streams.channel import EACH_MOVE
from trader247.simex.streams.memory import Known
from trader247.simex.wire import times
from trader247.simex.wire.render import joined

_RECENT = 100


class TradesChannel:
    """Every product's trades; those of one move of the market come together."""

    name = "market_trades"
    message = "market_trades"
    period_us = EACH_MOVE

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._told: Known[str, int] = Known()

    def opening(self, product: str) -> str:
        recent = charts.prints(self._exchange, product, limit=_RECENT)
        self._told.set(product, recent[0].number if recent else -1)
        self._told.keep()
        return self._event("snapshot", product, recent)

    def news(self, product: str) -> str | None:
        told = self._told.get(product)
        assert told is not None, "there are no news before there is a beginning"
        # Each point of the minute has one trade at most.
        passed = self._exchange.minute * POINTS + self._exchange.points - 1 - told
        if passed <= 0 or self._exchange.markets[product].bar is None:
            return None
        recent = charts.prints(self._exchange, product, limit=min(passed, _RECENT))
        new = [each for each in recent if each.number > told]
        if not new:
            return None
        self._told.set(product, new[0].number)
        return self._event("update", product, new)

    def keep(self) -> None:
        self._told.keep()

    def undo(self) -> None:
        self._told.undo()

    def _event(self, kind: str, product: str, trades: Iterable[Print]) -> str:
        market = self._exchange.markets[product]
        rows = (
            f'{{"trade_id":"{each.number}","product_id":"{product}",'
            f'"price":"{market.price.text(each.price)}","size":"{market.size.text(each.lots)}",'
            f'"side":"{each.maker.value}","time":"{times.nanos(each.time_us)}"}}'
            for each in trades
        )
        return f'{{"type":"{kind}","trades":{joined(rows)}}}'
