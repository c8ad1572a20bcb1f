"""How far each trade went for and against its owner: the bids that its cycles marked it at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np

from trader247.backtest.history import ProductHistory
from trader247.backtest.outlook import quoted
from trader247.backtest.result import Held, Trade
from trader247.domain.changing import replace

_MINUTE_US = 60_000_000


def with_extremes(
    trades: Sequence[Trade],
    histories: Mapping[str, ProductHistory],
    held: Mapping[str, Held],
) -> tuple[Trade, ...]:
    """The trades with the least and the greatest bid of the minutes at whose cycle each was held.

    None of one that no cycle saw. What a cycle itself sold, it had seen.
    """
    return tuple(
        _with_extremes(each, histories[str(each.product)], held[str(each.product)])
        for each in trades
    )


def _with_extremes(trade: Trade, history: ProductHistory, held: Held) -> Trade:
    # Looked up among minutes that come in order: a look at each, for each trade, is their product.
    begin = int(np.searchsorted(held.minute, -(-trade.opened.us // _MINUTE_US)))
    end = len(held.minute)
    if trade.closed is not None:
        end = int(np.searchsorted(held.minute, trade.closed.us // _MINUTE_US, side="right"))
    minutes = held.minute[begin:end]
    if not len(minutes):
        return trade
    first = int(minutes[0])
    bids = quoted(history, start=first, end=int(minutes[-1]))[0][minutes - first]
    lowest, highest = (history.tick * Decimal(int(each)) for each in (bids.min(), bids.max()))
    return replace(trade, lowest=lowest, highest=highest)
